"""What the throttle did to a run: the limits that held, and the time that was lost to them and to refusals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.settings import DOCUMENTED_WRITES, Limit
from migrator.model.throttle import NOTHING_LOST, GateState, Lost, ThrottleState, together


class Origin(StrEnum):
    """Where the limit in force comes from."""

    UNKNOWN = "no limit is known"
    DOCUMENTED = "as documented"
    STATED = "as stated"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class GateFacts:
    """One sort of calls: the limit in force at the end, in words and in calls a second (None: none is known), the one
    that is documented or was stated, and what was lost there."""

    gate: str
    writes: bool
    limit: str
    rate: float | None
    documented: str
    origin: Origin
    lost: Lost


def gate_facts(states: Sequence[ThrottleState], stated: Limit | None) -> tuple[GateFacts, ...]:
    """Every gate that was used, those for writes first; `stated` is the limit of writes that a person gave, if any."""
    last: dict[str, GateState] = {}
    lost: defaultdict[str, Lost] = defaultdict(Lost)
    for state in states:
        for gate in state.gates:
            last[gate.gate] = gate
            lost[gate.gate] += gate.lost
    found = sorted(last.values(), key=lambda gate: not gate.writes)
    return tuple(
        GateFacts(g.gate, g.writes, g.limit, g.rate, g.documented, _origin(g, stated), lost[g.gate]) for g in found
    )


def total_lost(states: Sequence[ThrottleState]) -> Lost:
    """What was lost over all commands of a run."""
    return sum((state.lost for state in states), NOTHING_LOST)


def limits(states: Sequence[ThrottleState], *, writes: bool) -> list[tuple[float, float | None]]:
    """From when (seconds since 1970, UTC) how many calls a second were allowed, of writes or of reads: of all gates
    together that were in use by then. None where one of them had no limit, or none was in use yet."""
    steps: list[tuple[float, float | None]] = []
    for state in states:
        allowed = together(gate for gate in state.gates if gate.writes is writes)
        if not steps or steps[-1][1] != allowed:
            steps.append((state.at, allowed))
    return steps


def span_of(states: Sequence[ThrottleState], *, writes: bool) -> float | None:
    """Over how many seconds the limits of writes, or of reads, count: the longest of them. None where there is none."""
    return max((gate.span for state in states for gate in state.gates if gate.writes is writes), default=None)


def _origin(gate: GateState, stated: Limit | None) -> Origin:
    """A stated limit is one of writes; a faster one than documented lets the reads go faster as well."""
    if gate.rate is None:
        return Origin.UNKNOWN
    if gate.limit != gate.documented:
        return Origin.LEARNED
    if stated is not None and (gate.writes or stated.rate > DOCUMENTED_WRITES.rate):
        return Origin.STATED
    return Origin.DOCUMENTED
