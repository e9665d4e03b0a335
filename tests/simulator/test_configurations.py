"""Configurations of every kind are listed, read and paged alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator import IsAssigned, Lies, tenant_from_json, tenant_of
from tests.simulator.client import CATALOG, HONEST, OFFICE, connected, path_of

EVERY_KIND = [pytest.param(kind, id=name) for name, kind in KINDS.items()]
ASSIGNABLE = [pytest.param(kind, id=name) for name, kind in KINDS.items() if kind.assignment]


@pytest.mark.parametrize("kind", EVERY_KIND)
async def test_every_kind_is_listed_by_its_own_name_property(kind: Kind) -> None:
    state = tenant_of({"One": [], "Two": []}, kind=kind.name)
    async with connected(state) as client:
        listed = await client.get(f"/{kind.version}{kind.path}")
        assert {c[kind.name_property] for c in listed.value} == {"One", "Two"}
        found = await client.get(f"/{kind.version}{kind.path}", {"$filter": f"{kind.name_property} eq 'oNE'"})
        assert [c["id"] for c in found.value] == [state.configuration("One").id]


@pytest.mark.parametrize("kind", ASSIGNABLE)
async def test_every_kind_tells_its_assignments_by_three_routes(kind: Kind) -> None:
    state = tenant_of({"One": ["Finance"]}, kind=kind.name)
    group_id = state.group("Finance").id
    one = path_of(state, "One")
    async with connected(state) as client:
        by_route = [
            (await client.get(f"/{kind.version}{kind.path}", {"$expand": "assignments"})).value[0]["assignments"],
            (await client.get(one, {"$expand": "assignments"})).json["assignments"],
            (await client.get(f"{one}/assignments")).value,
        ]
        assert by_route[0] == by_route[1] == by_route[2]
        assert by_route[0][0]["target"]["groupId"] == group_id
        assert by_route[0][0]["id"] == f"{state.configuration('One').id}_{group_id}"
        single = await client.get(f"{one}/assignments/{by_route[0][0]['id']}")
        assert single.json["target"] == by_route[0][0]["target"]


async def test_a_kind_is_served_only_in_its_versions() -> None:
    state = tenant_of({"One": []}, kind=CATALOG.name)
    async with connected(state) as client:
        assert (await client.get(f"/v1.0{CATALOG.path}")).status == 404
        assert (await client.get("/v1.0/deviceManagement/deviceConfigurations")).status == 200
        assert (await client.get(f"/v2.0{CATALOG.path}")).status == 400


async def test_lists_page_and_keep_the_question() -> None:
    state = tenant_of({f"Policy {n}": ["Finance"] for n in range(60)}, kind=CATALOG.name)
    async with connected(state, page_size=25) as client:
        asked = {"$expand": "assignments", "$select": "id,name", "$top": "999"}
        pages = await client.pages(f"/beta{CATALOG.path}", asked)
        assert [len(page) for page in pages] == [25, 25, 10]
        assert all(set(c) == {"id", "name", "assignments"} for page in pages for c in page)
        assert len({c["id"] for page in pages for c in page}) == 60


async def test_assignments_page_too_also_inside_an_expanded_list() -> None:
    groups = [f"Group {n}" for n in range(103)]
    state = tenant_of({"Wide": groups})
    async with connected(state, assignments_page_size=50) as client:
        pages = await client.pages(path_of(state, "Wide", "assignments"))
        assert [len(page) for page in pages] == [50, 50, 3]
        item = (await client.get(f"/beta{OFFICE.path}", {"$expand": "assignments"})).value[0]
        rest = await client.pages(item["assignments@odata.nextLink"])
        told = [*item["assignments"], *(a for page in rest for a in page)]
        assert {a["target"]["groupId"] for a in told} == state.configuration("Wide").group_ids()


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("", {"$expand": "settings"}, 400),
        ("", {"$orderby": "name"}, 400),
        ("", {"$filter": "id eq 'x'"}, 400),
        ("", {"$filter": "startswith(name,'x')"}, 400),
        ("/00000000-0000-4000-8000-000000000000", {}, 404),
        ("/00000000-0000-4000-8000-000000000000/assignments", {}, 404),
    ],
)
async def test_what_is_not_there_or_not_understood_is_refused(path: str, options: dict[str, str], status: int) -> None:
    async with connected(tenant_of({"One": []}, kind=CATALOG.name)) as client:
        assert (await client.get(f"/beta{CATALOG.path}{path}", options)).status == status


async def test_unknown_paths_and_methods_are_refused_in_graphs_own_shape() -> None:
    state = tenant_of({"One": []})
    async with connected(state) as client:
        for method, path, status in (
            ("GET", "/beta/nowhere", 404),
            ("GET", "/beta", 404),
            ("GET", path_of(state, "One", "nothing"), 404),
            ("GET", path_of(state, "One", "assignments", "unknown"), 404),
            ("DELETE", path_of(state, "One"), 405),
            ("GET", path_of(state, "One", "assign"), 405),
        ):
            reply = await client.ask(method, path, headers={"client-request-id": "mine"})
            error = reply.json["error"]
            assert (reply.status, sorted(error)) == (status, ["code", "innerError", "message"]), path
            assert error["innerError"]["client-request-id"] == reply.headers["client-request-id"] == "mine"
            assert error["innerError"]["request-id"] == reply.headers["request-id"]
            assert reply.headers["date"]


async def test_ids_and_paths_ignore_case_and_keys_may_stand_in_brackets() -> None:
    state = tenant_of({"One": []}, kind=CATALOG.name)
    id_ = state.configuration("One").id
    async with connected(state) as client:
        for path in (f"/beta/DEVICEMANAGEMENT/configurationpolicies/{id_.upper()}", f"/beta{CATALOG.path}('{id_}')"):
            assert (await client.get(path)).json["name"] == "One"


async def test_names_may_repeat_and_may_be_missing() -> None:
    described = [{"kind": OFFICE.name, "name": name} for name in ("Twin", "Twin", None)]
    state = tenant_from_json({"configurations": described})
    async with connected(state) as client:
        listed = (await client.get(f"/beta{OFFICE.path}")).value
        assert sorted(str(c["displayName"]) for c in listed) == ["None", "Twin", "Twin"]
        found = await client.get(f"/beta{OFFICE.path}", {"$filter": "displayName eq 'twin'"})
        assert len(found.value) == 2


@pytest.mark.parametrize(
    ("lies", "route"),
    [
        (Lies(list_empty=frozenset({CATALOG.name})), "list"),
        (Lies(list_empty=frozenset({"One"})), "list"),
        (Lies(item_empty=frozenset({CATALOG.name})), "item"),
        (Lies(item_empty=frozenset({"One"})), "item"),
    ],
)
async def test_a_lying_expand_answers_empty_and_the_other_routes_are_true(lies: Lies, route: str) -> None:
    state = tenant_of({"One": ["Finance"], "Two": ["Finance"]}, kind=CATALOG.name)
    async with connected(state, lies=lies) as client:
        listed = (await client.get(f"/beta{CATALOG.path}", {"$expand": "assignments"})).value
        told = {
            "list": next(c for c in listed if c["name"] == "One")["assignments"],
            "item": (await client.get(path_of(state, "One"), {"$expand": "assignments"})).json["assignments"],
        }
        assert told.pop(route) == []
        assert all(told.values())
        assert (await client.get(path_of(state, "One", "assignments"))).value
        if "One" in lies.list_empty:
            assert next(c for c in listed if c["name"] == "Two")["assignments"]


async def test_routes_and_kinds_can_be_not_served() -> None:
    state = tenant_from_json(
        {
            "configurations": [
                {"kind": CATALOG.name, "name": "One"},
                {"kind": OFFICE.name, "name": "Two"},
                {"kind": "intents", "name": "Three"},
            ]
        }
    )
    lies = Lies(
        list_expand_refused=frozenset({CATALOG.name}),
        item_expand_refused=frozenset({CATALOG.name}),
        assignments_absent=frozenset({CATALOG.name}),
        refused={OFFICE.name: 404, "intents": 403},
    )
    async with connected(state, lies=lies) as client:
        for path in (f"/beta{CATALOG.path}", path_of(state, "One")):
            assert (await client.get(path)).status == 200
            assert (await client.get(path, {"$expand": "assignments"})).status == 400
        assert (await client.get(path_of(state, "One", "assignments"))).status == 404
        assert (await client.get(f"/beta{OFFICE.path}")).status == 404
        assert (await client.get(path_of(state, "Two", "assignments"))).status == 404
        assert (await client.get(path_of(state, "Three"))).code == "Forbidden"


@pytest.mark.parametrize(
    ("said", "shown"),
    [(IsAssigned.HONEST, [True, False]), (IsAssigned.FALSE, [False, False]), (IsAssigned.ABSENT, [None, None])],
)
async def test_is_assigned_says_what_it_is_set_to_say(said: IsAssigned, shown: list[bool | None]) -> None:
    state = tenant_of({"One": ["Finance"], "Two": []}, kind=CATALOG.name)
    async with connected(state, lies=Lies(is_assigned=said)) as client:
        told = [(await client.get(path_of(state, name))).json.get("isAssigned") for name in ("One", "Two")]
        assert told == shown


async def test_by_default_the_known_lies_are_told() -> None:
    template = {"templateReference": {"templateFamily": "endpointSecurityFirewall"}}
    described = {"kind": CATALOG.name, "name": "One", "assignments": ["Finance"], "properties": template}
    state = tenant_from_json({"configurations": [described]})
    async with connected(state, replace(HONEST, lies=None)) as client:
        assert (await client.get(path_of(state, "One"), {"$expand": "assignments"})).json["assignments"] == []
        assert len((await client.get(path_of(state, "One", "assignments"))).value) == 1
    cloud_pc = tenant_of({"One": ["Finance"]}, kind="provisioningPolicies")
    async with connected(cloud_pc, replace(HONEST, lies=None)) as client:
        assert (await client.get(path_of(cloud_pc, "One", "assignments"))).status == 404
        assert (await client.get(path_of(cloud_pc, "One"), {"$expand": "assignments"})).json["assignments"]


async def test_assignment_filters_are_listed() -> None:
    async with connected(tenant_of({}, filters=["Corporate", "Personal"])) as client:
        listed = (await client.get("/beta/deviceManagement/assignmentFilters", {"$top": "1"})).json
        assert set(listed["value"][0]) == {"id", "displayName", "platform", "rule"}
        assert len((await client.get(listed["@odata.nextLink"])).value) == 1
