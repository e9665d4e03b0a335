"""Groups are looked up many at a time, by whatever name a sheet has for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.configuration import FilterDefinition, Group, TenantInfo
from migrator.model.errors import GraphError, NotServed, PermissionRefused
from tests.graph.server import client_of, error, in_turn, said, text
from tests.graph_tenant.elements import FILTER, GROUP, OTHER_GROUP
from tests.graph_tenant.small_graph import SmallGraph, small_tenant

SELECT = "$select=id,displayName,mail,mailNickname,onPremisesSecurityIdentifier,securityEnabled"


class Directory:
    """Answers every `$filter` with one group a value it names; refuses more than `most` values, and other things."""

    def __init__(self, most: int = 15, refuses: str = "", *, knows_in: bool = True) -> None:
        self.most = most
        self.refuses = refuses
        self.knows_in = knows_in
        self.filters: list[str] = []
        self.requests = 0

    async def respond(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if request.path.endswith("$batch"):
            inner = (await request.json())["requests"]
            answers = [(i["id"], *self._said(i["url"])) for i in inner]
            return web.json_response({"responses": [{"id": n, "status": s, "body": b} for n, s, b in answers]})
        status, body = self._said(request.path_qs)
        return web.json_response(body, status=status)

    def _said(self, url: str) -> tuple[int, dict[str, Any]]:
        clause = parse_qs(urlsplit(url).query)["$filter"][0]
        self.filters.append(clause)
        values = [part.replace("\0", "'") for part in clause.replace("''", "\0").split("'")[1::2]]
        unknown = not self.knows_in and " in (" in clause
        if unknown or len(values) > self.most or (self.refuses and self.refuses in clause):
            return 400, {"error": {"code": "BadRequest", "message": "too many"}}
        return 200, {"value": [{"id": f"ID-{v}", "displayName": v} for v in values]}


async def test_three_hundred_names_take_one_call() -> None:
    directory = Directory()
    async with client_of(directory.respond, workers=640) as bench:
        found = await GraphTenant(bench.client).groups_by_name(f"Group {n}" for n in range(300))
    assert {g.name for g in found} == {f"Group {n}" for n in range(300)}
    assert (directory.requests, len(directory.filters)) == (1, 20)


async def test_names_that_differ_by_case_are_one_and_blank_ones_none() -> None:
    directory = Directory()
    async with client_of(directory.respond) as bench:
        await GraphTenant(bench.client).groups_by_name(["Sales", "SALES", " ", ""])
    assert len(directory.filters) == 1
    assert directory.filters[0].casefold() == "displayname in ('sales')"


@pytest.mark.parametrize("name", ["O'Brien's team", "営業部", "R&D + 50% #1?", "a/b\\c", "trailing ", "NULL", "00123"])
async def test_a_name_arrives_as_it_is(name: str) -> None:
    directory = Directory()
    async with client_of(directory.respond) as bench:
        found = await GraphTenant(bench.client).groups_by_name([name])
    assert [g.name for g in found] == [name]


async def test_a_chunk_that_is_refused_is_asked_by_halves() -> None:
    directory = Directory(most=4)
    async with client_of(directory.respond, workers=640) as bench:
        found = await GraphTenant(bench.client).groups_by_name(f"Group {n}" for n in range(40))
    assert len(found) == 40


async def test_a_directory_that_does_not_know_in_is_asked_otherwise_by_one_more_call() -> None:
    directory = Directory(knows_in=False)
    async with client_of(directory.respond, workers=640) as bench:
        found = await GraphTenant(bench.client).groups_by_name(["O'Brien", *(f"Group {n}" for n in range(299))])
    assert {g.name for g in found} == {"O'Brien", *(f"Group {n}" for n in range(299))}
    assert (directory.requests, len(directory.filters)) == (2, 40)


async def test_a_single_name_is_found_by_a_directory_that_does_not_know_in() -> None:
    directory = Directory(knows_in=False)
    async with client_of(directory.respond) as bench:
        found = await GraphTenant(bench.client).groups_by_name(["Old"])
    assert [g.name for g in found] == ["Old"]
    assert directory.filters == ["displayName in ('Old')", "displayName eq 'Old'"]


@pytest.mark.parametrize("names", [["Old"], ["one", "Old", "three"]])
async def test_a_name_that_cannot_be_asked_for_is_never_taken_for_absent(names: list[str]) -> None:
    directory = Directory(refuses="Old")
    async with client_of(directory.respond, workers=640) as bench:
        with pytest.raises(GraphError, match=r"refuses to look up 'Old'.*400 BadRequest: too many.*is unknown"):
            await GraphTenant(bench.client).groups_by_name(names)


async def test_an_address_that_is_too_long_is_halved() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        return error(414)() if len(request.path_qs) > 600 else await directory.respond(request)

    directory = Directory()
    async with client_of(respond) as bench:
        found = await GraphTenant(bench.client).groups_by_name(["a" * 256, "b" * 256])
    assert len(found) == 2
    assert all(" in (" in clause for clause in directory.filters)


async def test_what_is_too_long_for_a_name_is_not_asked_for() -> None:
    directory = Directory()
    async with client_of(directory.respond) as bench:
        found = await GraphTenant(bench.client).groups_by_name(["x" * 257, "y" * 256])
    assert [g.name for g in found] == ["y" * 256]


@pytest.mark.parametrize("refused", ["mail eq", "mailNickname eq", "startswith"])
async def test_a_refused_clause_that_only_helps_to_guess_is_left_out(refused: str) -> None:
    directory = Directory(refuses=refused)
    async with client_of(directory.respond, workers=640) as bench:
        found = await GraphTenant(bench.client).groups_by_other_names(["sales@contoso.com", "sales"])
    assert {g.name for g in found} == {"sales@contoso.com", "sales"}


async def test_a_refused_sid_is_not_taken_for_absent() -> None:
    directory = Directory(refuses="onPremises")
    async with client_of(directory.respond, workers=640) as bench:
        with pytest.raises(GraphError, match="S-1-12-1-42"):
            await GraphTenant(bench.client).groups_by_other_names(["sales", "S-1-12-1-42"])


async def test_every_page_of_a_search_is_read() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        path = f"/v1.0/groups?$filter=displayName in ('Twin')&{SELECT}"
        link = graph.link("/v1.0/groups?$skiptoken=2")
        one, two = ({"id": i, "displayName": "Twin"} for i in "AB")
        graph.say(path, (200, {"value": [one], "@odata.nextLink": link}))
        graph.say("/v1.0/groups?$skiptoken=2", (200, {"value": [two]}))
        found = await tenant.groups_by_name(["Twin"])
    assert found == [Group("a", "Twin"), Group("b", "Twin")]


async def test_other_names_are_asked_for_by_what_they_look_like() -> None:
    directory = Directory()
    async with client_of(directory.respond) as bench:
        await GraphTenant(bench.client).groups_by_other_names(["sales@contoso.com", "sales", "S-1-12-1-42", "o'b"])
    assert directory.filters == [
        "mail eq 'sales@contoso.com' or startswith(displayName,'sales@contoso.com') or "
        "mailNickname eq 'sales' or startswith(displayName,'sales') or "
        "onPremisesSecurityIdentifier eq 'S-1-12-1-42' or mailNickname eq 'o''b' or startswith(displayName,'o''b')"
    ]


async def test_all_that_is_known_of_a_group_is_told() -> None:
    group = {
        "id": GROUP.upper(),
        "displayName": "Sales ",
        "mail": "sales@contoso.com",
        "mailNickname": "sales",
        "onPremisesSecurityIdentifier": "S-1-12-1-42",
        "securityEnabled": True,
    }
    async with client_of(in_turn(said({"value": [group]}))) as bench:
        found = await GraphTenant(bench.client).groups_by_id([GROUP])
    assert found == [Group(GROUP, "Sales ", "sales@contoso.com", "sales", "S-1-12-1-42", True)]


async def test_ids_go_by_the_thousand_and_what_is_none_stays_here() -> None:
    async with client_of(in_turn(said({"value": []}))) as bench:
        ids = [f"0a1b2c3d-0000-4000-8000-{n:012d}" for n in range(1500)]
        await GraphTenant(bench.client).groups_by_id([*ids, ids[0].upper(), "Sales", ""])
    bodies = [asked.body for asked in bench.served.asked]
    assert sorted(body.count(b"0a1b2c3d") for body in bodies) == [500, 1000]
    assert all(body.endswith(b'"types":["group"]}') for body in bodies)


async def test_nothing_to_look_up_asks_nothing() -> None:
    async with client_of(in_turn(said({"value": []}))) as bench:
        tenant = GraphTenant(bench.client)
        assert not await tenant.groups_by_id(["not an id"])
        assert not await tenant.groups_by_name([])
        assert not await tenant.groups_by_other_names([" "])
    assert not bench.served.asked


async def test_a_directory_that_may_not_be_read_says_so() -> None:
    async with client_of(in_turn(error(403, "Authorization_RequestDenied", "Insufficient privileges"))) as bench:
        tenant = GraphTenant(bench.client)
        with pytest.raises(PermissionRefused, match="Insufficient privileges"):
            await tenant.groups_by_name(["Sales"])
        with pytest.raises(PermissionRefused):
            await tenant.groups_by_id([GROUP, OTHER_GROUP])


async def test_an_answer_without_groups_is_no_proof_that_there_are_none() -> None:
    async with client_of(in_turn(said({"value": None}))) as bench:
        with pytest.raises(GraphError, match="could not be looked up"):
            await GraphTenant(bench.client).groups_by_name(["Sales"])


async def test_filters_are_read_from_all_pages() -> None:
    graph = SmallGraph()
    path = "/beta/deviceManagement/assignmentFilters"
    async with small_tenant(graph) as (tenant, _):
        one = {"id": FILTER.upper(), "displayName": "Corporate", "platform": "windows10AndLater"}
        graph.say(path, (200, {"value": [one], "@odata.nextLink": graph.link(f"{path}?$skip=1")}))
        graph.say(f"{path}?$skip=1", (200, {"value": [{"id": "f2", "displayName": None}]}))
        found = await tenant.filters()
    assert found == [FilterDefinition(FILTER, "Corporate", "windows10AndLater"), FilterDefinition("f2", "")]


async def test_filters_that_are_not_served_say_so() -> None:
    async with client_of(in_turn(error(404, "NotFound", "no such path"))) as bench:
        with pytest.raises(NotServed):
            await GraphTenant(bench.client).filters()


async def test_the_tenant_says_which_it_is() -> None:
    body = {"value": [{"id": "t1", "displayName": "Contoso"}]}
    async with client_of(in_turn(said(body))) as bench:
        assert await GraphTenant(bench.client).about() == TenantInfo("t1", "Contoso")


@pytest.mark.parametrize(
    "answer", [error(403, "Forbidden"), said({"value": []}), said({"value": ["x"]}), said([]), text("<html>")]
)
async def test_a_tenant_that_does_not_say_who_it_is_can_be_worked_with_all_the_same(answer: Any) -> None:
    async with client_of(in_turn(answer)) as bench:
        assert await GraphTenant(bench.client).about() == TenantInfo()
