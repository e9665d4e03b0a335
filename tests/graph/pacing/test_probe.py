"""Questions to the service, each by one call more than the mirror allows."""

from __future__ import annotations

import math

import pytest

from migrator.graph.pacing.history import History
from migrator.graph.pacing.mirror import Mirror
from migrator.graph.pacing.probe import Probe, Question

SPAN = 20.0
LATE, EARLY = 1.0, 1.5  # moments: late in a second of the Retry-After that a refusal would get, and early in one


class Full:
    """10 calls in 20 seconds, all used at 0.0, and what is asked about that."""

    def __init__(self, *, documented: bool = True, ceiling: float = math.inf, limit: int = 10) -> None:
        self.history = History()
        for _ in range(limit):
            self.history.admit(0.0, 0.0)
        self.history.latency = 0.3
        self.mirror = Mirror(self.history, limit, SPAN, ceiling)
        self.probe = Probe(SPAN, documented=documented)

    def due(self, now: float) -> Question | None:
        return self.probe.due(self.mirror, self.history, now)

    def asks(self, now: float) -> None:
        question = self.due(now)
        assert question is not None
        self.probe.ask(question, now)
        self.history.flying += 1

    def admits(self, sent: float, now: float) -> None:
        self.history.flying -= 1
        self.history.admit(sent, now)
        assert self.probe.answered(sent) is Question.MORE
        self.probe.worked(self.mirror, self.mirror.inside(now), careful=False)


def test_whether_the_limit_is_higher_is_asked_late_in_a_second_where_a_refusal_costs_least() -> None:
    full = Full()
    assert full.due(LATE) is Question.MORE
    assert full.due(EARLY) is None


def test_it_is_worth_asking_again_when_the_next_second_nears_its_end() -> None:
    full = Full()
    assert EARLY < full.probe.next_at(full.mirror, full.history, EARLY) < EARLY + 1
    assert full.due(full.probe.next_at(full.mirror, full.history, EARLY)) is Question.MORE


def test_one_is_asked_and_twice_as_many_while_that_works() -> None:
    full, asked = Full(limit=40), []
    now = LATE
    for _ in range(4):
        moments = []
        while full.due(now):
            full.asks(now)
            moments.append(now)
            now += 0.001
        asked.append(len(moments))
        for sent in moments:
            full.admits(sent, sent + 0.3)
        now += 1.0
    assert asked[:2] == [1, 2]
    assert asked == sorted(asked)
    assert full.mirror.limit == 40 + sum(asked)


def test_where_it_does_not_work_it_is_asked_more_and_more_seldom() -> None:
    full, gaps = Full(), []
    for _ in range(5):
        full.probe.failed(0.0, SPAN)
        gaps.append(full.probe.more_at / SPAN)
    assert gaps == [5.0, 10.0, 16.0, 16.0, 16.0]


def test_a_limit_that_was_only_learned_is_asked_about_sooner() -> None:
    full = Full(documented=False)
    full.probe.failed(0.0, SPAN)
    assert full.probe.more_at == SPAN


def test_after_a_refusal_that_costs_more_than_a_span_questions_become_rarer() -> None:
    full = Full(documented=False)
    full.probe.ask(Question.MORE, LATE)
    full.probe.refused(LATE, 300.0)
    full.probe.failed(2.0, SPAN)
    assert full.probe.more_at == 2.0 + 600.0


def test_after_a_surprise_it_is_asked_again_a_span_later() -> None:
    full = Full()
    full.probe.failed(0.0, SPAN)
    full.probe.surprised(3.0, SPAN)
    assert full.probe.more_at == 23.0


def test_a_service_that_says_it_is_full_is_not_asked_for_a_span() -> None:
    full = Full()
    full.probe.put_off(1.0, SPAN)
    assert full.due(LATE) is None
    assert full.probe.more_at == 21.0


def test_a_limit_that_is_a_persons_word_is_never_put_to_the_question() -> None:
    full = Full(ceiling=10.0)
    assert not [now for now in range(2000) if full.due(now / 100)]
    assert full.probe.next_at(full.mirror, full.history, LATE) == math.inf


def test_what_is_learned_stays_below_a_persons_word() -> None:
    full = Full(ceiling=12.0)
    full.probe.worked(full.mirror, 50, careful=False)
    assert full.mirror.limit == 12


def test_calls_that_are_refused_are_asked_about_when_so_many_were_that_it_matters() -> None:
    full = Full()
    for moment in (0.1, 0.2):
        full.mirror.limit += 1  # room for what was refused, were it not counted
        full.history.refuse(moment, moment)
    assert full.due(EARLY) is Question.FREE
    full.probe.free_settled()
    assert full.due(EARLY) is None


def test_a_span_that_is_hearsay_is_asked_about_when_the_usual_one_would_be_over() -> None:
    full = Full()
    full.mirror.span, full.probe.hearsay = 300.0, True
    assert full.probe.sooner_at(full.mirror, 19.0) == SPAN
    assert (full.due(19.0), full.due(20.0)) == (None, Question.SOONER)
    full.probe.sooner_was_true(20.5, full.mirror)
    assert full.mirror.span == SPAN


def test_a_shorter_span_than_the_usual_one_is_halved() -> None:
    full = Full()
    full.mirror.span = 10.0
    assert full.probe.shorter(full.mirror) == 5.0


def test_two_questions_are_not_asked_at_a_time() -> None:
    full = Full()
    full.mirror.span, full.probe.hearsay = 300.0, True
    full.asks(20.0)
    full.probe.hearsay = False
    assert not [now for now in range(2000, 3000) if full.due(now / 100)]


def test_a_call_is_known_for_a_question_by_its_moment_and_each_is_answered_once() -> None:
    full = Full()
    full.probe.ask(Question.MORE, LATE)
    full.probe.ask(Question.MORE, LATE)
    assert full.probe.answered(0.5) is None
    assert [full.probe.answered(LATE) for _ in range(3)] == [Question.MORE, Question.MORE, None]


@pytest.mark.parametrize("sent", [LATE, 0.5])
def test_a_refusal_ends_all_questions_that_are_out(sent: float) -> None:
    full = Full()
    full.probe.ask(Question.MORE, LATE)
    full.probe.ask(Question.MORE, 2.0)
    assert full.probe.refused(sent, None) is (Question.MORE if sent == LATE else None)
    assert full.probe.answered(2.0) is None
