"""When may a call leave? Decided without a clock and without sleeping: time comes in as an argument.

Four ideas, each a few lines:

- *mirror*: what the service may still be counting is every call that came back within the last span, and every call in
  flight. A call leaves while that is less than the limit. An admission is dated by its reply, which is never too early.
- *gate*: after a 429 nothing leaves until Retry-After is over. Then one call goes alone, and each success lets one
  more fly at a time.
- *lesson*: a 429 says that the service is full; so what it admitted within the last span is its limit. Only the first
  429 of a call that was sent after the last lesson is a new one.
- *probe*: below the documented limit, or where none is documented, a full mirror is overdrawn a little: by one call, by
  two, by four while that works. So a 429 that had nothing to do with a limit is soon forgotten. Where it does not
  work it is tried more and more seldom.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from migrator.graph.pacing.status import Status

_TICK = 1e-3  # so that what is due is surely due when it is asked for again
_LEAST_GROWTH = 4  # calls beyond the limit at a time, once they work
_RAREST_PROBE = 16.0  # spans
_LONGEST_GUESS = 60.0  # seconds to wait after a 429 that does not say how long


class Pacer:
    """Decides for one class of calls. `workers` is how many may be in flight; `limit` calls in `span` seconds are what
    the service documents, and are never exceeded; None where no limit is known until a refusal teaches one. `state` is
    an earlier `snapshot()`.

    In all methods `now` is seconds of any clock that never goes back, and `sent` the `now` at which `delay` gave 0.0.
    """

    def __init__(
        self, workers: int, limit: int | None = None, span: float = 20.0, state: dict[str, Any] | None = None
    ) -> None:
        self.workers = workers
        self._span = span
        self._ceiling: float = math.inf if limit is None else limit
        self._limit = min(self._ceiling, _remembered(state, span))
        self._flying = 0
        self._counted: deque[float] = deque()  # when they came back, whatever with
        self._admitted: deque[float] = deque()  # those of them that were not refused
        self._width = workers
        self._gate = -math.inf
        self._lesson = -math.inf
        self._in_a_row = 0
        self._overdraft = 1
        self._overdrawn = math.inf  # since when calls beyond the limit are out
        self._probe_at = -math.inf
        self._probe_gap = 1.0

    def delay(self, now: float) -> float:
        """0.0: go now, and it is booked; `math.inf`: ask again after the next reply; else seconds to wait."""
        if now < self._gate:
            return self._gate - now + _TICK
        if self._flying >= self._width:
            return math.inf
        if self._full(now):
            if not self._may_overdraw(now):
                return self._until_room(now)
            self._overdrawn = min(self._overdrawn, now)
        self._flying += 1
        return 0.0

    def succeeded(self, now: float, sent: float, load: float | None = None) -> None:
        """An admitted call came back; `load` is the share of the limit that the service says is used."""
        self._came_back(now)
        self._admitted.append(now)
        admitted = self._count(self._admitted, now)
        self._width = min(self.workers, self._width + 1)
        self._in_a_row = 0
        if admitted > self._limit:
            self._limit = min(self._ceiling, admitted)
            if sent > self._lesson:  # an overdraft that worked
                self._overdraft = min(2 * self._overdraft, max(_LEAST_GROWTH, admitted // 4))
                self._overdrawn, self._probe_gap = math.inf, 1.0
        if load is not None and load >= 1.0:
            self._probe_at = max(self._probe_at, now + self._span)

    def throttled(self, now: float, sent: float, retry_after: float | None) -> None:
        """A 429 came back; `retry_after` in seconds, None where it was absent or of no use."""
        self._came_back(now)
        if sent > self._lesson:
            self._learn(now, sent >= self._overdrawn)
        guess = min(_LONGEST_GUESS, 0.5 * 2.0**self._in_a_row)
        self._gate = max(self._gate, now + (retry_after or guess))

    def failed(self, now: float, sent: float) -> None:  # noqa: ARG002 - the interface that is agreed on
        """It came back otherwise (5xx, reset, time-out); the service may have counted it."""
        self._came_back(now)

    def snapshot(self) -> dict[str, Any]:
        """What is worth remembering for the next run; plain JSON."""
        return {"limit": None if self._limit == math.inf else int(self._limit), "span": self._span}

    def status(self, now: float) -> Status:
        """What is in force at this moment."""
        known = self._limit != math.inf
        limit, rate = (f"{self._limit:g}/{self._span:g}s", self._limit / self._span) if known else ("none", None)
        used = self._used(now)
        if now < self._gate:
            return Status(limit, rate, used, self._gate, "the service asked to wait (429)")
        if self._full(now) and not self._may_overdraw(now):
            return Status(limit, rate, used, now + min(self._span, self._until_room(now)), "the limit is used up")
        return Status(limit, rate, used)

    def _came_back(self, now: float) -> None:
        self._flying -= 1
        self._counted.append(now)

    def _learn(self, now: float, overdrawn: bool) -> None:
        self._lesson = now
        self._width = 1
        self._in_a_row += 1
        self._limit = min(self._ceiling, max(1, self._count(self._admitted, now)))
        self._overdraft, self._overdrawn = 1, math.inf
        if overdrawn:
            self._probe_at = now + self._probe_gap * self._span
            self._probe_gap = min(_RAREST_PROBE, 2 * self._probe_gap)

    def _full(self, now: float) -> bool:
        return self._used(now) >= self._limit

    def _may_overdraw(self, now: float) -> bool:
        """Whether a probe is due. What was refused is not held against it; the documented limit is."""
        proven = self._count(self._admitted, now) + self._flying
        return now >= self._probe_at and proven < self._limit + self._overdraft and self._used(now) < self._ceiling

    def _until_room(self, now: float) -> float:
        """Until the oldest that counts leaves the span, or a probe is due; with all in flight nobody knows."""
        leaves = self._counted[0] + self._span if self._counted else math.inf
        probe = self._probe_at if now < self._probe_at and self._limit < self._ceiling else math.inf
        return max(0.0, min(leaves, probe) - now) + _TICK

    def _used(self, now: float) -> int:
        return self._count(self._counted, now) + self._flying

    def _count(self, times: deque[float], now: float) -> int:
        while times and times[0] <= now - self._span:
            times.popleft()
        return len(times)


def _remembered(state: dict[str, Any] | None, span: float) -> float:
    """The limit of an earlier run, if it was learned for the same span and still makes sense."""
    limit = state.get("limit") if state and state.get("span") == span else None
    return limit if isinstance(limit, int) and limit >= 1 else math.inf
