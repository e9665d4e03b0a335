"""Configurations are found by listing, all pages, with their assignments where those came whole."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.graph.tenant.configurations import list_kind
from migrator.model.configuration import Configuration, Served
from migrator.model.kinds import KINDS
from tests.graph_tenant.elements import element
from tests.graph_tenant.small_graph import BAD, NOT_FOUND, Said, SmallGraph, small_tenant

OFFICE, CATALOG, INTENTS = (KINDS[name] for name in ("officeClientConfigurations", "configurationPolicies", "intents"))
OFFICES = "/beta/officeConfiguration/clientConfigurations"
POLICIES = "/beta/deviceManagement/configurationPolicies"
FORBIDDEN: Said = (403, {"error": {"code": "Forbidden", "message": "Insufficient privileges"}})


def listing(*items: Any, **more: Any) -> Said:
    return 200, {"value": list(items), **more}


async def test_a_configuration_is_told_by_what_graph_says_of_it() -> None:
    graph = SmallGraph()
    graph.say(
        f"{OFFICES}?$expand=assignments",
        listing(
            {
                "@odata.type": "#microsoft.graph.windowsOfficeClientConfiguration",
                "id": "A1",
                "displayName": "Current channel",
                "description": None,
                "priority": 3,
                "lastModifiedDateTime": "2026-01-01T00:00:00Z",
                "isAssigned": True,
                "assignments": [element("g")],
            },
            {"id": "A2", "displayName": None, "priority": True, "isAssigned": None, "assignments": []},
        ),
    )
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([OFFICE])
    first, second = found.listed
    assert first.configuration == Configuration(
        kind="officeClientConfigurations",
        id="A1",
        name="Current channel",
        type="windowsOfficeClientConfiguration",
        priority=3,
        modified="2026-01-01T00:00:00Z",
        is_assigned=True,
        platform="Windows",
    )
    assert [a.target.id for a in first.assignments or ()] == ["g"]
    assert second.configuration == Configuration("officeClientConfigurations", "A2", "")
    assert second.assignments == ()


async def test_the_name_is_the_property_that_the_kind_keeps_it_in() -> None:
    graph = SmallGraph({f"{POLICIES}?$expand=assignments": [listing({"id": "1", "name": "N", "displayName": "D"})]})
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([CATALOG])
    assert found.listed[0].configuration.name == "N"


async def test_all_pages_are_read_and_counted() -> None:
    graph = SmallGraph()
    told: list[int] = []
    async with small_tenant(graph) as (tenant, _):
        first = f"{POLICIES}?$expand=assignments"
        for page in range(3):
            items = [{"id": f"{page}-{n}", "name": "x", "assignments": []} for n in range(25)]
            path = first if page == 0 else f"{first}&$skiptoken={page}"
            link = {"@odata.nextLink": graph.link(f"{first}&$skiptoken={page + 1}")} if page < 2 else {}
            graph.say(path, listing(*items, **link))
        found = await tenant.list_configurations([CATALOG], told.append)
    assert len({listed.configuration.id for listed in found.listed}) == 75
    assert (found.coverage[0].served, found.coverage[0].count) == (Served.READ, 75)
    assert told == [25, 25, 25]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"assignments": None},
        {"assignments": [element("g")], "assignments@odata.nextLink": "https://graph.example/more"},
    ],
)
async def test_assignments_that_did_not_come_whole_are_not_told(said: dict[str, Any]) -> None:
    graph = SmallGraph({f"{POLICIES}?$expand=assignments": [listing({"id": "1", "name": "x", **said})]})
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([CATALOG])
    assert found.listed[0].assignments is None


async def test_where_expand_is_refused_the_plain_list_is_read() -> None:
    graph = SmallGraph({f"{OFFICES}?$expand=assignments": [BAD], OFFICES: [listing({"id": "1", "displayName": "x"})]})
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([OFFICE])
    assert [(listed.configuration.id, listed.assignments) for listed in found.listed] == [("1", None)]
    assert found.coverage[0].served is Served.READ


async def test_where_expand_is_known_to_lie_it_is_not_asked_for() -> None:
    graph = SmallGraph({"/beta/deviceManagement/intents": [listing({"id": "1", "displayName": "x"})]})
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([INTENTS])
    assert found.listed[0].assignments is None
    assert graph.asked == ["/beta/deviceManagement/intents"]


async def test_assignments_of_a_version_that_hides_filters_are_not_told_even_where_they_come_unasked() -> None:
    path = "/v1.0/deviceAppManagement/mobileApps"
    graph = SmallGraph({path: [listing({"id": "1", "displayName": "x", "assignments": [element("g")]})]})
    async with small_tenant(graph) as (_, bench):
        (found,), _ = await list_kind(bench.client, KINDS["mobileApps"], version="v1.0")
    assert found.assignments is None
    assert graph.asked == [path]


async def test_one_kind_that_cannot_be_read_does_not_spoil_the_others() -> None:
    graph = SmallGraph()
    graph.say(f"{OFFICES}?$expand=assignments", NOT_FOUND)
    graph.say("/beta/deviceManagement/intents", FORBIDDEN)
    graph.say("/beta/deviceManagement/deviceHealthScripts?$expand=assignments", listing({"no": "id"}))
    graph.say(f"{POLICIES}?$expand=assignments", listing({"id": "1", "name": "x"}))
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([OFFICE, INTENTS, KINDS["deviceHealthScripts"], CATALOG])
    assert [c.served for c in found.coverage] == [
        Served.NOT_SERVED,
        Served.FORBIDDEN,
        Served.FAILED,
        Served.READ,
    ]
    assert "does not serve Office client configuration" in found.coverage[0].reason
    assert "DeviceManagementConfiguration.Read.All" in found.coverage[1].reason
    assert [listed.configuration.kind for listed in found.listed] == ["configurationPolicies"]


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ((400, {"error": {"code": "BadRequest", "message": "Resource not found for the segment 'intents'."}}), ""),
        ((405, {"error": {"code": "BadRequest", "message": "Specified HTTP method is not allowed."}}), ""),
        ((501, {"error": {"code": "NotImplemented", "message": "This operation is not supported."}}), ""),
        (
            (400, {"error": {"code": "BadRequest", "message": "Request not applicable to target tenant."}}),
            "Request not applicable to target tenant.",
        ),
        (
            (403, {"error": {"code": "Forbidden", "message": "Your tenant is not licensed for this feature."}}),
            "Your tenant is not licensed for this feature.",
        ),
    ],
)
async def test_a_path_that_graph_does_not_know_and_a_licence_that_is_missing_are_not_served(
    said: Said, licence: str
) -> None:
    graph = SmallGraph({"/beta/deviceManagement/intents": [said]})
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([INTENTS])
    assert (found.coverage[0].served, found.coverage[0].licence) == (Served.NOT_SERVED, licence)
    assert (licence or str(said[0])) in found.coverage[0].reason


@pytest.mark.parametrize(
    "message", ["not like this", "The user has no valid licence in this tenant.", "Resource 'intents' does not exist"]
)
async def test_any_other_refusal_that_lasts_may_hide_configurations(message: str) -> None:
    graph = SmallGraph()
    graph.say("/beta/deviceManagement/intents", (400, {"error": {"code": "BadRequest", "message": message}}))
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([INTENTS])
    assert found.coverage[0].served is Served.FAILED


async def test_intunes_own_word_for_forbidden_concerns_one_kind_and_not_the_sign_in() -> None:
    inner = '{"ErrorCode":"Forbidden","Message":"{\\"_version\\": 3, \\"Message\\": \\"An error has occurred\\"}"}'
    graph = SmallGraph()
    graph.say("/beta/deviceManagement/intents", (401, {"error": {"code": "UnknownError", "message": inner}}))
    graph.say(f"{POLICIES}?$expand=assignments", listing({"id": "1", "name": "x"}))
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([INTENTS, CATALOG])
    assert [c.served for c in found.coverage] == [Served.FORBIDDEN, Served.READ]


@pytest.mark.parametrize(
    "lost", [NOT_FOUND, (405, None), (400, {"error": {"message": "Resource not found for the segment 'x'"}})]
)
async def test_a_kind_of_which_a_page_came_is_served_even_where_another_is_lost(lost: Said) -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        first = f"{POLICIES}?$expand=assignments"
        link = {"@odata.nextLink": graph.link(f"{first}&$skiptoken=2")}
        graph.say(first, listing({"id": "1", "name": "x"}, **link))
        graph.say(f"{first}&$skiptoken=2", lost)
        found = await tenant.list_configurations([CATALOG])
    assert (found.listed, found.coverage[0].served) == ((), Served.FAILED)


async def test_a_list_that_breaks_off_is_no_list() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        first = f"{POLICIES}?$expand=assignments"
        link = {"@odata.nextLink": graph.link(f"{first}&$skiptoken=2")}
        graph.say(first, listing({"id": "1", "name": "x"}, **link))
        graph.say(f"{first}&$skiptoken=2", BAD)
        found = await tenant.list_configurations([CATALOG])
    assert (found.listed, found.coverage[0].served) == ((), Served.FAILED)


async def test_a_list_that_goes_on_elsewhere_is_not_followed() -> None:
    graph = SmallGraph()
    link = {"@odata.nextLink": "https://elsewhere.example/beta/deviceManagement/configurationPolicies?$skip=1"}
    graph.say(f"{POLICIES}?$expand=assignments", listing({"id": "1", "name": "x"}, **link))
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations([CATALOG])
    assert found.coverage[0].served is Served.FAILED
    assert len(graph.asked) == 1
