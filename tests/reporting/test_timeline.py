"""Calls a second, and the limit, over the time of a run."""

from __future__ import annotations

import pytest

from migrator.model.outcome import Attempt
from migrator.model.throttle import GateState, ThrottleState
from migrator.reporting.timeline import Span, timeline
from tests.reporting.records import STARTED, attempt

HOUR = 3600.0


def allowed(at: float, rate: float | None, *, begins: bool = False) -> ThrottleState:
    """At so many seconds of the run this many writes a second were allowed."""
    return ThrottleState(STARTED + at, (GateState("writes", True, "", rate),), begins=begins)


def writes(*moments: float, status: int = 200) -> list[Attempt]:
    return [attempt(None, status, started=STARTED + at, seconds=0.0) for at in moments]


def spans_of(*attempts: Attempt) -> tuple[Span, ...]:
    return timeline(attempts).spans


def test_calls_are_counted_in_the_second_in_which_they_were_answered() -> None:
    first, second = spans_of(
        attempt(started=STARTED, seconds=0.5),
        attempt(started=STARTED + 0.6, seconds=0.5),
        attempt(None, 429, started=STARTED, seconds=0.1),
    )
    assert (first.start, first.offset, first.writes.now) == (STARTED, 0, (1, 1, 0))
    assert (second.offset, second.writes.now) == (1, (1, 0, 0))


def test_trouble_is_told_apart_from_refusals() -> None:
    (span,) = spans_of(attempt(None, 503), attempt(None, 0), attempt(None, 404))
    assert span.writes.now == (1, 0, 2)


def test_writes_and_reads_are_counted_apart() -> None:
    (span,) = spans_of(attempt(), attempt(purpose="verify"), attempt(purpose="look up"))
    assert (span.writes.now.admitted, span.reads.now.admitted) == (1, 2)


def test_a_batch_counts_as_the_calls_within_it() -> None:
    inner = attempt(inner=True, purpose="read")
    (span,) = spans_of(attempt(path="/v1.0/$batch", purpose="read"), inner, inner)
    assert span.reads.now.admitted == 2


def test_a_batch_that_was_refused_as_a_whole_is_a_refusal() -> None:
    (span,) = spans_of(attempt(None, 429, path="/v1.0/$batch", purpose="read"))
    assert span.reads.now == (0, 1, 0)


def test_the_mean_is_that_of_the_seconds_over_which_the_limit_counts() -> None:
    told = timeline(writes(*[0.0] * 100, 30.0), [allowed(0.0, 5.0)])
    spans = told.spans
    assert told.writes.window == 20
    assert [span.writes.mean.admitted for span in spans[:20]] == [5.0] * 20
    assert spans[20].writes.mean.admitted == 0
    assert spans[30].writes.mean.admitted == 1 / 20


def test_the_longest_span_of_several_limits_is_taken_and_a_second_where_there_is_none() -> None:
    gates = (GateState("writes", True, "100/20s", 5.0), GateState("Cloud PC writes", True, "90/60s", 1.5, span=60.0))
    told = timeline(writes(0.0), [ThrottleState(STARTED, gates)])
    assert (told.writes.window, told.reads.window) == (60, 1)


def test_the_limit_is_a_step_at_the_time_of_each_change() -> None:
    told = timeline(writes(0.0, 5.5), [allowed(1.0, 5.0), allowed(3.0, 3.0), allowed(4.0, None)])
    assert [span.writes.limit for span in told.spans] == [None, 5.0, 5.0, 3.0, None, None]
    assert [span.reads.limit for span in told.spans] == [None] * 6


def test_a_change_within_a_second_counts_for_its_part_of_it() -> None:
    told = timeline(writes(0.0, 1.5), [allowed(0.0, 5.0), allowed(0.25, 1.0)])
    assert [span.writes.limit for span in told.spans] == [2.0, 1.0]


def test_a_long_run_is_told_in_longer_spans_with_the_mean_of_everything() -> None:
    calls = writes(*range(3_600))
    told = timeline(calls, [allowed(0.0, 5.0), allowed(20.0, 2.0), allowed(1000.0, None)])
    assert told.step == 15
    assert len(told.spans) == 240
    assert told.spans[1].offset == 15
    assert told.spans[1].writes.now.admitted == 1.0
    assert told.spans[0].writes.limit == pytest.approx(5.0)
    assert told.spans[1].writes.limit == pytest.approx((5 * 5.0 + 10 * 2.0) / 15)
    assert told.spans[66].writes.limit == pytest.approx(2.0)  # it is known for a part of it only
    assert told.spans[67].writes.limit is None


@pytest.mark.parametrize(("seconds", "step"), [(239, 1), (479, 2), (1000, 5), (7000, 30), (86_000, 600), (9e6, 37_500)])
def test_spans_are_as_long_as_people_count(seconds: float, step: int) -> None:
    assert timeline(writes(0.0, seconds)).step == step


def test_time_between_commands_is_left_out() -> None:
    calls = writes(0.0, 1.5, 24 * HOUR + 0.5, 24 * HOUR + 2.0)
    told = timeline(calls, [allowed(0.0, 5.0, begins=True), allowed(24 * HOUR, 3.0, begins=True)])
    assert [span.writes.now.admitted for span in told.spans] == [1, 1, 1, 1]
    assert [span.offset for span in told.spans] == [0, 1, 2, 3]
    assert told.spans[1].start == STARTED + 1
    assert told.spans[2].start == STARTED + 24 * HOUR + 0.5
    assert [span.writes.limit for span in told.spans] == [5.0, 4.0, 3.0, 3.0]
    assert told.writes.seconds == pytest.approx(3.5)


def test_a_pause_within_a_command_is_a_part_of_it() -> None:
    told = timeline(writes(0.0, 100.0), [allowed(0.0, 5.0, begins=True), allowed(50.0, 3.0)])
    assert len(told.spans) == 101


def test_totals_are_from_the_first_call_to_the_last() -> None:
    told = timeline([*writes(10.0, 12.0, 20.0), *writes(14.0, status=429)])
    assert (told.writes.calls, told.writes.refused, told.writes.seconds) == (4, 1, 10.0)
    assert told.writes.rate == 0.4
    assert (told.reads.calls, told.reads.rate) == (0, 0.0)


def test_no_calls_have_no_time() -> None:
    assert timeline([], [allowed(0.0, 5.0, begins=True)]).spans == ()
