"""What a display says of calls and limits."""

from __future__ import annotations

import pytest

from migrator.cli.pulse import Pulse, losses, standing
from migrator.model.outcome import Attempt
from migrator.model.throttle import GateState, Lost, ThrottleState

CALL = Attempt("read", "GET", "/beta/x", 1, 0.0, 0.1, 200)
ENVELOPE = Attempt("read", "POST", "/beta/$batch", 1, 0.0, 0.1, 200)
INNER = Attempt("read", "GET", "/beta/x", 1, 0.0, 0.1, 200, inner=True)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    pulse = Pulse(100.0)
    for call in range(1000):
        pulse.beat(CALL, 100.0 + call / 10)
    assert pulse.rate(200.0) == pytest.approx(10.0, rel=0.1)
    assert pulse.rate(210.0) == pytest.approx(5.0, rel=0.1)
    assert pulse.rate(300.0) == 0.0


def test_no_rate_is_told_before_there_is_something_to_judge_by() -> None:
    pulse = Pulse(100.0)
    assert pulse.rate(105.0) is None
    pulse.beat(CALL, 100.5)
    assert pulse.rate(100.9) is None
    assert pulse.rate(102.0) == 0.5


def test_a_batch_counts_as_the_calls_within_it() -> None:
    pulse = Pulse(0.0)
    for attempt in (ENVELOPE, INNER, INNER):
        pulse.beat(attempt, 1.0)
    assert pulse.rate(2.0) == 1.0


@pytest.mark.parametrize(
    ("gate", "text"),
    [
        (GateState("writes", True, "100/20s", 5.0, used=83), "writes 83 of 100/20s"),
        (GateState("writes", True, "6.2/s", 6.2, used=3), "writes at most 6.2/s"),
        (GateState("writes", True, "none", None, used=3), "writes 3, no limit known"),
        (
            GateState("writes", True, "100/20s", 5.0, used=83, wait=7.0, why="the service asked to wait (429)"),
            "writes 83 of 100/20s, next in 5.0 s: the service asked to wait (429)",
        ),
    ],
)
def test_a_gate_says_its_limit_and_what_it_waits_for(gate: GateState, text: str) -> None:
    assert list(standing(None, ThrottleState(0.0, (gate,)), 2.0, {True})) == [text]


def test_gates_of_what_is_not_under_way_are_told_of_only_where_they_keep_calls_back() -> None:
    idle = GateState("reads", False, "900/20s", 45.0, used=100)
    held = GateState("directory reads", False, "700/10s", 70.0, used=700, wait=1.0, why="the limit is used up")
    assert list(standing(5.0, ThrottleState(0.0, (idle, held)), 0.0, {True})) == [
        "5.0 calls/s",
        "directory reads 700 of 700/10s, next in 1.0 s: the limit is used up",
    ]


def test_nothing_known_is_nothing_said() -> None:
    assert list(standing(None, None, 0.0, {True, False})) == []


@pytest.mark.parametrize(
    ("lost", "text"),
    [
        (Lost(), ""),
        (Lost(0.2, 0.3), ""),
        (Lost(72.0, 3.0), "held back 1 min 12 s by the limit, 3.0 s by refusals"),
        (Lost(0.1, 40.0), "held back 40 s by refusals"),
    ],
)
def test_time_lost_is_told_by_its_cause(lost: Lost, text: str) -> None:
    assert losses(lost) == text
