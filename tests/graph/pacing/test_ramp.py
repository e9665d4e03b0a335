"""How many calls may be in flight."""

from __future__ import annotations

import pytest

from migrator.graph.pacing.ramp import BRISK, UNHURRIED, Ramp


def ramp(workers: int, *, known: bool = False, firm: bool = False, successes: int = 0) -> Ramp:
    made = Ramp(workers, known=known, firm=firm)
    for _ in range(successes):
        made.rise()
    return made


def test_few_at_first_one_more_with_each_success_and_never_more_than_workers() -> None:
    assert ramp(64).free() == 16
    assert ramp(64, successes=10).free() == 26
    assert ramp(64, successes=1000).free() == 64
    assert ramp(3).free() == 3


def test_many_workers_begin_with_a_part_of_them() -> None:
    assert 16 < ramp(1024).free() < 100


def test_a_limit_that_is_known_lets_a_few_more_begin_and_a_firm_one_all() -> None:
    assert ramp(64).free() < ramp(64, known=True).free() < 64
    assert ramp(64, known=True, firm=True).free() == 64


def test_after_a_refusal_few_and_a_few_more_once_the_scout_was_admitted() -> None:
    width = ramp(64, successes=100)
    width.fall()
    after_refusal = width.free()
    width.resume()
    assert 1 < after_refusal < width.free() < 16


def test_a_refusal_makes_nobody_wider() -> None:
    width = ramp(2)
    width.fall()
    assert width.free() == 2
    width.resume()
    assert width.free() == 2


def test_where_no_limit_is_known_growth_slows_down_after_a_few_dozen_calls() -> None:
    width = ramp(64, successes=1000)
    assert width.unknown(total=64) == 64
    assert 32 <= width.unknown(total=65) < 40
    assert width.unknown(total=1000) == 64


@pytest.mark.parametrize(("limit", "span", "latency", "most"), [(100, 20.0, 0.3, 15), (100, 20.0, 1.0, 50)])
def test_under_a_learned_limit_no_more_fly_than_send_a_window_in_a_tenth_of_its_span(
    limit: float, span: float, latency: float, most: int
) -> None:
    assert ramp(64, successes=1000).window(limit, span, latency, UNHURRIED) == most


def test_under_a_documented_limit_as_many_as_there_are_fly() -> None:
    assert ramp(64, successes=1000).window(100, 20.0, 0.3, BRISK) == 64


def test_a_tiny_limit_leaves_room_for_a_few_in_flight() -> None:
    assert ramp(64, successes=1000).window(1, 60.0, 0.01, UNHURRIED) == 4
