"""Swaps wherever a group stands, held against a model of their own on tenants and pairs of any sort."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.mapping.pairs import pairs_mapping
from migrator.model.assignment import VIRTUAL_ALL_USERS, Assignment, Assignments, Filter, Target, TargetType
from migrator.model.configuration import Configuration, Group, Key
from migrator.model.finding import errors
from migrator.model.plan import Plan
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
ALL = "All users"
Who = tuple[str, str]
"""A group's name, or `All users`, and an app's intent."""
How = tuple[bool, bool]
"""Whether it is excluded, and whether a filter is applied."""


@dataclass
class Policy:
    kind: str
    stands: dict[Who, How]
    by_policy_set: list[str]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    kind = draw(st.sampled_from([OFFICE, CATALOG, APPS, PROTECTION]))
    who = st.sampled_from([*GROUPS, ALL] if kind in WHOLE else GROUPS)
    intents = st.sampled_from(["required", "available"]) if kind == APPS else st.just("")
    stands: dict[Who, How] = {}
    for name, intent in draw(st.lists(st.tuples(who, intents), max_size=5)):
        excluded = kind != OFFICE and (name != ALL or kind == PROTECTION) and draw(st.booleans())
        stands[name, intent] = (excluded, not excluded and kind != OFFICE and draw(st.booleans()))
    return Policy(kind, stands, draw(st.lists(st.sampled_from(GROUPS), max_size=1)))


@st.composite
def swaps(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Pairs in which no legacy group and no new one comes twice; chains and circles among them."""
    olds = draw(st.lists(st.sampled_from([*GROUPS, ALL]), min_size=1, max_size=4, unique=True))
    news = draw(st.permutations([*GROUPS, ALL]))
    return [(old, new) for old, new in zip(olds, news, strict=False) if old != new]


def modelled(policy: Policy, pairs: list[tuple[str, str]]) -> dict[Who, How]:
    """What shall stand: who is not named stays, everybody else moves, and gives way to a successor that is there."""
    moving = {}
    for old, new in pairs:
        excluded = any(how[0] for (name, _), how in policy.stands.items() if name == old)
        if new != ALL or policy.kind == PROTECTION or (policy.kind in WHOLE and not excluded):
            moving[old] = new
    after = {who: how for who, how in policy.stands.items() if who[0] not in moving}
    for (name, intent), how in policy.stands.items():
        if name in moving:
            after.setdefault((moving[name], intent), how)
    return after


def assignment(kind: str, who: Who, how: How, *, policy_set: bool = False) -> Assignment:
    name, intent = who
    if name == ALL and kind != PROTECTION:
        target = Target(TargetType.ALL_USERS)
    else:
        group = VIRTUAL_ALL_USERS if name == ALL else guid(100 + GROUPS.index(name))
        target = Target(TargetType.EXCLUSION if how[0] else TargetType.GROUP, group)
    return Assignment(target, intent, Filter(guid(7)) if how[1] else None, from_policy_set=policy_set)


def lists(policy: Policy, stands: dict[Who, How]) -> Assignments:
    fixed = [assignment(policy.kind, (name, ""), (False, False), policy_set=True) for name in policy.by_policy_set]
    return (*(assignment(policy.kind, who, how) for who, how in stands.items()), *fixed)


async def drawn(tenant: MemoryTenant, pairs: list[tuple[str, str]]) -> Plan:
    environ = {"MIGRATOR_GRAPH_URL": "http://127.0.0.1:9", "MIGRATOR_ACCESS_TOKEN": "none"}
    chosen = configure({}, environ=environ, folder=Path(__file__).parent)
    async with connect(chosen, clock=VirtualClock()) as connection:
        return (await draw_up(pairs_mapping(pairs), chosen, replace(connection, tenant=tenant))).plan


@settings(max_examples=60)
@given(st.lists(policies(), min_size=1, max_size=5), swaps())
def test_afterwards_the_tenant_is_what_a_model_of_it_says(found: list[Policy], pairs: list[tuple[str, str]]) -> None:
    if not pairs:
        return
    keys = [Key(policy.kind, guid(number)) for number, policy in enumerate(found)]
    tenant = MemoryTenant(
        configurations=[Configuration(key.kind, key.id, f"Policy {n}") for n, key in enumerate(keys)],
        lists={key: lists(policy, policy.stands) for key, policy in zip(keys, found, strict=True)},
        groups=[Group(guid(100 + n), name) for n, name in enumerate(GROUPS)],
    )
    plan = asyncio.run(drawn(tenant, pairs))
    assert not errors(plan.findings)
    after = dict(tenant.lists)
    for one in plan.configurations:
        after[one.key] = one.after
    olds = {old for old, _ in pairs}
    holding = {key for key, policy in zip(keys, found, strict=True) if olds & {name for name, _ in policy.stands}}
    assert {one.key for one in plan.configurations} <= holding
    for key, policy in zip(keys, found, strict=True):
        assert set(after[key]) == set(lists(policy, modelled(policy, pairs)))
    assert plan.row_count == len(pairs)
