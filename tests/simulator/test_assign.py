"""Assign replaces everything that was assigned directly, and is strict about what it is given."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.model.assignment import VIRTUAL_ALL_USERS, TargetType
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator import TenantState, tenant_from_json, tenant_of
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.simulator.client import APPS, CATALOG, OFFICE, connected, exclusion, group, office_body, path_of, target_ids

ALL_USERS = {"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}}
ALL_DEVICES = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
UNKNOWN = "99999999-0000-4000-8000-000000000000"


def catalog() -> TenantState:
    return tenant_of({"One": ["Old"]}, kind=CATALOG.name, groups=["New", "Other"], filters=["Corporate"])


def element(kind: Kind, group_id: str) -> dict[str, Any]:
    """The plainest assignment to a group that a kind takes."""
    intent = {kind.intent_property: "required"} if kind.intent_property else {}
    target = {"@odata.type": kind.targets[TargetType.GROUP], "groupId": group_id}
    return {"@odata.type": kind.assignment, "target": target, **intent}


@pytest.mark.parametrize("kind", [pytest.param(k, id=n) for n, k in KINDS.items() if k.assignment])
async def test_every_kind_is_assigned_in_its_own_words(kind: Kind) -> None:
    state = tenant_of({"One": ["Old"]}, kind=kind.name, groups=["New"])
    new = state.group("New").id
    async with connected(state) as client:
        path = path_of(state, "One", kind.assign_paths[0])
        reply = await client.post(path, {kind.body: [element(kind, new)]})
        assert reply.status == kind.success
        if kind.success == 200:
            assert target_ids(reply.value) == {new}
        else:
            assert reply.text == ""
        assert state.configuration("One").group_ids() == {new}
        wrong = await client.post(path, {"wrongName": [element(kind, new)]})
        assert (wrong.status, wrong.code) == (400, "BadRequest")


async def test_what_is_not_named_is_gone() -> None:
    state = tenant_of({"One": [f"Group {n}" for n in range(103)]}, groups=["New"])
    new = state.group("New").id
    async with connected(state) as client:
        reply = await client.post(path_of(state, "One", "assign"), office_body([new]))
        assert target_ids(reply.value) == {new}
        assert state.configuration("One").group_ids() == {new}
        assert (await client.post(path_of(state, "One", "assign"), office_body([]))).value == []
        assert state.configuration("One").assignments == ()


async def test_everything_that_is_sent_comes_back_even_what_nobody_knows() -> None:
    state = catalog()
    sent = group(state.group("New").id, servicePlanId="x") | {"note": {"deep": [1, None]}}
    async with connected(state) as client:
        await client.post(path_of(state, "One", "assign"), {"assignments": [sent, ALL_USERS, ALL_DEVICES]})
        told = (await client.get(path_of(state, "One", "assignments"))).value
        kept = next(a for a in told if a["target"].get("groupId"))
        assert kept["note"] == sent["note"]
        assert kept["target"].items() >= sent["target"].items()
        assert {a["target"]["@odata.type"].rpartition(".")[2] for a in told} == {
            "groupAssignmentTarget",
            "allLicensedUsersAssignmentTarget",
            "allDevicesAssignmentTarget",
        }
        assert all(a["source"] == "direct" for a in told)
        assert len({a["id"] for a in told}) == 3


async def test_what_policy_sets_assigned_stays() -> None:
    from_set = group("11111111-0000-4000-8000-000000000001") | {"source": "policySets", "sourceId": "set"}
    described = {"kind": CATALOG.name, "name": "One", "assignments": [from_set, "Old"]}
    state = tenant_from_json({"groups": ["New"], "configurations": [described]})
    new = state.group("New").id
    async with connected(state) as client:
        await client.post(path_of(state, "One", "assign"), {"assignments": [group(new)]})
        told = (await client.get(path_of(state, "One", "assignments"))).value
        assert {(a["target"]["groupId"], a["source"]) for a in told} == {
            (from_set["target"]["groupId"], "policySets"),
            (new, "direct"),
        }
        again = next(a for a in told if a["source"] == "policySets")
        assert (await client.post(path_of(state, "One", "assign"), {"assignments": [again]})).status == 400
        side_by_side = {"assignments": [group(from_set["target"]["groupId"])]}
        await client.post(path_of(state, "One", "assign"), side_by_side)
        assert len(state.configuration("One").assignments) == 2


async def test_the_same_target_twice_counts_once_and_the_first_time() -> None:
    state = catalog()
    new = state.group("New").id
    async with connected(state) as client:
        twice = [group(new, mark=1), group(new.upper(), mark=2), exclusion(new)]
        await client.post(path_of(state, "One", "assign"), {"assignments": twice})
        stored = state.configuration("One").assignments
        assert [a["target"].get("mark") for a in stored if "exclusion" not in a["target"]["@odata.type"]] == [1]
        assert len(stored) == 2


async def test_an_apps_intent_belongs_to_the_target() -> None:
    state = tenant_of({"One": []}, kind=APPS.name, groups=["New"])
    new = state.group("New").id
    path = path_of(state, "One", "assign")
    async with connected(state) as client:
        both = [exclusion(new) | {"intent": "required"}, group(new) | {"intent": "uninstall"}]
        assert (await client.post(path, {APPS.body: both})).status == 204
        assert {a["intent"] for a in state.configuration("One").assignments} == {"required", "uninstall"}
        assert (await client.post(path, {APPS.body: [group(new)]})).status == 400
        assert (await client.post(path, {APPS.body: [group(new) | {"intent": "sometimes"}]})).status == 400


def wrong_elements(state: TenantState) -> dict[str, object]:
    new = state.group("New").id
    corporate = state.filter("Corporate").id
    return {
        "no object": "x",
        "no target": {},
        "target is no object": {"target": "x"},
        "target without type": {"target": {"groupId": new}},
        "target type of another kind": {"target": {"@odata.type": OFFICE.targets[TargetType.GROUP], "groupId": new}},
        "assignment type of another kind": {"@odata.type": OFFICE.assignment, **group(new)},
        "no group id": {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}},
        "group id is no id": group("New"),
        "unknown group": group(UNKNOWN),
        "virtual group where all users is a target": group(VIRTUAL_ALL_USERS),
        "group id on all users": {"target": {**ALL_USERS["target"], "groupId": new}},
        "unknown filter": group(new, **{FILTER_ID: UNKNOWN, FILTER_TYPE: "include"}),
        "unknown filter type": group(new, **{FILTER_ID: corporate, FILTER_TYPE: "maybe"}),
        "filter type without filter": group(new, **{FILTER_TYPE: "include"}),
        "filter on an exclusion": exclusion(new, **{FILTER_ID: corporate, FILTER_TYPE: "include"}),
    }


@pytest.mark.parametrize("what", list(wrong_elements(catalog())))
async def test_a_wrong_element_is_refused_and_nothing_is_changed(what: str) -> None:
    state = catalog()
    sound = group(state.group("Other").id)
    async with connected(state) as client:
        body = {"assignments": [sound, wrong_elements(state)[what]]}
        reply = await client.post(path_of(state, "One", "assign"), body)
        assert reply.status == 400, reply.text
        assert reply.json["error"]["message"]
        assert state.configuration("One").group_ids() == {state.group("Old").id}
        assert state.configuration("One").writes == 0


async def test_a_filter_that_is_there_is_taken_and_no_filter_may_be_said_in_many_ways() -> None:
    state = catalog()
    new, corporate = state.group("New").id, state.filter("Corporate").id
    async with connected(state) as client:
        for said in (
            {FILTER_ID: corporate.upper(), FILTER_TYPE: "exclude"},
            {FILTER_ID: None, FILTER_TYPE: None},
            {FILTER_ID: None, FILTER_TYPE: "none"},
            {FILTER_ID: "00000000-0000-0000-0000-000000000000", FILTER_TYPE: "none"},
        ):
            body = {"assignments": [group(new, **said)]}
            assert (await client.post(path_of(state, "One", "assign"), body)).status == 200
            assert state.configuration("One").assignments[0]["target"].items() >= said.items()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"assignments": {}}', "application/json", 400),
        (b'{"assignments": null}', "application/json", 400),
        (b'{"assignments": [], "more": 1}', "application/json", 400),
        (b'{"assignments": []}', "text/plain", 415),
        (b'{"assignments": []}', "Application/JSON; charset=utf-8", 200),
        (b'{"@odata.context": "x", "assignments": []}', "application/json", 200),
    ],
)
async def test_the_body_must_be_json_and_of_the_right_shape(body: bytes, content_type: str, status: int) -> None:
    state = catalog()
    async with connected(state) as client:
        reply = await client.post(path_of(state, "One", "assign"), body, headers={"Content-Type": content_type})
        assert reply.status == status, reply.text


async def test_a_group_must_be_security_enabled_or_for_office_mail_enabled() -> None:
    described = {
        "groups": [
            {"displayName": "List", "securityEnabled": False},
            {"displayName": "Mail", "securityEnabled": False, "mailEnabled": True},
        ],
        "configurations": [{"kind": OFFICE.name, "name": "Office"}, {"kind": CATALOG.name, "name": "Catalog"}],
    }
    state = tenant_from_json(described)
    mail, plain = state.group("Mail").id, state.group("List").id
    async with connected(state) as client:
        assert (await client.post(path_of(state, "Office", "assign"), office_body([mail]))).status == 200
        assert (await client.post(path_of(state, "Office", "assign"), office_body([plain]))).status == 400
        assert (await client.post(path_of(state, "Catalog", "assign"), {"assignments": [group(mail)]})).status == 400


async def test_what_stands_there_may_be_sent_again_even_if_its_group_is_gone() -> None:
    collection = {
        "target": {
            "@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
            "collectionId": "SMS00001",
        }
    }
    described = {"kind": CATALOG.name, "name": "One", "assignments": [group(UNKNOWN), collection]}
    state = tenant_from_json({"groups": ["New"], "configurations": [described]})
    async with connected(state) as client:
        standing = (await client.get(path_of(state, "One", "assignments"))).value
        body = {"assignments": [*standing, group(state.group("New").id)]}
        assert (await client.post(path_of(state, "One", "assign"), body)).status == 200
        assert len(state.configuration("One").assignments) == 3


async def test_app_protection_takes_the_virtual_groups() -> None:
    state = tenant_of({"One": ["All users"]}, kind="iosManagedAppProtections")
    assert state.configuration("One").group_ids() == {VIRTUAL_ALL_USERS}
    async with connected(state) as client:
        body = {"assignments": [exclusion(VIRTUAL_ALL_USERS)]}
        assert (await client.post(path_of(state, "One", "assign"), body)).status == 204
        assert (await client.post(path_of(state, "One", "assign"), {"assignments": [ALL_USERS]})).status == 400


async def test_what_the_service_adds_must_not_come_back() -> None:
    state = tenant_of({"One": ["Old"]}, kind="groupPolicyConfigurations")
    async with connected(state) as client:
        standing = (await client.get(path_of(state, "One", "assignments"))).value
        assert "lastModifiedDateTime" in standing[0]
        path = path_of(state, "One", "assign")
        assert (await client.post(path, {"assignments": standing})).status == 400
        del standing[0]["lastModifiedDateTime"]
        assert (await client.post(path, {"assignments": standing})).status == 200


async def test_autopilot_takes_device_ids_and_its_groups_stay() -> None:
    state = tenant_of({"One": []}, kind="windowsAutopilotDeploymentProfiles")
    async with connected(state) as client:
        path = path_of(state, "One", "assign")
        assert (await client.post(path, {"deviceIds": [UNKNOWN]})).status == 204
        assert (await client.post(path, {"deviceIds": [{}]})).status == 400
        assert state.configuration("One").assignments == ()


async def test_office_has_an_additive_route_that_never_replaces() -> None:
    state = tenant_of({"One": ["Old"]}, groups=["New"])
    old, new = state.group("Old").id, state.group("New").id
    path = path_of(state, "One", "assignments")
    async with connected(state) as client:
        added = await client.post(path, office_body([new])[OFFICE.body][0])
        assert (added.status, added.json["target"]["groupId"]) == (201, new)
        assert (await client.post(path, office_body([new])[OFFICE.body][0])).status == 409
        assert (await client.post(path, [])).status == 400
        assert state.configuration("One").group_ids() == {old, new}
        assert (await client.ask("DELETE", f"{path}/{added.json['id']}")).status == 204
        assert (await client.ask("DELETE", f"{path}/{added.json['id']}")).status == 404
        assert state.configuration("One").group_ids() == {old}
    other = catalog()
    async with connected(other) as client:
        assert (await client.post(path_of(other, "One", "assignments"), group(UNKNOWN))).status == 405


@pytest.mark.parametrize("seed", range(1, 6))
async def test_the_plain_path_of_app_configurations_may_not_be_served(seed: int) -> None:
    state = tenant_of({"One": ["Old"]}, kind="mobileAppConfigurations")
    async with connected(state, vary=True, seed=seed) as client:
        plain = await client.post(path_of(state, "One", "assign"), {"assignments": []})
        if plain.status == 400:
            assert "No method match route template" in plain.text
            assert state.configuration("One").writes == 0
        cast = "microsoft.graph.managedDeviceMobileAppConfiguration/assign"
        assert (await client.post(path_of(state, "One", cast), {"assignments": []})).status in (200, 201, 204)
