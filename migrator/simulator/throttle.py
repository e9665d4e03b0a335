"""Limits over sliding windows, as the service keeps them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from migrator.model.settings import Limit
from migrator.simulator.settings import SimulatorSettings

_GRAIN = 1e-6  # seconds; what is closer together than this is the same moment


class Window:
    """At most so many units in any span: what was booked leaves the window one span later."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._booked: deque[tuple[float, int]] = deque()
        self._used = 0

    def used(self, now: float) -> int:
        """The units booked within the last span."""
        booked = self._booked
        while booked and booked[0][0] + self.limit.span - now <= _GRAIN:
            self._used -= booked.popleft()[1]
        return self._used

    def wait(self, now: float, cost: int) -> float:
        """0.0 if `cost` units fit now, else the seconds until they would if nothing else came."""
        calls = self.limit.calls
        if calls is None or self.used(now) + cost <= calls:
            return 0.0
        room = calls - cost
        for at, units in reversed(self._booked):
            room -= units
            if room < 0:
                return at + self.limit.span - now
        return self.limit.span

    def book(self, now: float, cost: int) -> None:
        if self.limit.calls is not None:
            self._booked.append((now, cost))
            self._used += cost

    def share(self, now: float) -> float:
        """How full it is; more than 1.0 when refused calls count."""
        return self.used(now) / self.limit.calls if self.limit.calls else 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may pass: `wait` is 0.0 or the tenant's seconds until it may; `share` is how full its limit is."""

    wait: float
    share: float

    @property
    def granted(self) -> bool:
        return self.wait == 0.0

    def seconds(self, speed: float) -> int:
        """The wait as a Retry-After header says it: the client's seconds, whole and rounded up."""
        return max(1, math.ceil(self.wait / speed - _GRAIN))

    def decimals(self, speed: float) -> str:
        """The wait as an answer inside a batch may say it, to the millisecond and rounded up."""
        return f"{max(0.001, math.ceil((self.wait / speed - _GRAIN) * 1000) / 1000):.3f}"


class Throttle:
    """The tenant's limits: writes, any request (writes count there too), and the directory apart from both."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._writes = Window(settings.writes)
        self._requests = Window(settings.requests)
        self._directory = Window(settings.directory)
        self._refused_count = settings.refused_count

    def admit(self, now: float, *, write: bool, directory_units: int = 0) -> Admission:
        """Books the call if it fits. `directory_units` is what a call to the directory costs, 0 for all others."""
        if directory_units:
            return self._admit(now, directory_units, self._directory)
        return self._admit(now, 1, *((self._writes, self._requests) if write else (self._requests,)))

    def _admit(self, now: float, cost: int, *windows: Window) -> Admission:
        wait = max(w.wait(now, cost) for w in windows)
        granted = wait == 0.0
        if granted or self._refused_count:
            for window in windows:
                window.book(now, cost)
        if not granted:
            # A refusal that counts stands in the way of the next call itself.
            wait = max(w.wait(now, cost) for w in windows)
        return Admission(wait, max(w.share(now) for w in windows))
