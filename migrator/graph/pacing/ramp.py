"""How many calls may be in flight: few at first and after a refusal, more with every success."""

from __future__ import annotations

import math

_FIRST, _PART = 16, 16  # in flight at once, before anything is known of the service; or a part of the workers
_FIRST_KNOWN = 20  # the same, where a limit is known
_FREE = 64  # calls before the chance grows that the next one meets a limit
_WIDENS = 6  # calls for one more in flight from there on
_AFTER_REFUSAL = 4
_AFTER_SCOUT = 8
_LEAST = 4
UNHURRIED, BRISK, CAREFUL = 0.1, 0.0, 0.07
"""The part of its span in which a full window may be sent, where it is learned, documented, or was surprised."""


class Ramp:
    """`workers` is the most there may ever be; with a limit that is `known` more may leave at first, and all under
    a `firm` one."""

    def __init__(self, workers: int, *, known: bool, firm: bool) -> None:
        self.workers = workers
        first = max(_FIRST_KNOWN if known else _FIRST, workers // _PART)
        self._width = workers if firm else min(workers, first)

    def rise(self) -> None:
        self._width = min(self.workers, self._width + 1)

    def fall(self) -> None:
        self._width = min(self._width, _AFTER_REFUSAL)

    def resume(self) -> None:
        """The scout was admitted."""
        self._width = min(self.workers, _AFTER_SCOUT)

    def free(self) -> int:
        return self._width

    def unknown(self, total: int) -> int:
        """While no limit is known, and `total` calls went through: most limits are met after the first few dozens."""
        if total <= _FREE:
            return self._width
        return min(self._width, max(_LEAST, self.workers // 2) + (total - _FREE) // _WIDENS)

    def window(self, limit: float, span: float, latency: float, part: float) -> int:
        """As many as it takes to send a window's calls in a part of its span: a surprise refuses what is in flight.

        A `part` of 0.0 is as fast as it goes.
        """
        if not part:
            return self._width
        return min(self._width, max(_LEAST, math.ceil(latency * limit / (part * span))))
