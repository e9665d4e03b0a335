"""What the throttle does to a run: the limits in force, and the time that they and refusals took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lost:
    """Seconds during which at least one call stood ready and was kept from going: `paced` to stay within the limit in
    force, `refused` because a refusal (429) was being waited out. Waiting for a reply is neither."""

    paced: float = 0.0
    refused: float = 0.0

    def __add__(self, other: Lost) -> Lost:
        return Lost(self.paced + other.paced, self.refused + other.refused)

    def __sub__(self, other: Lost) -> Lost:
        return Lost(self.paced - other.paced, self.refused - other.refused)

    @property
    def seconds(self) -> float:
        return self.paced + self.refused


NOTHING_LOST = Lost()


@dataclass(frozen=True, slots=True)
class GateState:
    """One gate at one moment.

    `writes` says which calls wait there. `limit` is the one in force in words ("none" where none is known), `rate` the
    same in calls a second, `documented` the one that is documented or was stated, in words, and `span` the seconds over
    which that one counts. `used` is how many calls count against it now; `wait` in how many seconds a call may go that
    stands ready (None: none is kept back), `why` what it waits for, and `refused` whether that is the end of a refusal
    (429).
    """

    gate: str
    writes: bool
    limit: str
    rate: float | None = None
    documented: str = ""
    span: float = 20.0
    used: int = 0
    wait: float | None = None
    why: str = ""
    refused: bool = False
    lost: Lost = NOTHING_LOST


def together(gates: Iterable[GateState]) -> float | None:
    """What all of them allow, in calls a second; None where one has no limit, or there is none."""
    rates = [gate.rate for gate in gates]
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known and len(known) == len(rates) else None


@dataclass(frozen=True, slots=True)
class ThrottleState:
    """All gates at one moment, `at` seconds since 1970, UTC. `lost` counts a second once, however many gates were
    shut in it.

    A live one tells what was lost since the connection was made. A journal's tells what was lost since the one before
    it, so that they add up over all commands of a run; `begins` marks the first of a command.
    """

    at: float
    gates: tuple[GateState, ...] = ()
    lost: Lost = NOTHING_LOST
    begins: bool = False
