"""Servers that throttle. Each keeps its own book; `offer` is one call arriving.

Moments must not go back from one question to the next. Limits and rates may be functions of time.
"""

from __future__ import annotations

import heapq
import math
import random
from abc import ABC, abstractmethod
from collections import deque

from benchmarks.throttling.levels import Level, at_all_times
from benchmarks.throttling.others import Others

_UNBOUNDED = 10**9
_SHORTEST_WAIT = 1e-9
_EVEN_STEP = 0.25  # seconds for which a changing rate is taken as even


class Server(ABC):
    """What all have in common. `steady` servers never change, so that `wait` is exact if nobody else calls."""

    steady = True
    others: Others | None = None

    @abstractmethod
    def room(self, at: float, /) -> int:
        """How many calls would be admitted at this moment."""

    @abstractmethod
    def take(self, at: float, calls: int = 1, /) -> None:
        """Books calls that there is room for."""

    def refuse(self, at: float, /) -> None:  # noqa: B027 - most servers book no refusals
        """Books a call that there was no room for, where such count."""

    @abstractmethod
    def wait(self, at: float, /) -> float:
        """Seconds until there is room, when there is none and nobody else calls."""

    @abstractmethod
    def load(self, at: float, /) -> float:
        """The share of the limit that is used."""

    def catch_up(self, at: float, /) -> None:
        """Books what others have sent until now."""
        if self.others:
            for arrived in self.others.until(at):
                if self.room(arrived) >= 1:
                    self.take(arrived)

    def offer(self, at: float, /) -> float | None:
        """A call arrives: None where it is admitted, else the seconds until one would be."""
        self.catch_up(at)
        if self.room(at) >= 1:
            self.take(at)
            return None
        self.refuse(at)
        return max(_SHORTEST_WAIT, self.wait(at))


class Window(Server):
    """At most `limit` calls in any `span` seconds. `penal`: calls that were refused count as well."""

    def __init__(self, limit: Level, span: float, *, penal: bool = False, others: Others | None = None) -> None:
        self.limit, self.span, self.penal, self.others = at_all_times(limit), span, penal, others
        self.steady = not callable(limit)
        self._booked: deque[float] = deque()

    def room(self, at: float, /) -> int:
        booked, begins = self._booked, at - self.span
        while booked and booked[0] <= begins:
            booked.popleft()
        return int(self.limit(at)) - len(booked)

    def take(self, at: float, calls: int = 1, /) -> None:
        self._booked.extend([at] * calls)

    def refuse(self, at: float, /) -> None:
        if self.penal:
            self._booked.append(at)

    def wait(self, at: float, /) -> float:
        if not self._booked:
            return self.span
        last_to_leave = max(0, len(self._booked) - int(self.limit(at)))
        return self._booked[min(last_to_leave, len(self._booked) - 1)] + self.span - at

    def load(self, at: float, /) -> float:
        limit = int(self.limit(at))
        return (limit - self.room(at)) / max(1, limit)


class ClockWindow(Server):
    """At most `limit` calls in each span of the clock; the run begins `phase` seconds into one."""

    def __init__(
        self, limit: Level, span: float, phase: float = 0.0, *, penal: bool = False, others: Others | None = None
    ) -> None:
        self.limit, self.span, self.phase, self.penal, self.others = at_all_times(limit), span, phase, penal, others
        self.steady = not callable(limit)
        self._number, self._used = -1, 0

    def room(self, at: float, /) -> int:
        number = math.floor((at + self.phase) / self.span)
        if number != self._number:
            self._number, self._used = number, 0
        return int(self.limit(at)) - self._used

    def take(self, _at: float, calls: int = 1, /) -> None:
        self._used += calls

    def refuse(self, _at: float, /) -> None:
        self._used += self.penal

    def wait(self, at: float, /) -> float:
        return (self._number + 1) * self.span - self.phase - at

    def load(self, at: float, /) -> float:
        limit = int(self.limit(at))
        return (limit - self.room(at)) / max(1, limit)


class FrayedWindow(Server):
    """A window that many machines keep, not quite alike: a call leaves it up to `fray` of a span early or late."""

    def __init__(self, limit: int, span: float, fray: float, *, others: Others | None = None, seed: int = 11) -> None:
        self.limit, self.span, self.fray, self.others = limit, span, fray, others
        self._chance = random.Random(seed)
        self._leaves: list[float] = []

    def room(self, at: float, /) -> int:
        while self._leaves and self._leaves[0] <= at:
            heapq.heappop(self._leaves)
        return self.limit - len(self._leaves)

    def take(self, at: float, calls: int = 1, /) -> None:
        for _ in range(calls):
            heapq.heappush(self._leaves, at + self.span * (1 + self.fray * self._chance.uniform(-1, 1)))

    def wait(self, at: float, /) -> float:
        return self._leaves[0] - at

    def load(self, at: float, /) -> float:
        return 1 - self.room(at) / self.limit


class Bucket(Server):
    """`rate` tokens a second flow into a bucket that holds `burst`; a call takes one."""

    def __init__(self, rate: Level, burst: float, *, others: Others | None = None) -> None:
        self.rate, self.burst, self.others = at_all_times(rate), burst, others
        self.steady = not callable(rate)
        self._tokens, self._filled_at = float(burst), 0.0

    def room(self, at: float, /) -> int:
        while self._filled_at < at:
            until = at if self.steady else min(at, self._filled_at + _EVEN_STEP)
            passes = until - self._filled_at
            self._tokens = min(self.burst, self._tokens + passes * self.rate(self._filled_at + passes / 2))
            self._filled_at = until
        return int(self._tokens + _SHORTEST_WAIT)

    def take(self, _at: float, calls: int = 1, /) -> None:
        self._tokens -= calls

    def wait(self, at: float, /) -> float:
        return (1 - self._tokens) / self.rate(at)

    def load(self, at: float, /) -> float:
        self.room(at)
        return 1 - self._tokens / self.burst


class AllOf(Server):
    """Several limits at once: a call passes where every one has room, and counts in each."""

    def __init__(self, *servers: Server) -> None:
        self.servers = servers
        self.steady = all(server.steady for server in servers)

    def catch_up(self, at: float, /) -> None:
        for server in self.servers:
            server.catch_up(at)

    def room(self, at: float, /) -> int:
        return min(server.room(at) for server in self.servers)

    def take(self, at: float, calls: int = 1, /) -> None:
        for server in self.servers:
            server.take(at, calls)

    def refuse(self, at: float, /) -> None:
        for server in self.servers:
            server.refuse(at)

    def wait(self, at: float, /) -> float:
        return max(server.wait(at) for server in self.servers if server.room(at) < 1)

    def load(self, at: float, /) -> float:
        return max(server.load(at) for server in self.servers)


class ShutFor(Server):
    """A server that refuses everything from `begins` to `ends`, and is another one before and after."""

    def __init__(self, server: Server, begins: float, ends: float) -> None:
        self.server, self.begins, self.ends = server, begins, ends
        self.steady = server.steady

    def catch_up(self, at: float, /) -> None:
        self.server.catch_up(at)

    def room(self, at: float, /) -> int:
        return 0 if self.begins <= at < self.ends else self.server.room(at)

    def take(self, at: float, calls: int = 1, /) -> None:
        self.server.take(at, calls)

    def refuse(self, at: float, /) -> None:
        self.server.room(at)
        self.server.refuse(at)

    def wait(self, at: float, /) -> float:
        opens = at if self.begins <= at < self.ends else at + self.server.wait(at)
        return self.ends - at if self.begins <= opens < self.ends else opens - at

    def load(self, at: float, /) -> float:
        return 1.0 if self.begins <= at < self.ends else self.server.load(at)


class Unlimited(Server):
    """Admits whatever comes."""

    def room(self, _at: float, /) -> int:
        return _UNBOUNDED

    def take(self, at: float, calls: int = 1, /) -> None: ...

    def wait(self, _at: float, /) -> float:
        return 0.0

    def load(self, _at: float, /) -> float:
        return 0.0
