"""What is assigned is read by as many routes as it takes, 20 to a call, and whole."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.graph.tenant.codec import parse
from migrator.graph.tenant.settling import next_route
from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration
from migrator.model.errors import SignInError
from migrator.model.kinds import KINDS
from migrator.model.outcome import AssignState
from migrator.model.reading import Reading, Route
from tests.graph.server import client_of, error
from tests.graph_tenant.elements import element
from tests.graph_tenant.small_graph import BAD, Said, SmallGraph, catalog, small_tenant

POLICIES = "/beta/deviceManagement/configurationPolicies"
OFFICES = "/beta/officeConfiguration/clientConfigurations"
SHELLS = "/beta/deviceManagement/deviceShellScripts"
A, B = "0a1b2c3d-0000-4000-8000-00000000000a", "0a1b2c3d-0000-4000-8000-00000000000b"


def value(*groups: str, **more: Any) -> Said:
    return 200, {"value": [element(g) for g in groups], **more}


def item(*groups: str, **more: Any) -> Said:
    return 200, {"id": "1", "assignments": [element(g) for g in groups], **more}


def listed(identity: str, *groups: str) -> Said:
    return 200, {"value": [{"id": identity, "displayName": "One", "assignments": [element(g) for g in groups]}]}


def groups_in(reading: Reading) -> list[str]:
    return [a.target.id for a in reading.assignments]


def to(*groups: str) -> Assignments:
    return tuple(parse(KINDS["officeClientConfigurations"], element(g)) for g in groups)


def office(identity: str, *, is_assigned: bool | None = None) -> Configuration:
    return catalog(identity, kind="officeClientConfigurations", is_assigned=is_assigned)


async def read_one(
    graph: SmallGraph, configuration: Configuration, found: Assignments | None = None, *, known: bool = True
) -> Reading:
    async with small_tenant(graph) as (tenant, _):
        readings = await tenant.read([configuration], {configuration.key: found} if known else None)
        return readings[configuration.key]


async def test_sixty_configurations_are_read_by_three_calls() -> None:
    graph = SmallGraph({f"{POLICIES}/{n}/assignments": [value(A)] for n in range(60)})
    told: list[int] = []
    async with small_tenant(graph) as (tenant, bench):
        configurations = [catalog(str(n)) for n in range(60)]
        readings = await tenant.read(configurations, {c.key: to(A) for c in configurations}, progress=told.append)
    assert all(r.settled and groups_in(r) == [A] and not r.note for r in readings.values())
    assert len(bench.served.asked) == 3
    assert sum(told) == 60


async def test_each_configuration_is_asked_for_under_its_own_name_and_the_given_purpose() -> None:
    graph = SmallGraph({f"{POLICIES}/{n}/assignments": [value(A)] for n in "ab"})
    async with small_tenant(graph) as (tenant, bench):
        await tenant.read([catalog("a"), catalog("b")], purpose="verify")
    subjects = {(a.subject.id, a.purpose) for a in bench.attempts if a.subject is not None}
    assert subjects == {("a", "verify"), ("b", "verify")}


@pytest.mark.parametrize("count", [1, 3])
async def test_a_list_of_many_pages_is_read_whole(count: int) -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        for n in range(count):
            path = f"{POLICIES}/{n}/assignments"
            more = {"@odata.nextLink": graph.link(f"{path}?$skiptoken=2")}
            graph.say(path, value(*(f"g{i}" for i in range(50)), **more))
            more = {"@odata.nextLink": graph.link(f"{path}?$skiptoken=3")}
            graph.say(f"{path}?$skiptoken=2", value(*(f"g{i}" for i in range(50, 100)), **more))
            graph.say(f"{path}?$skiptoken=3", value("g100", "g101", "g102"))
        readings = await tenant.read([catalog(str(n)) for n in range(count)])
    assert [groups_in(r) for r in readings.values()] == [[f"g{i}" for i in range(103)]] * count
    assert all(r.settled for r in readings.values())


async def test_an_expanded_item_of_many_pages_is_read_whole() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        link = graph.link(f"{SHELLS}/1/assignments?$skiptoken=2")
        graph.say(f"{SHELLS}/1?$expand=assignments", item(A, **{"assignments@odata.nextLink": link}))
        graph.say(f"{SHELLS}/1/assignments?$skiptoken=2", value(B))
        shell = catalog("1", kind="deviceShellScripts")
        readings = await tenant.read([shell])
    assert groups_in(readings[shell.key]) == [A, B]


@pytest.mark.parametrize("link", ["https://elsewhere.example/beta/x", "itself"])
async def test_pages_that_lead_elsewhere_or_in_a_circle_make_no_list(link: str) -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        path = f"{OFFICES}/1/assignments"
        graph.say(path, value(A, **{"@odata.nextLink": graph.link(path) if link == "itself" else link}))
        reading = (await tenant.read([office("1")]))[office("1").key]
    assert not reading.settled
    assert reading.answers[0].assignments is None


async def test_a_page_that_fails_makes_no_list() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        path = f"{OFFICES}/1/assignments"
        graph.say(path, value(A, **{"@odata.nextLink": graph.link(f"{path}?$skiptoken=2")}))
        graph.say(f"{path}?$skiptoken=2", BAD)
        graph.say(f"{OFFICES}/1?$expand=assignments", item(A, B))
        reading = (await tenant.read([office("1")]))[office("1").key]
    assert (groups_in(reading), reading.settled) == ([A, B], True)
    assert "/assignments gave nothing: 400" in reading.note


async def test_throttled_readings_inside_a_batch_are_asked_again_alone() -> None:
    throttled: Said = (429, {"error": {"code": "TooManyRequests", "message": ""}}, {"Retry-After": "2"})
    graph = SmallGraph({f"{POLICIES}/{n}/assignments": [value(A)] for n in range(20)})
    graph.say(f"{POLICIES}/7/assignments", throttled, value(B))
    async with small_tenant(graph) as (tenant, bench):
        readings = await tenant.read([catalog(str(n)) for n in range(20)])
    assert [g for r in readings.values() for g in groups_in(r)] == [*[A] * 7, B, *[A] * 12]
    assert len(graph.asked) == 21
    assert bench.clock.now >= 2


async def test_a_list_that_lies_is_seen_through_and_told() -> None:
    graph = SmallGraph({f"{POLICIES}/1/assignments": [value(A, B)]})
    reading = await read_one(graph, catalog("1"), ())
    assert (groups_in(reading), reading.settled) == ([A, B], True)
    assert "list with $expand answered an empty list though 2 assigned" in reading.note


async def test_an_item_that_lies_is_not_even_asked_where_that_is_known() -> None:
    graph = SmallGraph({f"{POLICIES}/1/assignments": [value()], f"{POLICIES}/1?$expand=assignments": [item()]})
    graph.say(f"{POLICIES}?$expand=assignments", (200, {"value": [{"id": "1", "assignments": [element(A)]}]}))
    reading = await read_one(graph, catalog("1"), known=False)
    assert (groups_in(reading), reading.settled) == ([A], True)
    assert f"{POLICIES}/1?$expand=assignments" not in graph.asked


@pytest.mark.parametrize(
    ("found_with", "item_says", "settled"),
    [(None, None, True), (False, None, True), (True, None, False), (True, False, True), (False, True, False)],
)
async def test_nothing_assigned_takes_two_routes_and_no_contradiction_by_graphs_newest_word(
    found_with: bool | None, item_says: bool | None, settled: bool
) -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [value()]})
    graph.say(f"{OFFICES}/1?$expand=assignments", item(isAssigned=item_says))
    reading = await read_one(graph, office("1", is_assigned=found_with), known=False)
    assert (reading.assignments, reading.settled) == ((), settled)


async def test_where_the_item_refuses_expand_the_listing_is_the_second_witness() -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [value()], f"{OFFICES}/1?$expand=assignments": [BAD]})
    graph.say(f"{OFFICES}?$expand=assignments", (200, {"value": [{"id": "1", "assignments": []}]}))
    reading = await read_one(graph, office("1"), known=False)
    assert (reading.assignments, reading.settled) == ((), True)


async def test_kinds_without_an_assignments_route_are_read_from_the_item() -> None:
    shell = catalog("1", kind="deviceShellScripts")
    graph = SmallGraph({f"{SHELLS}/1?$expand=assignments": [item(A)]})
    reading = await read_one(graph, shell, ())
    assert (groups_in(reading), reading.settled) == ([A], True)
    assert graph.asked == [f"{SHELLS}/1?$expand=assignments"]


async def test_a_route_that_is_not_served_is_no_evidence() -> None:
    graph = SmallGraph({f"{OFFICES}/1?$expand=assignments": [item()]})
    reading = await read_one(graph, office("1"), known=False)
    assert (reading.assignments, reading.settled) == ((), False)
    assert "only item with $expand answered" in reading.note


@pytest.mark.parametrize(("status", "settled"), [(403, False), (404, True)])
async def test_two_ways_to_expand_are_one_witness_while_the_assignments_cannot_be_read(
    status: int, settled: bool
) -> None:
    refusal: Said = (status, {"error": {"code": "No", "message": "not this one"}})
    graph = SmallGraph({f"{OFFICES}/1/assignments": [refusal], f"{OFFICES}/1?$expand=assignments": [item()]})
    reading = await read_one(graph, office("1", is_assigned=False), to())
    assert (reading.assignments, reading.settled) == ((), settled)
    assert settled or "while /assignments cannot be read" in reading.note


async def test_a_configuration_that_is_gone_is_told_as_such() -> None:
    reading = await read_one(SmallGraph(), office("1"), to(A))
    assert (reading.settled, reading.note) == (False, "the configuration no longer exists")


async def test_a_service_that_does_not_serve_the_item_is_worked_with_all_the_same() -> None:
    def holds(*groups: str) -> None:
        graph.say(f"{OFFICES}/1/assignments", value(*groups))
        graph.say(f"{OFFICES}?$expand=assignments", listed("1", *groups))

    graph = SmallGraph({f"{OFFICES}/1/assign": [value(A)]})
    holds()
    async with small_tenant(graph) as (tenant, _):
        one = (await tenant.list_configurations([KINDS["officeClientConfigurations"]])).listed[0]
        key = one.configuration.key
        before = (await tenant.read([one.configuration], {key: one.assignments}))[key]
        assert (before.assignments, before.settled) == ((), True)
        assert (await tenant.assign(one.configuration, to(A))).state is AssignState.CONFIRMED
        holds(A)
        after = (await tenant.read([one.configuration]))[key]
        assert (groups_in(after), after.settled) == ([A], True)
        holds()
        graph.asked.clear()
        emptied = (await tenant.read([one.configuration]))[key]
    assert (emptied.assignments, emptied.settled) == ((), True)
    assert "item with $expand gave nothing: 404" in emptied.note
    assert graph.asked == [
        f"{OFFICES}/1/assignments",
        f"{OFFICES}/1?$expand=assignments",
        f"{OFFICES}?$expand=assignments",
    ]


@pytest.mark.parametrize(
    ("listing", "note"),
    [
        (listed("another"), "the configuration no longer exists"),
        (BAD, "only /assignments answered, and an empty list alone proves nothing"),
    ],
)
async def test_an_item_that_is_not_found_is_gone_only_when_the_listing_does_not_name_it(
    listing: Said, note: str
) -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [value()], f"{OFFICES}?$expand=assignments": [listing]})
    reading = await read_one(graph, office("1"), known=False)
    assert (reading.assignments, reading.settled) == ((), False)
    assert note in reading.note


async def test_a_configuration_that_has_only_an_item_is_gone_with_it() -> None:
    reading = await read_one(SmallGraph(), catalog("1", kind="deviceShellScripts"), ())
    assert (reading.settled, reading.note) == (False, "the configuration no longer exists")


async def test_a_list_that_does_not_end_is_no_list() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        path = f"{OFFICES}/1/assignments"
        for n in range(9):
            link = graph.link(f"{path}?$skiptoken={n + 1}")
            graph.say(f"{path}?$skiptoken={n}" if n else path, (200, {"value": [0] * 400_000, "@odata.nextLink": link}))
        reading = (await tenant.read([office("1")]))[office("1").key]
    assert not reading.settled
    assert "does not end" in reading.answers[0].reason
    assert len([p for p in graph.asked if path in p]) == 3


async def test_lists_that_differ_are_read_again_until_they_agree() -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [value(A), value(A), value(A, B)]})
    graph.say(f"{OFFICES}?$expand=assignments", listed("1", A, B))
    async with small_tenant(graph) as (tenant, bench):
        reading = (await tenant.read([office("1")], {office("1").key: to(A, B)}))[office("1").key]
    assert (groups_in(reading), reading.settled, reading.note) == ([A, B], True, "")
    assert 1 <= bench.clock.now <= 5


async def test_lists_that_go_on_to_differ_are_left_open_after_five_seconds_with_both_shown() -> None:
    graph = SmallGraph({f"{OFFICES}/{n}/assignments": [value(A)] for n in range(25)})
    graph.say(f"{OFFICES}?$expand=assignments", (200, {"value": [{"id": "3", "assignments": [element(B)]}]}))
    told: list[int] = []
    async with small_tenant(graph) as (tenant, bench):
        known = {office(str(n)).key: to(B if n == 3 else A) for n in range(25)}
        readings = await tenant.read([office(str(n)) for n in range(25)], known, progress=told.append)
    left = readings[office("3").key]
    assert [key.id for key, reading in readings.items() if not reading.settled] == ["3"]
    assert {a.route: [x.target.id for x in a.assignments or ()] for a in left.answers} == {
        Route.LIST: [B],
        Route.ASSIGNMENTS: [A],
    }
    assert "different lists" in left.note
    assert bench.clock.now == pytest.approx(5)
    assert sum(told) == 25


async def test_the_order_and_the_server_made_ids_of_two_lists_make_no_difference() -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [(200, {"value": [element(B, id="p_b"), element(A, id="p_a")]})]})
    reading = await read_one(graph, office("1"), to(A, B))
    assert reading.settled


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": ["x"]}, {"value": {}}, ["x"]])
async def test_an_answer_without_a_list_of_assignments_is_no_evidence(body: Any) -> None:
    graph = SmallGraph({f"{OFFICES}/1/assignments": [(200, body)], f"{OFFICES}/1?$expand=assignments": [item(A)]})
    reading = await read_one(graph, office("1"))
    assert (groups_in(reading), reading.settled) == ([A], True)
    assert reading.answers[0].assignments is None


async def test_kinds_are_read_side_by_side() -> None:
    graph = SmallGraph({f"{POLICIES}/1/assignments": [value(A)], f"{OFFICES}/1/assignments": [value(B)]})
    async with small_tenant(graph) as (tenant, bench):
        readings = await tenant.read([catalog("1"), office("1")])
    assert [groups_in(r) for r in readings.values()] == [[A], [B]]
    assert len(bench.served.asked) == 1


async def test_an_id_is_escaped_in_its_path() -> None:
    configuration = catalog("T_1/2")
    graph = SmallGraph({f"{POLICIES}/T_1/2/assignments": [value(A)]})
    async with small_tenant(graph) as (tenant, bench):
        readings = await tenant.read([configuration])
    assert readings[configuration.key].settled
    assert bench.served.asked[0].path == f"{POLICIES}/T_1%2F2/assignments"


async def test_nothing_to_read_asks_nothing() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, bench):
        assert await tenant.read([]) == {}
    assert not bench.served.asked


async def test_a_sign_in_that_is_refused_stops_everything() -> None:
    async def refuse(_: Any) -> Any:
        return error(401, "InvalidAuthenticationToken")()

    async with client_of(refuse) as bench:
        with pytest.raises(SignInError):
            await GraphTenant(bench.client).read([office("1"), office("2")])


def test_every_kind_can_be_asked_for_by_some_route() -> None:
    assert all(next_route(kind, (), None) is not None for kind in KINDS.values())
