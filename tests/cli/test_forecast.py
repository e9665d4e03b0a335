"""How long it will still take: honest under a limit, and steady."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from migrator.cli.forecast import Outlook, Pressure, pressure
from migrator.model.throttle import GateState, Lost, ThrottleState

Step = tuple[float, int, Pressure]
"""When, how many are done by then, and how the throttle stands."""


def told(steps: Iterator[Step], total: int) -> Iterator[tuple[float, float | None]]:
    """What is said at each step, and when."""
    outlook = Outlook.of(0.0, 0.0)
    for now, done, under in steps:
        outlook.take(now, total - done, done, under)
        yield now, outlook.left(now)


def every(seconds: float, until: float, at: Callable[[float], tuple[int, Pressure]]) -> Iterator[Step]:
    for i in range(1, round(until / seconds)):
        yield (i * seconds, *at(i * seconds))


def window(now: float, *, refuses: bool = False) -> tuple[int, Pressure]:
    """100 calls go at once, then none for the rest of 20 seconds."""
    number, into = divmod(now, 20.0)
    wait = 20.0 - into
    return 100 * (int(number) + 1), Pressure(5.0, 0.0 if refuses else wait, wait if refuses else 0.0, lost=now)


def test_nothing_is_said_before_anything_is_known() -> None:
    outlook = Outlook.of(0.0, 0.0)
    for now in range(10):
        outlook.take(now, 1000, 0, Pressure(5.0))
        assert outlook.left(now) is None
    outlook = Outlook.of(0.0, 0.0)
    outlook.take(0.5, 900, 100, Pressure(5.0))
    assert outlook.left(0.5) is None


@pytest.mark.parametrize("refuses", [False, True])
def test_under_a_window_it_counts_down_whatever_the_bursts(refuses: bool) -> None:
    steps = every(0.25, 180.0, lambda now: window(now, refuses=refuses))
    for now, left in told(steps, 1000):
        if left is not None:
            assert left == pytest.approx(180.0 - now, abs=4.0)


def test_it_never_jumps_by_more_than_a_second_in_a_quarter_of_one() -> None:
    said = [left for _, left in told(every(0.25, 180.0, window), 1000) if left is not None]
    assert all(abs(a - b) < 1.25 for a, b in pairwise(said))


def test_a_limit_that_was_never_felt_is_reckoned_with_before_it_is() -> None:
    ((_, left),) = told(iter([(1.0, 100, Pressure(5.0))]), 1000)
    assert left == pytest.approx(180.0)


def test_a_service_slower_than_the_limit_decides() -> None:
    *_, (now, left) = told(every(0.25, 60.0, lambda now: (int(2 * now), Pressure(5.0))), 1000)
    assert left == pytest.approx(500.0 - now, rel=0.05)


def test_without_a_limit_the_pace_so_far_decides() -> None:
    *_, (now, left) = told(every(0.25, 60.0, lambda now: (int(2 * now), Pressure())), 1000)
    assert left == pytest.approx(500.0 - now, rel=0.05)


def test_a_long_refusal_is_in_it_at_once() -> None:
    outlook = Outlook.of(0.0, 0.0)
    outlook.take(10.0, 50, 50, Pressure(5.0))
    outlook.take(10.25, 50, 50, Pressure(5.0, barred=300.0))
    assert outlook.left(10.25) == 300.0
    for quarter in range(42, 400):  # it is waited out, and the rest comes on top of it
        now = quarter / 4
        outlook.take(now, 50, 50, Pressure(5.0, barred=310.25 - now, lost=now - 10.25))
    left = outlook.left(100.0)
    assert left is not None
    assert 210.25 <= left <= 210.25 + 50 / 5 + 1


def test_at_the_end_the_wait_for_the_last_window_is_in_it() -> None:
    outlook = Outlook.of(0.0, 0.0)
    outlook.take(5.0, 3, 100, Pressure(5.0, paced=15.0))
    assert outlook.left(5.0) == 15.0
    assert outlook.left(12.0) == 8.0


def test_only_gates_of_the_same_sort_that_are_in_use_count() -> None:
    state = ThrottleState(
        0.0,
        (
            GateState("writes", True, "100/20s", 5.0, used=3),
            GateState("script writes", True, "200/20s", 10.0, wait=2.0, refused=True),
            GateState("Cloud PC writes", True, "none", None),
            GateState("reads", False, "900/20s", 45.0, used=1, wait=3.0),
        ),
        Lost(refused=7.0),
    )
    assert pressure(state, writes=True) == Pressure(15.0, 0.0, 2.0, 7.0)
    assert pressure(state, writes=False) == Pressure(45.0, 3.0, 0.0, 7.0)
    assert pressure(state, writes=None) == pressure(None, writes=True) == Pressure()


def test_where_one_of_them_has_no_limit_there_is_none() -> None:
    gates = (GateState("a", True, "100/20s", 5.0, used=3), GateState("b", True, "none", None, used=1))
    assert pressure(ThrottleState(0.0, gates), writes=True).limit is None
