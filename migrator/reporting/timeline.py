"""How fast calls went, how many were refused, and which limit held, over the time of a run."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from migrator.model.outcome import Attempt
from migrator.model.throttle import ThrottleState
from migrator.reporting.facts import ASSIGN
from migrator.reporting.throttling import limits, span_of

_MOST_SPANS = 240  # more columns than that are not told apart in a chart
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600)  # seconds that people count in


class Endings(NamedTuple):
    """Calls a second, by how they ended."""

    admitted: float
    refused: float
    troubled: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Calls of one sort: those of one span; the running mean at its end; and what was allowed, in calls a second
    averaged over the span, None where no limit was known."""

    now: Endings
    mean: Endings
    limit: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the run: when it began (seconds since 1970, UTC), after how many seconds at work, and what went."""

    start: float
    offset: int
    writes: Flow
    reads: Flow


@dataclass(frozen=True, slots=True)
class Total:
    """All calls of one sort; `seconds` from the first one's start to the last one's answer, without breaks. `window`
    are the seconds over which their limit counts, and the running mean is taken."""

    calls: int
    refused: int
    seconds: float
    window: int

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans of equal length (`step` seconds), and what they come to. Time in which no command was at work is left
    out."""

    step: int
    spans: tuple[Span, ...]
    writes: Total
    reads: Total


def timeline(attempts: Sequence[Attempt], throttle: Sequence[ThrottleState] = ()) -> Timeline:
    """Calls as Graph counts them (those inside a batch one by one, the batch itself not), by when they were answered.
    No spans for no calls."""
    counted = [a for a in attempts if a.counts]
    work = _Work.of(counted, throttle)
    length = max((work.offset(_end(a)) for a in counted), default=0.0)
    step = next((step for step in _STEPS if length <= step * _MOST_SPANS), math.ceil(length / _MOST_SPANS))
    count = int(length // step) + 1 if counted else 0
    writes, reads = (_Side.of(counted, throttle, work, writes=writes) for writes in (True, False))
    flows = zip(writes.flows(step, count), reads.flows(step, count), strict=True)
    spans = (Span(work.moment(i * step), i * step, write, read) for i, (write, read) in enumerate(flows))
    return Timeline(step, tuple(spans), writes.total(), reads.total())


@dataclass(frozen=True, slots=True)
class _Work:
    """The time of a run by the seconds that commands were at work on it. `breaks` are those between: from, to."""

    first: float
    breaks: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, attempts: Iterable[Attempt], throttle: Iterable[ThrottleState]) -> _Work:
        """A break is from the last answer before a command began (again) to that moment."""
        calls = sorted(attempts, key=lambda a: a.started)
        begins = [state.at for state in throttle if state.begins]
        breaks = []
        ended, index = -math.inf, 0
        for begin in begins:
            while index < len(calls) and calls[index].started < begin:
                ended = max(ended, _end(calls[index]))
                index += 1
            if -math.inf < ended < begin:
                breaks.append((ended, begin))
                ended = begin
        return cls(calls[0].started if calls else 0.0, tuple(breaks))

    def offset(self, moment: float) -> float:
        """Seconds at work until then."""
        return moment - self.first - sum(min(moment, end) - begin for begin, end in self.breaks if moment > begin)

    def moment(self, offset: float) -> float:
        """When that was; seconds since 1970, UTC."""
        moment = self.first + offset
        for begin, end in self.breaks:
            if moment <= begin:
                break
            moment += end - begin
        return moment


@dataclass(frozen=True, slots=True)
class _Side:
    """The writes, or the reads: when those of each ending were answered, the steps of their limit (from when, how many
    a second), over how many seconds it counts, and when the first one began; all in seconds at work."""

    answered: tuple[list[float], list[float], list[float]]
    steps: list[tuple[float, float | None]]
    window: int
    began: float

    @classmethod
    def of(cls, attempts: Iterable[Attempt], throttle: Sequence[ThrottleState], work: _Work, *, writes: bool) -> _Side:
        attempts = [a for a in attempts if (a.purpose == ASSIGN) is writes]
        answered: tuple[list[float], list[float], list[float]] = ([], [], [])
        for attempt in attempts:
            answered[_ending(attempt)].append(work.offset(_end(attempt)))
        for times in answered:
            times.sort()
        began = min((work.offset(a.started) for a in attempts), default=0.0)
        steps = [(work.offset(at), rate) for at, rate in limits(throttle, writes=writes)]
        return cls(answered, steps, math.ceil(span_of(throttle, writes=writes) or 1), began)

    def total(self) -> Total:
        ended = max((times[-1] for times in self.answered if times), default=self.began)
        return Total(sum(map(len, self.answered)), len(self.answered[1]), ended - self.began, self.window)

    def flows(self, step: int, count: int) -> list[Flow]:
        allowed = _averages(self.steps, step, count)
        return [
            Flow(self._rates((i + 1) * step, step), self._rates((i + 1) * step, self.window), allowed[i])
            for i in range(count)
        ]

    def _rates(self, end: float, seconds: int) -> Endings:
        """Over so many seconds before `end`."""
        return Endings(*(_within(times, end - seconds, end) / seconds for times in self.answered))


def _within(times: Sequence[float], begin: float, end: float) -> int:
    return bisect_left(times, end) - bisect_left(times, begin)


def _averages(steps: Sequence[tuple[float, float | None]], step: int, count: int) -> list[float | None]:
    """The mean of a stepped line over each span, over as much of it as the line is known for."""
    sums, known = [0.0] * count, [0.0] * count
    ends = [at for at, _ in steps[1:]] + [float(count * step)]
    for (begin, rate), end in zip(steps, ends, strict=False):
        if rate is None:
            continue
        for i in range(max(0, int(begin // step)), min(count, math.ceil(end / step))):
            overlap = min(end, (i + 1) * step) - max(begin, i * step)
            if overlap > 0:
                sums[i] += rate * overlap
                known[i] += overlap
    return [total / seconds if seconds else None for total, seconds in zip(sums, known, strict=True)]


def _end(attempt: Attempt) -> float:
    return attempt.started + attempt.seconds


def _ending(attempt: Attempt) -> int:
    if attempt.throttled:
        return 1
    return 2 if attempt.status == 0 or attempt.status >= 500 else 0
