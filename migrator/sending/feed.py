"""Gives plans to the workers, each held against a reading that is recent when its turn comes."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from migrator.model.configuration import Key
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Clock
from migrator.sending.guard import Checked

FRESH = 60.0
"""Seconds for which a reading may be relied on; a run that takes longer reads again what is still to come."""
TURNS = 3
"""So often a plan may come up again that nobody answered."""
WINDOW = 100
"""So many configurations are read again at a time: five calls, and no more than a few workers' turns ahead."""


class Unread(Exception):
    """Nobody answered when so many were to be read again; they will come up once more."""

    def __init__(self, count: int, why: str) -> None:
        super().__init__(why)
        self.count = count


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
        self._turns: Counter[Key] = Counter()
        self.clock = clock
        self._reread = reread
        self._decided = decided
        self._one_at_a_time = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._window)

    def put_back(self, plan: ConfigurationPlan) -> bool:
        """It comes up once more, after all others, and is read again before; False where it had its turns."""
        if self._turns[plan.key] >= TURNS:
            return False
        self._turns[plan.key] += 1
        self._waiting.append(plan)
        self._at = -math.inf
        return True

    async def next(self, *, alone: bool = False) -> ConfigurationPlan | None:
        """The next one that may be written; None when there is none left. With `alone` no other is read with it.

        Unread where it was to be read again and nobody answered.
        """
        async with self._one_at_a_time:
            while len(self):
                now = self.clock.monotonic()
                if self._window and now - self._window_at <= FRESH:
                    return self._window.popleft()
                self._waiting.extendleft(reversed(self._window))
                self._window.clear()
                if now - self._at <= FRESH:
                    return self._waiting.popleft()
                await self._read_on(now, 1 if alone else self._size)
            return None

    async def _read_on(self, now: float, size: int) -> None:
        """Reads the next few again; fewer from then on where that takes so long that they are old when they come. A
        single one is as fresh as can be."""
        window = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
        self._window_at = now
        found = await self._reread(window)
        if all(checked.unanswered for checked in found):
            back = [checked for checked in found if self.put_back(checked.plan)]
            for checked in found:
                if checked not in back:
                    await self._decided(checked)
            raise Unread(len(found), found[0].reading.note)
        for checked in found:
            if checked.outcome is None:
                self._window.append(checked.plan)
            else:
                await self._decided(checked)
        done = self.clock.monotonic()
        if done - now > FRESH:
            self._size = max(1, len(window) // 2)
        if len(window) == 1:
            self._window_at = done
