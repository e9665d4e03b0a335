"""The mechanisms put together: when calls may leave, and what is said of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.throttling.case import KNOWN, Case
from benchmarks.throttling.servers import Bucket, Server, ShutFor, Unlimited, Window
from benchmarks.throttling.simulate import simulate
from benchmarks.throttling.story import Ending, Story
from migrator.graph.pacing import Pacer

TOLERANCE = 0.01
LATENCY = 0.2
LEARNED = {"limit": 60, "span": 20.0}


def book(pacer: Pacer, count: int, now: float) -> int:
    """How many of so many may leave at this moment."""
    return sum(pacer.delay(now) == 0 for _ in range(count))


def send(pacer: Pacer, count: int, now: float) -> float:
    """So many leave at once and come back admitted; gives the time of that."""
    assert book(pacer, count, now) == count
    for _ in range(count):
        pacer.succeeded(now + LATENCY, now)
    return now + LATENCY


def run(pacer: Pacer, server: Server, calls: int, begins: float = 0.0) -> Story:
    """So many calls through this pacer, in virtual time."""
    case = Case("- one", lambda: server, calls=calls, workers=pacer.workers, latency=lambda _chance: LATENCY)
    story = simulate(replace(case, starts=(begins,)), [pacer], seed=1)
    assert story.finished
    return story


def refused(story: Story) -> int:
    return len(story.ended(Ending.REFUSED))


def end(story: Story) -> float:
    return max(call.back for call in story.calls)


def remembered(pacer: Pacer, age: float = 0.0) -> dict[str, Any]:
    """Its snapshot, as the next run reads it so many seconds later."""
    state: dict[str, Any] = json.loads(json.dumps(pacer.snapshot(), allow_nan=False))
    return state | {"age": age}


# Limits


def test_a_firm_limit_is_sent_at_once_and_never_exceeded() -> None:
    pacer = Pacer(200, 100, 20.0, firm=True)
    assert book(pacer, 200, 0.0) == 100
    for _ in range(100):
        pacer.succeeded(1.0, 0.0)
    assert book(pacer, 200, 1.0) == 0
    assert not any(pacer.delay(1.0 + tenth / 10) == 0 for tenth in range(190))
    assert book(pacer, 200, 20.6) == 100


def test_a_firm_limit_that_the_service_exceeds_by_far_is_not_exceeded_by_us() -> None:
    story = run(Pacer(32, 50, 10.0, firm=True), Unlimited(), 500)
    moments = sorted(call.arrived for call in story.calls)
    assert all(later - first > 10.0 - TOLERANCE for first, later in zip(moments, moments[50:], strict=False))


def test_a_firm_limit_holds_even_where_the_service_turns_out_to_be_a_bucket() -> None:
    pacer = Pacer(32, 30, 10.0, state={"rate": 8.0, "burst": [20, 1.0]}, firm=True)
    story = run(pacer, Bucket(8.0, 20), 600)
    moments = sorted(call.arrived for call in story.ended(Ending.ADMITTED))
    assert all(later - first > 10.0 - TOLERANCE for first, later in zip(moments, moments[30:], strict=False))


def test_a_documented_limit_is_put_to_the_question_and_the_answer_is_kept() -> None:
    pacer = Pacer(32, 100)
    story = run(pacer, Window(100, 20.0), 1000)
    assert 1 <= refused(story) <= 3
    assert pacer.status(end(story)).limit == "100/20s"


def test_a_limit_that_is_higher_than_documented_is_found() -> None:
    pacer = Pacer(32, 100)
    story = run(pacer, Window(200, 20.0), 2000)
    assert float(pacer.status(end(story)).limit.removesuffix("/20s")) > 180


def test_a_limit_that_is_lower_than_documented_costs_a_few_refusals() -> None:
    pacer = Pacer(32, 100)
    story = run(pacer, Window(60, 20.0), 1000)
    assert refused(story) <= 0.05 * 1000
    assert pacer.status(end(story)).limit == "60/20s"


def test_a_limit_that_nobody_knows_is_learned_with_its_span() -> None:
    pacer = Pacer(32)
    story = run(pacer, Window(60, 30.0), 1000)
    assert pacer.status(end(story)).limit == "60/30s"


def test_where_no_limit_is_known_a_few_begin_and_each_success_lets_one_more_fly() -> None:
    pacer = Pacer(64)
    assert book(pacer, 64, 0.0) == 16
    assert pacer.delay(0.0) == math.inf
    pacer.succeeded(LATENCY, 0.0)
    assert book(pacer, 64, LATENCY) == 2


@pytest.mark.parametrize(("documented", "flow", "holds"), [(None, 5.0, 20), (None, 20.0, 40), (100, 1.0, 10)])
def test_a_bucket_becomes_a_rate_even_where_a_window_is_documented(
    documented: int | None, flow: float, holds: int
) -> None:
    pacer = Pacer(32, documented)
    status = pacer.status(end(run(pacer, Bucket(flow, holds), 500)))
    assert status.rate == pytest.approx(flow, rel=0.05)
    assert status.limit == f"{status.rate:.1f}/s"
    assert pacer.snapshot()["limit"] is None


def test_calls_that_failed_count_as_the_service_may_have_counted_them() -> None:
    pacer = Pacer(10, 3, firm=True)
    assert book(pacer, 10, 0.0) == 3
    for _ in range(3):
        pacer.failed(1.0, 0.0)
    assert pacer.delay(1.0) == pytest.approx(19.5, abs=TOLERANCE)
    assert pacer.delay(20.6) == 0


def test_a_call_is_dated_from_when_it_really_left() -> None:
    pacer = Pacer(10, 1, firm=True)
    assert pacer.delay(0.0) == 0
    pacer.succeeded(5.0, 0.0, left=4.8)
    assert pacer.delay(5.0) == pytest.approx(19.9, abs=TOLERANCE)


# Refusals


def test_after_a_surprise_a_scout_goes_alone_and_then_a_few() -> None:
    pacer = Pacer(64)
    send(pacer, 16, 0.0)
    now = send(pacer, 32, 1.0)
    assert pacer.delay(2.0) == 0
    pacer.throttled(2.2, 2.0, 17.0)
    assert pacer.delay(now + 2) > 15
    assert book(pacer, 64, 20.5) == 1
    assert pacer.delay(20.6) == math.inf
    pacer.succeeded(20.7, 20.5)
    assert 1 < book(pacer, 64, 21.5) < 10


def test_nobody_leaves_before_the_longest_retry_after_is_over() -> None:
    pacer = Pacer(4)
    assert book(pacer, 4, 0.0) == 4
    for told in (3.0, 30.0, 5.0, None):
        pacer.throttled(1.0, 0.0, told)
    assert pacer.delay(1.0) == pytest.approx(30.0, abs=TOLERANCE)
    assert pacer.delay(31.0 - TOLERANCE) > 0
    assert pacer.delay(31.0 + TOLERANCE) == 0


def test_while_the_scout_is_refused_it_goes_more_and_more_seldom_but_once_a_minute() -> None:
    pacer, now, pauses = Pacer(4), 0.0, []
    for _ in range(30):
        assert pacer.delay(now) == 0
        pacer.throttled(now + LATENCY, now, None)
        pauses.append(pacer.delay(now + LATENCY))
        now += 120.0
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(60.0, abs=TOLERANCE)


def test_once_a_call_was_admitted_the_next_scout_is_not_kept_waiting() -> None:
    pacer, now = Pacer(4), 0.0
    for is_refused in [True] * 20 + [False] + [True] * 2:
        assert pacer.delay(now) == 0
        if is_refused:
            pacer.throttled(now + LATENCY, now, None)
        else:
            pacer.succeeded(now + LATENCY, now)
        now += 120.0
    assert pacer.delay(now - 120.0 + LATENCY) < 2.0


def test_an_outage_before_anything_was_admitted_says_nothing_on_a_limit() -> None:
    pacer = Pacer(32)
    story = run(pacer, ShutFor(Unlimited(), 0.0, 300.0), 500)
    assert pacer.status(end(story)).limit == "none"
    assert end(story) < 330.0


def test_calls_that_were_under_way_at_a_refusal_and_admitted_raise_the_limit_that_it_taught() -> None:
    pacer = Pacer(32)
    assert book(pacer, 16, 0.0) == 16
    for _ in range(10):
        pacer.succeeded(0.5, 0.0)
    pacer.throttled(0.6, 0.0, 20.0)
    assert pacer.status(0.6).limit == "10/20s"
    for _ in range(5):
        pacer.succeeded(0.7, 0.0)
    assert pacer.status(0.7).limit == "15/20s"


def test_calls_that_were_under_way_at_a_refusal_and_refused_as_well_teach_nothing_more() -> None:
    pacer = Pacer(32)
    assert book(pacer, 16, 0.0) == 16
    for _ in range(10):
        pacer.succeeded(0.5, 0.0)
    for _ in range(6):
        pacer.throttled(0.6, 0.0, 20.0)
    assert pacer.status(0.7).limit == "10/20s"


def test_a_service_that_decides_late_is_noticed_and_its_window_is_used_whole_again() -> None:
    case = Case("- late", lambda: Window(100, 20.0), KNOWN, calls=2000, arrives=1.0)
    pacer = Pacer(32, 100)
    story = simulate(case, [pacer], seed=1)
    assert pacer.snapshot()["share"] == 1.0
    assert pacer.status(end(story)).limit == "100/20s"
    assert refused(story) <= 0.005 * 2000


# Hints


HONEST = [inside / 16 for inside in range(1, 17)]


@pytest.mark.parametrize(
    ("loads", "asked"),
    [
        ([None] * 16, True),
        (HONEST, False),
        ([1.2] * 16, True),  # who lets calls through and speaks of more than its limit is not believed
        (HONEST[::-1], True),  # nor who has less load the more calls there are
    ],
)
def test_a_service_that_says_it_is_full_is_not_put_to_the_question(loads: list[float | None], asked: bool) -> None:
    pacer = Pacer(20, 16)
    assert book(pacer, 16, 0.0) == 16
    for load in loads:
        pacer.succeeded(LATENCY, 0.0, load)
    assert any(pacer.delay(1.0 + tenth / 10) == 0 for tenth in range(100)) == asked


# What is shown


def test_places_are_how_many_more_may_be_in_flight() -> None:
    pacer = Pacer(64)
    assert pacer.places(0.0) == 16
    assert book(pacer, 5, 0.0) == 5
    assert pacer.places(0.0) == 11
    pacer.succeeded(LATENCY, 0.0)
    assert pacer.places(LATENCY) == 13


def test_beside_a_scout_there_is_no_place() -> None:
    pacer = Pacer(64)
    assert book(pacer, 2, 0.0) == 2
    pacer.succeeded(LATENCY, 0.0)
    pacer.throttled(LATENCY, 0.0, 20.0)
    assert pacer.places(30.0) == 1
    assert pacer.delay(30.0) == 0
    assert pacer.places(30.0) == 0


def test_status_says_which_limit_is_in_force_and_how_much_of_it_is_used() -> None:
    pacer = Pacer(8, 100)
    assert book(pacer, 3, 0.0) == 3
    status = pacer.status(0.0)
    assert (status.limit, status.rate, status.used) == ("100/20s", 5.0, 3)
    assert (status.waiting_until, status.why) == (None, "")


def test_status_of_a_limit_that_nobody_knows() -> None:
    pacer = Pacer(8)
    assert book(pacer, 3, 0.0) == 3
    status = pacer.status(0.0)
    assert (status.limit, status.rate, status.used) == ("none", None, 3)


def test_status_of_a_limit_that_is_used_up_says_until_when() -> None:
    pacer = Pacer(8, 2)
    now = send(pacer, 2, 0.0)
    status = pacer.status(now)
    assert status.waiting_until == pytest.approx(20.1)
    assert status.why == "the limit is used up"


def test_status_after_a_refusal_says_until_when_and_by_whose_wish() -> None:
    pacer = Pacer(8, 2)
    assert pacer.delay(0.0) == 0
    pacer.throttled(1.0, 0.0, 300.0)
    status = pacer.status(1.0)
    assert status.waiting_until == 301.0
    assert "429" in status.why


# What is remembered


def test_before_anything_is_known_nothing_is_remembered() -> None:
    state = Pacer(8).snapshot()
    assert (state["limit"], state["rate"], state["recent"]) == (None, None, [])
    assert "age" not in state


def test_a_learned_limit_is_what_the_next_run_starts_with() -> None:
    pacer = Pacer(32)
    run(pacer, Window(60, 30.0), 500)
    assert Pacer(8, state=remembered(pacer)).status(0.0).limit == "60/30s"


@pytest.mark.parametrize(("firm", "limit"), [(False, "60/20s"), (True, "50/20s")])
def test_a_persons_word_caps_what_was_learned_and_a_documented_limit_does_not(firm: bool, limit: str) -> None:
    assert Pacer(8, 50, 20.0, LEARNED, firm=firm).status(0.0).limit == limit


def test_a_rate_is_what_the_next_run_goes_on_at() -> None:
    pacer = Pacer(32)
    story = run(pacer, Bucket(5.0, 20), 500)
    resumed = Pacer(32, state=remembered(pacer, age=3600.0))
    again = run(resumed, Bucket(5.0, 20), 500)
    assert refused(again) < refused(story)
    assert resumed.status(end(again)).rate == pytest.approx(5.0, rel=0.1)


@pytest.mark.parametrize("age", [0.0, 5.0, 15.0])
@pytest.mark.parametrize("firm", [False, True])
def test_a_run_that_goes_on_at_once_does_not_overrun_what_the_one_before_it_filled(age: float, firm: bool) -> None:
    server, pacer = Window(100, 20.0), Pacer(32, 100, firm=firm)
    story = run(pacer, server, 300)
    resumed = Pacer(32, 100, 20.0, remembered(pacer, age), firm=firm)
    again = run(resumed, server, 300, begins=end(story) + age)
    assert refused(again) <= (not firm)


def test_a_call_whose_answer_was_never_heard_counts_from_when_it_was_last_waited_for() -> None:
    pacer = Pacer(8, 2, firm=True)
    assert book(pacer, 8, 0.0) == 2
    resumed = Pacer(8, 2, 20.0, remembered(pacer, age=5.0), firm=True)
    assert resumed.delay(1000.0) == pytest.approx(15.0, abs=TOLERANCE)


def test_what_was_sent_longer_ago_than_a_span_holds_nobody_up() -> None:
    pacer = Pacer(8, 2, firm=True)
    send(pacer, 2, 0.0)
    assert book(Pacer(8, 2, 20.0, remembered(pacer, age=21.0), firm=True), 8, 1000.0) == 2


@pytest.mark.parametrize("state", [{}, {"limit": "many", "span": 20.0}, {"limit": 0, "span": 20.0}, {"limit": 9}])
def test_a_state_that_makes_no_sense_is_not_used(state: dict[str, object]) -> None:
    assert Pacer(8, 100, 20.0, state).status(0.0).limit == "100/20s"


def test_a_pacer_that_was_never_asked_forgets_nothing() -> None:
    state = {"span": 20.0, "rate": 1.2, "burst": [5, 1.0], "share": 1.0, "recent": [3.0, 1.0], "age": 2.0}
    kept = Pacer(8, 100, 20.0, state).snapshot()
    assert (kept["rate"], kept["share"], kept["recent"]) == (1.2, 1.0, [5.0, 3.0])


def test_what_an_earlier_run_had_admitted_is_part_of_what_is_met_at_the_first_refusal() -> None:
    pacer = Pacer(200, None, 20.0, {"recent": [2.0] * 60, "age": 1.0})
    sent = [0.0 for _ in range(16) if pacer.delay(0.0) == 0.0]
    for moment in sent:
        pacer.succeeded(0.4, moment)
    assert pacer.delay(1.0) == 0.0
    pacer.throttled(1.4, 1.0, 16.0)
    assert int(pacer.status(1.4).limit.partition("/")[0]) == 60 + len(sent)


def test_a_stated_limit_is_what_is_told_of_a_bucket_that_is_faster() -> None:
    pacer = Pacer(8, 2, 20.0, {"rate": 5.0, "burst": [5, 1.0]}, firm=True)
    now, left = 0.0, 0
    while left < 2:
        now += pacer.delay(now) or 0.01
        if pacer.delay(now) == 0.0:
            pacer.succeeded(now + 0.1, now)
            left += 1
    status = pacer.status(now + 1.0)
    assert status.rate == 0.1
    assert status.why == "the limit is used up"
    assert status.waiting_until == pytest.approx(now + 1.0 + pacer.delay(now + 1.0), abs=0.1)
