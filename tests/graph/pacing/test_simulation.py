"""The simulation that the pacer is judged by: its servers, its answers, its arithmetic."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.throttling import answers
from benchmarks.throttling.case import Case, Faults, Policy, untold
from benchmarks.throttling.cases import USUAL_CASES
from benchmarks.throttling.contest import CASES, PEERS
from benchmarks.throttling.figures import measure
from benchmarks.throttling.harder import HARDER_CASES
from benchmarks.throttling.levels import bursts, steps, unsteady, wave
from benchmarks.throttling.optimum import optimum, server_alone
from benchmarks.throttling.others import Others
from benchmarks.throttling.place import anywhere
from benchmarks.throttling.policies import SharedGate, Unpaced
from benchmarks.throttling.servers import AllOf, Bucket, ClockWindow, FrayedWindow, Server, ShutFor, Unlimited, Window
from benchmarks.throttling.simulate import simulate
from benchmarks.throttling.story import Call, Ending, Story, jain

TOLERANCE = 1e-3  # where a limit changes, the optimum looks every 20 ms


@pytest.mark.parametrize(
    ("server", "calls", "seconds"),
    [
        (Window(100, 20), 1500, 280),
        (Window(100, 20, penal=True), 1500, 280),
        (Window(100, 20), 100, 0),
        (Window(60, 20, others=Others(2.0)), 600, 180),
        (Window(steps((0, 100), (150, 50)), 20), 1500, 420),
        (ClockWindow(100, 20), 1500, 280),
        (ClockWindow(100, 20, 13), 1500, 267),
        (FrayedWindow(100, 20, 0.0), 1500, 280),
        (Bucket(5, 20), 1500, 296),
        (Bucket(20, 5), 1500, 74.75),
        (Bucket(steps((0, 5), (200, 2.5)), 100), 1500, 360),
        (AllOf(Window(100, 20), Window(200, 60)), 1500, 420),
        (AllOf(Window(100, 20), Bucket(4, 40)), 1500, 365),
        (ShutFor(Window(100, 20), 60, 660), 1500, 60 + 600 + 11 * 20),
        (Unlimited(), 1500, 0),
    ],
)
def test_the_optimum_is_what_arithmetic_says(server: Server, calls: int, seconds: float) -> None:
    assert server_alone(server, calls) == pytest.approx(seconds, rel=TOLERANCE)


def test_workers_that_are_slower_than_the_server_bound_the_optimum() -> None:
    case = Case("- one worker", lambda: Window(100, 20), calls=40, workers=1, latency=lambda _chance: 2.0)
    assert optimum(case, 1) == pytest.approx(80.0)


SERVERS: dict[str, Callable[[], Server]] = {
    "window": lambda: Window(5, 3),
    "window, refusals count": lambda: Window(5, 3, penal=True),
    "by the clock": lambda: ClockWindow(5, 3, 1),
    "frayed": lambda: FrayedWindow(5, 3, 0.2),
    "bucket": lambda: Bucket(2, 4),
    "both": lambda: AllOf(Window(5, 3), Bucket(2, 4)),
    "shut": lambda: ShutFor(Window(5, 3), 2, 6),
}
GAPS = st.lists(st.floats(0, 2), min_size=1, max_size=60)


def arrivals(gaps: list[float]) -> list[float]:
    moments = [0.0]
    for gap in gaps:
        moments.append(moments[-1] + gap)
    return moments


@given(GAPS, st.booleans())
def test_a_window_admits_no_more_than_its_limit_in_any_span(gaps: list[float], penal: bool) -> None:
    server = Window(5, 3, penal=penal)
    admitted = [at for at in arrivals(gaps) if server.offer(at) is None]
    assert all(sum(begins < at <= begins + 3 for at in admitted) <= 5 for begins in [-1.0, *admitted])


@given(GAPS)
def test_a_bucket_admits_what_it_holds_and_what_flows_in(gaps: list[float]) -> None:
    server = Bucket(2, 4)
    admitted = [at for at in arrivals(gaps) if server.offer(at) is None]
    for first, begins in enumerate(admitted):
        for last in range(first, len(admitted)):
            assert last - first + 1 <= 4 + 2 * (admitted[last] - begins) + 1e-6


@pytest.mark.parametrize("name", SERVERS)
@given(gaps=GAPS)
def test_whoever_waits_as_told_is_admitted_and_no_sooner(name: str, gaps: list[float]) -> None:
    moments = arrivals(gaps)

    def then(calls: int, seconds: float) -> float | None:
        """What a server says that long after so many calls."""
        server = SERVERS[name]()
        for at in moments[:calls]:
            server.offer(at)
        return server.offer(moments[calls - 1] + seconds)

    server = SERVERS[name]()
    for number, at in enumerate(moments, 1):
        wait = server.offer(at)
        if wait is not None:
            assert then(number, wait + 1e-6) is None
            assert wait < 1e-3 or then(number, wait - 1e-3) is not None


def test_what_others_send_leaves_less_for_us() -> None:
    alone, shared = Window(100, 20), Window(100, 20, others=Others(2.0))
    for tenth in range(200):
        alone.offer(tenth / 10)
        shared.offer(tenth / 10)
    assert alone.load(19.95) == shared.load(19.95) == 1.0
    shared.catch_up(39.0)
    assert shared.room(39.0) < alone.room(39.0)


def test_others_come_as_often_as_they_should_and_the_same_each_time() -> None:
    came = list(Others(2.0).until(1000))
    assert len(came) == pytest.approx(2000, rel=0.06)
    assert came == sorted(came) == list(Others(2.0).until(1000))
    assert all(at % 90 < 30 for at in Others(bursts(4.0, 30, 90)).until(900))
    assert not list(Others(0.0).until(1000))


def test_levels_are_functions_of_time() -> None:
    assert [steps((0, 100), (150, 50))(at) for at in (0, 149.9, 150)] == [100, 100, 50]
    assert [round(wave(70, 30, 100)(at)) for at in (0, 25, 75)] == [70, 100, 40]
    level = unsteady(100, 30, 15)
    assert level(3) == level(14) != level(16)
    assert all(70 <= level(at) <= 130 for at in range(1000))


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (answers.exact, 8.0),
        (answers.decimals, 7.301),
        (answers.absent, None),
        (answers.always(1.0), 1.0),
        (answers.always(0.0), 0.0),
        (answers.date, 108.0 - 100.75),
        (answers.date_rounded_down, 107.0 - 100.75),
        (answers.half, 4.0),
        (answers.twice, 16.0),
        (answers.longer_by(10.0), 18.0),
    ],
)
def test_retry_after_is_said_in_many_ways(retry_after: answers.RetryAfter, seconds: float | None) -> None:
    """Refused at 100.5, known at 100.75, with 7.3005 seconds to wait."""
    assert retry_after(7.3005, 100.5, 100.75) == (None if seconds is None else pytest.approx(seconds))


def test_a_date_in_the_past_says_nothing_to_wait() -> None:
    assert answers.date(0.2, 100.0, 109.0) == 0.0


def test_moods_change_but_not_between_two_looks() -> None:
    told = [answers.moody(5.0, at, at) for at in range(50)]
    assert {None, 1.0, 5.0, 15.0} == set(told)
    assert told == [answers.moody(5.0, at, at) for at in range(50)]


def test_hints_tell_the_load_or_lie() -> None:
    assert [answers.honest(load) for load in (0.5, 0.9)] == [None, 0.9]
    assert [answers.upside_down(load) for load in (0.5, 0.9)] == [1.2, None]
    assert answers.always_says(1.8)(0.0) == 1.8


def test_jain_is_one_for_even_shares_and_one_part_for_one_alone() -> None:
    assert jain([5, 5, 5]) == pytest.approx(1.0)
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([3, 1]) == pytest.approx(0.8)
    assert math.isnan(jain([0, 0]))


def test_fairness_looks_only_at_the_time_when_all_were_at_work() -> None:
    backs = [(0, 1.0), (0, 2.0), (0, 11.0), (1, 12.0), (0, 13.0), (1, 14.0), (1, 20.0)]
    calls = [Call(client, at, at, at, Ending.ADMITTED, None) for client, at in backs]
    story = Story(calls, (0.0, 10.0), finished=True, most=2)
    assert story.fairness() == jain([2, 1])
    assert story.fairness(after=1.5) == jain([1, 1])


def run(case: Case, policy: Callable[[int, int], Policy] = Unpaced, seed: int = 1) -> Story:
    return simulate(case, case.policies(untold(policy)), seed)


SMALL = Case("- small", lambda: Window(10, 5), calls=45, workers=7)


def test_every_call_is_admitted_once_and_nobody_has_more_in_flight_than_workers() -> None:
    story = run(SMALL, SharedGate)
    assert story.finished
    assert len(story.ended(Ending.ADMITTED)) == 45
    assert story.most <= 7
    assert story.refused == len(story.ended(Ending.REFUSED)) / len(story.calls) > 0


def test_a_run_is_the_same_each_time_and_another_with_another_seed() -> None:
    assert run(SMALL) == run(SMALL)
    assert run(SMALL, seed=2).calls != run(SMALL).calls


def test_a_call_arrives_within_its_latency_and_is_back_at_its_end() -> None:
    late = run(replace(SMALL, server=Unlimited, latency=lambda _chance: 2.0, arrives=0.9))
    assert all(call.arrived - call.sent == pytest.approx(1.8) for call in late.calls)
    assert all(call.back - call.sent == pytest.approx(2.0) for call in late.calls)
    assert late.makespan == pytest.approx(2.0 * math.ceil(45 / 7))
    any_time = run(replace(SMALL, server=Unlimited, arrives=None))
    assert len({round((call.arrived - call.sent) / (call.back - call.sent), 3) for call in any_time.calls}) > 30


def test_several_clients_share_the_calls_and_begin_when_they_begin() -> None:
    story = run(replace(SMALL, starts=(0.0, 3.0)))
    admitted = [call.client for call in story.ended(Ending.ADMITTED)]
    assert (admitted.count(0), admitted.count(1)) == (23, 22)
    assert min(call.sent for call in story.calls if call.client == 1) == 3.0


def test_faults_end_calls_and_some_of_them_have_counted() -> None:
    def story(counted: float) -> Story:
        return run(replace(SMALL, calls=200, faults=Faults(0.2, counted=counted, longer=30.0)), SharedGate)

    assert story(0.5).finished
    failed = story(0.5).ended(Ending.FAILED)
    assert len(failed) == pytest.approx(50, abs=25)
    assert min(call.back - call.sent for call in failed) > 30
    assert len(story(1.0).ended(Ending.REFUSED)) > len(story(0.0).ended(Ending.REFUSED))


class Never(Unpaced):
    """A policy that never lets one go."""

    def delay(self, _now: float, /) -> float:
        return math.inf


def test_what_cannot_end_is_given_up() -> None:
    stuck = run(SMALL, Never)
    assert not stuck.finished
    assert stuck.makespan == math.inf
    hammering = run(replace(SMALL, server=lambda: ShutFor(Unlimited(), 0.0, 1e9)))
    assert not hammering.finished
    assert hammering.refused == 1.0


class Asked(Unpaced):
    """A policy that keeps the hints it gets."""

    def __init__(self, workers: int, calls: int) -> None:
        super().__init__(workers, calls)
        self.loads: list[float | None] = []

    def succeeded(self, _now: float, _sent: float, load: float | None = None, /) -> None:
        self.loads.append(load)


def test_hints_come_with_what_is_admitted() -> None:
    policy = Asked(1, 8)
    case = replace(SMALL, calls=8, workers=1, latency=lambda _chance: 0.1, hint=answers.honest)
    simulate(case, [policy], 1)
    assert policy.loads == [None] * 7 + [pytest.approx(0.8)]


def test_an_unpaced_client_on_a_free_server_is_the_optimum() -> None:
    figures = measure(replace(SMALL, server=Unlimited), untold(Unpaced), (1, 2, 3))
    assert (figures.ratio, figures.worst, figures.refused) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize("name", PEERS)
def test_the_usual_policies_get_everything_through_and_none_beats_the_optimum(name: str) -> None:
    figures = measure(CASES["A window, 300 calls"], PEERS[name], (1,))
    assert figures.given_up == 0
    assert figures.ratio > 1.0


def test_who_sleeps_for_its_own_retry_after_is_not_seen_before() -> None:
    case = replace(SMALL, workers=1, latency=lambda _chance: 0.1)
    story = simulate(case, case.policies(PEERS["own wait"]), 1)
    for call, then in zip(story.calls, story.calls[1:], strict=False):
        assert call.told is None or then.sent == pytest.approx(call.back + call.told)


def test_no_two_cases_have_one_name() -> None:
    assert len(CASES) == len(USUAL_CASES) + len(HARDER_CASES)


@given(st.integers())
def test_whatever_place_the_search_takes_is_a_case_that_can_be_run(seed: int) -> None:
    case = replace(anywhere(random.Random(seed)).case(), calls=20)
    assert optimum(case, 1) > 0
    assert len(run(case, SharedGate).calls) >= 20
