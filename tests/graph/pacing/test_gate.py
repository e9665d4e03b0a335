"""The pause that is asked for, and how often a scout is sent."""

from __future__ import annotations

import math

import pytest

from migrator.graph.pacing.gate import Gate, believable


def test_it_is_shut_until_the_end_of_the_longest_retry_after() -> None:
    gate = Gate()
    for told in (3.0, 30.0, 5.0, None):
        gate.shut(100.0, told)
    assert gate.until == 130.0


@pytest.mark.parametrize("told", [None, 0.2])
def test_after_any_refusal_there_is_a_pause_of_a_second(told: float | None) -> None:
    gate = Gate()
    gate.shut(100.0, told)
    assert gate.until == 101.0


def test_each_scout_that_is_refused_makes_the_next_one_wait_longer_up_to_a_minute() -> None:
    gate, waits = Gate(), []
    for turn in range(60):
        now = 1000.0 * turn
        gate.shut(now, None)
        gate.scout_refused(now)
        waits.append(gate.until - now)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1.0, 60.0)
    assert sum(wait < 60.0 for wait in waits) > 10


def test_a_scout_waits_as_long_as_it_was_told_even_if_that_is_longer() -> None:
    gate = Gate()
    gate.shut(0.0, 300.0)
    gate.scout_refused(0.0)
    assert gate.until == 300.0


def test_when_the_scout_was_admitted_nobody_has_to_go_alone() -> None:
    gate = Gate()
    gate.scouting = True
    gate.scout_admitted()
    assert not gate.scouting


@pytest.mark.parametrize("told", [0.249, 1.0, 300.0, 3600.0])
def test_a_retry_after_of_up_to_an_hour_is_believed(told: float) -> None:
    assert believable(told) == told


@pytest.mark.parametrize("told", [None, 0.0, -1.0, 3601.0, 1e6, math.inf, -math.inf, math.nan])
def test_a_retry_after_that_makes_no_sense_is_none(told: float | None) -> None:
    assert believable(told) is None
