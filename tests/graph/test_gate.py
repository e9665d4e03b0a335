"""Waiting for the pacer under asyncio."""

from __future__ import annotations

import asyncio

import pytest

from migrator.graph.clock import SystemClock
from migrator.graph.gate import Gate
from migrator.graph.held import Cause
from migrator.graph.pacing import Pacer
from migrator.graph.protocol import Meaning
from migrator.model.errors import Stopped
from migrator.model.throttle import Lost
from tests.virtual_clock import VirtualClock


def gate_of(workers: int = 8, limit: int | None = None) -> tuple[Gate, VirtualClock]:
    clock = VirtualClock()
    return Gate(Pacer(workers, limit, firm=True), clock), clock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_came_first_goes_first() -> None:
    gate, _ = gate_of(workers=1)
    order: list[int] = []

    async def go(number: int) -> None:
        leave = await gate.enter()
        order.append(number)
        await asyncio.sleep(0)
        gate.came_back(leave.sent, Meaning.OK)

    await asyncio.gather(*(go(number) for number in range(20)))
    assert order == list(range(20))


async def test_one_alarm_wakes_all_who_wait() -> None:
    gate, clock = gate_of(workers=100, limit=5)

    async def go() -> float:
        leave = await gate.enter()
        gate.came_back(leave.sent, Meaning.OK)
        return leave.sent

    moments = await asyncio.gather(*(go() for _ in range(20)))
    assert [round(moment) for moment in moments] == [0] * 5 + [20] * 5 + [40] * 5 + [60] * 5
    assert len(clock.slept) == 3


async def test_leave_is_given_for_as_many_as_may_go() -> None:
    gate, _ = gate_of(workers=100, limit=30)
    assert (await gate.enter(20)).count == 20
    assert (await gate.enter(20)).count == 10


async def test_a_refusal_holds_everybody_back_for_as_long_as_it_says() -> None:
    gate, clock = gate_of()
    leave = await gate.enter()
    gate.came_back(leave.sent, Meaning.THROTTLED, 9.0)
    assert "429" in gate.status().why
    await gate.enter()
    assert clock.now == pytest.approx(9.0, abs=0.01)


async def test_who_gives_up_while_waiting_takes_no_place() -> None:
    gate, _ = gate_of(workers=1)
    leave = await gate.enter()
    gives_up, stays = asyncio.ensure_future(gate.enter()), asyncio.ensure_future(gate.enter())
    await settle()
    gives_up.cancel()
    gate.came_back(leave.sent, Meaning.OK)
    assert (await stays).count == 1
    with pytest.raises(asyncio.CancelledError):
        await gives_up


async def test_a_waiter_that_is_gone_no_longer_asks_for_a_place() -> None:
    gate, _ = gate_of(workers=1)
    await gate.enter()
    gives_up = asyncio.ensure_future(gate.enter())
    await settle()
    gives_up.cancel()
    await settle()
    assert gives_up.cancelled()
    assert gate.status().used == 1


async def test_who_gives_up_at_the_very_moment_gives_the_leave_back() -> None:
    gate, _ = gate_of(workers=1)
    leave = await gate.enter()
    gives_up, stays = asyncio.ensure_future(gate.enter()), asyncio.ensure_future(gate.enter())
    await settle()
    gate.came_back(leave.sent, Meaning.OK)  # now it is the turn of the one
    gives_up.cancel()  # who does not know it yet
    with pytest.raises(asyncio.CancelledError):
        await gives_up
    assert (await stays).count == 1


async def test_a_closed_gate_lets_nobody_in_and_leaves_nothing_running() -> None:
    gate, _ = gate_of(workers=8, limit=1)
    leave = await gate.enter()
    gate.came_back(leave.sent, Meaning.OK)
    waits = asyncio.ensure_future(gate.enter())
    await asyncio.sleep(0)
    gate.close()
    with pytest.raises(asyncio.CancelledError):
        await waits
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_shut_gate_stops_those_who_wait_at_once_and_those_who_come() -> None:
    gate, clock = gate_of(workers=1)
    leave = await gate.enter()
    gate.came_back(leave.sent, Meaning.THROTTLED, 60.0)
    waits = [asyncio.ensure_future(gate.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    gate.shut()
    assert [type(end) for end in await asyncio.gather(*waits, return_exceptions=True)] == [Stopped] * 3
    with pytest.raises(Stopped):
        await gate.enter()
    assert clock.now == 0
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_pauses_before_coming_again_is_stopped_in_the_middle_of_it() -> None:
    gate = Gate(Pacer(1, None), SystemClock())
    pauses = asyncio.ensure_future(gate.pause(3600))
    await settle()
    gate.shut()
    with pytest.raises(Stopped):
        await pauses
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_pause_at_an_open_gate_takes_its_time() -> None:
    gate, clock = gate_of()
    await gate.pause(7.0)
    assert clock.now == 7.0


async def test_what_is_on_the_way_when_the_gate_is_shut_comes_back_as_ever() -> None:
    gate, _ = gate_of(workers=2)
    leaves = [await gate.enter(), await gate.enter()]
    gate.shut()
    assert gate.status().used == 2
    for leave in leaves:
        gate.came_back(leave.sent, Meaning.OK)
    gate.close()


async def test_leave_that_was_given_but_not_used_when_the_gate_is_shut_is_taken_back() -> None:
    gate, _ = gate_of(workers=1)
    leave = await gate.enter()
    waits = asyncio.ensure_future(gate.enter())
    await settle()
    gate.came_back(leave.sent, Meaning.OK)  # now it may go
    gate.shut()  # but has not gone yet
    with pytest.raises(Stopped):
        await waits


async def test_who_gives_up_at_the_moment_the_gate_is_shut_has_given_up() -> None:
    gate, _ = gate_of(workers=1)
    await gate.enter()
    before, after = asyncio.ensure_future(gate.enter()), asyncio.ensure_future(gate.enter())
    await settle()
    before.cancel()
    gate.shut()
    after.cancel()
    ends = await asyncio.gather(before, after, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2


@pytest.mark.parametrize("meaning", list(Meaning))
async def test_whatever_it_meant_the_place_is_free_again(meaning: Meaning) -> None:
    gate, _ = gate_of(workers=1)
    leave = await gate.enter()
    gate.came_back(leave.sent, meaning, 1.0)
    assert (await gate.enter()).count == 1


async def test_time_in_which_the_limit_keeps_a_call_back_is_counted_as_lost_to_it() -> None:
    gate, clock = gate_of(workers=8, limit=5)
    while clock.now < 1:
        leave = await gate.enter()
        gate.came_back(leave.sent, Meaning.OK)
    assert gate.lost().paced == pytest.approx(clock.now)
    assert gate.lost().refused == 0


@pytest.mark.parametrize("retry_after", [9.0, None])
async def test_time_in_which_a_refusal_is_waited_out_is_counted_apart(retry_after: float | None) -> None:
    gate, clock = gate_of()
    leave = await gate.enter()
    gate.came_back(leave.sent, Meaning.THROTTLED, retry_after)
    await gate.enter()
    assert clock.now > 0.1
    assert gate.lost().refused == pytest.approx(clock.now)
    assert gate.lost().paced == 0


async def test_waiting_for_a_reply_or_for_nobody_is_not_lost_to_the_throttle() -> None:
    gate, clock = gate_of(workers=1)
    leave = await gate.enter()
    waits = asyncio.ensure_future(gate.enter())
    await settle()
    clock.now = 50.0
    gate.came_back(leave.sent, Meaning.THROTTLED, 5.0)  # from here on it is a refusal that holds it up
    leave = await waits
    gate.came_back(leave.sent, Meaning.OK)
    clock.now += 1000
    assert gate.lost().refused == pytest.approx(5.0, abs=0.01)
    assert gate.lost().paced == 0
    assert gate.cause is None


async def test_what_gives_up_or_is_stopped_loses_nothing_more() -> None:
    gate, clock = gate_of()
    leave = await gate.enter()
    gate.came_back(leave.sent, Meaning.THROTTLED, 60.0)
    gives_up = asyncio.ensure_future(gate.enter())
    await asyncio.sleep(0)
    assert gate.cause is Cause.REFUSAL
    clock.now = 2.0
    gives_up.cancel()
    await asyncio.gather(gives_up, return_exceptions=True)
    stopped = asyncio.ensure_future(gate.enter())
    await asyncio.sleep(0)
    clock.now = 5.0
    gate.shut()
    await asyncio.gather(stopped, return_exceptions=True)
    clock.now = 100.0
    assert gate.lost() == Lost(refused=5.0)
