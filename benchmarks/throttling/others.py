"""Somebody else who uses the same quota."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from benchmarks.throttling.levels import Level, at_all_times

_HORIZON = 3000  # seconds in which the highest rate is looked for


class Others:
    """Calls that arrive by chance (a Poisson process) at a rate a second that may change with time.

    They never try again; what is refused is gone.
    """

    def __init__(self, rate: Level, seed: int = 7) -> None:
        self._rate = at_all_times(rate)
        self._chance = random.Random(seed)
        self._highest = max(self._rate(second) for second in range(_HORIZON))
        self._next = self._after(0.0)

    def until(self, at: float) -> Iterator[float]:
        """The moments of the calls that have arrived since it was last asked, up to `at`."""
        while self._next <= at:
            arrived, self._next = self._next, self._after(self._next)
            yield arrived

    def _after(self, at: float) -> float:
        """Arrivals at the highest rate, thinned to the one at that moment."""
        if self._highest <= 0:
            return math.inf
        while True:
            at += self._chance.expovariate(self._highest)
            if self._chance.random() < self._rate(at) / self._highest:
                return at
