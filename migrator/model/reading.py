"""What several routes say is assigned, and whether that may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration


class Route(StrEnum):
    """The ways to ask Graph what is assigned; the values are what a report says."""

    LIST = "list with $expand"
    ASSIGNMENTS = "/assignments"
    ITEM = "item with $expand"


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """What one route said; None with a reason where it said nothing usable."""

    route: Route
    assignments: Assignments | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The list that holds, as far as is known. Nothing may be written on one that is not settled.

    `note` says in one sentence what was odd (a route that lied, routes that disagree, a route that failed). `assumed`
    says that it was not read: it is what an earlier run left, where something else was found, or nothing could be read.
    `given_up` says why it was not asked for to the end: nobody had answered any reading for minutes.
    """

    assignments: Assignments
    settled: bool
    answers: tuple[RouteAnswer, ...] = ()
    note: str = ""
    assumed: bool = False
    given_up: str = ""

    @property
    def unanswered(self) -> bool:
        """Whether routes were asked and none gave any list: that may be the service's fault alone, and pass."""
        return not self.settled and bool(self.answers) and all(a.assignments is None for a in self.answers)


def only_unconfirmed(configuration: Configuration, reading: Reading) -> bool:
    """Whether the one route that answered says that it is assigned to nobody, and nothing speaks against it."""
    heard = [answer for answer in reading.answers if answer.assignments is not None]
    alone = len(heard) == 1 and heard[0].route is Route.ASSIGNMENTS and not heard[0].assignments
    return alone and not configuration.is_assigned and not reading.given_up
