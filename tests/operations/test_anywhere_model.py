"""Rows that go by where a group stands, rows of a configuration's own beside them: held against a model of their own on
tenants and rows of any sort."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.assignment import (
    VIRTUAL_ALL_DEVICES,
    VIRTUAL_ALL_USERS,
    Assignment,
    Assignments,
    Filter,
    Target,
    TargetType,
)
from migrator.model.configuration import Configuration, Group, Key
from migrator.model.finding import errors
from migrator.model.plan import Plan
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.draw_up import draw_up
from tests.memory import MemoryTenant, guid
from tests.virtual_clock import VirtualClock

OFFICE, CATALOG, APPS, PROTECTION = (
    "officeClientConfigurations",
    "configurationPolicies",
    "mobileApps",
    "iosManagedAppProtections",
)
WHOLE = {CATALOG, APPS, PROTECTION}
GROUPS = [f"G{n}" for n in range(6)]
ALL, DEVICES = "All users", "All devices"
WIDE = [ALL, DEVICES]
Who = tuple[str, str]
"""A group's name, `All users` or `All devices`, and an app's intent."""
How = tuple[bool, bool]
"""Whether it is excluded, and whether a filter is applied."""


Pairs = list[tuple[str, str]]
"""Whose place whom takes; nobody comes twice on one side."""


@dataclass
class Policy:
    kind: str
    stands: dict[Who, How]
    by_policy_set: list[str]
    own: Pairs = field(default_factory=list)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    kind = draw(st.sampled_from([OFFICE, CATALOG, APPS, PROTECTION]))
    who = st.sampled_from([*GROUPS, *WIDE] if kind in WHOLE else GROUPS)
    intents = st.sampled_from(["required", "available"]) if kind == APPS else st.just("")
    stands: dict[Who, How] = {}
    for name, intent in draw(st.lists(st.tuples(who, intents), max_size=5)):
        excluded = kind != OFFICE and (name not in WIDE or kind == PROTECTION) and draw(st.booleans())
        stands[name, intent] = (excluded, not excluded and kind != OFFICE and draw(st.booleans()))
    return Policy(kind, stands, draw(st.lists(st.sampled_from(GROUPS), max_size=1)))


def disjoint(draw: st.DrawFn, olds: list[str], news: list[str], most: int) -> Pairs:
    """Pairs in which no legacy group and no new one comes twice; chains and circles among them."""
    leaving = draw(st.lists(st.sampled_from(olds), max_size=most, unique=True)) if olds else []
    return [(old, new) for old, new in zip(leaving, draw(st.permutations(news)), strict=False) if old != new]


@dataclass
class Story:
    policies: list[Policy]
    swaps: Pairs
    removals: list[str]


@st.composite
def stories(draw: st.DrawFn, *, plain: bool) -> Story:
    """A tenant, and rows; `plain`: swaps wherever the legacy group stands and nothing else."""
    found = draw(st.lists(policies(), min_size=1, max_size=5))
    swaps = disjoint(draw, [*GROUPS, *WIDE], [*GROUPS, *WIDE], 4)
    if plain:
        return Story(found, swaps, [])
    named = {name for pair in swaps for name in pair}
    removals = draw(st.lists(st.sampled_from([*GROUPS, *WIDE]), max_size=2, unique=True))
    free = [group for group in GROUPS if group not in {new for _, new in swaps}]
    for policy in found:
        standing = sorted({name for name, _ in policy.stands})  # a new group of an app would need an intent
        policy.own = disjoint(draw, standing if policy.kind == APPS else [*GROUPS, *WIDE], free, 2) if free else []
    return Story(found, swaps, [name for name in removals if name not in named])


def modelled(policy: Policy, story: Story) -> dict[Who, How]:
    """What shall stand: who is not named stays, everybody else moves, and gives way to a successor that is there. What
    a row of the policy's own says of a group holds in place of what is said of it everywhere."""
    moving = dict(policy.own)
    own = {name for pair in policy.own for name in pair}
    for old, new in story.swaps:
        excluded = any(how[0] for (name, _), how in policy.stands.items() if name == old)
        whole = policy.kind in WHOLE and (new == ALL if policy.kind == PROTECTION else not excluded)
        if old not in moving and (new not in WIDE or whole):
            moving[old] = new
    gone = {name for name in story.removals if name not in own}
    after = {who: how for who, how in policy.stands.items() if who[0] not in moving and who[0] not in gone}
    for (name, intent), how in policy.stands.items():
        if name in moving:
            after.setdefault((moving[name], intent), how)
    there = {name for name, _ in policy.stands}
    return after | {(new, ""): (False, False) for old, new in policy.own if not {old, new} & there}


def assignment(kind: str, who: Who, how: How, *, policy_set: bool = False) -> Assignment:
    name, intent = who
    if name in WIDE and kind != PROTECTION:
        target = Target(TargetType.ALL_USERS if name == ALL else TargetType.ALL_DEVICES)
    else:
        virtual = {ALL: VIRTUAL_ALL_USERS, DEVICES: VIRTUAL_ALL_DEVICES}
        group = virtual.get(name) or guid(100 + GROUPS.index(name))
        target = Target(TargetType.EXCLUSION if how[0] else TargetType.GROUP, group)
    return Assignment(target, intent, Filter(guid(7)) if how[1] else None, from_policy_set=policy_set)


def lists(policy: Policy, stands: dict[Who, How]) -> Assignments:
    fixed = [assignment(policy.kind, (name, ""), (False, False), policy_set=True) for name in policy.by_policy_set]
    return (*(assignment(policy.kind, who, how) for who, how in stands.items()), *fixed)


def rows(story: Story) -> list[Row]:
    """One for everything, and one of each policy's own."""
    swaps = [Row("", 0, Action.SWAP, legacy=Ref(old), new=Ref(new)) for old, new in story.swaps]
    removals = [Row("", 0, Action.REMOVE, legacy=Ref(name)) for name in story.removals]
    own = [
        Row("", 0, Action.SWAP, Ref(f"Policy {n}"), legacy=Ref(old), new=Ref(new))
        for n, policy in enumerate(story.policies)
        for old, new in policy.own
    ]
    return [replace(row, number=number) for number, row in enumerate((*swaps, *removals, *own), start=2)]


async def drawn(tenant: MemoryTenant, story: Story) -> Plan:
    environ = {"MIGRATOR_GRAPH_URL": "http://127.0.0.1:9", "MIGRATOR_ACCESS_TOKEN": "none"}
    chosen = replace(configure({}, environ=environ, folder=Path(__file__).parent), allow_empty=True, impact=False)
    async with connect(chosen, clock=VirtualClock()) as connection:
        return (await draw_up(Mapping("m", tuple(rows(story))), chosen, replace(connection, tenant=tenant))).plan


def hold(story: Story) -> None:
    keys = [Key(policy.kind, guid(number)) for number, policy in enumerate(story.policies)]
    tenant = MemoryTenant(
        configurations=[Configuration(key.kind, key.id, f"Policy {n}") for n, key in enumerate(keys)],
        lists={key: lists(policy, policy.stands) for key, policy in zip(keys, story.policies, strict=True)},
        groups=[Group(guid(100 + n), name) for n, name in enumerate(GROUPS)],
    )
    plan = asyncio.run(drawn(tenant, story))
    assert not errors(plan.findings)
    after = dict(tenant.lists)
    for one in plan.configurations:
        after[one.key] = one.after
    leaving = {*(old for old, _ in story.swaps), *story.removals}
    for key, policy in zip(keys, story.policies, strict=True):
        assert set(after[key]) == set(lists(policy, modelled(policy, story)))
        named = policy.own or leaving & {name for name, _ in policy.stands}
        assert named or key not in {one.key for one in plan.configurations}
    assert plan.row_count == len(rows(story))


@settings(max_examples=60)
@given(stories(plain=True))
def test_afterwards_the_tenant_is_what_a_model_of_it_says(story: Story) -> None:
    hold(story)


@settings(max_examples=100)
@given(stories(plain=False))
def test_rows_of_a_configurations_own_hold_in_place_of_those_for_everything(story: Story) -> None:
    hold(story)
