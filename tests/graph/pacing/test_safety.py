"""What holds whatever happens: questions and answers in any order, any latency, any Retry-After, any state."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from benchmarks.throttling.case import Case, told
from benchmarks.throttling.latencies import around
from benchmarks.throttling.servers import ClockWindow, Server, Unlimited, Window
from benchmarks.throttling.simulate import simulate
from benchmarks.throttling.story import Ending
from migrator.graph.pacing import Pacer
from migrator.model.settings import Limit

EARLY = 1e-6  # seconds
BELIEVED = 120.0  # seconds of Retry-After that are waited out to the end in any case
LONGEST = 20_000.0  # seconds in which a call must be let go when nothing is in flight
QUESTIONS = 10_000  # so often may it be asked until then

LIMITS = st.none() | st.integers(1, 200)
SPANS = st.floats(0.5, 60.0)
WORKERS = st.integers(1, 64)
WAITS = (
    st.none()
    | st.floats(0.001, BELIEVED)
    | st.sampled_from([0.0, -1.0, 0.249, 1.0, 300.0, 3600.0, 1e6, math.inf, -math.inf])
)
LOADS = st.none() | st.floats(0.0, 2.0) | st.sampled_from([-1.0, 100.0, math.inf])


class AnyOrder(RuleBasedStateMachine):
    """A client that asks, sends and answers as it likes, and never twice at odds with the interface."""

    @initialize(workers=WORKERS, limit=LIMITS, span=SPANS, began=st.sampled_from([0.0, 1e6, -50.0]))
    def begins(self, workers: int, limit: int | None, span: float, began: float) -> None:
        self.pacer = Pacer(workers, limit, span)
        self.now, self.gate = began, -math.inf
        self.in_flight: list[float] = []

    @rule(seconds=st.floats(0.0, 5.0) | st.floats(5.0, 500.0))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @rule(times=st.integers(1, 40))
    def asks(self, times: int) -> None:
        for _ in range(times):
            wait = self.pacer.delay(self.now)
            self.check(wait)
            if wait > 0:
                return
            self.in_flight.append(self.now)

    @rule()
    def waits_as_told_and_asks(self) -> None:
        wait = self.pacer.delay(self.now)
        self.check(wait)
        if 0 < wait < math.inf:
            self.now += wait
            wait = self.pacer.delay(self.now)
            self.check(wait)
        if wait == 0:
            self.in_flight.append(self.now)

    @rule(retry_after=WAITS, times=st.integers(2, 8), latency=st.floats(0.01, 2.0))
    def is_refused_again_and_again(self, retry_after: float | None, times: int, latency: float) -> None:
        for _ in range(times):
            self.waits_as_told_and_asks()
            if self.in_flight:
                self.now += latency
                self.refuse(self.in_flight.pop(), retry_after)

    @rule(waits=st.lists(WAITS, min_size=2, max_size=6))
    def a_burst_is_refused(self, waits: list[float | None]) -> None:
        self.asks(len(waits))
        for retry_after in waits[: len(self.in_flight)]:
            self.refuse(self.in_flight.pop(), retry_after)
        self.waits_as_told_and_asks()

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), load=LOADS)
    def one_is_admitted(self, data: st.DataObject, load: float | None) -> None:
        self.pacer.succeeded(self.now, self.comes_back(data), load)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), retry_after=WAITS)
    def one_is_refused(self, data: st.DataObject, retry_after: float | None) -> None:
        self.refuse(self.comes_back(data), retry_after)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def one_fails(self, data: st.DataObject) -> None:
        self.pacer.failed(self.now, self.comes_back(data))

    @precondition(lambda self: self.in_flight)
    @rule()
    def all_are_admitted(self) -> None:
        while self.in_flight:
            self.pacer.succeeded(self.now, self.in_flight.pop(0))

    @rule()
    def what_it_remembers_is_json_and_does_for_another(self) -> None:
        state = json.loads(json.dumps(self.pacer.snapshot(), allow_nan=False))
        lets_one_go(Pacer(8, 100, 20.0, state), 0.0)

    @invariant()
    def never_more_in_flight_than_workers(self) -> None:
        if hasattr(self, "pacer"):
            assert len(self.in_flight) <= self.pacer.workers

    @invariant()
    def its_status_makes_sense(self) -> None:
        if hasattr(self, "pacer"):
            status = self.pacer.status(self.now)
            assert status.limit
            assert status.rate is None or 0 < status.rate < math.inf
            assert status.used >= 0
            assert status.waiting_until is None or status.waiting_until >= self.now
            assert status.why or status.waiting_until is None

    def teardown(self) -> None:
        """Once everything is back, a call may leave in finite time."""
        if hasattr(self, "pacer"):
            self.all_are_admitted()
            lets_one_go(self.pacer, self.now)

    def refuse(self, sent: float, retry_after: float | None) -> None:
        self.pacer.throttled(self.now, sent, retry_after)
        if retry_after is not None and 0 < retry_after <= BELIEVED:
            self.gate = max(self.gate, self.now + retry_after)

    def comes_back(self, data: st.DataObject) -> float:
        return self.in_flight.pop(data.draw(st.integers(0, len(self.in_flight) - 1)))

    def check(self, wait: float) -> None:
        assert wait >= 0  # which what is not a number is not
        assert wait < math.inf or self.in_flight, "nothing is on its way, and nothing may leave"
        assert wait > 0 or self.now >= self.gate - EARLY, "Retry-After is not over"


def lets_one_go(pacer: Pacer, now: float) -> None:
    """Asks and waits as told until a call may leave."""
    until = now + LONGEST
    for _ in range(QUESTIONS):
        wait = pacer.delay(now)
        if wait == 0:
            return
        now += wait
        assert now < until, f"nothing may leave for {now:.0f} s"
    raise AssertionError("it was asked too often")


AnyOrder.TestCase.settings = settings(stateful_step_count=30)
TestAnyOrder = AnyOrder.TestCase


KEYS = ("limit", "span", "rate", "burst", "share", "refusals_count", "recent", "age", "probe")
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 1, -1, 100, 20.0])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), VALUES, max_size=8), LIMITS, SPANS)
def test_whatever_is_remembered_does_no_harm(state: dict[str, Any], limit: int | None, span: float) -> None:
    pacer = Pacer(8, limit, span, state)
    lets_one_go(pacer, 0.0)
    assert json.dumps(pacer.snapshot(), allow_nan=False)
    assert pacer.status(0.0).limit


@given(LIMITS, SPANS, WORKERS, st.floats(0.01, 3.0), st.floats(0.0, 1.0), st.integers(1, 150))
def test_where_nothing_is_refused_everything_is_sent_in_bounded_time(
    limit: int | None, span: float, workers: int, latency: float, arrives: float, calls: int
) -> None:
    case = Case(
        "- free",
        Unlimited,
        Limit(limit, span),
        calls=calls,
        workers=workers,
        latency=lambda _chance: latency,
        arrives=arrives,
    )
    run = simulate(case, case.policies(told(Pacer)), seed=1)
    assert run.finished
    spans = 0 if limit is None else (calls - 1) // limit
    by_limit = spans * (span + latency) + latency
    by_workers = math.ceil(calls / workers) * latency
    assert run.makespan <= 1.1 * by_limit + 2 * by_workers + 10 * latency


KEPT = (st.integers(5, 120), st.floats(1.0, 30.0), WORKERS, st.floats(0.0, 1.0), st.booleans())


def refusals(
    server: Server, documented: Limit, pacer: Callable[..., Pacer], workers: int, latency: float, arrives: float
) -> tuple[int, int]:
    """How many calls a service that keeps what it documents refused, of how many; latencies have a tail."""
    assert documented.calls is not None
    case = Case(
        "- kept",
        lambda: server,
        documented,
        calls=6 * documented.calls,
        workers=workers,
        latency=around(latency, 0.5, 5 * latency),
        arrives=arrives,
    )
    run = simulate(case, case.policies(told(pacer)), seed=1)
    assert run.finished
    return len(run.ended(Ending.REFUSED)), len(run.calls)


@given(*KEPT, st.floats(0.01, 1.0), st.booleans())
def test_a_firm_limit_is_never_overstepped_by_calls_that_are_decided_on_by_the_middle(
    limit: int, span: float, workers: int, arrives: float, penal: bool, latency: float, by_the_clock: bool
) -> None:
    server = ClockWindow(limit, span, span / 3, penal=penal) if by_the_clock else Window(limit, span, penal=penal)
    firm = partial(Pacer, firm=True)
    refused, _ = refusals(server, Limit(limit, span), firm, workers, latency, arrives / 2)
    assert refused == 0


@given(*KEPT, st.floats(0.01, 0.1))
def test_a_documented_window_is_overstepped_by_a_few_questions(
    limit: int, span: float, workers: int, arrives: float, penal: bool, latency: float
) -> None:
    server = Window(limit, span, penal=penal)
    refused, _ = refusals(server, Limit(limit, span), Pacer, workers, latency * span, arrives / 2)
    assert refused <= 3


@given(*KEPT, st.floats(0.01, 1.0), st.booleans())
def test_a_documented_limit_is_hardly_overstepped_however_late_calls_are_decided_on_and_whatever_window_it_is(
    limit: int, span: float, workers: int, arrives: float, penal: bool, latency: float, by_the_clock: bool
) -> None:
    server = ClockWindow(limit, span, span / 3, penal=penal) if by_the_clock else Window(limit, span, penal=penal)
    refused, calls = refusals(server, Limit(limit, span), Pacer, workers, latency, arrives)
    # Questions, and what was under way when a late admission showed that the dating was wrong.
    assert refused <= 12 + 0.05 * calls
