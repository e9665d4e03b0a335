"""A run as the journal tells it: enough to write every report, to resume and to put back."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.choice import LEFT_OUT, LeftOut
from migrator.model.configuration import Key
from migrator.model.outcome import Attempt, Outcome, Verification
from migrator.model.plan import Plan
from migrator.model.second_admin import CLOSED, Pending
from migrator.model.throttle import ThrottleState


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a run is. `approved` is when a person (or `--yes`) said go, 0.0 before. Times: seconds since 1970, UTC.

    `worked` is for how many seconds commands were at work on it, without what passed between them; 0.0: not known.
    `working` is since when one is at work that has not counted its own seconds yet, and, if it was killed, never will;
    0.0: none is. `of` is the id of the run that this one puts back, `put_back` that of the run by which this one was
    put back ("": none). `left_out` are those configurations of its plan that a person chose not to have carried out,
    when it was approved.
    """

    id: str
    command: str
    version: str
    started: float
    tenant_id: str
    tenant_name: str
    graph_url: str
    options: tuple[tuple[str, str], ...] = ()
    approved: float = 0.0
    finished: float = 0.0
    worked: float = 0.0
    of: str = ""
    put_back: str = ""
    left_out: tuple[LeftOut, ...] = ()
    working: float = 0.0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything a run's journal holds. `intended` are configurations whose call was about to leave, with or without
    an outcome; `attempts` are in the order in which they came back; of several verifications the newest counts.
    `throttle` tells how the limits in force changed and what was lost meanwhile; empty in journals that did not yet
    keep it. `waited` are the calls that waited for a second admin at some time, each configuration's newest last."""

    header: RunHeader
    plan: Plan
    intended: frozenset[Key]
    outcomes: tuple[Outcome, ...]
    attempts: tuple[Attempt, ...]
    verifications: tuple[Verification, ...]
    throttle: tuple[ThrottleState, ...] = ()
    waited: tuple[Pending, ...] = ()

    def pending_of(self) -> dict[Key, Pending]:
        """The newest of each configuration, whatever happened since, unless its request is over."""
        over = {outcome.key for outcome in self.outcomes if outcome.code in CLOSED}
        return {pending.key: pending for pending in self.waited if pending.key not in over}

    def outcome_of(self) -> dict[Key, Outcome]:
        return {o.key: o for o in self.outcomes}

    def verification_of(self) -> dict[Key, Verification]:
        """The newest of each configuration."""
        return {v.key: v for v in self.verifications}

    def left_out(self) -> dict[Key, str]:
        """Those that stand as left out, with the reason; one that was carried out before is none of them."""
        outcomes = self.outcome_of()
        chosen = {one.key: one.reason for one in self.header.left_out if one.key not in outcomes}
        return chosen | {key: outcome.reason for key, outcome in outcomes.items() if outcome.code == LEFT_OUT}
