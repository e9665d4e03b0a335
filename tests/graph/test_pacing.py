"""The pacer, against servers in virtual time."""

from __future__ import annotations

import heapq
import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.pacing import Pacer

TOLERANCE = 0.01


@dataclass
class Window:
    """A server that admits so many calls in any span; `penal` counts those that it refuses as well."""

    limit: int
    span: float = 20.0
    penal: bool = False

    def __post_init__(self) -> None:
        self.hits: deque[float] = deque()

    def refuses(self, now: float) -> float | None:
        """Seconds of Retry-After, or None when it is admitted."""
        while self.hits and self.hits[0] <= now - self.span:
            self.hits.popleft()
        if len(self.hits) < self.limit:
            self.hits.append(now)
            return None
        if self.penal:
            self.hits.append(now)
        return max(1.0, math.ceil(self.hits[0] + self.span - now))


@dataclass
class Story:
    """What became of a number of calls: when each was sent and came back, and what was refused."""

    sent: list[float]
    refused: list[tuple[float, float]]  # when it came back, and when its Retry-After was over
    took: float
    most: int


def drive(pacer: Pacer, refuses: Callable[[float], float | None], calls: int, latency: Callable[[int], float]) -> Story:
    """Sends so many calls through the pacer until all are admitted. A pacer that never lets one go fails here."""
    now, left, flying, story = 0.0, calls, 0, Story([], [], 0.0, 0)
    due: list[tuple[float, int, str, float, float | None]] = []
    for _ in range(100 * calls + 1000):
        while left > 0 and flying < pacer.workers:
            wait = pacer.delay(now)
            if wait > 0:
                break
            left, flying = left - 1, flying + 1
            story.sent.append(now)
            story.most = max(story.most, flying)
            took = latency(len(story.sent))
            heapq.heappush(due, (now + took / 2, len(story.sent), "arrives", now, None))
        else:
            wait = math.inf
        if not due and left == 0:
            story.took = now
            return story
        assert due or wait < math.inf, "nothing is on its way, and nothing may leave"
        if not due or now + wait < due[0][0]:
            now += wait
            continue
        now, call, what, sent, after = heapq.heappop(due)
        if what == "arrives":
            after = refuses(now)
            heapq.heappush(due, (now + latency(call) / 2, call, "is back", sent, after))
        elif after is None:
            flying -= 1
            pacer.succeeded(now, sent)
        else:
            flying, left = flying - 1, left + 1
            pacer.throttled(now, sent, after)
            story.refused.append((now, now + after))
    raise AssertionError(f"{left} calls never got through")


def steady(seconds: float) -> Callable[[int], float]:
    return lambda _call: seconds


LATENCIES = st.lists(st.floats(0.01, 5.0), min_size=1, max_size=20).map(lambda few: lambda call: few[call % len(few)])
LIMITS = st.integers(1, 40)
SPANS = st.floats(0.5, 30.0)
WORKERS = st.integers(1, 40)


@given(LIMITS, SPANS, WORKERS, LATENCIES, st.integers(1, 120))
def test_a_documented_limit_that_is_kept_is_never_overstepped(
    limit: int, span: float, workers: int, latency: Callable[[int], float], calls: int
) -> None:
    story = drive(Pacer(workers, limit, span), Window(limit, span, penal=True).refuses, calls, latency)
    assert not story.refused
    assert story.most <= workers


@given(LIMITS, st.booleans(), WORKERS, LATENCIES, st.none() | st.integers(1, 60))
def test_whatever_the_limit_really_is_all_calls_get_through(
    really: int, penal: bool, workers: int, latency: Callable[[int], float], documented: int | None
) -> None:
    pacer = Pacer(workers, documented, 20.0)
    story = drive(pacer, Window(really, 20.0, penal).refuses, 80, latency)
    assert len(story.sent) == 80 + len(story.refused)


@given(LIMITS, WORKERS, LATENCIES, st.none() | st.integers(1, 60))
def test_nothing_leaves_before_retry_after_is_over(
    really: int, workers: int, latency: Callable[[int], float], documented: int | None
) -> None:
    story = drive(Pacer(workers, documented), Window(really).refuses, 60, latency)
    for known, over in story.refused:
        assert not [sent for sent in story.sent if known < sent < over - TOLERANCE]


@pytest.mark.parametrize(("seconds", "bar"), [(0.05, 1.01), (0.3, 1.03), (1.0, 1.08)])
def test_the_documented_limit_is_used_nearly_whole(seconds: float, bar: float) -> None:
    story = drive(Pacer(32, 100), Window(100).refuses, 2000, steady(seconds))
    assert story.took / 380 < bar


def test_a_limit_lower_than_documented_costs_few_refusals() -> None:
    story = drive(Pacer(32, 100), Window(60).refuses, 1500, steady(0.3))
    assert story.took / 480 < 1.15
    assert len(story.refused) / 1500 < 0.05


def test_where_nothing_throttles_nothing_is_held_back() -> None:
    story = drive(Pacer(32), lambda _now: None, 320, steady(0.3))
    assert story.took == pytest.approx(3.0)
    assert story.most == 32


def test_a_429_that_had_nothing_to_do_with_a_limit_is_soon_forgotten() -> None:
    surprises = iter([None] * 5 + [2.0])
    story = drive(Pacer(32, 100), lambda _now: next(surprises, None), 60, steady(0.3))
    assert len(story.refused) == 1
    assert story.took < 10


def book(pacer: Pacer, count: int, now: float) -> int:
    """How many of so many may leave at this moment."""
    return sum(pacer.delay(now) == 0 for _ in range(count))


def test_after_the_gate_one_goes_alone_then_one_more_with_each_success() -> None:
    pacer = Pacer(32)
    assert book(pacer, 40, 0.0) == 32
    for _ in range(31):
        pacer.succeeded(1.0, 0.0)
    pacer.throttled(1.0, 0.0, 7.0)
    assert pacer.delay(2.0) == pytest.approx(6.0, abs=TOLERANCE)
    assert book(pacer, 40, 21.5) == 1
    assert pacer.delay(21.5) == math.inf
    pacer.succeeded(22.0, 21.5)
    assert book(pacer, 40, 22.0) == 2
    pacer.succeeded(22.5, 22.0)
    assert book(pacer, 40, 22.5) == 2


def test_the_longest_retry_after_of_a_burst_holds_for_all() -> None:
    pacer = Pacer(4)
    assert book(pacer, 4, 0.0) == 4
    for told in (3.0, 30.0, 5.0, None):
        pacer.throttled(1.0, 0.0, told)
    assert pacer.delay(1.0) == pytest.approx(30.0, abs=TOLERANCE)


def test_without_retry_after_the_pause_grows_while_the_lone_call_is_refused() -> None:
    pacer, now, pauses = Pacer(4), 0.0, []
    for _ in range(9):
        assert pacer.delay(now) == 0
        pacer.throttled(now, now, None)
        pauses.append(pacer.delay(now))
        now += 120
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 61


def test_calls_that_failed_count_as_the_service_may_have_counted_them() -> None:
    pacer = Pacer(10, 3)
    assert book(pacer, 10, 0.0) == 3
    for _ in range(3):
        pacer.failed(1.0, 0.0)
    assert pacer.delay(1.0) == pytest.approx(20.0, abs=TOLERANCE)
    assert pacer.delay(21.1) == 0


def test_a_service_that_says_it_is_full_is_not_probed() -> None:
    def probes(load: float | None) -> int:
        pacer = Pacer(8, state={"limit": 4, "span": 20.0})
        assert book(pacer, 4, 0.0) == 4
        for _ in range(4):
            pacer.succeeded(1.0, 0.0, load)
        return book(pacer, 8, 1.0)

    assert probes(0.9) == 1
    assert probes(1.2) == 0


def test_status_says_what_is_waited_for() -> None:
    pacer = Pacer(8, 2)
    assert (pacer.status(0.0).limit, pacer.status(0.0).used) == ("2/20s", 0)
    assert book(pacer, 8, 0.0) == 2
    assert pacer.status(0.0).why == "the limit is used up"
    pacer.throttled(1.0, 0.0, 300.0)
    status = pacer.status(1.0)
    assert status.waiting_until == 301.0
    assert "429" in status.why
    assert Pacer(8).status(0.0).limit == "none"


def test_a_snapshot_is_json_and_is_what_the_next_run_starts_with() -> None:
    pacer = Pacer(8)
    assert pacer.snapshot()["limit"] is None
    assert book(pacer, 8, 0.0) == 8
    for _ in range(7):
        pacer.succeeded(1.0, 0.0)
    pacer.throttled(1.0, 0.0, 5.0)
    state = json.loads(json.dumps(pacer.snapshot()))
    assert Pacer(8, state=state).status(0.0).limit == "7/20s"
    assert Pacer(8, 5, state=state).status(0.0).limit == "5/20s"  # never above what is documented


@pytest.mark.parametrize(
    "state", [{}, {"limit": "many", "span": 20.0}, {"limit": 0, "span": 20.0}, {"limit": 9, "span": 5.0}]
)
def test_a_state_that_makes_no_sense_is_not_used(state: dict[str, object]) -> None:
    assert Pacer(8, 100, 20.0, state).status(0.0).limit == "100/20s"
