"""A configuration's plan as the journal keeps it: every assignment once, and everywhere else its number.

A plan shows most assignments six times: as each way of reading told them, in the list that holds, in the list after,
and on both sides of a change. Kept once, a journal has a third of the length, and a plan that was read from it takes no
more memory than the one that was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from migrator.journal.records import decode, encode
from migrator.model.assignment import Assignment, Assignments
from migrator.model.configuration import Configuration
from migrator.model.plan import Change, ConfigurationPlan, Effect, PlannedRow
from migrator.model.reading import Reading, Route, RouteAnswer

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    route: Route
    assignments: Numbers | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Reading:
    assignments: Numbers
    settled: bool
    answers: tuple[_Answer, ...]
    note: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    effect: Effect
    before: int | None
    after: int | None
    rows: tuple[int, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Packed:
    assignments: Assignments
    configuration: Configuration
    reading: _Reading
    after: Numbers
    changes: tuple[_Change, ...]
    rows: tuple[PlannedRow, ...]
    blocked: str


def pack(plan: ConfigurationPlan) -> str:
    """The plan as JSON text."""
    once = _Once()
    reading = _Reading(
        once.numbers(plan.reading.assignments),
        plan.reading.settled,
        tuple(
            _Answer(a.route, None if a.assignments is None else once.numbers(a.assignments), a.reason)
            for a in plan.reading.answers
        ),
        plan.reading.note,
        plan.reading.assumed,
    )
    after = once.numbers(plan.after)
    changes = tuple(
        _Change(c.effect, once.number(c.before), once.number(c.after), c.rows, c.note) for c in plan.changes
    )
    return encode(_Packed(once.assignments, plan.configuration, reading, after, changes, plan.rows, plan.blocked))


def unpack(text: str) -> ConfigurationPlan:
    """The plan again, equal to the last property; ValueError where the text is no such value."""
    try:
        packed = decode(text, _Packed)
    except msgspec.ValidationError:
        return decode(text, ConfigurationPlan)  # whole, as earlier versions kept it
    all_ = packed.assignments
    try:
        return ConfigurationPlan(
            packed.configuration,
            _reading(packed.reading, all_),
            _those(packed.after, all_),
            tuple(
                Change(c.effect, _that(c.before, all_), _that(c.after, all_), c.rows, c.note) for c in packed.changes
            ),
            packed.rows,
            packed.blocked,
        )
    except IndexError:
        raise ValueError("a plan speaks of an assignment that it does not have") from None


class _Once:
    """Numbers assignments as they come; what is the same to the property has the same number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Assignment, str], int] = {}
        self._known: dict[int, int] = {}

    @property
    def assignments(self) -> Assignments:
        return tuple(assignment for assignment, _ in self._numbers)

    def number(self, assignment: Assignment | None) -> int | None:
        return None if assignment is None else self._number(assignment)

    def numbers(self, assignments: Iterable[Assignment]) -> Numbers:
        return tuple(map(self._number, assignments))

    def _number(self, assignment: Assignment) -> int:
        number = self._known.get(id(assignment))
        if number is None:
            # What Graph sent is not part of what is compared, and yet it has to come back.
            number = self._numbers.setdefault((assignment, assignment.raw), len(self._numbers))
            self._known[id(assignment)] = number
        return number


def _reading(packed: _Reading, all_: Assignments) -> Reading:
    return Reading(
        _those(packed.assignments, all_),
        packed.settled,
        tuple(
            RouteAnswer(a.route, None if a.assignments is None else _those(a.assignments, all_), a.reason)
            for a in packed.answers
        ),
        packed.note,
        packed.assumed,
    )


def _those(numbers: Numbers, all_: Assignments) -> Assignments:
    return tuple(all_[number] for number in numbers)


def _that(number: int | None, all_: Assignments) -> Assignment | None:
    return None if number is None else all_[number]
