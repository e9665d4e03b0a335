"""What a refusal teaches about a window, and a scout after it."""

from __future__ import annotations

import math

import pytest

from migrator.graph.pacing.history import LATE, MIDDLE, History
from migrator.graph.pacing.state import State
from migrator.graph.pacing.window import Lesson, Window

SPAN = 20.0
LATENCY = 0.2


class Told:
    """A window, and what happens to it; every call takes as long as the others."""

    def __init__(self, limit: int | None = None, *, firm: bool = False) -> None:
        self.history = History()
        self.history.latency = LATENCY
        self.window = Window(self.history, limit, SPAN, firm=firm)

    @property
    def limit(self) -> float:
        return self.window.mirror.limit

    @property
    def span(self) -> float:
        return self.window.mirror.span

    def admits(self, calls: int, now: float) -> None:
        """They came back at that moment."""
        for _ in range(calls):
            self.history.admit(now - LATENCY, now)
            self.window.admitted(now, now - LATENCY, None)

    def refuses(self, now: float, told: float | None) -> Lesson:
        moment = self.history.refuse(now - LATENCY, now)
        return self.window.refused(now, now - LATENCY, moment, told, now + max(1.0, told or 0.0))

    def scouts(self, now: float, *, polls: int, last_refused: float) -> Lesson:
        """One that went alone was admitted, after `polls` that were not."""
        moment = self.history.admit(now - LATENCY, now)
        self.window.admitted(now, now - LATENCY, None)
        return self.window.scout_admitted(now, moment, polls=polls, last_refused=last_refused)


def test_where_no_limit_is_known_the_first_refusal_and_its_retry_after_tell_limit_and_span() -> None:
    told = Told()
    told.admits(60, 1.0)
    assert told.refuses(3.0, 28.0) is Lesson.SCOUT
    assert (told.limit, told.span) == (60, 30.0)


def test_a_refusal_before_anything_was_admitted_says_nothing_on_a_limit() -> None:
    told = Told()
    assert told.refuses(1.0, 30.0) is Lesson.SCOUT
    assert told.limit == math.inf
    assert told.scouts(40.0, polls=0, last_refused=1.0) is Lesson.GO_ON
    assert told.limit == math.inf


def test_without_a_useful_retry_after_a_scout_that_is_admitted_at_once_has_met_a_bucket() -> None:
    told = Told()
    told.admits(60, 1.0)
    assert told.refuses(3.0, None) is Lesson.SCOUT
    assert told.scouts(4.5, polls=0, last_refused=3.0) is Lesson.NO_WINDOW


def test_and_one_that_is_admitted_late_has_met_a_window_whose_span_it_tells() -> None:
    told = Told()
    told.admits(60, 1.0)
    told.refuses(3.0, 1.0)
    assert told.scouts(21.5, polls=9, last_refused=19.0) is Lesson.GO_ON
    assert (told.limit, told.span) == (60, 20.0)


def test_what_had_been_admitted_and_came_back_after_the_refusal_was_inside_as_well() -> None:
    told = Told()
    told.admits(60, 1.0)
    told.refuses(3.0, 18.0)
    for _ in range(4):
        told.window.admitted_late()
    assert told.limit == 64


def test_a_firm_limit_is_not_raised_by_what_comes_back_late() -> None:
    told = Told(100, firm=True)
    told.admits(60, 1.0)
    told.refuses(3.0, None)
    for _ in range(70):
        told.window.admitted_late()
    assert told.limit == 100


def test_a_documented_limit_that_is_lower_is_what_was_inside() -> None:
    told = Told(100)
    told.admits(60, 1.0)
    told.refuses(3.0, None)
    assert told.limit == 60
    assert told.span == SPAN


def test_who_has_next_to_nothing_of_a_documented_limit_claims_half_of_it() -> None:
    told = Told(100)
    told.admits(3, 1.0)
    told.refuses(3.0, 18.0)
    assert told.limit == 50


def test_and_who_claims_in_vain_has_met_a_lower_limit() -> None:
    told, now = Told(100), 1.0
    for _ in range(20):
        told.admits(3, now)
        told.refuses(now + 1, 18.0)
        now += 60.0
    assert told.limit < 10


def test_who_was_alone_for_long_and_is_refused_with_all_inside_leaves_a_part_to_somebody_new() -> None:
    told = Told(100)
    told.admits(90, 1.0)
    told.admits(90, 101.0)
    told.refuses(103.0, 18.0)
    assert told.limit == 54


def test_a_retry_after_that_nothing_we_sent_explains_tells_a_longer_span() -> None:
    told = Told(100)
    told.admits(100, 1.0)
    assert told.refuses(11.0, 50.0) is Lesson.SCOUT
    assert (told.limit, told.span) == (100, 60.0)


def test_that_span_is_hearsay_and_put_to_the_question() -> None:
    told = Told(100)
    told.admits(100, 1.0)
    told.refuses(11.0, 50.0)
    assert told.window.probe.hearsay


def test_a_refusal_just_after_a_place_became_free_corrects_the_dating_and_not_the_limit() -> None:
    told = Told(100)
    told.admits(100, 1.0)
    assert told.history.share == MIDDLE
    told.admits(60, 21.05)  # by the middle they had left; the service counts from the reply on
    assert told.refuses(21.05, 1.0) is Lesson.SCOUT
    assert told.history.share == LATE
    assert told.limit == 100
    assert told.history.refused == []  # it was our mistake, and so were those that came with it
    told.window.refused_late(told.history.refuse(20.9, 21.1))
    assert told.history.refused == []


def test_dating_is_corrected_once() -> None:
    told = Told(100)
    told.admits(100, 1.0)
    told.admits(60, 21.05)
    told.refuses(21.05, 1.0)
    told.refuses(23.0, 1.0)
    assert told.limit == 60


def test_when_it_did_not_help_it_was_no_matter_of_dating() -> None:
    told = Told(100)
    told.admits(100, 1.0)
    told.admits(60, 21.05)
    told.refuses(21.05, 1.0)
    told.refuses(23.0, 1.0)
    assert told.history.share == MIDDLE


def test_behind_a_documented_window_that_is_a_bucket_scout_after_scout_is_admitted_though_nothing_left() -> None:
    told = Told(100)
    told.admits(30, 1.0)
    told.refuses(2.0, 1.0)
    for now in (3.2, 3.4, 3.6):
        assert told.scouts(now, polls=0, last_refused=1.9) is Lesson.SCOUT
        assert told.window.wait(now, scouting=True) == 0, "the next goes at once, although the mirror is full"
    assert told.scouts(3.8, polls=0, last_refused=1.9) is Lesson.NO_WINDOW


def test_a_scout_that_is_refused_ends_the_doubt_about_a_documented_window() -> None:
    told = Told(100)
    told.admits(30, 1.0)
    told.refuses(2.0, 1.0)
    assert told.scouts(3.2, polls=0, last_refused=1.9) is Lesson.SCOUT
    told.window.scout_refused(3.2, told.history.refuse(3.2, 3.4), 1.0)
    assert told.window.wait(3.4, scouting=True) > 1.0


def test_whoever_is_told_of_seconds_that_a_window_explains_met_others_in_it() -> None:
    told = learned()
    told.admits(10, 22.0)
    told.refuses(23.0, 19.0)  # when the first of ours leaves; others took the rest
    assert told.scouts(42.2, polls=0, last_refused=22.9) is Lesson.GO_ON
    assert told.limit < 60


def test_others_on_a_documented_limit_are_no_bucket() -> None:
    told = Told(100)
    told.admits(90, 1.0)  # so much of it was ours that the rest may be others'
    for now in (2.0, 4.0, 6.0, 8.0):
        told.refuses(now, 1.0)
        assert told.scouts(now + 1.2, polls=0, last_refused=now - 0.1) is Lesson.GO_ON


def learned() -> Told:
    """60 in 20 seconds, by a Retry-After; the scout after it was admitted."""
    told = Told()
    told.admits(60, 1.0)
    told.refuses(3.0, 18.0)
    assert told.scouts(21.5, polls=0, last_refused=2.9) is Lesson.GO_ON
    return told


def test_behind_a_window_that_was_only_learned_one_such_scout_tells_a_bucket() -> None:
    told = learned()
    told.admits(40, 22.0)
    assert told.refuses(24.0, 1.0) is not Lesson.NO_WINDOW
    assert told.scouts(25.2, polls=0, last_refused=23.9) is Lesson.NO_WINDOW


def test_a_window_that_was_told_of_and_is_refused_before_half_of_it_was_sent_is_none() -> None:
    told = learned()
    told.admits(20, 22.0)
    assert told.refuses(24.0, 1.0) is Lesson.NO_WINDOW


def test_a_bucket_is_told_by_what_it_had_let_through_when_it_was_full() -> None:
    told = Told()
    told.admits(10, 1.0)
    told.admits(30, 3.0)
    told.refuses(3.2, None)
    full, burst = told.window.as_burst(4.5)
    assert full == pytest.approx(3.1)
    assert burst.calls == 40
    assert burst.seconds == pytest.approx(2.2)


def test_a_remembered_limit_is_in_force_and_put_to_the_question_soon() -> None:
    told = Told(100)
    told.window.recall(State(limit=60, span=30.0, refusals_count=False))
    assert (told.limit, told.span) == (60, 30.0)
    assert not told.window.mirror.refusals_count
    told.admits(60, 1.0)
    assert any(told.window.wait(1.0 + tenth / 10, scouting=False) == 0 for tenth in range(1, 20))


def test_a_remembered_limit_is_capped_by_a_persons_word() -> None:
    told = Told(50, firm=True)
    told.window.recall(State(limit=60, span=SPAN))
    assert told.limit == 50


def test_a_window_that_is_full_opens_when_the_oldest_leaves() -> None:
    told = Told(3, firm=True)
    told.admits(2, 1.1)
    told.admits(1, 5.1)
    assert told.window.wait(6.0, scouting=False) == pytest.approx(15.0, abs=0.01)
    assert told.window.wait(21.1, scouting=False) == 0


def test_a_window_that_is_full_of_calls_under_way_opens_with_a_reply() -> None:
    told = Told(3, firm=True)
    told.history.flying = 3
    assert told.window.wait(6.0, scouting=False) == math.inf
