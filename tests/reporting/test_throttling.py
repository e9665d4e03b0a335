"""Limits and losses, as the journal tells of them."""

from __future__ import annotations

import pytest

from migrator.model.settings import Limit
from migrator.model.throttle import NOTHING_LOST, GateState, Lost, ThrottleState
from migrator.reporting.throttling import Origin, gate_facts, limits, total_lost


def gate(
    name: str, rate: float | None, limit: str = "", *, writes: bool = True, lost: Lost = NOTHING_LOST
) -> GateState:
    return GateState(name, writes, limit, rate, "100/20s", lost=lost)


def states(*gates: tuple[GateState, ...]) -> list[ThrottleState]:
    return [ThrottleState(float(at), each) for at, each in enumerate(gates)]


def test_the_limit_told_is_the_last_one_and_losses_add_up() -> None:
    told = states(
        (gate("reads", 45.0, writes=False),),
        (gate("writes", 5.0, "100/20s", lost=Lost(2.0)), gate("reads", 45.0, writes=False)),
        (gate("writes", 3.0, "60/20s", lost=Lost(1.0, 4.0)), gate("reads", 45.0, writes=False)),
    )
    writes, reads = gate_facts(told, None)
    assert (writes.gate, writes.limit, writes.rate, writes.lost) == ("writes", "60/20s", 3.0, Lost(3.0, 4.0))
    assert (reads.gate, reads.lost) == ("reads", Lost())


def test_the_loss_of_a_run_is_that_of_its_states() -> None:
    assert total_lost([ThrottleState(0.0, lost=Lost(1.0, 2.0)), ThrottleState(9.0, lost=Lost(3.0))]) == Lost(4.0, 2.0)
    assert total_lost([]) == Lost()


@pytest.mark.parametrize(
    ("rate", "limit", "writes", "stated", "origin"),
    [
        (None, "none", True, None, Origin.UNKNOWN),
        (5.0, "100/20s", True, None, Origin.DOCUMENTED),
        (3.0, "60/20s", True, None, Origin.LEARNED),
        (5.0, "100/20s", True, Limit(100), Origin.STATED),
        (5.0, "100/20s", False, Limit(50), Origin.DOCUMENTED),
        (5.0, "100/20s", False, Limit(500), Origin.STATED),
        (3.0, "60/20s", True, Limit(100), Origin.LEARNED),
    ],
)
def test_it_is_said_where_a_limit_comes_from(
    rate: float | None, limit: str, writes: bool, stated: Limit | None, origin: Origin
) -> None:
    (found,) = gate_facts(states((gate("gate", rate, limit, writes=writes),)), stated)
    assert found.origin is origin


def test_the_limit_of_writes_is_that_of_all_their_gates_in_use() -> None:
    reads = gate("reads", 45.0, writes=False)
    told = states(
        (reads,),
        (gate("writes", 5.0), reads),
        (gate("writes", 5.0), reads),
        (gate("writes", 5.0), gate("script writes", 10.0), reads),
        (gate("writes", 3.0), gate("script writes", None), reads),
    )
    assert limits(told, writes=True) == [(0.0, None), (1.0, 5.0), (3.0, 15.0), (4.0, None)]
    assert limits(told, writes=False) == [(0.0, 45.0)]


def test_a_command_that_follows_begins_without_the_gates_of_the_one_before() -> None:
    told = [
        ThrottleState(0.0, (gate("writes", 5.0), gate("script writes", 10.0)), begins=True),
        ThrottleState(9.0, (gate("writes", 5.0),), begins=True),
    ]
    assert limits(told, writes=True) == [(0.0, 15.0), (9.0, 5.0)]
