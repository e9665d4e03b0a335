"""The tenant over real HTTP against the embedded one, with its lies, its throttle, its faults and its habits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from migrator.graph.client import Client
from migrator.graph.gates import Gates
from migrator.graph.pacing import Pacer
from migrator.graph.tenant.tenant import GraphTenant
from migrator.graph.transport import Transport
from migrator.model.assignment import Assignment, Assignments, Target, TargetType
from migrator.model.configuration import Configuration, Served
from migrator.model.kind import INTUNE, Kind, Trust
from migrator.model.kinds import KINDS
from migrator.model.lists import direct, holds
from migrator.model.outcome import AssignState
from migrator.model.ports import Tenant
from migrator.model.reading import Reading
from migrator.model.settings import Limit
from migrator.simulator.clock import Clock
from migrator.simulator.description import tenant_from_json, tenant_of
from migrator.simulator.server import Simulator
from migrator.simulator.settings import Fault, Faults, IsAssigned, Lies, SimulatorSettings
from migrator.simulator.state import TenantState
from tests.graph.server import Tokens
from tests.graph_tenant.elements import FILTER_ID, FILTER_TYPE
from tests.virtual_clock import VirtualClock

OFFICE, CATALOG = KINDS["officeClientConfigurations"], KINDS["configurationPolicies"]
ASSIGNABLE = [kind for kind in KINDS.values() if not kind.excluded]
OLD, NEW, OTHER = (f"0a1b2c3d-0000-4000-8000-00000000000{n}" for n in "abc")
FILTER = "0a1b2c3d-0000-4000-8000-0000000000f1"
HONEST = Lies()


@dataclass
class Embedded:
    """The embedded tenant, and what the tool sees of it."""

    tenant: Tenant
    simulator: Simulator
    clock: VirtualClock

    async def listed(self, *kinds: Kind) -> dict[str, tuple[Configuration, Assignments | None]]:
        found = await self.tenant.list_configurations(kinds)
        return {one.configuration.name: (one.configuration, one.assignments) for one in found.listed}

    async def read(self, *kinds: Kind) -> dict[str, tuple[Configuration, Reading]]:
        """Everything of these kinds, listed and read by a second route, by name."""
        listed = await self.listed(*kinds)
        known = {c.key: assignments for c, assignments in listed.values()}
        readings = await self.tenant.read([c for c, _ in listed.values()], known)
        return {name: (c, readings[c.key]) for name, (c, _) in listed.items()}

    def stored(self, name: str) -> list[str]:
        """What is really assigned, as sorted JSON, without what the service makes itself or leaves out at will."""
        configuration = self.simulator.state.configuration(name)
        made = {"@odata.type", "id", "source", "sourceId", *configuration.kind.drop}
        kept = [{k: v for k, v in a.items() if k not in made} for a in configuration.assignments]
        return sorted(json.dumps(without_nulls(element), sort_keys=True) for element in kept)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(v) for name, v in value.items() if v is not None}
    return value


@asynccontextmanager
async def embedded(
    state: TenantState, lies: Lies | None = HONEST, limit: int | None = None, **settings: Any
) -> AsyncIterator[Embedded]:
    """A tool signed in to an embedded tenant, both in one virtual time."""
    clock = VirtualClock()
    gates = Gates(clock, lambda quota, _state: Pacer(32 if quota.write else 640, limit, firm=True))
    tenant_clock = Clock(1.0, clock.monotonic, clock.sleep)
    wishes = SimulatorSettings(access_token="ready", lies=lies, **settings)
    async with (
        Simulator(state, wishes, clock=tenant_clock) as simulator,
        Transport(simulator.graph_url, clock) as transport,
        Client(transport, Tokens(["ready"]), gates, clock, lambda _: None) as client,
    ):
        yield Embedded(GraphTenant(client), simulator, clock)


def to(*groups: str) -> Assignments:
    return tuple(Assignment(Target(TargetType.GROUP, g)) for g in groups)


def elements_of(kind: Kind) -> list[dict[str, Any]]:
    """The richest assignments that a kind takes, the old group among them."""
    group = {"@odata.type": kind.targets[TargetType.GROUP], "groupId": OLD, "ofTomorrow": {"a": [1, {"b": 0.5}]}}
    intent = {kind.intent_property: "required"} if kind.intent_property else {}
    kept = {name: {"ofTomorrow": name} for name in kind.keep if name != kind.intent_property}
    filter_ = {FILTER_ID: FILTER, FILTER_TYPE: "include"} if kind.targets is INTUNE else {}
    whole_tenant = set(kind.targets) - {TargetType.GROUP, TargetType.EXCLUSION}
    return [
        {"target": group | filter_, **intent, **kept},
        {"target": group | {"groupId": OTHER}, **intent},
        *({"target": {"@odata.type": kind.targets[type_]}, **intent} for type_ in whole_tenant),
    ]


def rich_tenant() -> TenantState:
    names = {OLD: "Old", NEW: "New", OTHER: "Other"}
    return tenant_from_json(
        {
            "groups": [{"id": i, "displayName": n, "mailEnabled": True} for i, n in names.items()],
            "assignmentFilters": [{"id": FILTER, "displayName": "Corporate"}],
            "configurations": [
                {"kind": kind.name, "name": f"{kind.name} {word}", "assignments": given}
                for kind in ASSIGNABLE
                for word, given in (("rich", elements_of(kind)), ("bare", []))
            ],
        }
    )


def swapped(assignments: Iterable[Assignment]) -> Assignments:
    return tuple(replace(a, target=replace(a.target, id=NEW)) if a.target.id == OLD else a for a in direct(assignments))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_kind_keeps_everything_but_the_swapped_group_to_the_property(seed: int) -> None:
    async with embedded(rich_tenant(), None, seed=seed) as world:
        for name, (configuration, reading) in (await world.read(*ASSIGNABLE)).items():
            if not name.endswith("rich"):
                continue
            assert reading.settled, (name, reading.note)
            before = world.stored(name)
            after = swapped(reading.assignments)
            answer = await world.tenant.assign(configuration, after)
            assert answer.state is AssignState.CONFIRMED, (name, answer)
            assert answer.confirmed is None or holds(after, answer.confirmed)
            assert world.stored(name) == sorted(element.replace(OLD, NEW) for element in before)
            again = await world.tenant.read([configuration], purpose="verify")
            assert again[configuration.key].settled
            assert holds(after, again[configuration.key].assignments)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
async def test_what_has_no_assignment_is_never_taken_for_something_else(seed: int) -> None:
    async with embedded(rich_tenant(), None, seed=seed) as world:
        read = await world.read(*ASSIGNABLE)
    bare = {name: reading for name, (_, reading) in read.items() if name.endswith("bare")}
    assert all(reading.assignments == () for reading in bare.values())
    certain = [name for name, reading in bare.items() if reading.settled]
    assert "configurationPolicies bare" in certain
    assert len(certain) > len(bare) / 2


@pytest.mark.parametrize("page", [10, 50, 200])
async def test_one_group_added_where_103_stand_leaves_104(page: int) -> None:
    state = tenant_of({"Baseline": [f"Group {n}" for n in range(103)]}, groups=["One more"])
    async with embedded(state, assignments_page_size=page) as world:
        configuration, reading = (await world.read(OFFICE))["Baseline"]
        assert (len(reading.assignments), reading.settled, reading.note) == (103, True, "")
        one_more = to(state.group("One more").id)
        answer = await world.tenant.assign(configuration, reading.assignments + one_more)
        assert answer.state is AssignState.CONFIRMED
        assert len(world.stored("Baseline")) == 104
        again = (await world.tenant.read([configuration]))[configuration.key]
        assert holds(reading.assignments + one_more, again.assignments)


@pytest.mark.parametrize("kind", [OFFICE, CATALOG, KINDS["deviceConfigurations"]], ids=lambda k: k.name)
@pytest.mark.parametrize("is_assigned", list(IsAssigned))
@pytest.mark.parametrize("where", ["list", "item", "both"])
async def test_an_expand_that_answers_empty_wipes_nothing(kind: Kind, is_assigned: IsAssigned, where: str) -> None:
    lying = frozenset([kind.name])
    lies = Lies(
        list_empty=lying if where != "item" else frozenset(),
        item_empty=lying if where != "list" else frozenset(),
        is_assigned=is_assigned,
    )
    state = tenant_of({f"Policy {n}": ["Old", "Other"] for n in range(30)}, kind=kind.name, groups=["New"])
    async with embedded(state, lies) as world:
        for _, reading in (await world.read(kind)).values():
            assert (len(reading.assignments), reading.settled) == (2, True)
            assert ("answered an empty list" in reading.note) is (where != "item")


async def test_where_every_route_lies_nothing_is_settled() -> None:
    kind = KINDS["deviceShellScripts"]
    lies = Lies(list_empty=frozenset([kind.name]), item_empty=frozenset([kind.name]))
    state = tenant_of({"Script": ["Old"]}, kind=kind.name)
    async with embedded(state, replace(lies, assignments_absent=frozenset([kind.name]))) as world:
        _, reading = (await world.read(kind))["Script"]
    assert (reading.assignments, reading.settled) == ((), False)
    assert "isAssigned says" in reading.note


async def test_sixty_configurations_cost_three_calls_and_the_pages_of_the_listing() -> None:
    state = tenant_of({f"Policy {n}": ["Old"] for n in range(60)})
    async with embedded(state, vary=False, page_size=100) as world:
        await world.read(OFFICE)
        assert world.simulator.record.requests == 4


async def test_readings_that_are_throttled_one_by_one_are_all_read_in_the_end() -> None:
    state = tenant_of({f"Policy {n}": ["Old", f"Group {n}"] for n in range(90)})
    async with embedded(state, requests=Limit(40, 20.0)) as world:
        read = await world.read(OFFICE)
        assert world.simulator.record.refused > 0
        assert world.clock.now > 20
    for name, (_, reading) in read.items():
        assert (len(reading.assignments), reading.settled) == (2, True), name


async def test_troubles_on_the_way_change_no_reading() -> None:
    state = tenant_of({f"Policy {n}": ["Old", f"Group {n}"] for n in range(60)}, kind=CATALOG.name)
    async with embedded(state, faults=Faults.everywhere(0.2), seed=7) as world:
        read = await world.read(CATALOG)
    assert len(read) == 60
    assert all(reading.settled and len(reading.assignments) == 2 for _, reading in read.values())


async def test_a_listing_that_is_older_than_somebody_elses_change_is_read_again() -> None:
    state = tenant_of({"Baseline": ["Old"]}, groups=["New"])
    async with embedded(state) as world:
        configuration, listed = (await world.listed(OFFICE))["Baseline"]
        world.simulator.change("Baseline", add=["New"])
        reading = (await world.tenant.read([configuration], {configuration.key: listed}))[configuration.key]
    assert {a.target.id for a in reading.assignments} == {state.group("Old").id, state.group("New").id}
    assert reading.settled


async def test_readings_that_lag_show_the_old_list_first_and_the_new_one_later() -> None:
    state = tenant_of({"Baseline": ["Old"]}, groups=["New"])
    faults = Faults(planned_writes={"Baseline": (Fault.LAG,)})
    async with embedded(state, faults=faults, lag=3.0) as world:
        configuration, _ = (await world.listed(OFFICE))["Baseline"]
        after = to(state.group("New").id)
        assert (await world.tenant.assign(configuration, after)).state is AssignState.CONFIRMED
        early = (await world.tenant.read([configuration]))[configuration.key]
        await world.clock.sleep(3)
        late = (await world.tenant.read([configuration]))[configuration.key]
    assert not holds(after, early.assignments)
    assert holds(after, late.assignments)


@pytest.mark.parametrize(
    ("fault", "state", "applied"),
    [
        (Fault.RESET_AFTER, AssignState.UNKNOWN, True),
        (Fault.RESET_BEFORE, AssignState.UNKNOWN, False),
        (Fault.TIMEOUT_AFTER, AssignState.UNKNOWN, True),
        (Fault.TRUNCATED, AssignState.UNKNOWN, True),
        (Fault.PROXY_PAGE, AssignState.UNKNOWN, False),
        (Fault.FORBIDDEN, AssignState.REFUSED, False),
        (Fault.CONFLICT, AssignState.REFUSED, False),
        (Fault.UNAVAILABLE, AssignState.CONFIRMED, True),
        (Fault.CLAIMS, AssignState.CONFIRMED, True),
    ],
)
async def test_an_assign_call_says_what_is_known_and_no_more(fault: Fault, state: AssignState, applied: bool) -> None:
    tenant = tenant_of({"Baseline": ["Old"]}, groups=["New"])
    new = tenant.group("New").id
    async with embedded(tenant, faults=Faults(planned_writes={"Baseline": (fault,)})) as world:
        configuration, _ = (await world.listed(OFFICE))["Baseline"]
        answer = await world.tenant.assign(configuration, to(new))
        assert answer.state is state
        assert (tenant.configuration("Baseline").group_ids() == {new}) is applied
        assert tenant.configuration("Baseline").writes == applied


async def test_a_kind_that_is_not_served_or_forbidden_is_told_in_the_coverage() -> None:
    lies = Lies(refused={OFFICE.name: 404, "mobileApps": 403})
    async with embedded(tenant_of({"Policy": ["Old"]}, kind=CATALOG.name), lies) as world:
        found = await world.tenant.list_configurations([OFFICE, KINDS["mobileApps"], CATALOG])
    assert [c.served for c in found.coverage] == [Served.NOT_SERVED, Served.FORBIDDEN, Served.READ]
    assert len(found.listed) == 1


async def test_every_kind_can_be_listed_whatever_the_tenants_habits() -> None:
    async with embedded(rich_tenant(), None, seed=4) as world:
        found = await world.tenant.list_configurations(ASSIGNABLE)
    assert [(c.served, c.count) for c in found.coverage] == [(Served.READ, 2)] * len(ASSIGNABLE)
    for listed in found.listed:
        if KINDS[listed.configuration.kind].list_expand is Trust.LIES:
            assert listed.assignments is None


NAMES = ["O'Brien's team", "営業部", "00123", "NULL", "R&D + 50%", "Twin", "Padded "]


async def test_groups_are_found_by_every_name_they_have() -> None:
    described = [{"displayName": name} for name in [*NAMES, "twin"]]
    special = {
        "displayName": "Special",
        "mail": "special@contoso.com",
        "mailNickname": "spec",
        "onPremisesSecurityIdentifier": "S-1-12-1-42",
    }
    async with embedded(tenant_from_json({"groups": [*described, special]})) as world:
        by_name = await world.tenant.groups_by_name([n.upper() for n in NAMES] + ["nobody"])
        assert sorted(g.name for g in by_name) == sorted([*NAMES, "twin"])
        for other in ("SPECIAL@contoso.com", "Spec", "s-1-12-1-42", "speci"):
            assert [g.name for g in await world.tenant.groups_by_other_names([other])] == ["Special"]
        found = await world.tenant.groups_by_other_names(["Padded"])
        assert [g.name for g in found] == ["Padded "]
        ids = [g.id.upper() for g in by_name]
        assert set(await world.tenant.groups_by_id([*ids, OLD])) == set(by_name)


async def test_a_thousand_names_cost_four_calls() -> None:
    names = [f"Group {n}" for n in range(1000)]
    async with embedded(tenant_from_json({"groups": names}), directory=Limit(None)) as world:
        found = await world.tenant.groups_by_name(names)
        assert world.simulator.record.requests == 4
    assert {g.name for g in found} == set(names)


async def test_the_tenant_and_its_filters_are_known_by_name() -> None:
    async with embedded(rich_tenant()) as world:
        info = await world.tenant.about()
        (only,) = await world.tenant.filters()
        assert (info.id, info.name) == (world.simulator.state.id, world.simulator.state.name)
    assert (only.id, only.name) == (FILTER, "Corporate")
