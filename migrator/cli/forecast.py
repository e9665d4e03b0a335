"""How long it will still take, told without jumping about."""

from __future__ import annotations

import math
from dataclasses import dataclass

from migrator.model.throttle import ThrottleState, together

_STEADY = 10.0  # seconds over which a new estimate makes itself felt, once there is much to go by
_SHARE = 0.25  # and before that, as a share of the time so far
_GAP = 0.1  # seconds between two estimates that are taken in
_TOO_EARLY = 1.0  # seconds before which a pace says nothing


@dataclass(frozen=True, slots=True)
class Pressure:
    """What the throttle means for one sort of calls: the limit in calls a second (None: none is known), how long it
    makes the next call wait, how long a refusal does, what both have cost so far, and the span over which the limit
    counts, all in seconds."""

    limit: float | None = None
    paced: float = 0.0
    barred: float = 0.0
    lost: float = 0.0
    span: float = 20.0


def pressure(state: ThrottleState | None, *, writes: bool | None) -> Pressure:
    """For writes, for reads, or for what makes no calls (None). Gates that nothing comes to do not count."""
    if state is None or writes is None:
        return Pressure()
    gates = [gate for gate in state.gates if gate.writes is writes and (gate.used or gate.wait is not None)]
    return Pressure(
        limit=together(gates),
        paced=max((gate.wait or 0.0 for gate in gates if not gate.refused), default=0.0),
        barred=max((gate.wait or 0.0 for gate in gates if gate.refused), default=0.0),
        lost=state.lost.seconds,
        span=max((gate.span for gate in gates), default=20.0),
    )


@dataclass(slots=True)
class Forecast:
    """When something that began at `started` will be done. Between two estimates it counts down; what a new one adds or
    takes away comes in little by little."""

    started: float
    end: float | None = None
    first: float = 0.0
    last: float = 0.0

    def take(self, now: float, left: float) -> None:
        """An estimate of this moment."""
        if self.end is None:
            self.first = now
        if self.end is None or now < self.first + _GAP:  # one that may still be of the middle of a burst
            self.end, self.last = now + left, now
            return
        passed = now - self.last
        if passed < _GAP:
            return
        inertia = max(_GAP, min(_STEADY, _SHARE * (now - self.started)))
        self.end += (now + left - self.end) * (1 - math.exp(-passed / inertia))
        self.last = now

    def left(self, now: float) -> float | None:
        """Seconds from now on; None before the first estimate."""
        return None if self.end is None else max(0.0, self.end - now)


@dataclass(slots=True)
class Outlook:
    """When a stage that began at `started` will be done; `cost` is what the throttle had cost before."""

    started: float
    forecast: Forecast
    cost: float = 0.0
    done: int = 0
    moved: float = 0.0  # when a step was done last
    worked: float = 0.0  # seconds at work until then
    next: float = 0.0  # when the next one may go

    @classmethod
    def of(cls, started: float, cost: float) -> Outlook:
        return cls(started, Forecast(started), cost)

    def take(self, now: float, left: int, done: int, under: Pressure) -> None:
        """How far it is: so many steps are left, so many are done."""
        if not done or now - self.started < _TOO_EARLY:
            return
        if done != self.done:
            # Time in which calls were kept back says nothing of how fast the service is.
            self.done, self.moved = done, now
            self.worked = max(0.0, now - self.started - (under.lost - self.cost))
        self.next = now + max(under.paced, under.barred) if left else now
        self.forecast.take(now, self._seconds(now, left, under))

    def left(self, now: float) -> float | None:
        """Seconds from now on, all waiting included; None where that cannot be said."""
        left = self.forecast.left(now)
        return None if left is None else max(left, self.next - now)

    def _seconds(self, now: float, left: int, under: Pressure) -> float:
        """At the pace so far, and no faster than the limit in force allows."""
        if under.limit is None:
            return left * (now - self.started) / self.done
        # What a window did not use while nothing could go, goes at once when it opens.
        wait = self.next - now
        allowed = wait + max(0.0, left / under.limit - min(now - self.moved + wait, under.span))
        return max(left * self.worked / self.done + under.barred, allowed)
