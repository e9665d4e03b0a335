"""A steady pace, where the service is a bucket."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.throttling.servers import Bucket
from migrator.graph.pacing.history import History
from migrator.graph.pacing.rate import Burst, Rate

LATENCY = 0.1


class Line:
    """Sends calls at a rate's pace to a bucket that decides at once; refused ones pause for a second."""

    def __init__(self, rate: Rate, bucket: Bucket, now: float) -> None:
        self.rate, self.bucket, self.now = rate, bucket, now
        self.history = History()
        self.refusals = 0

    def send(self, seconds: float) -> int:
        """How many were admitted in that time."""
        until, before = self.now + seconds, self.history.total
        while self.now < until:
            self.rate.learn(self.now, self.history)
            if wait := self.rate.wait(self.now):
                self.now += wait
                continue
            self.rate.go(self.now)
            if self.bucket.offer(self.now) is None:
                self.history.admit(self.now, self.now)
                self.rate.admitted(self.now, LATENCY)
            else:
                self.refusals += 1
                self.rate.refused(self.now, self.history.refuse(self.now, self.now))
                self.now += 1.0
        return self.history.total - before


def emptied(flow: float, holds: float) -> Line:
    """A line on a bucket whose burst was just used up."""
    bucket = Bucket(flow, holds)
    calls = sum(bucket.offer(1.0) is None for _ in range(int(holds)))
    assert bucket.offer(1.0) is not None
    return Line(Rate(2.0, Burst(calls, 1.0), 1.0), bucket, 2.0)


@pytest.mark.parametrize(("flow", "holds"), [(1.0, 10.0), (6.0, 30.0), (20.0, 40.0)])
def test_between_two_moments_at_which_the_bucket_was_empty_it_let_through_what_flowed_in(
    flow: float, holds: float
) -> None:
    line = emptied(flow, holds)
    while line.refusals < 2 and line.now < 300.0:
        line.send(1.0)
    line.rate.learn(line.now, line.history)
    assert line.rate.proven == pytest.approx(flow, rel=0.1)


@given(st.integers(10, 400), st.floats(5.0, 100.0))
def test_the_proof_is_what_was_admitted_over_the_time_it_took(calls: int, seconds: float) -> None:
    history, full = History(), 100.0
    rate = Rate(full, Burst(1, 1.0), full)  # it holds one call, so that none of them was in it before
    rate.remembered(calls / seconds)
    for call in range(calls):
        moment = full + seconds * (call + 1) / (calls + 1)
        history.admit(moment, moment)
    rate.refused(full + seconds, full + seconds)
    rate.learn(full + seconds, history)
    assert rate.proven == pytest.approx(calls / seconds, rel=0.25 if calls < 40 else 0.1)


def test_it_uses_the_bucket_nearly_whole_and_is_seldom_refused() -> None:
    line = emptied(6.0, 30.0)
    line.send(60.0)
    refused = line.refusals
    assert line.send(300.0) > 0.9 * 6.0 * 300.0
    assert line.refusals - refused < 0.06 * 6.0 * 300.0


def test_it_follows_a_bucket_that_fills_twice_as_fast_from_some_time_on() -> None:
    line = emptied(6.0, 30.0)
    line.send(60.0)
    line.bucket = Bucket(12.0, 30.0)
    line.send(120.0)
    assert line.send(60.0) > 0.85 * 12.0 * 60.0


def test_from_a_little_below_what_is_proven_the_pace_climbs_and_goes_beyond() -> None:
    rate = Rate(0.0, Burst(20, 1.0), 0.0)
    rate.remembered(5.0)
    gaps = []
    for second in (0.0, 5.0, 10.0, 20.0, 40.0):
        while rate.wait(second) == 0:
            rate.go(second)
            second += 1e-6
        rate.wait(second)
        start = second
        while wait := rate.wait(second):
            second += wait
        gaps.append(second - start)
    assert gaps[0] > 1 / 5.0
    assert all(later < sooner for sooner, later in itertools.pairwise(gaps))
    assert gaps[-1] < 1 / 5.0


def test_calls_that_leave_after_a_pause_do_not_leave_at_once() -> None:
    rate = Rate(0.0, Burst(100, 0.1), 0.0)
    rate.remembered(5.0)
    assert rate.wait(30.0) == 0
    rate.go(30.0)
    assert 0 < rate.wait(30.0) < 1 / 5.0


def test_a_call_that_was_admitted_late_uses_up_what_would_have_gone_next() -> None:
    punctual, late = Rate(0.0, Burst(20, 1.0), 0.0), Rate(0.0, Burst(20, 1.0), 0.0)
    for rate in (punctual, late):
        rate.remembered(5.0)
    late.admitted_late()
    assert late.wait(0.0) > punctual.wait(0.0)


def test_it_remembers_what_was_proven_and_what_the_burst_was() -> None:
    rate = Rate(0.0, Burst(20, 2.0), 0.0)
    rate.remembered(5.0)
    assert (rate.proven, rate.burst) == (5.0, Burst(20, 2.0))


def test_even_the_slowest_pace_lets_a_call_go_within_minutes() -> None:
    rate = Rate(0.0, Burst(1, 1.0), 0.0)
    rate.remembered(0.0)
    now = 0.0
    while wait := rate.wait(now):
        now += wait
    assert now < 300
