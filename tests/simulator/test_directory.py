"""Groups are found as Graph finds them: by filter, by id, by search, in pages."""

from __future__ import annotations

import pytest

from migrator.simulator import tenant_from_json
from migrator.simulator.messages import Json
from migrator.simulator.state import TenantState
from tests.simulator.client import connected

MAIL = {"displayName": "O'Brien's team", "mail": "obrien@contoso.com", "mailNickname": "obrien"}
SYNCED = {"displayName": "Synced", "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1105"}
GUID = "0f0f0f0f-0000-4000-8000-00000000abcd"


def tenant() -> TenantState:
    groups: list[str | Json] = ["Finance", "Finance", "finance ops", "Reception ", "営業部", MAIL, SYNCED]
    return tenant_from_json({"groups": [*groups, {"displayName": "Fixed", "id": GUID}], "deletedGroups": ["Gone"]})


def names(values: list[Json]) -> list[str]:
    return sorted(g["displayName"] for g in values)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("displayName eq 'FINANCE'", ["Finance", "Finance"]),
        ("displayName eq 'Reception'", []),
        ("displayName eq 'Reception '", ["Reception "]),
        ("displayName eq 'O''Brien''s team'", ["O'Brien's team"]),
        ("displayName eq '営業部'", ["営業部"]),
        ("displayName in ('finance ops', 'Synced','nobody')", ["Synced", "finance ops"]),
        ("startswith(displayName, 'fin')", ["Finance", "Finance", "finance ops"]),
        ("startsWith(displayName,'rec') or mail eq 'OBRIEN@contoso.com'", ["O'Brien's team", "Reception "]),
        ("mailNickname eq 'obrien'", ["O'Brien's team"]),
        ("onPremisesSecurityIdentifier eq 'S-1-5-21-1-2-3-1105'", ["Synced"]),
        (f"id eq '{GUID.upper()}'", ["Fixed"]),
        (f"(id in ('{GUID}'))", ["Fixed"]),
    ],
)
async def test_a_filter_finds_groups_ignoring_case_but_not_blanks(condition: str, found: list[str]) -> None:
    async with connected(tenant()) as client:
        reply = await client.get("/v1.0/groups", {"$filter": condition})
        assert (reply.status, names(reply.value)) == (200, found)


@pytest.mark.parametrize("many", [15, 16])
@pytest.mark.parametrize("shape", ["displayName in ({})", "{}"])
async def test_fifteen_values_are_taken_and_sixteen_are_not(many: int, shape: str) -> None:
    values = [f"'n{i}'" for i in range(many)]
    inside = ",".join(values) if "in" in shape else " or ".join(f"displayName eq {v}" for v in values)
    async with connected(tenant()) as client:
        reply = await client.get("/v1.0/groups", {"$filter": shape.format(inside)})
        assert reply.status == (200 if many == 15 else 400)


@pytest.mark.parametrize(
    "condition",
    [
        "displayName eq Finance",
        "displayName ne 'x'",
        "displayName in ('a'",
        "displayName in ('a';'b')",
        "description eq 'x'",
        "startswith(onPremisesSecurityIdentifier,'S')",
        "displayName eq 'a' and mail eq 'b'",
        "displayName eq 'O'Brien'",
        "displayName eq",
    ],
)
async def test_a_filter_that_is_not_understood_is_refused(condition: str) -> None:
    async with connected(tenant()) as client:
        reply = await client.get("/v1.0/groups", {"$filter": condition})
        assert reply.status == 400
        assert reply.json["error"]["innerError"]["request-id"]


async def test_only_what_is_selected_comes_back() -> None:
    async with connected(tenant()) as client:
        reply = await client.get("/beta/groups", {"$filter": "displayName eq 'Synced'", "$select": "id, displayName"})
        assert set(reply.value[0]) == {"id", "displayName"}
        assert (await client.get("/beta/groups", {"$select": "id,colour"})).status == 400


async def test_groups_come_in_pages_that_are_followed_by_absolute_links() -> None:
    state = tenant_from_json({"groups": [f"Group {n}" for n in range(250)]})
    async with connected(state) as client:
        pages = await client.pages("/v1.0/groups")
        assert [len(page) for page in pages] == [100, 100, 50]
        assert {g["id"] for page in pages for g in page} == set(state.groups)
        first = await client.get("/v1.0/groups", {"$top": "3", "$filter": "startswith(displayName,'Group 1')"})
        assert first.json["@odata.nextLink"].startswith(f"{client.tenant.graph_url}/v1.0/groups?")
        second = await client.get(first.json["@odata.nextLink"])
        assert len(second.value) == 3
        assert all(g["displayName"].startswith("Group 1") for g in second.value)
        assert not {g["id"] for g in first.value} & {g["id"] for g in second.value}


@pytest.mark.parametrize("options", [{"$top": "1000"}, {"$top": "0"}, {"$skiptoken": "nonsense"}, {"$skip": "1"}])
async def test_paging_options_out_of_bounds_are_refused(options: dict[str, str]) -> None:
    async with connected(tenant()) as client:
        assert (await client.get("/v1.0/groups", options)).status == 400


@pytest.mark.parametrize(
    "options", [{"$count": "true"}, {"$search": '"displayName:finance"'}, {"$orderby": "displayName desc"}]
)
async def test_advanced_queries_need_eventual_consistency(options: dict[str, str]) -> None:
    async with connected(tenant()) as client:
        assert (await client.get("/v1.0/groups", options)).status == 400
        reply = await client.get("/v1.0/groups", options, headers={"ConsistencyLevel": "eventual"})
        assert reply.status == 200
        if "$count" in options:
            assert reply.json["@odata.count"] == 8
        elif "$search" in options:
            assert names(reply.value) == ["Finance", "Finance", "finance ops"]
        else:
            shown = [g["displayName"].casefold() for g in reply.value]
            assert shown == sorted(shown, reverse=True)


async def test_a_group_is_read_by_its_id_and_a_deleted_one_among_the_deleted() -> None:
    state = tenant()
    gone = next(iter(state.deleted_groups))
    async with connected(state) as client:
        assert (await client.get(f"/v1.0/groups/{GUID.upper()}")).json["displayName"] == "Fixed"
        assert (await client.get(f"/v1.0/groups/{gone}")).status == 404
        assert (await client.get("/v1.0/groups/not-an-id")).status == 400
        deleted = await client.get(f"/v1.0/directory/deletedItems/microsoft.graph.group/{gone}")
        assert deleted.json["displayName"] == "Gone"


async def test_get_by_ids_leaves_unknown_ids_out() -> None:
    state = tenant()
    unknown = "99999999-0000-4000-8000-000000000000"
    async with connected(state) as client:
        asked = {"ids": [*state.groups, unknown, GUID.upper()], "types": ["group"]}
        reply = await client.post("/v1.0/directoryObjects/getByIds", asked)
        assert {g["id"] for g in reply.value} == set(state.groups)
        assert reply.headers["x-ms-resource-unit"] == "3"
        users = await client.post("/v1.0/directoryObjects/getByIds", {"ids": [GUID], "types": ["user"]})
        assert users.value == []


@pytest.mark.parametrize("ids", [[], ["x"], [GUID] * 1001, "no list", [1]])
async def test_get_by_ids_is_strict(ids: object) -> None:
    async with connected(tenant()) as client:
        assert (await client.post("/v1.0/directoryObjects/getByIds", {"ids": ids})).status == 400


async def test_the_organization_says_which_tenant_answers() -> None:
    state = tenant_from_json({"tenant": {"id": GUID, "name": "Contoso"}})
    async with connected(state) as client:
        reply = await client.get("/v1.0/organization", {"$select": "id,displayName"})
        assert reply.value == [{"id": GUID, "displayName": "Contoso"}]
