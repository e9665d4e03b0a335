"""Whether a call is worth another try, and how long to wait before it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from migrator.graph.protocol import Meaning
from migrator.graph.tries import Tried

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from migrator.model.ports import Clock

MOST_TRIES = 8
MOST_TRIES_500 = 4
"""A 500 may be a bug that this very call meets every time."""

LONGEST = 600.0
"""Seconds of failures, answers and pauses, after which one call is not tried again; throttling does not count. A last
try that began before takes its own time beyond."""

PATIENCE = 1800.0
"""Seconds from its first throttled try after which one call does not let itself be throttled again, whatever else it
met in between."""

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 30.0


@dataclass
class Budget:
    """What one call may still spend. `jitter` draws a pause between two bounds.

    A throttled try costs nothing of it: the pacer makes it wait its turn, and a service that throttles for minutes is
    waited out, up to `PATIENCE`.
    """

    jitter: Callable[[float, float], float] = field(default=random.uniform)
    failures: int = 0
    spent: float = 0.0
    throttled_since: float | None = None

    def pause(self, tried: Tried, now: float) -> float | None:
        """Seconds to wait before the next try, None when this one was the last; `now` is monotonic seconds."""
        if not tried.worth_another:
            return None
        if tried.meaning is Meaning.THROTTLED:
            return self._throttled(now)
        self.failures += 1
        if self.failures >= (MOST_TRIES_500 if tried.reply.status == 500 else MOST_TRIES):
            return None
        ceiling = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0**self.failures)
        pause = (tried.retry_after or 0.0) + self.jitter(0.0, ceiling)
        self.spent += tried.seconds + pause
        return pause if self.spent <= LONGEST else None

    def _throttled(self, now: float) -> float | None:
        if self.throttled_since is None:
            self.throttled_since = now
        return 0.0 if now - self.throttled_since <= PATIENCE else None


_WORTH_ANOTHER: Final = retry_if_result(lambda tried: tried.worth_another)


async def persist(
    attempt: Callable[[], Awaitable[Tried]],
    clock: Clock,
    budget: Budget | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> Tried:
    """Makes the first try bare, and only when that is worth another, goes on under tenacity. Gives the last try.

    Pauses are slept by `sleep`, else by the clock.
    """
    first = await attempt()
    if not first.worth_another:
        return first
    return await _Persistence(first, attempt, clock, budget or Budget()).go_on(sleep or clock.sleep)


class _Persistence:
    """tenacity's view of one call that has failed once: that failure is replayed to it as its first try."""

    def __init__(self, first: Tried, attempt: Callable[[], Awaitable[Tried]], clock: Clock, budget: Budget) -> None:
        self._first: Tried | None = first
        self._attempt = attempt
        self._clock = clock
        self._budget = budget
        self._pause: float | None = None

    async def go_on(self, sleep: Callable[[float], Awaitable[None]]) -> Tried:
        retrying = AsyncRetrying(
            sleep=sleep,
            retry=_WORTH_ANOTHER,
            wait=self._wait,
            stop=self._stop,
            retry_error_callback=_last,
        )
        return await retrying(self._next)

    async def _next(self) -> Tried:
        replayed, self._first = self._first, None
        return replayed or await self._attempt()

    def _wait(self, state: RetryCallState) -> float:
        """Asked once after each failure, before `_stop` is."""
        self._pause = self._budget.pause(_last(state), self._clock.monotonic())
        return self._pause or 0.0

    def _stop(self, _state: RetryCallState) -> bool:
        return self._pause is None


def _last(state: RetryCallState) -> Tried:
    if state.outcome is None:  # tenacity asks only after a try
        raise RuntimeError("nothing was tried yet")
    tried: Tried = state.outcome.result()
    return tried
