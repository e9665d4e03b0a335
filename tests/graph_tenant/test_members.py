"""Members as the client finds them on the embedded tenant: many groups in few calls, and never more than is of use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.graph.tenant import members as client_side
from migrator.model.impact import UNKNOWN, Membership
from migrator.simulator import Faults, Lies, tenant_from_json
from migrator.simulator.chance import stable_id
from migrator.simulator.state import TenantState
from tests.whole import World, world


def tenant(**groups: Any) -> TenantState:
    return tenant_from_json({"groups": [{"displayName": name, "members": held} for name, held in groups.items()]})


async def found(there: World, *names: str, compared: tuple[tuple[str, str], ...] = ()) -> dict[str, Membership]:
    state = there.simulator.state
    ids = {name: state.group(name).id for name in {*names, *(n for pair in compared for n in pair)}}
    async with there.connection() as connection:
        pairs = [(ids[one], ids[other]) for one, other in compared]
        told = await connection.tenant.members([ids[name] for name in names], pairs)
    return {name: told[identity] for name, identity in ids.items()}


def packed(what: str, *names: str) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(stable_id(0, what, name).replace("-", "")) for name in names)


async def test_small_groups_are_known_whole(tmp_path: Path) -> None:
    state = tenant(A={"users": ["1-3"], "devices": 2, "groups": ["B"]}, B={"users": ["anna"]}, Empty={})
    async with world(state, tmp_path) as there:
        told = await found(there, "A", "B", "Empty")
    assert told["A"].users.ids == packed("user", "1", "2", "3", "anna")
    assert told["A"].devices.ids == packed("device", "1", "2")
    assert (told["B"].users.count, told["B"].devices.count) == (1, 0)
    assert (told["Empty"].users.count, told["Empty"].devices.count, told["Empty"].reason) == (0, 0, "")


async def test_large_groups_are_counted_and_pairs_are_listed(tmp_path: Path) -> None:
    state = tenant(Old={"users": 2500, "devices": 3}, New={"users": ["1001-3500"]}, Alone={"users": 1500}, Empty={})
    async with world(state, tmp_path) as there:
        told = await found(there, "Alone", compared=(("Old", "New"), ("Alone", "Empty")))
    assert told["Alone"].users.count == 1500
    assert told["Alone"].users.ids is None  # its counterpart is empty: there is nothing to compare
    old, new = told["Old"].users.ids, told["New"].users.ids
    assert old is not None
    assert new is not None
    assert (len(old), len(new), len(old & new)) == (2500, 2500, 1500)
    assert told["Old"].devices.ids == packed("device", "1", "2", "3")


async def test_groups_beyond_the_bound_are_only_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_side, "MOST_COMPARED", 2000)
    async with world(tenant(Old={"users": 2500}, New={"users": 1500}), tmp_path) as there:
        told = await found(there, compared=(("Old", "New"),))
        asked = there.simulator.record.requests
    assert (told["Old"].users.count, told["Old"].users.ids) == (2500, None)
    assert (told["New"].users.count, told["New"].users.ids) == (1500, None)
    assert asked == 2  # one batch of first pages, one of numbers


async def test_no_more_ids_are_held_than_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_side, "MOST_TOGETHER", 3000)
    async with world(tenant(Old={"users": 9000}, New={"users": 9000}), tmp_path) as there:
        told = await found(there, compared=(("Old", "New"),))
    assert (told["Old"].users.count, told["Old"].users.ids) == (9000, None)


async def test_three_hundred_groups_take_fifteen_calls(tmp_path: Path) -> None:
    names = [f"G{n}" for n in range(300)]
    async with world(tenant(**{name: {"users": 5} for name in names}), tmp_path) as there:
        told = await found(there, *names)
        assert there.simulator.record.requests == 15
    assert {m.users.count for m in told.values()} == {5}


async def test_a_team_without_devices_is_no_failure(tmp_path: Path) -> None:
    team = {"displayName": "Team", "securityEnabled": False, "mailEnabled": True, "members": {"users": 1200}}
    async with world(tenant_from_json({"groups": [team]}), tmp_path) as there:
        told = await found(there, "Team")
    assert (told["Team"].users.count, told["Team"].devices.count, told["Team"].reason) == (1200, 0, "")


async def test_what_is_refused_is_told_and_not_asked_for_three_hundred_times(tmp_path: Path) -> None:
    names = [f"G{n}" for n in range(300)]
    forbidden = Lies(members_forbidden=True)
    async with world(tenant(**{name: {"users": 5} for name in names}), tmp_path, lies=forbidden) as there:
        told = await found(there, *names)
        asked = there.simulator.record.requests
    assert all(m.users == UNKNOWN and "403" in m.reason for m in told.values())
    assert len(told) == 300
    assert asked == 1


async def test_a_group_that_is_gone_is_told_and_the_others_are_counted(tmp_path: Path) -> None:
    gone = "0f0f0f0f-0000-4000-8000-00000000abcd"
    async with world(tenant(A={"users": 4}), tmp_path) as there, there.connection() as connection:
        told = await connection.tenant.members([gone, there.simulator.state.group("A").id, "no id"])
    assert (told[gone].users.count, told[gone].devices.count) == (0, 0)  # it brings nothing to anybody
    assert told[gone].reason == "there is no such group any more"
    assert told[there.simulator.state.group("A").id].users.count == 4
    assert len(told) == 2


async def test_throttling_and_passing_faults_are_waited_out(tmp_path: Path) -> None:
    state = tenant(**{f"G{n}": {"users": 1200 + n} for n in range(12)})
    pairs = tuple((f"G{n}", f"G{n + 1}") for n in range(11))
    async with world(state, tmp_path, faults=Faults.everywhere(0.2), vary=True, seed=3) as there:
        told = await found(there, compared=pairs)
    assert [told[f"G{n}"].users.count for n in range(12)] == [1200 + n for n in range(12)]
    assert all(m.users.ids is not None and not m.reason for m in told.values())
