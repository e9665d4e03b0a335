"""What was asked and what became of it, for whoever looks on."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass

MOST_ENTRIES = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: `time` is seconds since 1970, `at` the tenant's seconds since it started, `inner` inside a batch."""

    time: float
    at: float
    method: str
    path: str
    status: int
    request_id: str
    client_request_id: str
    inner: bool


class Record:
    """The newest requests, and counts of all of them.

    `requests` counts HTTP requests, `inner` those inside batches, `reads` and `writes` what was admitted of both,
    `refused` what got 429, `assigns` the assign calls that were carried out.
    """

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self.requests = 0
        self.inner = 0
        self.reads = 0
        self.writes = 0
        self.refused = 0
        self.assigns = 0
        self._admitted: Counter[int] = Counter()
        self._admitted_writes: Counter[int] = Counter()

    def admitted(self, at: float, *, write: bool) -> None:
        """A request passed the limits, at this second of the tenant's."""
        if write:
            self.writes += 1
            self._admitted_writes[int(at)] += 1
        else:
            self.reads += 1
        self._admitted[int(at)] += 1

    def answered(
        self, at: float, method: str, path: str, status: int, ids: tuple[str, str], *, inner: bool = False
    ) -> None:
        """A request got its answer; `ids` are the request's and the client's. Status 0: none was sent."""
        if inner:
            self.inner += 1
        else:
            self.requests += 1
        if status == 429:
            self.refused += 1
        self.entries.append(Entry(time.time(), at, method, path, status, *ids, inner))

    def counters(self) -> dict[str, object]:
        """All counts, and how many requests and writes were admitted in each of the tenant's seconds."""
        return {
            "requests": self.requests,
            "inner": self.inner,
            "reads": self.reads,
            "writes": self.writes,
            "refused": self.refused,
            "assigns": self.assigns,
            "admittedPerSecond": {str(second): n for second, n in sorted(self._admitted.items())},
            "admittedWritesPerSecond": {str(second): n for second, n in sorted(self._admitted_writes.items())},
        }
