"""Where calls wait for their pacer: first come, first served, with one wake-up for all."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.graph.protocol import Meaning
from migrator.model.errors import Stopped

if TYPE_CHECKING:
    from migrator.graph.pacing import Pacer, Status
    from migrator.model.ports import Clock


_SLACK = 1e-6  # the same moment, reckoned twice


@dataclass(frozen=True)
class Pass:
    """Leave for `count` requests to go, booked in the pacer at `sent`."""

    sent: float
    count: int


@dataclass(frozen=True, eq=False)
class _Waiter:
    wants: int
    leave: asyncio.Future[Pass]


class Gate:
    """A pacer's door under asyncio. Every pass must be given back: each of its requests once, by `came_back`."""

    def __init__(self, pacer: Pacer, clock: Clock) -> None:
        self._pacer = pacer
        self._clock = clock
        self._waiting: deque[_Waiter] = deque()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf
        self._shut = asyncio.Event()

    async def enter(self, wants: int = 1) -> Pass:
        """Waits until at least one request may go; gives leave for as many as may go at that moment, up to `wants`.

        Stopped where the gate was shut before.
        """
        self._check_open()
        waiter = _Waiter(wants, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._admit()
        try:
            leave = await waiter.leave
        except asyncio.CancelledError:
            self._forget(waiter)
            raise
        if self._shut.is_set():  # it had leave, and had not gone yet
            self._give_back(leave)
        self._check_open()
        return leave

    async def pause(self, seconds: float) -> None:
        """Sleeps before a call comes again; Stopped as soon as the gate is shut."""
        self._check_open()
        sleeps = asyncio.ensure_future(self._clock.sleep(seconds))
        shuts = asyncio.ensure_future(self._shut.wait())
        try:
            await asyncio.wait((sleeps, shuts), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeps.cancel()
            shuts.cancel()
        self._check_open()

    def came_back(
        self, sent: float, meaning: Meaning, retry_after: float | None = None, load: float | None = None
    ) -> None:
        """One request of a pass is over."""
        now = self._clock.monotonic()
        if meaning is Meaning.THROTTLED:
            self._pacer.throttled(now, sent, retry_after)
        elif meaning in (Meaning.OK, Meaning.REFUSED):
            self._pacer.succeeded(now, sent, load)
        else:
            self._pacer.failed(now, sent)
        self._admit()

    def status(self) -> Status:
        """What is in force now; times are the clock's monotonic ones."""
        return self._pacer.status(self._clock.monotonic())

    def shut(self) -> None:
        """From now on nobody is let in: Stopped for all who wait, at once, and for all who come.

        Whoever is on the way stays so, and comes back as ever.
        """
        self._shut.set()
        self._disarm()
        while self._waiting:
            leave = self._waiting.popleft().leave
            if not leave.done():
                leave.set_exception(_stopped())

    def close(self) -> None:
        """Lets nobody in any more."""
        self._disarm()
        for waiter in self._waiting:
            waiter.leave.cancel()
        self._waiting.clear()

    def _check_open(self) -> None:
        if self._shut.is_set():
            raise _stopped()

    def _admit(self) -> None:
        """Lets in whoever may go, in their order, and sets the alarm for the first who may not."""
        while self._waiting:
            if self._waiting[0].leave.done():  # gave up, and is about to say so
                self._waiting.popleft()
                continue
            now = self._clock.monotonic()
            wait = self._pacer.delay(now)
            if wait > 0:
                self._arm(now, wait)
                return
            first = self._waiting.popleft()
            count = 1
            while count < first.wants and self._pacer.delay(now) == 0:
                count += 1
            first.leave.set_result(Pass(now, count))
        self._disarm()

    def _arm(self, now: float, wait: float) -> None:
        """One sleeper for all who wait; `math.inf` needs none, for the next reply asks again."""
        if now + wait >= self._alarm_at - _SLACK:  # it rings early enough; asking once more for nothing does no harm
            return
        self._disarm()
        self._alarm_at = now + wait
        self._alarm = asyncio.get_running_loop().create_task(self._ring(wait))

    async def _ring(self, wait: float) -> None:
        await self._clock.sleep(wait)
        self._alarm, self._alarm_at = None, math.inf
        self._admit()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, math.inf

    def _forget(self, waiter: _Waiter) -> None:
        """Whoever was waiting gave up: leave that was just given goes back."""
        if waiter.leave.done() and not waiter.leave.cancelled():
            if waiter.leave.exception() is None:  # else the gate was shut at the same moment
                self._give_back(waiter.leave.result())
        elif waiter in self._waiting:
            self._waiting.remove(waiter)
            self._admit()

    def _give_back(self, leave: Pass) -> None:
        for _ in range(leave.count):
            self.came_back(leave.sent, Meaning.TRANSIENT)


def _stopped() -> Stopped:
    return Stopped("Stopped before this call was sent")
