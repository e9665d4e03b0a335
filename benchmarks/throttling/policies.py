"""What clients usually do about throttling, behind the pacer's interface. They know nothing of any limit."""

from __future__ import annotations

import heapq
import math
import random

_WITHOUT_RETRY_AFTER = 1.0  # seconds that a gate is shut when nobody says for how long
_LONGEST_BACK_OFF = 60.0  # seconds
_DOUBLINGS = 30


class Unpaced:
    """Sends whenever one of its workers is free. The measure for a server that does not throttle."""

    def __init__(self, workers: int, _calls: int) -> None:
        self.workers = workers

    def delay(self, _now: float, /) -> float:
        return 0.0

    def succeeded(self, now: float, sent: float, load: float | None = None, /) -> None: ...

    def throttled(self, now: float, sent: float, retry_after: float | None, /) -> None: ...

    def failed(self, now: float, sent: float, /) -> None: ...


class SharedGate(Unpaced):
    """Workers that all stop until the longest Retry-After is over, then all go on."""

    _shut_until = -math.inf

    def delay(self, now: float, /) -> float:
        return max(0.0, self._shut_until - now)

    def throttled(self, now: float, _sent: float, retry_after: float | None, /) -> None:
        self._shut_until = max(self._shut_until, now + (_WITHOUT_RETRY_AFTER if retry_after is None else retry_after))


class Sequential(SharedGate):
    """One call at a time, and Retry-After is waited out."""

    def __init__(self, _workers: int, calls: int) -> None:
        super().__init__(1, calls)


class EachItsOwn:
    """Workers that sleep for the Retry-After of their own call, and know nothing of each other.

    Who sleeps keeps its slot. Without Retry-After, and after a failure, it backs off by chance.
    """

    sleeps_in_its_slot = True
    longest_back_off = _LONGEST_BACK_OFF
    reads_retry_after = True

    def __init__(self, workers: int, calls: int) -> None:
        self.workers, self._never_sent, self._flying = workers, calls, 0
        self._asleep: list[tuple[float, int]] = []  # when it wakes, and how often it has come back in vain
        self._in_vain: dict[float, list[int]] = {}  # the same of those in flight, by the moment at which they left
        self._chance = random.Random(3)

    def delay(self, now: float, /) -> float:
        wait = self.until_one_is_ready(now)
        if not wait:
            self.leaves(now)
        return wait

    def until_one_is_ready(self, now: float) -> float:
        """Seconds until somebody awake has a call and a slot; infinite where that takes an answer first."""
        if self._flying >= self.workers:
            return math.inf
        awake = self._asleep and self._asleep[0][0] <= now
        taken = self._flying + (len(self._asleep) if self.sleeps_in_its_slot else 0)
        if awake or (self._never_sent and taken < self.workers):
            return 0.0
        return self._asleep[0][0] - now if self._asleep else math.inf

    def leaves(self, now: float) -> None:
        """Who has slept enough goes first."""
        if self._asleep and self._asleep[0][0] <= now:
            in_vain = heapq.heappop(self._asleep)[1]
        else:
            self._never_sent, in_vain = self._never_sent - 1, 0
        self._in_vain.setdefault(now, []).append(in_vain)
        self._flying += 1

    def succeeded(self, _now: float, sent: float, _load: float | None = None, /) -> None:
        self._is_back(sent)

    def throttled(self, now: float, sent: float, retry_after: float | None, /) -> None:
        in_vain = self._is_back(sent) + 1
        back_off = self._chance.uniform(0, min(self.longest_back_off, 2.0 ** min(in_vain, _DOUBLINGS)))
        sleep = back_off if retry_after is None or not self.reads_retry_after else retry_after
        heapq.heappush(self._asleep, (now + sleep, in_vain))

    def failed(self, now: float, sent: float, /) -> None:
        EachItsOwn.throttled(self, now, sent, None)

    def _is_back(self, sent: float) -> int:
        """How often the call had come back in vain before; those that left at one moment are as good as each other."""
        self._flying -= 1
        left_then = self._in_vain[sent]
        in_vain = left_then.pop()
        if not left_then:
            del self._in_vain[sent]
        return in_vain


class GatherWithJitter(EachItsOwn):
    """Everything begun at once, as many in flight as there are connections; each call backs off by chance, its bound
    doubling, while others take its place. Retry-After is not read.
    """

    sleeps_in_its_slot = False
    reads_retry_after = False
