"""In v1.0 the embedded tenant shows and takes what Microsoft's v1.0 does, and loses what it does not know."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator import TenantState
from migrator.simulator.builder import Builder
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.simulator.client import connected

GROUP = "#microsoft.graph.groupAssignmentTarget"
DEVICES = KINDS["deviceConfigurations"]


def tenant() -> tuple[TenantState, dict[str, Any]]:
    """A configuration with a filter and an intent, and its assignment as v1.0 would show it."""
    there = Builder(4)
    target = {"@odata.type": GROUP, "groupId": there.group("Old").id}
    filtered = target | {FILTER_ID: there.filter_called("Corporate").id, FILTER_TYPE: "include"}
    there.assign(there.configuration_called(DEVICES, "One"), {"target": filtered, "intent": "remove"})
    return there.build(), {"@odata.type": DEVICES.assignment, "target": target}


def path_in(version: str, state: TenantState) -> str:
    one = state.configuration("One")
    return f"/{version}{one.kind.path}/{one.id}"


async def test_every_way_of_reading_hides_what_v1_does_not_know() -> None:
    state, shown = tenant()
    item = path_in("v1.0", state)
    async with connected(state) as client:
        listed = (await client.get(item.rpartition("/")[0], {"$expand": "assignments"})).value[0]["assignments"]
        expanded = (await client.get(item, {"$expand": "assignments"})).json["assignments"]
        below = (await client.get(f"{item}/assignments")).value
        single = (await client.get(f"{item}/assignments/{below[0]['id']}")).json
        for assignment in (*listed, *expanded, *below, single):
            told = {name: value for name, value in assignment.items() if name not in ("id", "@odata.context")}
            assert told == shown
        whole = (await client.get(f"{path_in('beta', state)}/assignments")).value[0]
        assert (whole["intent"], whole["source"], whole["target"][FILTER_TYPE]) == ("remove", "direct", "include")


async def test_what_is_sent_in_v1_loses_what_v1_does_not_know() -> None:
    state, shown = tenant()
    async with connected(state) as client:
        reply = await client.post(f"{path_in('v1.0', state)}/assign", {DEVICES.body: [shown]})
        assert (reply.status, [set(a) for a in reply.value]) == (200, [{"@odata.type", "id", "target"}])
    (assignment,) = state.configuration("One").assignments
    assert (assignment["intent"], assignment["target"][FILTER_ID]) == ("apply", None)


@pytest.mark.parametrize("name", ["intent", FILTER_TYPE])
async def test_names_that_v1_does_not_know_are_refused(name: str) -> None:
    state, shown = tenant()
    given = shown | {"intent": None} if name == "intent" else shown | {"target": shown["target"] | {name: "none"}}
    async with connected(state) as client:
        reply = await client.post(f"{path_in('v1.0', state)}/assign", {DEVICES.body: [given]})
        assert (reply.status, reply.code) == (400, "ModelValidationFailure")
        assert name in reply.json["error"]["message"]


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.other_body], ids=lambda k: k.name)
async def test_a_list_that_the_action_takes_as_well_may_be_there_and_empty(kind: Kind) -> None:
    there = Builder(4)
    there.assign(there.configuration_called(kind, "One"), "Old")
    state = there.build()
    element = {"@odata.type": kind.assignment, "target": {"@odata.type": GROUP, "groupId": state.group("Old").id}}
    async with connected(state) as client:
        path = f"{path_in('beta', state)}/assign"
        taken = await client.post(path, {kind.other_body[0]: [], kind.body: [element]})
        refused = await client.post(path, {kind.other_body[0]: [{"targetGroupId": "x"}], kind.body: [element]})
        assert (taken.status, refused.status) == (kind.success, 400)
