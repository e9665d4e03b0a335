"""A steady pace, for a service that lets calls through as its bucket fills, and has no window to mirror."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.graph.pacing.history import History

_SLOWEST = 0.02  # calls a second
_START = 0.8  # of what is proven: the service recovers, and whoever else is there gets a chance
_TOWARDS = 0.8  # of the way from what is proven to what was tried last
_BEND, _POWER = 0.6, 0.25  # who has little grows nearly as fast as who has much, so shares even out
_SHORTEST, _LONGEST = 5.0, 45.0  # seconds of a period
_CALLS, _LATENCIES = 10, 8.0  # that a period has at least
_PATIENCE = 15.0  # seconds that are waited for as many calls
_STEADIER = 1.6  # times the period, when the same is measured again
_SAME = 0.1  # of what was proven
_RUSH = 2.0  # times the pace, at most, to catch up after a pause
_SEARCH = 0.5  # how much of a round trip's calls are added in a round trip, while searching
_PROOF = 20  # calls that make a proof
_MEMORY = 30.0  # seconds: refusals in it belong to the same state of the service
_RARELY = 2.0  # standard deviations


@dataclass(frozen=True, slots=True)
class Burst:
    """What went through before the first refusal, and in how many seconds: with the rate it tells the depth."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one moment at which the service was full to the next; learned of at `known`, at this `pace`."""

    after: float
    until: float
    known: float
    pace: float


class Rate:
    """Lets calls go at the rate at which the service is known to let them through, and a little faster with time.

    A refusal says that the bucket is empty. Between two of them it let through what flowed in, which is its rate: this
    is the proof. From a little below it the pace climbs to what was tried before, and on. Until the second refusal
    there is no proof, and the pace grows with every success.
    """

    def __init__(self, now: float, burst: Burst, full: float) -> None:
        """`full` is the moment of the first refusal."""
        self._burst = burst
        self._proven = max(0.2, burst.calls / max(0.5, burst.seconds) / 8)
        self._tried = self._proven
        self._searching = True
        self._held_back = False
        self._depth = max(1.0, burst.calls / 2)
        self._level = 0.0
        self._filled = now
        self._period = _SHORTEST
        self._since = now
        self._next = -math.inf
        self._full = [full]
        self._admitted = 0
        self._stretch: _Stretch | None = None

    @property
    def proven(self) -> float:
        return self._proven

    @property
    def burst(self) -> Burst:
        return self._burst

    def remembered(self, proven: float) -> None:
        """What an earlier run had proof of; no need to search."""
        self._proven = self._tried = max(_SLOWEST, proven)
        self._depth = self._deep()
        self._searching = False

    def wait(self, now: float) -> float:
        """Seconds until a call may go."""
        self._fill(now)
        pace = self._pace(now)
        if self._level < 1:
            self._held_back = True
            return (1 - self._level) / pace + 1e-4
        return max(0.0, self._next - now)

    def go(self, now: float) -> None:
        self._level -= 1
        self._next = now + 1 / (_RUSH * self._pace(now))

    def admitted_late(self) -> None:
        """A call that had left before the refusal was known was admitted after all."""
        self._level -= 1

    def admitted(self, now: float, latency: float) -> None:
        if self._searching:
            if self._held_back:
                self._proven *= 1 + _SEARCH / max(2.0, self._proven * latency)
            return
        self._admitted += 1
        if self._admitted > _PROOF:  # the bucket was empty then, so all of this flowed in since
            self._proven = max(self._proven, self._admitted / (now - self._full[-1]))

    def refused(self, now: float, moment: float) -> None:
        """The service was full at this moment. It is reckoned up when all that was in flight has had time to return."""
        self._stretch = _Stretch(self._full[-1], moment, now, self._pace(now))
        self._full = [full for full in self._full if full >= moment - 2 * _MEMORY] + [moment]

    def learn(self, now: float, history: History) -> None:
        """Takes stock of the time between the last two refusals, once; the pace climbs from `now` on, when calls may
        go again."""
        if (stretch := self._stretch) is None:
            return
        self._stretch = None
        proven = max(_SLOWEST, self._capacity(history, stretch))
        tried = min(stretch.pace, self._recent(history, stretch)) if self._searching else stretch.pace
        steady = not self._searching and abs(proven / self._proven - 1) < _SAME
        period = min(_LONGEST, self._period * _STEADIER) if steady else _SHORTEST
        self._period = max(period, min(_PATIENCE, _CALLS / proven), _LATENCIES * history.latency)
        self._proven, self._tried = proven, proven + _TOWARDS * max(0.0, tried - proven)
        self._searching = self._held_back = False
        self._depth = self._deep()
        self._since, self._filled = now, stretch.known
        self._level = min(self._depth, proven * (stretch.known - stretch.until))
        self._admitted = 0

    def _pace(self, now: float) -> float:
        if self._searching:
            return self._proven
        periods = (now - self._since) / self._period
        climb = max(0.0, self._tried - self._proven)
        return _START * self._proven + climb * periods + _BEND * math.pow(self._proven, _POWER) * periods * periods

    def _fill(self, now: float) -> None:
        if now > self._filled:
            self._level = min(max(1.0, self._depth), self._level + (now - self._filled) * self._pace(now))
            self._filled = now

    def _capacity(self, history: History, stretch: _Stretch) -> float:
        """Calls a second that flowed in between the two moments.

        Less may have been asked for than flowed in, at first; so later parts are looked at as well, less what the
        bucket may have held when they began. And a short stretch that says far less than the long one before it is
        believed only as far as chance does not explain it.
        """
        seconds = max(0.2, stretch.until - stretch.after)
        calls = history.admitted_between(stretch.after, stretch.until)
        best = calls / seconds
        part = max(1.0, seconds / 3)
        while part < seconds:
            held = self._depth + 0.5 * math.sqrt(self._depth + 1)
            best = max(best, (history.admitted_between(stretch.until - part, stretch.until) - held) / part)
            part *= 1.5
        first = min((full for full in self._full if full >= stretch.until - _MEMORY), default=stretch.after)
        if first >= stretch.after:
            return best
        overall = history.admitted_between(first, stretch.until) / max(0.2, stretch.until - first)
        return min(max(overall, best), (calls + 1 + _RARELY * math.sqrt(calls)) / seconds)

    def _recent(self, history: History, stretch: _Stretch) -> float:
        part = max(1.0, (stretch.until - stretch.after) / 3)
        return history.admitted_between(stretch.until - part, stretch.until) / part

    def _deep(self) -> float:
        return max(1.0, self._burst.calls - self._proven * self._burst.seconds)
