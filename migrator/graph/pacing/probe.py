"""Calls that are sent although the mirror says full, each to learn one thing."""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.graph.pacing.history import History
    from migrator.graph.pacing.mirror import Mirror

_RAREST = 16.0  # spans between two probes for more
_FIRST_GAP = 5.0  # the same, under a documented limit: it is seldom wrong twice
_LARGEST, _LARGEST_CAREFUL = 24, 3  # calls beyond the limit at a time
_ROUNDING = 0.65  # of a second: Retry-After comes in whole ones, so a refusal late in one costs least
_LATER = 0.01  # seconds, for a fraction of one to begin anew
_FEW = 0.03  # of the limit: so few refusals are not worth a question


class Question(Enum):
    MORE = auto()  # is the limit higher?
    SOONER = auto()  # is the span shorter than Retry-After made us think?
    FREE = auto()  # do refused calls count?


class Probe:
    """Keeps the questions that are out, and when the next may be asked. `hearsay` is True as long as nothing but a
    Retry-After tells of the span; `cost` is what a refusal costs at present, in seconds. A limit at its ceiling is not
    put to the question."""

    def __init__(self, usual: float, *, documented: bool) -> None:
        self._usual = usual
        self._out: dict[float, tuple[Question, int]] = {}  # by the moment they were sent, and how many then
        self._extra = 1
        self._free_asked = False
        self._gap = _FIRST_GAP if documented else 1.0
        self.more_at = -math.inf
        self.hearsay = False
        self.cost = 1.0

    def due(self, mirror: Mirror, history: History, now: float) -> Question | None:
        """The question to ask now that the mirror is full, if any."""
        left = mirror.opens(now) - now
        unhurried = left > 2 * history.latency
        if any(question is not Question.MORE for question, _ in self._out.values()):
            return None
        if not self._out and unhurried:
            if self._free_is_due(mirror, now):
                return Question.FREE
            if self.hearsay and not history.flying and now >= self.sooner_at(mirror, now):
                return Question.SOONER
        return Question.MORE if self._more_is_due(mirror, history, now, left, unhurried=unhurried) else None

    def ask(self, question: Question, now: float) -> None:
        """It is known by its moment; so no ordinary call may go at the same one."""
        _, count = self._out.get(now, (question, 0))
        self._out[now] = question, count + 1

    def next_at(self, mirror: Mirror, history: History, now: float) -> float:
        """When to come with a question again; `math.inf` when none is planned, or a reply has to come first."""
        if self.hearsay:
            sooner = self.sooner_at(mirror, now)
            return sooner if sooner > now else math.inf
        if history.flying or not self._has_room(mirror, now):
            return math.inf
        return max(self.more_at, now + self._odd(mirror.opens(now) - now, history) + _LATER)

    def shorter(self, mirror: Mirror) -> float:
        """The span to try instead of the one that is only hearsay: the usual one, or half."""
        return self._usual if mirror.span > self._usual else mirror.span / 2

    def sooner_at(self, mirror: Mirror, now: float) -> float:
        return mirror.opens(now) - mirror.span + self.shorter(mirror)

    def answered(self, sent: float) -> Question | None:
        """The question that this call was, and is no more."""
        if sent not in self._out:
            return None
        question, count = self._out.pop(sent)
        if count > 1:
            self._out[sent] = question, count - 1
        return question

    def refused(self, sent: float, told: float | None) -> Question | None:
        """The question that this call was; a refusal ends all that are out."""
        question, _ = self._out.get(sent, (None, 0))
        self._out.clear()
        self._extra = 1
        self._free_asked = question is Question.FREE
        self.cost = max(told or 1.0, 0.7 * self.cost)
        return question

    def free_settled(self) -> None:
        self._free_asked = True

    def worked(self, mirror: Mirror, inside: int, *, careful: bool) -> None:
        """More was admitted: so many are inside; twice as many more the next time."""
        mirror.limit = max(mirror.limit, float(inside))
        largest = _LARGEST_CAREFUL if careful or self._is_dear(mirror.span) else _LARGEST
        self._extra = int(min(2 * self._extra, max(2, min(largest, mirror.limit // 4))))
        self._gap = 1.0

    def failed(self, now: float, span: float) -> None:
        """No more: the next time later, and the later the more a refusal costs."""
        self.more_at = now + self._gap * self._pause(span)
        self._gap = min(_RAREST, 2 * self._gap)

    def surprised(self, now: float, span: float) -> None:
        """The limit fell: worth asking soon whether it rises again."""
        self._gap, self.more_at = 1.0, now + span

    def put_off(self, now: float, span: float) -> None:
        self.more_at = max(self.more_at, now + span)

    def sooner_was_true(self, now: float, mirror: Mirror) -> None:
        mirror.span = self.shorter(mirror)
        self.hearsay = self.cost <= mirror.span
        self.more_at = now + (self._pause(mirror.span) if self._is_dear(mirror.span) else 0.0)

    def _free_is_due(self, mirror: Mirror, now: float) -> bool:
        if not mirror.refusals_count or self._free_asked or self.hearsay or self._is_dear(mirror.span):
            return False
        refused = mirror.refused(now)
        return refused >= max(2, _FEW * mirror.limit) and mirror.used(now) - refused < mirror.limit

    def _more_is_due(self, mirror: Mirror, history: History, now: float, left: float, *, unhurried: bool) -> bool:
        if self.hearsay or now < self.more_at:
            return False
        if not self._has_room(mirror, now):
            return False
        if unhurried:
            return self._extra > 1 or (not history.flying and self._odd(left, history) > _ROUNDING)
        return now > self.more_at + 2 * mirror.span and self.more_at > -math.inf

    def _has_room(self, mirror: Mirror, now: float) -> bool:
        """Whether one more question is not too much."""
        out = sum(count for _, count in self._out.values())
        return out < self._extra and mirror.used(now) < min(mirror.limit + self._extra, mirror.ceiling)

    @staticmethod
    def _odd(left: float, history: History) -> float:
        """The part of a second by which a refusal of a call that leaves now would ask for less than whole seconds."""
        return (left - history.share * history.latency) % 1

    def _is_dear(self, span: float) -> bool:
        return self.cost > span + 1

    def _pause(self, span: float) -> float:
        return max(span, 2 * self.cost) if self._is_dear(span) else span
