"""A case: a server, how it answers, and who calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.throttling.answers import Hint, RetryAfter, exact
from benchmarks.throttling.latencies import USUAL, Latency
from benchmarks.throttling.levels import Level
from benchmarks.throttling.servers import Server
from migrator.model.settings import DOCUMENTED_WRITES, Limit


class Policy(Protocol):
    """Decides when a call may leave: the interface of `migrator.graph.pacing.Pacer`, as far as a run needs it."""

    workers: int

    def delay(self, now: float, /) -> float: ...
    def succeeded(self, now: float, sent: float, load: float | None = None, /) -> None: ...
    def throttled(self, now: float, sent: float, retry_after: float | None, /) -> None: ...
    def failed(self, now: float, sent: float, /) -> None: ...


KNOWN, UNKNOWN = DOCUMENTED_WRITES, Limit(None)


@dataclass(frozen=True, slots=True)
class Faults:
    """Calls that end otherwise: the `share` of all that does, and the part of it that the server has counted.

    `longer` seconds pass until the client knows (a time-out; 0.0 is a reset or a 503).
    """

    share: Level = 0.0
    counted: float = 0.5
    longer: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """So many `calls` through one client, or shared out to several that begin at `starts` (seconds).

    A call is `arrives` of its latency on the way there (None: by chance), the rest on the way back. `family` is the
    name's first letter.
    """

    name: str
    server: Callable[[], Server]
    documented: Limit = UNKNOWN
    calls: int = 1500
    workers: int = 32
    latency: Latency = USUAL
    arrives: float | None = 0.5
    retry_after: RetryAfter = exact
    hint: Hint | None = None
    faults: Faults = field(default=Faults())
    starts: Sequence[float] = (0.0,)

    @property
    def family(self) -> str:
        return self.name[0]

    @property
    def shares(self) -> list[int]:
        """How many calls each client has."""
        clients = len(self.starts)
        return [self.calls // clients + (number < self.calls % clients) for number in range(clients)]

    def policies(self, make: MakePolicy) -> list[Policy]:
        """One for each client."""
        return [make(self, calls) for calls in self.shares]


MakePolicy = Callable[[Case, int], Policy]  # for a client of that case, with so many calls


def told(pacer: Callable[[int, int | None, float], Policy]) -> MakePolicy:
    """Makes pacers, which know what is documented."""
    return lambda case, _calls: pacer(case.workers, case.documented.calls, case.documented.span)


def untold(usual: Callable[[int, int], Policy]) -> MakePolicy:
    """Makes the usual policies, which know only their workers and their calls."""
    return lambda case, calls: usual(case.workers, calls)
