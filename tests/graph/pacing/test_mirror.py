"""The service's window, as we see it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.pacing.history import History
from migrator.graph.pacing.mirror import Mirror, roundest


def mirror(*admitted: float, refused: tuple[float, ...] = (), flying: int = 0) -> Mirror:
    """10 calls in 20 seconds, some of which were used."""
    history = History()
    for moment in admitted:
        history.admit(moment, moment)
    for moment in refused:
        history.refuse(moment, moment)
    history.flying = flying
    return Mirror(history, 10, 20.0)


def test_what_was_admitted_and_what_was_refused_and_what_is_in_flight_counts() -> None:
    window = mirror(0.0, 5.0, refused=(6.0,), flying=3)
    assert (window.inside(7.0), window.refused(7.0), window.used(7.0)) == (2, 1, 6)


def test_refused_calls_count_only_until_that_is_disproved() -> None:
    window = mirror(0.0, refused=(6.0,))
    window.refusals_count = False
    assert (window.used(7.0), window.opens(21.0)) == (1, math.inf)


def test_a_call_leaves_the_window_when_its_span_is_over() -> None:
    window = mirror(1.0, 2.0)
    assert (window.inside(20.999), window.inside(21.0), window.inside(22.0)) == (2, 1, 0)
    assert window.left_between(20.0, 21.0) == 1


def test_it_opens_when_the_oldest_leaves_and_never_where_nothing_is_inside() -> None:
    assert mirror(3.0, 4.0, refused=(1.0,)).opens(5.0) == 21.0
    assert mirror(3.0, 4.0, refused=(1.0,)).opens(21.0) == 23.0
    assert mirror(flying=4).opens(5.0) == math.inf


def test_refused_calls_that_count_leave_it_as_well() -> None:
    window = mirror(1.0, refused=(1.5,))
    assert window.left_between(20.0, 22.0) == 2
    window.refusals_count = False
    assert window.left_between(20.0, 22.0) == 1


def test_a_limit_that_nobody_knows_is_endless() -> None:
    assert mirror().known
    assert not Mirror(History(), math.inf, 20.0).known


@pytest.mark.parametrize(
    ("low", "high", "span"),
    [
        (19.3, 20.3, 20.0),
        (58.9, 60.0, 60.0),
        (29.1, 30.1, 30.0),
        (9.0, 10.0, 10.0),
        (10.0, 11.0, 11.0),  # ten would be too short: what was refused at ten is known to be longer
        (14.2, 15.2, 15.0),
        (0.6, 1.4, 1.0),
        (0.2, 0.7, 0.5),
        (299.5, 300.5, 300.0),
    ],
)
def test_a_span_is_what_people_choose(low: float, high: float, span: float) -> None:
    assert roundest(low, high) == span


@given(st.floats(0.0, 3000.0), st.floats(0.51, 100.0))
def test_a_span_is_longer_than_what_was_too_short_and_no_longer_than_what_was_enough(low: float, more: float) -> None:
    assert low < roundest(low, low + more) <= low + more + 1e-6


@given(st.sampled_from([1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0]), st.floats(0.001, 1.0))
def test_whole_seconds_of_retry_after_are_enough_to_tell_a_span_that_people_choose(span: float, early: float) -> None:
    assert roundest(span - early, span - early + 1.0) == span
