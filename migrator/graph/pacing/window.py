"""Calls under a sliding window: when the next may go, and what a refusal teaches about the window."""

from __future__ import annotations

import math
from bisect import bisect_right
from enum import Enum, auto
from typing import TYPE_CHECKING

from migrator.graph.pacing.hints import Hints
from migrator.graph.pacing.history import LATE
from migrator.graph.pacing.mirror import LONGEST, TICK, Mirror, roundest
from migrator.graph.pacing.probe import Probe, Question
from migrator.graph.pacing.ramp import BRISK, CAREFUL, UNHURRIED
from migrator.graph.pacing.rate import Burst

if TYPE_CHECKING:
    from migrator.graph.pacing.history import History
    from migrator.graph.pacing.state import State

_TELLING = 2.0  # seconds of Retry-After that say more than "later"
_OF_A_WINDOW, _ROUNDED = 5.0, 1.5  # seconds for which no bucket worth the name asks, and how inexact they are
_NEARLY = 0.8  # of the limit: whoever was refused with so many inside met others, not a lower limit
_OURS_ALONE = 0.7  # of a documented limit: a bucket is refused with fewer inside, others on the quota with more
_FEW, _CLAIM = 0.2, 0.5  # of a documented limit: with so few inside the rest is others', and so many we may claim
_YIELD = 0.97  # of what was ours, for whoever else is there; asked for again when a span is over
_CALM, _WELCOME = 4, 0.6  # spans without a surprise; after which somebody new is met, and is left so much more
_MOST_CLAIMS = 5  # in a row; who was never granted more has met a lower limit
_MOST_STRETCHED = 2
_PROOFS = 4  # scouts in a row that a documented window had no room for
_SPANS_CAREFUL = 8
_POLLED = 2.5  # seconds that a scout had to wait for a window, rather than for a bucket's next drop


class Lesson(Enum):
    GO_ON = auto()
    SCOUT = auto()  # something unexpected: one call is to go alone
    NO_WINDOW = auto()  # it is a bucket


class Window:
    """The mirror, the questions it leaves open and the hints on it.

    `limit` is what is documented, or None; a `firm` one is never exceeded.
    """

    def __init__(self, history: History, limit: int | None, span: float, *, firm: bool) -> None:
        self._history = history
        self._documented = limit
        self._usual = span
        known = math.inf if limit is None else float(limit)
        self.mirror = Mirror(history, known, span, ceiling=known if firm else math.inf)
        self.probe = Probe(span, documented=limit is not None)
        self.hints = Hints()
        self._careful_until = -math.inf
        self._unconfirmed = False  # a window that was told of and never filled to its limit since
        self._which = False  # window or bucket: the first refusal did not tell
        self._oldest = 0.0  # the admission that has to leave before there is room
        self._witness = (-math.inf, 0)  # when the last refusal was, and how many were inside
        self._told = 0.0  # the last Retry-After, in seconds
        self._overstates = False  # Retry-After was longer than needed
        self._understates = False  # and shorter
        self._scout_at_once = False  # for Retry-After says sooner than the mirror
        self._scout_again = False  # for the last one was admitted, and the mirror had no room for it
        self._against = 0  # scouts in a row that a window would have refused
        self._slip = (-math.inf, 0.0)  # when dating was corrected last, and what it was before
        self._forgives = False  # the last refusal was our mistake: those that come with it are not held against us
        self._went = -math.inf  # when the last ordinary call left
        self._claims = 0
        self._stretched = 0  # corrections of a span since it was learned
        self._began, self._surprised_at = math.inf, -math.inf
        self._late: tuple[int, bool] | None = None  # how many were inside at the refusal, and whether that is the limit

    def wait(self, now: float, *, scouting: bool) -> float:
        """0.0 for go; `math.inf` when only a reply can make room; else seconds."""
        mirror = self.mirror
        at_once = scouting and (self._scout_at_once or self._scout_again)
        if not mirror.known or self._which or at_once or mirror.used(now) < mirror.limit:
            self._went = now
            return 0.0
        if question := self.probe.due(mirror, self._history, now):
            if self._went == now:
                return TICK
            self.probe.ask(question, now)
            return 0.0
        opens = mirror.opens(now)
        if opens == math.inf and self._history.flying:
            return math.inf
        return max(0.0, min(opens, self.probe.next_at(mirror, self._history, now)) - now) + TICK

    def part(self, now: float) -> float:
        """The part of the span in which the window's calls are to be sent."""
        if now < self._careful_until:
            return CAREFUL
        return UNHURRIED if self._documented is None else BRISK

    def admitted(self, now: float, sent: float, load: float | None) -> None:
        mirror = self.mirror
        self._began = min(self._began, now)
        if self._unconfirmed and mirror.inside(now) >= mirror.limit:
            self._unconfirmed = False
        self.hints.admitted(sent, mirror)
        if load is not None and self.hints.hear(now, load, mirror, self._history):
            self.probe.put_off(now, mirror.span)
        match self.probe.answered(sent):
            case Question.FREE:
                mirror.refusals_count = False
            case Question.SOONER:
                self.probe.sooner_was_true(now, mirror)
                self._overstates = True
            case Question.MORE:
                self.probe.worked(mirror, mirror.inside(now), careful=now < self._careful_until)
            case None:
                pass

    def admitted_late(self) -> None:
        """A call that left before the last refusal was known had been admitted: it was inside as well."""
        if self._late is None:
            return
        inside, exact = self._late
        self._late = inside + 1, exact
        self.mirror.limit = float(inside + 1) if exact else max(self.mirror.limit, float(inside + 1))

    def refused_late(self, moment: float) -> None:
        """A call that left before the last refusal was known was refused as well."""
        if self._forgives:
            self._history.forgive(moment)

    def scout_refused(self, sent: float, moment: float, told: float | None) -> None:
        self.probe.refused(sent, told)
        self._late = None
        self._scout_again = False
        if self._scout_at_once:
            self._scout_at_once, self._understates = False, True
            self._history.forgive(moment)

    def scout_admitted(self, now: float, moment: float, *, polls: int, last_refused: float) -> Lesson:
        mirror = self.mirror
        self._scout_again = False
        if not mirror.known:
            return Lesson.GO_ON
        between = last_refused - self._oldest, moment - self._oldest  # the span is longer than one, not than the other
        if self._which:
            self._which = False
            if not polls or moment - self._witness[0] <= _POLLED:
                return Lesson.NO_WINDOW
            mirror.span = min(LONGEST, roundest(*between))
            self.probe.hearsay = not math.isclose(mirror.span, self._usual)
            self.probe.more_at = now
            return Lesson.GO_ON
        refused_at, inside = self._witness
        if mirror.left_between(refused_at, moment):
            self._against = 0
        elif self._told < _TELLING and (self._documented is None or inside < _OURS_ALONE * self._documented):
            self._against += 1
            if self._against >= (1 if self._documented is None else _PROOFS):
                return Lesson.NO_WINDOW
            self._scout_again = True
            return Lesson.SCOUT
        if polls and self._unconfirmed and between[0] > mirror.span:
            mirror.span = min(LONGEST, roundest(*between))
            self.probe.hearsay = mirror.span > self._usual
        return Lesson.GO_ON

    def refused(self, now: float, sent: float, moment: float, told: float | None, reopens: float) -> Lesson:
        """A refusal that is news; `reopens` is when the gate opens again. What it teaches is taken to heart."""
        question = self.probe.refused(sent, told)
        self._late, self._forgives = None, False
        if not self.mirror.known:
            return self._first(now, moment, told)
        lesson = self._learn(now, sent, moment, told, question)
        sooner_than_ours = told is not None and reopens < self.mirror.opens(now) - 2 * self._history.latency
        self._scout_at_once = lesson is Lesson.SCOUT and sooner_than_ours and not self._understates
        return lesson

    def as_burst(self, moment: float) -> tuple[float, Burst]:
        """The last moment at which the service was full, and what it had let through then at one go."""
        full, calls = self._witness
        admitted = self._history.admitted
        first = max(0, bisect_right(admitted, full) - max(1, calls))
        began = admitted[first] if admitted else moment
        return full, Burst(calls, max(0.1, full - began))

    def recall(self, state: State) -> None:
        """What an earlier run knew of this window. It is put to the question soon: the service may have changed."""
        mirror = self.mirror
        mirror.refusals_count = state.refusals_count
        if state.limit is None or state.span is None:
            return
        mirror.limit, mirror.span = float(state.limit), state.span
        if state.limit != self._documented:
            self.probe.surprised(-math.inf, 0.0)

    def _first(self, now: float, moment: float, told: float | None) -> Lesson:
        history, mirror = self._history, self.mirror
        if not history.total:  # nothing of ours was inside: that says nothing about a limit
            return Lesson.SCOUT
        self._witness = moment, history.total
        self._oldest = history.admitted[0] if history.admitted else moment
        self._late = history.total, True
        mirror.limit = float(history.total)
        if told is None or told < _TELLING:
            self._which = True
        else:
            self._believe(moment, told, self._oldest)
            self.probe.put_off(now, mirror.span)
            self._unconfirmed = True
        return Lesson.SCOUT

    def _learn(self, now: float, sent: float, moment: float, told: float | None, question: Question | None) -> Lesson:
        history, mirror = self._history, self.mirror
        inside = mirror.inside(moment)
        oldest = mirror.oldest(moment)
        self._oldest = moment if oldest is None else oldest
        self._witness = moment, inside
        if question is Question.SOONER:
            self.probe.hearsay = False
            history.forgive(moment)
            return Lesson.GO_ON
        self._told = told or 0.0
        if told is not None and told >= _TELLING and self._is_longer(moment, told):
            self._careful_until = now + _SPANS_CAREFUL * mirror.span
            return Lesson.SCOUT
        if question:
            self._answered_no(now, inside, question)
            return Lesson.GO_ON
        self._careful_until = now + _SPANS_CAREFUL * mirror.span
        return self._surprise(now, sent, moment, inside)

    def _is_longer(self, moment: float, told: float) -> bool:
        """Whether Retry-After is longer than anything we sent explains. Then the span is."""
        mirror, admitted = self.mirror, self._history.admitted
        newest = admitted[-1] if admitted else moment
        if self._overstates or moment + told - 1 <= newest + mirror.span + 0.5:
            return False
        oldest = self._oldest if mirror.inside(moment) else newest
        if moment + told - 1 - oldest >= mirror.span:
            self._believe(moment, told, oldest)
        return True

    def _believe(self, moment: float, told: float, oldest: float) -> None:
        """The span by a Retry-After, which comes in whole seconds, rounded up."""
        self.mirror.span = min(LONGEST, roundest(moment + told - 1 - oldest, moment + told - oldest))
        self._stretched = 0
        self.probe.hearsay = not math.isclose(self.mirror.span, self._usual)

    def _answered_no(self, now: float, inside: int, question: Question) -> None:
        if question is Question.MORE:
            self._late = inside, False
            self.mirror.limit = max(self.mirror.limit, float(inside))
            self.probe.failed(now, self.mirror.span)

    def _surprise(self, now: float, sent: float, moment: float, inside: int) -> Lesson:
        """The mirror had room, and the service had none."""
        history, mirror = self._history, self.mirror
        begun = moment - mirror.span
        refused = max(0, history.refused_since(begun) - 1)  # without this one
        counted = inside + (refused if mirror.refusals_count else 0)
        slipped_at, share = self._slip
        twice = slipped_at > now - mirror.span
        just_left = history.admitted_since(begun - max(1.0, now - sent)) + counted - inside >= mirror.limit
        if just_left and self._told < _TELLING and not twice and self._correct_dating(now, moment):
            return Lesson.SCOUT
        if not mirror.refusals_count and inside + refused >= mirror.limit:
            mirror.refusals_count = True
            self.probe.free_settled()
            return Lesson.SCOUT if self._told < _TELLING else Lesson.GO_ON
        told_of_ours = _OF_A_WINDOW <= self._told <= self._oldest + mirror.span - moment + _ROUNDED
        if self._unconfirmed and inside < mirror.limit / 2 and not told_of_ours:  # or else others took the rest
            return Lesson.NO_WINDOW
        fell = counted < _NEARLY * mirror.limit
        if twice and fell:  # it was no matter of dating
            history.share = share
        lesson = Lesson.SCOUT if fell or mirror.opens(moment) - moment < 2 * history.latency else Lesson.GO_ON
        self._lower(now, inside)
        return lesson

    def _correct_dating(self, now: float, moment: float) -> bool:
        """A place had just become free by our reckoning: the reckoning is wrong, or the span a little longer. Says
        whether there was anything left to correct."""
        history, mirror = self._history, self.mirror
        full = int(mirror.limit)
        age = moment - next(iter(history.admitted[-full:]), moment)
        loose = self._documented is None and not math.isclose(mirror.span, self._usual)
        if loose and age >= mirror.span and self._stretched < _MOST_STRETCHED:
            mirror.span = roundest(age, age + 0.6)
            self._stretched += 1
        elif history.share < LATE:
            self._slip = now, history.share
            history.redate(LATE, moment - mirror.span, now)
        else:
            return False
        self._forgives = True
        history.forgive(moment)
        return True

    def _is_calm(self, now: float) -> bool:
        """Whether nothing surprised us for long, so that now somebody else must have come."""
        return now - self._surprised_at > _CALM * self.mirror.span and now - self._began > 2 * self.mirror.span

    def _lower(self, now: float, inside: int) -> None:
        """What is inside when the service is full is the limit; or else our share of it, which others have to grant."""
        mirror = self.mirror
        self.probe.surprised(now, mirror.span)
        documented = self._documented or 0
        ours = float(inside)
        if inside < _FEW * documented and self._claims < _MOST_CLAIMS:
            self._claims += 1
            ours = _CLAIM * documented
        else:
            self._claims = self._claims if inside < _FEW * documented else 0
            if self._told >= _TELLING and documented and inside > documented / 2:
                ours *= _WELCOME if self._is_calm(now) else _YIELD
            else:
                self._late = inside, True
        mirror.limit = float(max(1, math.floor(min(mirror.limit, ours))))
        self._surprised_at = now
