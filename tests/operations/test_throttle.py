"""What the throttle does is told while it happens, and kept for the reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.events import Event, ThrottleSeen
from migrator.model.settings import Limit
from migrator.model.throttle import GateState, Lost, ThrottleState
from migrator.operations.throttle import Notes, Throttle
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.memory import MemoryJournal
from tests.whole import until, world_without_waiting

COUNT = 25


def state(at: float, rate: float = 5.0, lost: float = 0.0, *, gates: int = 1) -> ThrottleState:
    several = tuple(GateState(f"gate {i}", True, f"{rate:g}/s", rate, lost=Lost(lost)) for i in range(gates))
    return ThrottleState(at, several, Lost(lost))


def test_the_first_state_is_kept_and_then_only_what_is_new() -> None:
    notes = Notes()
    assert notes.take(state(0.0)) == state(0.0)
    assert notes.take(state(100.0)) is None
    assert notes.take(state(101.0, gates=2)) == state(101.0, gates=2)
    assert notes.take(state(102.5, 6.0, gates=2)) == state(102.5, 6.0, gates=2)


def test_a_limit_that_keeps_changing_is_kept_once_a_second_and_lost_time_more_seldom() -> None:
    notes = Notes()
    kept = [notes.take(state(i / 10, 5.0 + i)) for i in range(101)]
    assert [note.at for note in kept if note] == pytest.approx([float(i) for i in range(11)])
    notes = Notes()
    kept = [notes.take(state(i / 10, lost=i / 10)) for i in range(101)]
    assert [note.at for note in kept if note] == pytest.approx([0.0, 5.0, 10.0])


def test_what_is_kept_tells_what_was_lost_since_the_one_before() -> None:
    notes = Notes()
    kept = [notes.take(state(10.0 * i, lost=3.0 * i)) for i in range(1, 4)]
    assert [note.lost.paced for note in kept if note] == [3.0, 3.0, 3.0]
    assert [note.gates[0].lost.paced for note in kept if note] == [3.0, 3.0, 3.0]


def test_where_work_begins_it_is_kept_and_where_it_ends_all_that_is_new() -> None:
    notes = Notes()
    notes.take(state(0.0), begins=True)
    assert notes.take(state(0.1), begins=True) == replace(state(0.1), begins=True)
    assert notes.take(state(0.2), ends=True) is None
    assert notes.take(state(0.3, lost=0.1), ends=True) == state(0.3, lost=0.1)


async def test_what_was_noted_without_a_journal_waits_for_it() -> None:
    moments = iter(range(100))
    throttle = Throttle(lambda: state(float(at := next(moments)), lost=float(at)), lambda _: None)
    async with throttle.ticking():
        first, second = MemoryJournal(), MemoryJournal()
        throttle.keep_in(first)
        throttle.keep_in(None)
        throttle.keep_in(second)
    kept = [told for told in (*first.told, *second.told) if isinstance(told, ThrottleState)]
    assert [note.begins for note in kept] == [True, True, False, True]
    assert sum(note.lost.paced for note in kept) == kept[-1].at


async def test_it_is_told_again_and_again_while_nothing_else_happens() -> None:
    seen: list[Event] = []
    throttle = Throttle(lambda: state(0.0), seen.append)
    async with throttle.ticking():
        await until(lambda: len(seen) >= 2)
    assert seen[0] == ThrottleSeen(state(0.0))


def tenant() -> TenantState:
    kind = "officeClientConfigurations"
    configurations = [{"kind": kind, "name": f"Policy {n}", "assignments": ["Old"]} for n in range(COUNT)]
    return tenant_from_json({"groups": ["Old", "New"], "configurations": configurations})


async def test_a_run_knows_its_limit_and_what_it_cost_over_all_its_commands(tmp_path: Path) -> None:
    few = Limit(5, 20.0)
    async with world_without_waiting(tenant(), tmp_path, few, writes=few) as there:
        rows = [(f"Policy {n}", "Old", "New", "") for n in range(COUNT)]
        stopped, result = await there.stop_and_resume(rows, after=COUNT // 2)
    assert 20 < stopped.facts.lost.seconds < result.facts.lost.seconds
    assert result.facts.lost.seconds < result.facts.seconds + 0.01  # hardly any other time passes on this clock
    writes = result.facts.gates[0]
    assert (writes.gate, writes.documented) == ("writes", "5/20s")
    assert writes.rate is not None
    assert writes.lost.seconds == pytest.approx(result.facts.lost.seconds, rel=0.01)
    assert sum(note.begins for note in result.record.throttle) == 5
