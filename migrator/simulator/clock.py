"""Time in the tenant, which may pass faster than ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Clock:
    """The tenant's time. At speed 10, twenty of its seconds pass in two of ours.

    Windows, lags and latencies are meant in the tenant's seconds; what is told to a client (Retry-After) is in the
    client's. `monotonic` and `sleep` can be replaced, so that a test need not wait.
    """

    def __init__(
        self,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._speed = speed
        self._monotonic = monotonic
        self._sleep = sleep
        self._real, self._then = monotonic(), 0.0

    @property
    def speed(self) -> float:
        """How many of the tenant's seconds pass in one of ours; a change of it moves no moment that has been."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._then, self._real, self._speed = self.now(), self._monotonic(), speed

    def now(self) -> float:
        """The tenant's seconds since it started."""
        return self._then + (self._monotonic() - self._real) * self._speed

    def real(self, seconds: float) -> float:
        """How many of our seconds so many of the tenant's take."""
        return seconds / self._speed

    async def sleep(self, seconds: float) -> None:
        """Waits so many of the tenant's seconds."""
        if seconds > 0:
            await self._sleep(self.real(seconds))
