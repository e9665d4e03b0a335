"""Many kinds are listed twenty to a call, and none of them suffers for another, or for the batch."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.configuration import Served
from migrator.model.kind import Kind, Trust
from migrator.model.kinds import KINDS
from tests.graph.server import client_of
from tests.graph_tenant.small_graph import BAD, NOT_FOUND, Said, SmallGraph, small_tenant

MANY = [kind for kind in KINDS.values() if not kind.excluded]


def asked_first(kind: Kind) -> str:
    expand = "" if kind.list_expand in (Trust.ABSENT, Trust.LIES) else "?$expand=assignments"
    return f"/{kind.version}{kind.path}{expand}"


def one(kind: Kind, **more: Any) -> Said:
    return 200, {"value": [{"id": f"{kind.name}-1", kind.name_property: "x", "assignments": []}], **more}


def graph_of(kinds: list[Kind]) -> SmallGraph:
    graph = SmallGraph()
    for kind in kinds:
        graph.say(asked_first(kind), one(kind))
    return graph


async def test_many_kinds_take_a_few_calls() -> None:
    graph, told = graph_of(MANY), list[int]()
    async with small_tenant(graph) as (tenant, bench):
        found = await tenant.list_configurations(MANY, told.append)
    assert [c.kind for c in found.coverage] == [kind.name for kind in MANY]
    assert {c.served for c in found.coverage} == {Served.READ}
    assert len(found.listed) == len(MANY) == sum(told)
    assert len(bench.served.asked) <= 8  # a batch for 20, for each version and each quota
    assert graph.batches >= 2


async def test_pages_go_on_together() -> None:
    kinds = MANY[:6]
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        for number, kind in enumerate(kinds):
            first = asked_first(kind)
            paths = [first, *(f"{first}{'&' if '?' in first else '?'}$skiptoken={n}" for n in range(number))]
            for at, path in enumerate(paths):
                rest = {"@odata.nextLink": graph.link(paths[at + 1])} if at + 1 < len(paths) else {}
                graph.say(path, (200, {"value": [{"id": f"{number}-{at}", kind.name_property: "x"}], **rest}))
        found = await tenant.list_configurations(kinds)
    assert [c.count for c in found.coverage] == [1, 2, 3, 4, 5, 6]
    assert len(graph.asked) == 21


async def test_each_is_told_for_itself() -> None:
    kinds = [k for k in MANY if k.list_expand is not Trust.LIES][:6]
    graph = graph_of(kinds)
    refuses, gone, forbidden, broken = kinds[:4]
    graph.say(asked_first(refuses), BAD)
    graph.say(f"/{refuses.version}{refuses.path}", one(refuses))
    graph.say(asked_first(gone), NOT_FOUND)
    graph.say(asked_first(forbidden), (403, {"error": {"code": "Forbidden", "message": "no"}}))
    graph.say(asked_first(broken), (200, {"value": [{"no": "id"}]}))
    async with small_tenant(graph) as (tenant, _):
        found = await tenant.list_configurations(kinds)
    assert [c.served for c in found.coverage] == [
        Served.READ,
        Served.NOT_SERVED,
        Served.FORBIDDEN,
        Served.FAILED,
        Served.READ,
        Served.READ,
    ]
    assert [listed.configuration.kind for listed in found.listed] == [refuses.name, kinds[4].name, kinds[5].name]


async def test_what_is_throttled_inside_a_batch_is_asked_again() -> None:
    kinds = MANY[:6]
    graph = graph_of(kinds)
    throttled: Said = (429, {"error": {"code": "TooManyRequests", "message": "slow"}}, {"Retry-After": "3"})
    graph.say(asked_first(kinds[2]), throttled, one(kinds[2]))
    async with small_tenant(graph) as (tenant, bench):
        began = bench.clock.monotonic()
        found = await tenant.list_configurations(kinds)
        assert bench.clock.monotonic() - began >= 3
    assert len(found.listed) == 6


@pytest.mark.parametrize("status", [400, 413, 503])
async def test_a_batch_that_fails_as_a_whole_fails_no_kind(status: int) -> None:
    kinds = MANY[:6]
    graph, refused = graph_of(kinds), list[int]()

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/$batch"):
            refused.append(status)
            return web.json_response({"error": {"code": "No", "message": "not as a batch"}}, status=status)
        return await graph.respond(request)

    async with client_of(respond, workers=640) as bench:
        found = await GraphTenant(bench.client).list_configurations(kinds)
    assert {c.served for c in found.coverage} == {Served.READ}
    assert refused


async def test_a_few_kinds_go_without_an_envelope() -> None:
    kinds = MANY[:3]
    graph = graph_of(kinds)
    async with small_tenant(graph) as (tenant, _):
        await tenant.list_configurations(kinds)
    assert (graph.batches, len(graph.asked)) == (0, 3)
