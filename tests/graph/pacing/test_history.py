"""What became of our calls, and when that was decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.pacing.history import LATE, History, first_after

TIMES = st.lists(st.tuples(st.floats(0.0, 1000.0), st.floats(0.0, 60.0)), max_size=60)  # sent, and how long it took
MOMENTS = st.floats(-10.0, 1100.0)


def of(*moments: float) -> History:
    """One whose calls were admitted at these moments."""
    history = History()
    for moment in moments:
        history.admit(moment, moment)
    return history


def test_a_decision_is_dated_in_the_middle_between_send_and_reply() -> None:
    history = History()
    assert history.admit(10.0, 11.0) == 10.5
    assert history.refuse(10.0, 12.0) == 11.0


def test_once_decisions_turn_out_to_be_late_they_are_dated_by_the_reply_and_recent_ones_are_dated_anew() -> None:
    history = of(1.0, 5.0, 9.0)
    history.latency = 2.0
    history.redate(LATE, since=2.0, now=9.5)
    assert history.admitted == [1.0, 6.0, 9.5]  # half of a latency later, and never in the future
    assert history.admit(20.0, 21.0) == 21.0


def test_counts_include_the_end_of_a_time_and_not_its_beginning() -> None:
    history = of(1.0, 2.0, 3.0)
    assert history.admitted_since(2.0) == 1
    assert history.admitted_between(1.0, 3.0) == 2
    history.refuse(2.0, 2.0)
    assert (history.refused_since(1.9), history.refused_since(2.0)) == (1, 0)
    assert (history.refused_between(1.0, 2.0), history.refused_between(2.0, 3.0)) == (1, 0)


def test_a_refusal_that_we_asked_for_is_forgiven() -> None:
    history = History()
    history.refuse(1.0, 1.0)
    history.forgive(history.refuse(2.0, 3.0))
    assert history.refused == [1.0]


def test_one_slow_reply_hardly_changes_the_usual_latency() -> None:
    history = History()
    for _ in range(200):
        history.admit(0.0, 0.1)
    assert history.latency == pytest.approx(0.1, rel=0.01)
    history.admit(0.0, 60.0)
    assert history.latency < 0.13


def test_what_is_long_over_is_thrown_away_and_still_counts_in_the_total() -> None:
    history = of(*map(float, range(20_000)))
    assert history.total == 20_000
    assert len(history.admitted) < 10_000
    assert history.admitted_since(19_999.0 - 500) == 500


def test_the_first_one_after_a_moment_is_later_than_it() -> None:
    assert first_after([1.0, 2.0], 1.0) == 2.0
    assert first_after([1.0, 2.0], 2.0) is None


@given(TIMES, TIMES, st.floats(0.0, 1.0))
def test_in_whatever_order_replies_come_moments_ascend_and_lie_between_send_and_reply(
    admitted: list[tuple[float, float]], refused: list[tuple[float, float]], share: float
) -> None:
    history = History()
    history.share = share
    for sent, took in admitted:
        assert sent <= history.admit(sent, sent + took) <= sent + took + 1e-9
    for sent, took in refused:
        assert sent <= history.refuse(sent, sent + took) <= sent + took + 1e-9
    assert history.admitted == sorted(history.admitted)
    assert history.refused == sorted(history.refused)
    assert history.total == len(admitted)
    assert history.latency >= 0


@given(TIMES, MOMENTS, MOMENTS)
def test_parts_of_a_time_add_up(calls: list[tuple[float, float]], one: float, other: float) -> None:
    history = of(*(sent for sent, _ in calls))
    first, second = sorted((one, other))
    assert history.admitted_between(first, second) + history.admitted_since(second) == history.admitted_since(first)


@given(TIMES, MOMENTS, st.floats(0.0, 20.0), st.floats(0.0, 1.0))
def test_dating_anew_loses_nobody_and_moves_nobody_into_the_past_or_the_future(
    calls: list[tuple[float, float]], since: float, latency: float, share: float
) -> None:
    history = of(*(sent for sent, _ in calls))
    history.share, history.latency = share, latency
    before = history.admitted.copy()
    now = max(before, default=0.0)
    history.redate(LATE, since, now)
    assert history.admitted == sorted(history.admitted)
    assert all(was <= became <= now for was, became in zip(before, history.admitted, strict=True))
