"""The embedded tenant is equally strict about every kind, and plays each known lie for those that it is known of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.model.assignment import VIRTUAL_ALL_USERS, TargetType
from migrator.model.kind import Kind, Trust
from migrator.model.kinds import KINDS
from migrator.simulator import Lies, TenantState, known_lies, tenant_from_json
from migrator.simulator.sorts import ENDPOINT_SECURITY
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.simulator.client import Client, connected, path_of

Json = dict[str, Any]
ASSIGNABLE = [pytest.param(kind, id=name) for name, kind in KINDS.items() if not kind.excluded]
UNKNOWN = "99999999-0000-4000-8000-000000000000"
APPS, ENROLMENT, CATALOG = KINDS["mobileApps"], KINDS["deviceEnrollmentConfigurations"], KINDS["configurationPolicies"]


def one(kind: Kind, assigned: list[Any], **properties: Any) -> TenantState:
    described = {"kind": kind.name, "name": "One", "assignments": assigned, "properties": properties}
    return tenant_from_json({"groups": ["New"], "assignmentFilters": ["Corporate"], "configurations": [described]})


def element(kind: Kind, group: str, type_: TargetType = TargetType.GROUP, more: Json | None = None) -> Json:
    """An assignment of this kind; `more` is what its target says beside."""
    intent = {kind.intent_property: "required"} if kind.intent_property else {}
    target = {"@odata.type": kind.targets[type_], "groupId": group, **(more or {})}
    return {"@odata.type": kind.assignment, "target": target, **intent}


def wrong_ones(kind: Kind, state: TenantState) -> dict[str, Json]:
    """What the kind must not take, by what is wrong with it."""
    new, corporate = state.group("New").id, state.filter("Corporate").id
    no_target = {"@odata.type": "#microsoft.graph.noTarget", "groupId": new}
    sound, filtered = element(kind, new), {FILTER_ID: corporate, FILTER_TYPE: "include"}
    other = next(k for k in KINDS.values() if k.assignment and k.assignment != kind.assignment)
    everybody = {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}
    wrong: dict[str, Json] = {
        "another kind's element": {**sound, "@odata.type": other.assignment},
        "a target without its type": {**sound, "target": {"groupId": new}},
        "a target of an unknown type": {**sound, "target": no_target},
        "an unknown group": element(kind, UNKNOWN),
        "no group": element(kind, ""),
        "an unknown filter": element(kind, new, more={FILTER_ID: UNKNOWN, FILTER_TYPE: "include"}),
        "what a policy set made": {**sound, "source": "policySets"},
        **{f"{name}, which is read-only": {**sound, name: "x"} for name in kind.drop},
    }
    if not kind.takes_filters:
        wrong["a filter"] = element(kind, new, more=filtered)
    if TargetType.ALL_USERS not in kind.targets:
        wrong["all users"] = {**sound, "target": everybody}
    if TargetType.EXCLUSION not in kind.targets or TargetType.ALL_USERS in kind.targets:
        wrong["the virtual group"] = element(kind, VIRTUAL_ALL_USERS)
    if TargetType.EXCLUSION in kind.targets:
        wrong["a filter on an exclusion"] = element(kind, new, TargetType.EXCLUSION, filtered)
    else:
        wrong["an exclusion"] = {
            **sound,
            "target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": new},
        }
    if kind.intent_property:
        wrong["no intent"] = {name: value for name, value in sound.items() if name != kind.intent_property}
        wrong["settings on an exclusion"] = {**element(kind, new, TargetType.EXCLUSION), "settings": {"a": 1}}
    return wrong


async def assign(client: Client, state: TenantState, kind: Kind, elements: list[Json]) -> int:
    return (await client.post(path_of(state, "One", kind.assign_paths[0]), {kind.body: elements})).status


@pytest.mark.parametrize("kind", ASSIGNABLE)
async def test_what_is_wrong_is_refused_and_changes_nothing_for_every_kind(kind: Kind) -> None:
    state = one(kind, ["Old"])
    stood = state.configuration("One").assignments
    async with connected(state) as client:
        for what, wrong in wrong_ones(kind, state).items():
            assert await assign(client, state, kind, [wrong]) == 400, what
        path = path_of(state, "One", kind.assign_paths[0])
        other = "assignments" if kind.body != "assignments" else "mobileAppAssignments"
        shapes: list[Any] = [{other: []}, {kind.body: [], other: []}, {}, {kind.body: None}, []]
        for shape in shapes:
            assert (await client.post(path, shape)).status == 400, shape
        assert state.configuration("One").assignments == stood
        assert await assign(client, state, kind, [element(kind, state.group("New").id)]) == kind.success


@pytest.mark.parametrize("kind", ASSIGNABLE)
async def test_what_stands_is_taken_back_as_it_is_for_every_kind(kind: Kind) -> None:
    """Less what the service adds; also where its group is gone from the directory."""
    state = one(kind, ["Old", element(kind, UNKNOWN, more={"tomorrow": {"deep": [1]}})])
    async with connected(state) as client:
        stood = state.configuration("One").assignments
        again = [{n: v for n, v in a.items() if n not in ("id", "source", "sourceId", *kind.drop)} for a in stood]
        assert await assign(client, state, kind, again) == kind.success
        assert state.configuration("One").assignments == stood


@pytest.mark.parametrize("kind", ASSIGNABLE)
async def test_each_kind_lies_as_it_is_known_to(kind: Kind) -> None:
    family = {"templateReference": {"templateFamily": ENDPOINT_SECURITY[0]}}
    state = one(kind, ["Old"], **(family if kind is CATALOG else {}))
    async with connected(state, lies=None) as client:
        listed = await client.get(f"/{kind.versions[0]}{kind.path}", {"$expand": "assignments"})
        item = await client.get(path_of(state, "One"), {"$expand": "assignments"})
        below = await client.get(path_of(state, "One", "assignments"))
    told = {
        "list_expand": listed.value[0]["assignments"] if listed.status == 200 else None,
        "item_expand": item.json["assignments"] if item.status == 200 else None,
        "assignments": below.value if below.status == 200 else None,
    }
    for route, shown in told.items():
        match getattr(kind, route):
            case Trust.WORKS:
                assert shown, route
            case Trust.LIES:
                assert shown == [], route
            case Trust.ABSENT:
                assert shown is None, route
    assert any(told.values()), "one route at least tells the truth"


@pytest.mark.parametrize("family", [*ENDPOINT_SECURITY, "none", "baseline"])
async def test_only_templates_of_endpoint_security_are_empty_on_the_item(family: str) -> None:
    state = one(CATALOG, ["Old"], templateReference={"templateFamily": family})
    async with connected(state, lies=None) as client:
        item = (await client.get(path_of(state, "One"), {"$expand": "assignments"})).json
        listed = (await client.get(f"/beta{CATALOG.path}", {"$expand": "assignments"})).value[0]
    assert bool(item["assignments"]) == (family not in ENDPOINT_SECURITY)
    assert listed["assignments"]


async def test_notifications_refuse_to_be_expanded_and_their_own_route_works() -> None:
    state = one(ENROLMENT, ["Old"], **{"@odata.type": "#microsoft.graph.deviceEnrollmentNotificationConfiguration"})
    honest_otherwise = replace(known_lies(1), item_empty=frozenset())
    async with connected(state, lies=honest_otherwise) as client:
        assert (await client.get(path_of(state, "One"), {"$expand": "assignments"})).status == 400
        assert (await client.get(path_of(state, "One"))).status == 200
        assert len((await client.get(path_of(state, "One", "assignments"))).value) == 1


@pytest.mark.parametrize(
    ("kind", "properties", "status"),
    [
        (ENROLMENT, {"priority": 0}, 400),
        (ENROLMENT, {"priority": 1}, 204),
        (APPS, {"@odata.type": "#microsoft.graph.winGetApp", "publishingState": "processing"}, 400),
        (APPS, {"@odata.type": "#microsoft.graph.winGetApp", "publishingState": "published"}, 204),
    ],
    ids=["a default", "no default", "not published", "published"],
)
async def test_some_configurations_cannot_be_assigned(kind: Kind, properties: Json, status: int) -> None:
    state = one(kind, ["Old"], **properties)
    async with connected(state) as client:
        assert await assign(client, state, kind, [element(kind, state.group("New").id)]) == status


@pytest.mark.parametrize(("type_", "status"), [("windowsMicrosoftEdgeApp", 400), ("win32LobApp", 204)])
async def test_edge_takes_no_filter(type_: str, status: int) -> None:
    state = one(APPS, ["Old"], **{"@odata.type": f"#microsoft.graph.{type_}"})
    filtered = {FILTER_ID: state.filter("Corporate").id, FILTER_TYPE: "include"}
    async with connected(state) as client:
        new = state.group("New").id
        assert await assign(client, state, APPS, [element(APPS, new, more=filtered)]) == status
        assert await assign(client, state, APPS, [element(APPS, new)]) == 204


async def test_true_beside_an_empty_list_is_told_where_the_list_lies() -> None:
    state = one(KINDS["intents"], ["Old"])
    async with connected(state, lies=Lies(list_empty=frozenset({"intents"}))) as client:
        listed = (await client.get("/beta/deviceManagement/intents", {"$expand": "assignments"})).value[0]
    assert (listed["isAssigned"], listed["assignments"]) == (True, [])


def test_the_lies_are_those_of_the_table_whatever_the_seed() -> None:
    for seed in range(20):
        lies = known_lies(seed)
        for kind in KINDS.values():
            if kind.list_expand is Trust.WORKS:
                assert kind.name not in lies.list_empty | lies.list_expand_refused
            if kind.item_expand is Trust.WORKS:
                assert kind.name not in lies.item_empty | lies.item_expand_refused
