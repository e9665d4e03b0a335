"""The service's sliding window, as we see it: what it may still be counting."""

from __future__ import annotations

import math

from migrator.graph.pacing.history import History, first_after

_ROUND = (60.0, 30.0, 20.0, 10.0, 5.0, 1.0, 0.5)  # seconds; people choose such spans
_EXACT = 1e-9
TICK = 1e-3  # seconds, so that what is due is surely due when it is asked for again
LONGEST = 600.0  # seconds; what lasts longer is an outage, and no window


class Mirror:
    """At most `limit` calls in any `span` seconds; a `limit` of `math.inf` is one that nobody knows.

    Three things count: what was admitted within the span, what is in flight, and, as long as `refusals_count` is not
    disproved, what was refused within the span. Whatever is learned, the limit does not rise above its `ceiling`.
    """

    def __init__(self, history: History, limit: float, span: float, ceiling: float = math.inf) -> None:
        self._history = history
        self.ceiling = ceiling
        self.limit = limit
        self.span = span
        self.refusals_count = True

    @property
    def limit(self) -> float:
        return self._limit

    @limit.setter
    def limit(self, limit: float) -> None:
        self._limit = min(limit, self.ceiling)

    @property
    def known(self) -> bool:
        return self.limit < math.inf

    def inside(self, now: float) -> int:
        """What was admitted within the span."""
        return self._history.admitted_since(now - self.span)

    def refused(self, now: float) -> int:
        """What was refused within the span, and counts."""
        return self._history.refused_since(now - self.span) if self.refusals_count else 0

    def used(self, now: float) -> int:
        return self.inside(now) + self.refused(now) + self._history.flying

    def oldest(self, now: float) -> float | None:
        """When the oldest of those inside was admitted."""
        return first_after(self._history.admitted, now - self.span)

    def opens(self, now: float) -> float:
        """When the next one leaves the span; `math.inf` where there is none."""
        moments = [self.oldest(now)]
        if self.refusals_count:
            moments.append(first_after(self._history.refused, now - self.span))
        return min((moment for moment in moments if moment is not None), default=math.inf) + self.span

    def wait(self, now: float) -> float:
        """0.0 where there is room; `math.inf` where only a reply can make some; else seconds."""
        return 0.0 if self.used(now) < self.limit else max(0.0, self.opens(now) - now) + TICK

    def left_between(self, after: float, until: float) -> int:
        """How many left the span in this time."""
        before, then = after - self.span, until - self.span
        refused = self._history.refused_between(before, then) if self.refusals_count else 0
        return self._history.admitted_between(before, then) + refused


def roundest(low: float, high: float) -> float:
    """The roundest span in (low, high]: people choose 10, 20, 30 or 60 seconds, and hardly ever 19.3."""
    for unit in _ROUND:
        span = (math.floor(low / unit + _EXACT) + 1) * unit
        if span <= high + _EXACT:
            return span
    return max(high, _ROUND[-1])
