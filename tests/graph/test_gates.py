"""A gate for each quota: what is full keeps nobody else waiting, and what was called before still counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from migrator.graph.gates import HORIZON, Gates
from migrator.graph.pacing import Pacer
from migrator.graph.protocol import Call, Meaning
from migrator.model.errors import Stopped
from migrator.model.limits import Quota
from migrator.model.outcome import Attempt
from migrator.model.settings import Limit
from tests.virtual_clock import EPOCH, VirtualClock

POLICY = "/beta/deviceManagement/configurationPolicies/1"
OFFICE = "/beta/officeConfiguration/clientConfigurations/1"
SCRIPT = "/beta/deviceManagement/deviceShellScripts/1"
GROUPS = "/v1.0/groups"


def read(path: str) -> Call:
    return Call("GET", path, "read")


def write(path: str) -> Call:
    return Call("POST", f"{path}/assign", "assign", write=True)


class Made:
    """Gates with a pacer of one call each, and what each pacer was made with."""

    def __init__(self, stated: Limit | None = None, states: Mapping[str, dict[str, Any]] | None = None) -> None:
        self.clock = VirtualClock()
        self.with_state: dict[str, dict[str, Any] | None] = {}
        self.gates = Gates(self.clock, self._pacer, stated=stated, states=states)

    def _pacer(self, quota: Quota, state: dict[str, Any] | None) -> Pacer:
        self.with_state[quota.name] = state
        return Pacer(1, quota.limit.calls, quota.limit.span)

    @property
    def names(self) -> list[str]:
        return [quota.name for quota, _ in self.gates]


def called(seconds_ago: float, path: str = POLICY, purpose: str = "assign", **more: Any) -> Attempt:
    """A call that took a second and came back so many seconds before the clock began."""
    return Attempt(purpose, "POST", path, 1, EPOCH - seconds_ago - 1.0, 1.0, 200, **more)


async def test_calls_that_are_counted_together_wait_together() -> None:
    made = Made()
    assert made.gates.of(write(POLICY)) is made.gates.of(write(OFFICE))
    assert made.gates.of(read(POLICY)) is made.gates.of(read(OFFICE))


async def test_others_do_not_wait_for_them() -> None:
    made = Made()
    await made.gates.of(write(POLICY)).enter()
    for other in (read(POLICY), write(SCRIPT), read(SCRIPT), read(GROUPS)):
        assert (await made.gates.of(other).enter()).count == 1


async def test_there_are_those_gates_that_calls_came_to_writes_first() -> None:
    made = Made()
    assert made.names == []
    for call in (read(GROUPS), read(POLICY), write(POLICY), write(SCRIPT)):
        made.gates.of(call)
    assert made.names == ["writes", "script writes", "directory reads", "reads"]
    assert set(made.gates.snapshots()) == set(made.names)


async def test_under_a_stated_limit_all_writes_wait_together() -> None:
    made = Made(stated=Limit(60, 10.0))
    assert made.gates.of(write(POLICY)) is made.gates.of(write(SCRIPT))
    assert made.gates.of(read(POLICY)) is not made.gates.of(read(SCRIPT))
    assert made.gates.of(write(SCRIPT)).status().limit == "60/10s"


async def test_when_they_are_shut_no_write_goes_anywhere_any_more_and_reads_do() -> None:
    made = Made()
    before = made.gates.of(write(POLICY))
    made.gates.shut()
    for gate in (before, made.gates.of(write(SCRIPT))):
        with pytest.raises(Stopped):
            await gate.enter()
    assert (await made.gates.of(read(POLICY)).enter()).count == 1
    made.gates.shut(reads=True)
    for gate in (made.gates.of(read(POLICY)), made.gates.of(read(SCRIPT))):
        with pytest.raises(Stopped):
            await gate.enter()


async def test_closing_them_leaves_nobody_waiting() -> None:
    made = Made()
    waits = []
    for call in (write(POLICY), read(SCRIPT)):
        await made.gates.of(call).enter()
        waits.append(asyncio.ensure_future(made.gates.of(call).enter()))
    await asyncio.sleep(0)
    made.gates.close()
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2


async def test_for_how_long_calls_are_kept_back_is_counted_for_all_together() -> None:
    made = Made()
    for call in (write(POLICY), read(POLICY)):
        gate = made.gates.of(call)
        gate.came_back((await gate.enter()).sent, Meaning.THROTTLED, 5.0)
        waits = asyncio.ensure_future(gate.enter())
        await waits
    assert made.gates.held.whole(made.clock.now).refused == pytest.approx(10.0, abs=0.1)


async def test_a_pacer_begins_with_what_was_learned_as_old_as_it_is_by_then() -> None:
    made = Made(states={"writes": {"limit": 60, "age": 100.0}})
    made.clock.now += 7.0
    made.gates.of(write(POLICY))
    made.gates.of(write(SCRIPT))
    assert made.with_state == {"writes": {"limit": 60, "age": 107.0}, "script writes": None}


async def test_calls_of_a_moment_ago_still_count_each_in_its_quota() -> None:
    made = Made()
    attempts = [
        called(HORIZON + 1),
        called(50.0, SCRIPT),
        called(9.0),
        called(8.0, GROUPS, "look up"),
        called(7.0, f"{POLICY}/assignments", "read", inner=True),
        called(7.0, "/beta/$batch", "read"),
        called(2.5),
    ]
    made.gates.remind(attempts)
    for call in (write(POLICY), write(SCRIPT), read(POLICY), read(GROUPS), read(SCRIPT)):
        made.gates.of(call)
    assert made.with_state == {
        "writes": {"age": 2.5, "recent": [6.5, 0.0]},
        "script writes": {"age": 50.0, "recent": [0.0]},
        "reads": {"age": 7.0, "recent": [0.0]},
        "directory reads": {"age": 8.0, "recent": [0.0]},
        "script reads": None,
    }


async def test_calls_of_minutes_ago_still_count_where_the_limit_is_one_of_minutes() -> None:
    made = Made(stated=Limit(100, 300.0))
    made.gates.remind([called(301.0), called(299.0), called(61.0)])
    made.gates.of(write(POLICY))
    assert made.with_state == {"writes": {"age": 61.0, "recent": [238.0, 0.0]}}


async def test_of_a_memory_and_a_journal_the_newer_one_says_which_calls_still_count() -> None:
    """A journal is the newer one after a crash, when nobody was left to remember; what was learned before is kept."""
    remembered = {"limit": 60, "recent": [0.0, 1.0]}
    for age, expected in (
        (3.0, {**remembered, "age": 3.0}),
        (900.0, {"limit": 60, "age": 5.0, "recent": [2.0, 0.0]}),
    ):
        made = Made(states={"writes": {**remembered, "age": age}})
        made.gates.remind([called(7.0), called(5.0)])
        made.gates.of(write(POLICY))
        assert made.with_state["writes"] == expected


async def test_a_gate_that_saw_the_calls_itself_needs_no_reminding() -> None:
    made = Made()
    gate = made.gates.of(write(POLICY))
    gate.came_back((await gate.enter()).sent, Meaning.OK)
    made.gates.remind([called(0.0)])
    assert made.gates.of(write(POLICY)) is gate
    assert gate.status().used == 1


async def test_a_clock_set_back_makes_no_call_one_of_the_future() -> None:
    made = Made()
    made.gates.remind([called(-3600.0)])
    made.gates.of(write(POLICY))
    assert made.with_state["writes"] == {"age": 0.0, "recent": [0.0]}
