"""What happens, as it happens: for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.configuration import Key
from migrator.model.outcome import Attempt, Outcome, Verification
from migrator.model.throttle import ThrottleState


class Stage(StrEnum):
    """The stages of a run, in their order; the values are what a display says."""

    LOAD = "Reading the mapping"
    LIST = "Listing configurations"
    LOOK_UP = "Looking up groups"
    READ = "Reading assignments"
    COUNT = "Counting members"
    ASSIGN = "Assigning"
    VERIFY = "Verifying"
    REPORT = "Writing reports"


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage began; `total` is how many steps it has, None where that is not known."""

    stage: Stage
    total: int | None = None


@dataclass(frozen=True, slots=True)
class StageAdvanced:
    """`by` steps of a stage are done."""

    stage: Stage
    by: int = 1


@dataclass(frozen=True, slots=True)
class StageFinished:
    stage: Stage


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """A request came back (or did not)."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Dispatched:
    """An assign call of this configuration is about to leave."""

    key: Key


@dataclass(frozen=True, slots=True)
class Concluded:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ReadBack:
    verification: Verification


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence worth showing at once."""

    text: str


@dataclass(frozen=True, slots=True)
class ThrottleSeen:
    """How the throttle stands; comes a few times a second, whatever else happens."""

    state: ThrottleState


Event = (
    StageStarted | StageAdvanced | StageFinished | AttemptMade | Dispatched | Concluded | ReadBack | Said | ThrottleSeen
)
Watch = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Watches nothing."""
