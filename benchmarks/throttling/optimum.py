"""The least time that a case can take: by its server alone, or by its workers alone, whichever is longer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from benchmarks.throttling.case import Case, untold
from benchmarks.throttling.latencies import Latency
from benchmarks.throttling.policies import Unpaced
from benchmarks.throttling.servers import Server, Unlimited
from benchmarks.throttling.simulate import simulate

_STEP = 0.02  # seconds between two looks at a server whose limits change
_GRAIN = 1e-6


def optimum(case: Case, seed: int) -> float:
    """Seconds; the workers' part depends on the latencies of that seed."""
    return max(_server_alone(case.server, case.calls), _workers_alone(case, seed))


def server_alone(server: Server, calls: int) -> float:
    """Seconds until that many are admitted, when whatever has room is used at once."""
    at, left = 0.0, calls
    while True:
        server.catch_up(at)
        taken = min(left, max(0, server.room(at)))
        server.take(at, taken)
        left -= taken
        if not left:
            return at
        at += max(_GRAIN, server.wait(at)) if server.steady else _STEP


@cache
def _server_alone(make: Callable[[], Server], calls: int) -> float:
    return server_alone(make(), calls)


def _workers_alone(case: Case, seed: int) -> float:
    return _unpaced(case.calls, case.workers * len(case.starts), case.latency, seed)


@cache
def _unpaced(calls: int, workers: int, latency: Latency, seed: int) -> float:
    free = Case("- nothing throttles", Unlimited, calls=calls, workers=workers, latency=latency)
    return simulate(free, free.policies(untold(Unpaced)), seed).makespan
