"""Discrete events in virtual time: clients ask their policy, calls travel, the server answers."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.throttling.case import Case, Policy
from benchmarks.throttling.levels import at_all_times
from benchmarks.throttling.story import Call, Ending, Story

LONGEST = 20_000.0  # virtual seconds until a run is given up
_TRIES = 30  # calls for each that must be admitted, and a few
_MORE_TRIES = 1000
_SHORTEST_NAP = 1e-4
_SAME = 1e-9

Happens = Callable[[float], None]


def simulate(case: Case, policies: Sequence[Policy], seed: int, longest: float = LONGEST) -> Story:
    """Sends the case's calls, shared out evenly to the policies, until all are admitted."""
    return _Simulation(case, policies, seed).run(longest)


class _Client:
    """One dispatcher: calls that must be sent, slots that are free, and the alarm that is set."""

    def __init__(self, policy: Policy, calls: int) -> None:
        self.policy, self.to_send, self.to_admit, self.slots = policy, calls, calls, policy.workers
        self.alarm = math.inf


class _Simulation:
    def __init__(self, case: Case, policies: Sequence[Policy], seed: int) -> None:
        self._case, self._server = case, case.server()
        self._chance = random.Random(seed)
        self._faults = at_all_times(case.faults.share)
        self._clients = [_Client(policy, calls) for policy, calls in zip(policies, case.shares, strict=True)]
        self._events: list[tuple[float, int, Happens]] = []
        self._order = itertools.count()
        self._calls: list[Call] = []
        self._open = sum(client.to_admit > 0 for client in self._clients)
        self._flying = self._most = 0

    def run(self, longest: float) -> Story:
        most_calls = _TRIES * self._case.calls + _MORE_TRIES
        for number, start in enumerate(self._case.starts):
            self._at(start, partial(self._wakes, number))
        while self._open and self._events:
            at, _, happens = heapq.heappop(self._events)
            if at > longest or len(self._calls) > most_calls:
                break
            happens(at)
        return Story(self._calls, self._case.starts, not self._open, self._most)

    def _at(self, moment: float, happens: Happens) -> None:
        heapq.heappush(self._events, (moment, next(self._order), happens))

    def _wakes(self, number: int, at: float) -> None:
        client = self._clients[number]
        if client.alarm <= at:
            client.alarm = math.inf
        self._send(number, at)

    def _send(self, number: int, at: float) -> None:
        """As many as the policy lets go; then an alarm for when it is worth asking again."""
        client = self._clients[number]
        while client.to_send and client.slots:
            wait = client.policy.delay(at)
            if wait > 0:
                rings = at + max(wait, _SHORTEST_NAP)
                if rings < client.alarm - _SAME:
                    client.alarm = rings
                    self._at(rings, partial(self._wakes, number))
                return
            client.to_send -= 1
            client.slots -= 1
            self._flying += 1
            self._most = max(self._most, self._flying)
            latency = self._case.latency(self._chance)
            there = latency * (self._chance.random() if self._case.arrives is None else self._case.arrives)
            self._at(at + there, partial(self._arrives, number, at, latency - there))

    def _arrives(self, number: int, sent: float, way_back: float, at: float) -> None:
        share = self._faults(at)
        if share and self._chance.random() < share:
            if self._chance.random() < self._case.faults.counted:
                self._server.offer(at)
            back = at + way_back + self._case.faults.longer
            self._at(back, partial(self._is_back, Call(number, sent, at, back, Ending.FAILED, None), None))
            return
        wait, back = self._server.offer(at), at + way_back
        if wait is None:
            load = self._case.hint(self._server.load(at)) if self._case.hint else None
            self._at(back, partial(self._is_back, Call(number, sent, at, back, Ending.ADMITTED, None), load))
        else:
            told = self._case.retry_after(wait, at, back)
            self._at(back, partial(self._is_back, Call(number, sent, at, back, Ending.REFUSED, told), None))

    def _is_back(self, call: Call, load: float | None, at: float) -> None:
        client = self._clients[call.client]
        client.slots += 1
        self._flying -= 1
        self._calls.append(call)
        if call.ending is Ending.ADMITTED:
            client.to_admit -= 1
            self._open -= client.to_admit == 0
            client.policy.succeeded(at, call.sent, load)
        else:
            client.to_send += 1
            if call.ending is Ending.REFUSED:
                client.policy.throttled(at, call.sent, call.told)
            else:
                client.policy.failed(at, call.sent)
        self._send(call.client, at)
