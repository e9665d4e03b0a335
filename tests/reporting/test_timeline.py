"""Calls a second over the time of a run."""

from __future__ import annotations

from migrator.reporting.timeline import timeline
from tests.reporting.records import STARTED, attempt


def test_calls_are_counted_in_the_second_in_which_they_were_answered() -> None:
    calls = [
        attempt(started=STARTED, seconds=0.5),
        attempt(started=STARTED + 0.6, seconds=0.5),
        attempt(None, 429, started=STARTED, seconds=0.1),
    ]
    first, second = timeline(calls)
    assert (first.start, first.offset, first.admitted, first.refused) == (STARTED, 0, 1, 1)
    assert (second.offset, second.admitted) == (1, 1)


def test_trouble_is_told_apart_from_refusals() -> None:
    (span,) = timeline([attempt(None, 503), attempt(None, 0), attempt(None, 404)])
    assert (span.admitted, span.refused, span.troubled) == (1, 0, 2)


def test_a_batch_counts_as_the_calls_within_it() -> None:
    (span,) = timeline([attempt(path="/v1.0/$batch"), attempt(inner=True), attempt(inner=True)])
    assert span.admitted == 2


def test_a_long_run_is_told_in_longer_spans() -> None:
    spans = timeline([attempt(started=STARTED + i) for i in range(3_600)])
    assert len(spans) <= 241
    assert spans[1].offset == 15
    assert spans[1].admitted == 1.0


def test_no_calls_have_no_time() -> None:
    assert timeline([]) == ()
