"""Real time."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """The machine's own clocks; the `Clock` that production runs on."""

    def time(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
