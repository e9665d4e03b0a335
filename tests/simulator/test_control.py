"""The control address shows the tenant as it is stored, what was asked, and takes changes from outside."""

from __future__ import annotations

import pytest

from migrator.model.settings import Limit
from migrator.simulator import tenant_from_json, tenant_of
from migrator.simulator.description import tenant_to_json
from migrator.simulator.state import TenantState
from tests.simulator.client import APPS, CATALOG, Client, connected, group, office_body, path_of


def tenant() -> TenantState:
    return tenant_of({"One": ["Old", "Other"]}, groups=["New"], kind=CATALOG.name)


async def control(client: Client, path: str, body: object) -> int:
    return (await client.post(client.tenant.control_url + path, body, token="")).status


async def test_the_state_is_the_tenants_description() -> None:
    state = tenant()
    async with connected(state) as client:
        shown = (await client.get(client.tenant.control_url + "/state", token="")).json
        assert shown == tenant_to_json(state)
        assert tenant_to_json(tenant_from_json(shown)) == shown


async def test_log_and_counters_tell_what_was_asked() -> None:
    state = tenant()
    async with connected(state) as client:
        await client.get(path_of(state, "One"), {"$select": "id"}, headers={"client-request-id": "mine"})
        await client.get("/beta/nowhere")
        await client.batch({"id": "1", "method": "GET", "url": "/organization"})
        log = (await client.get(client.tenant.control_url + "/log")).json
        assert [(e["method"], e["status"], e["inner"]) for e in log] == [
            ("GET", 200, False),
            ("GET", 404, False),
            ("GET", 200, True),
            ("POST", 200, False),
        ]
        assert log[0]["path"].startswith(path_of(state, "One") + "?")
        assert log[0]["client_request_id"] == "mine"
        assert log[0]["request_id"]
        counters = (await client.get(client.tenant.control_url + "/counters")).json
        assert {n: counters[n] for n in ("requests", "inner", "reads", "writes", "refused", "assigns")} == {
            "requests": 3,
            "inner": 1,
            "reads": 3,
            "writes": 0,
            "refused": 0,
            "assigns": 0,
        }
        assert sum(counters["admittedPerSecond"].values()) == 3


async def test_someone_else_edits_a_configuration() -> None:
    state = tenant()
    one = state.configuration("One")
    ids = {name: state.group(name).id for name in ("Old", "Other", "New")}
    async with connected(state) as client:
        assert await control(client, "/changes", {"configuration": "one", "add": ["New"], "remove": ["Old"]}) == 204
        assert one.group_ids() == {ids["Other"], ids["New"]}
        change = {"configuration": one.id, "kind": CATALOG.name, "assignments": ["All users", group(ids["Old"])]}
        assert await control(client, "/changes", change) == 204
        assert one.group_ids() == {ids["Old"]}
        assert len(one.assignments) == 2
        client.tenant.change("One", add=["Old", "New"], remove=["All users"])
        assert one.group_ids() == {ids["Old"], ids["New"]}
        assert len(one.assignments) == 2
        client.tenant.change("One", assignments=[])
        assert not one.assignments
    apps = tenant_of({"App": ["Old"]}, kind=APPS.name)
    async with connected(apps) as client:
        client.tenant.change("App", remove=["Old"])
        assert apps.configuration("App").assignments == ()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"configuration": "Nobody"},
        {"configuration": "One", "add": ["Nobody"]},
        {"configuration": "One", "add": [{}]},
        {"configuration": "One", "drop": []},
        [],
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(change: object) -> None:
    state = tenant()
    async with connected(state) as client:
        reply = await client.post(client.tenant.control_url + "/changes", change)
        assert reply.status == 400
        assert reply.json["message"]
        assert len(state.configuration("One").assignments) == 2
    office = tenant_of({"One": []})
    async with connected(office) as client:
        assert await control(client, "/changes", {"configuration": "One", "add": ["All users"]}) == 400


async def test_settings_and_faults_change_while_it_runs() -> None:
    state = tenant()
    async with connected(state) as client:
        patch = {"writes": {"calls": 7, "span": 5.0}, "lies": {"is_assigned": "absent"}, "page_size": 3}
        assert await control(client, "/settings", patch) == 204
        settings = client.tenant.settings
        assert (settings.writes, settings.page_size, settings.requests) == (Limit(7, 5.0), 3, Limit(1000, 20.0))
        assert "isAssigned" not in (await client.get(path_of(state, "One"))).json
        assert await control(client, "/faults", {"planned_reads": {"One": ["502"]}, "reads": {"500": 0.0}}) == 204
        assert [(await client.get(path_of(state, "One"))).status for _ in range(2)] == [502, 200]
        assert (await client.get(client.tenant.control_url + "/counters")).json["faults"] == {"502": 1}
        for wrong in ({"colour": 1}, {"speed": "fast"}, {"speed": 0}, {"faults": {"reads": {"999": 1}}}):
            assert await control(client, "/settings", wrong) == 400


async def test_known_lies_can_be_changed_one_by_one() -> None:
    async with connected(tenant(), lies=None) as client:
        before = client.tenant.service.world.lies
        assert await control(client, "/settings", {"lies": {"item_empty": []}}) == 204
        after = client.tenant.service.world.lies
        assert (after.item_empty, after.list_empty) == (frozenset(), before.list_empty)


async def test_a_reset_brings_everything_back() -> None:
    state = tenant_of({"One": ["Old"]}, groups=["New"])
    async with connected(state, writes=Limit(1, 20)) as client:
        body = office_body([state.group("New").id])
        assert (await client.post(path_of(state, "One", "assign"), body)).status == 200
        assert (await client.post(path_of(state, "One", "assign"), body)).status == 429
        assert await control(client, "/reset", {}) == 204
        assert state.configuration("One").group_ids() == {state.group("Old").id}
        assert client.tenant.record.requests == 0
        assert (await client.post(path_of(state, "One", "assign"), body)).status == 200


async def test_other_control_paths_are_not_there() -> None:
    async with connected(tenant()) as client:
        reply = await client.get(client.tenant.control_url + "/secrets")
        assert reply.status == 404
        assert "/state" in reply.json["message"]
