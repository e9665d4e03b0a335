"""Where calls wait for their pacer: first come, first served, with one wake-up for all."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.graph.held import Cause, Held
from migrator.graph.protocol import Meaning
from migrator.model.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.graph.pacing import Pacer, Status
    from migrator.model.ports import Clock
    from migrator.model.throttle import Lost


_SLACK = 1e-6  # the same moment, reckoned twice


@dataclass(frozen=True)
class Pass:
    """Leave for `count` requests to go, booked in the pacer at `sent`."""

    sent: float
    count: int


@dataclass(frozen=True, slots=True)
class Back:
    """How a request of a batch came back; `load` is the share of the limit that the service says is used."""

    meaning: Meaning
    retry_after: float | None = None
    load: float | None = None


@dataclass(frozen=True, eq=False)
class _Waiter:
    wants: int
    leave: asyncio.Future[Pass]


class Gate:
    """A pacer's door under asyncio. Every pass must be given back: each of its requests once, by `came_back`.

    `held` is told for how long calls are kept back here; gates whose times are to be added up share one.
    """

    def __init__(self, pacer: Pacer, clock: Clock, held: Held | None = None) -> None:
        self._pacer = pacer
        self._clock = clock
        self._held = held or Held()
        self._cause: Cause | None = None
        self._refused_until = -math.inf
        self._out = 0  # requests with leave that are not back
        self._waiting: deque[_Waiter] = deque()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf
        self._shut = asyncio.Event()

    async def enter(self, wants: int = 1) -> Pass:
        """Waits until at least one request may go; gives leave for as many as may go at that moment, up to `wants`.

        Stopped where the gate was shut before.
        """
        self._check_open()
        if not self._waiting:  # nobody was here before
            now = self._clock.monotonic()
            if not self._better_wait(now, wants) and self._pacer.delay(now) == 0:
                return self._pass(now, wants)
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
        self,
        sent: float,
        meaning: Meaning,
        retry_after: float | None = None,
        load: float | None = None,
        left: float | None = None,
    ) -> None:
        """One request of a pass is over; `left` is when it really left, where something else was to be done first."""
        self._book(self._clock.monotonic(), sent, meaning, retry_after, load, left)
        if self._waiting:
            self._admit()

    def came_back_together(self, sent: float, requests: Iterable[Back]) -> None:
        """Some requests of a pass are over at the same moment. Only then is anybody let in: a batch waits for as many
        places as it can fill."""
        now = self._clock.monotonic()
        for back in requests:
            self._book(now, sent, back.meaning, back.retry_after, back.load)
        if self._waiting:
            self._admit()

    def _book(
        self,
        now: float,
        sent: float,
        meaning: Meaning,
        retry_after: float | None,
        load: float | None,
        left: float | None = None,
    ) -> None:
        self._out -= 1
        if meaning is Meaning.THROTTLED:
            self._pacer.throttled(now, sent, retry_after, left)
            self._refused_until = self._pacer.status(now).waiting_until or -math.inf
        elif meaning is Meaning.OK or meaning is Meaning.REFUSED:
            self._pacer.succeeded(now, sent, load, left)
        else:
            self._pacer.failed(now, sent)

    def status(self) -> Status:
        """What is in force now; times are the clock's monotonic ones."""
        return self._pacer.status(self._clock.monotonic())

    @property
    def cause(self) -> Cause | None:
        """What keeps calls back here that stand ready; None where none is kept back."""
        return self._cause

    def lost(self) -> Lost:
        """For how long calls were kept back here until now."""
        return self._held.at(self, self._clock.monotonic())

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
        self._keep_back(None)

    def close(self) -> None:
        """Lets nobody in any more."""
        self._disarm()
        for waiter in self._waiting:
            waiter.leave.cancel()
        self._waiting.clear()
        self._keep_back(None)

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
            wait = math.inf if self._better_wait(now, self._waiting[0].wants) else self._pacer.delay(now)
            if wait > 0:
                self._keep_back(self._cause_of(now, wait))
                self._arm(now, wait)
                return
            first = self._waiting.popleft()
            first.leave.set_result(self._pass(now, first.wants))
        self._keep_back(None)
        self._disarm()

    def _better_wait(self, now: float, wants: int) -> bool:
        """Whether a batch had better wait for a reply: too few places are free for it, and more will be."""
        return wants > 1 and self._out > 0 and self._pacer.places(now) < wants

    def _pass(self, now: float, wants: int) -> Pass:
        """One request was let go at `now`; as many more as may go at the same moment, up to what is wanted."""
        count = 1
        while count < wants and self._pacer.delay(now) == 0:
            count += 1
        self._out += count
        return Pass(now, count)

    def _cause_of(self, now: float, wait: float) -> Cause | None:
        if wait == math.inf:  # no place is free: that is the service's time, not the throttle's
            return None
        return Cause.REFUSAL if now < self._refused_until else Cause.LIMIT

    def _keep_back(self, cause: Cause | None) -> None:
        if cause is not self._cause:
            self._cause = cause
            self._held.change(self, cause, self._clock.monotonic())

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
        self.came_back_together(leave.sent, [Back(Meaning.TRANSIENT)] * leave.count)


def _stopped() -> Stopped:
    return Stopped("Stopped before this call was sent")
