"""A clock for tests: sleeping takes no time, but the sleepers wake in the order of their deadlines."""

from __future__ import annotations

import asyncio
import heapq
import itertools

EPOCH = 1_700_000_000.0


class VirtualClock:
    """Satisfies `migrator.model.ports.Clock`. Whoever sleeps gives the loop a turn, then the time has passed."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        return EPOCH + self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        me = (self.now + max(0.0, seconds), next(self._numbers))
        heapq.heappush(self._sleepers, me)
        try:
            await asyncio.sleep(0)
            while self._sleepers[0] != me:  # noqa: ASYNC110 - whoever wakes earlier is given turns of the loop
                await asyncio.sleep(0)
            self.now = max(self.now, me[0])
        finally:
            self._sleepers.remove(me)
            heapq.heapify(self._sleepers)
