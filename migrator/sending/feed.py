"""Gives plans to the workers, each held against a reading that is recent when its turn comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Clock
from migrator.sending.guard import Checked

FRESH = 60.0
"""Seconds for which a reading may be relied on; a run that takes longer reads again what is still to come."""
WINDOW = 100
"""So many configurations are read again at a time: five calls, and no more than a few workers' turns ahead."""


class Feed:
    """Plans in their order. `at` is when (monotonic seconds) they were read and found to be as planned.

    `reread` reads some of them again and says which may still be written; `decided` is told those that may not.
    """

    def __init__(
        self,
        plans: Iterable[ConfigurationPlan],
        at: float,
        clock: Clock,
        *,
        reread: Callable[[Sequence[ConfigurationPlan]], Awaitable[Sequence[Checked]]],
        decided: Callable[[Checked], Awaitable[None]],
    ) -> None:
        self._waiting = deque(plans)
        self._at = at
        self._window: deque[ConfigurationPlan] = deque()
        self._window_at = at
        self._size = WINDOW
        self._clock = clock
        self._reread = reread
        self._decided = decided
        self._one_at_a_time = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._window)

    async def next(self) -> ConfigurationPlan | None:
        """The next one that may be written; None when there is none left."""
        async with self._one_at_a_time:
            while len(self):
                now = self._clock.monotonic()
                if self._window and now - self._window_at <= FRESH:
                    return self._window.popleft()
                self._waiting.extendleft(reversed(self._window))
                self._window.clear()
                if now - self._at <= FRESH:
                    return self._waiting.popleft()
                await self._read_on(now)
            return None

    async def _read_on(self, now: float) -> None:
        """Reads the next few again; fewer from then on where that takes so long that they are old when they come. A
        single one is as fresh as can be."""
        window = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
        self._window_at = now
        for checked in await self._reread(window):
            if checked.outcome is None:
                self._window.append(checked.plan)
            else:
                await self._decided(checked)
        done = self._clock.monotonic()
        if done - now > FRESH:
            self._size = max(1, len(window) // 2)
        if len(window) == 1:
            self._window_at = done
