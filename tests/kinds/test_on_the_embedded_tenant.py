"""On the embedded tenant: for every kind and every action exactly what is meant is assigned afterwards, whatever the
tenant's habits are and however it lies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.model.kinds import KINDS
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.foreign_kinds import FACTS, Fact
from tests.kinds.carrying import Came, carry
from tests.kinds.stories import FILTERS, GONE, GROUPS, Story, stories, telling
from tests.whole import world

STORIES = stories()


@dataclass
class Told:
    came: Came
    assignments: dict[str, list[dict[str, Any]]]


def tenant(told: Sequence[Story]) -> TenantState:
    kind_at = {kind.path: kind.name for kind in KINDS.values()}
    return tenant_from_json(
        {
            "groups": [{"id": i, "displayName": name} for name, i in GROUPS.items()],
            "deletedGroups": [{"id": GONE, "displayName": "Gone"}],
            "assignmentFilters": [{"id": i, "displayName": name} for name, i in FILTERS.items()],
            "configurations": [
                {"kind": kind_at[s.fact.path], "name": s.name, "assignments": s.before, "properties": s.properties}
                for s in told
            ],
        }
    )


async def tell(folder: Path, told: Sequence[Story], **settings: Any) -> Told:
    async with world(tenant(told), folder, **settings) as there:
        async with there.connection() as connection:
            came = await carry(told, folder, there.settings, connection)
        return Told(came, {story.name: there.assignments(story.name) for story in told})


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All stories in one run, on a tenant that does everything as it is documented."""
    return asyncio.run(tell(tmp_path_factory.mktemp("plainly"), STORIES))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.word)
def test_exactly_what_is_meant_is_assigned(plainly: Told, fact: Fact) -> None:
    for story in STORIES:
        if story.fact is fact:
            assert telling(fact, plainly.assignments[story.name]) == telling(fact, story.after), story.name


def test_all_of_it_succeeds(plainly: Told) -> None:
    assert (plainly.came.exit_code, plainly.came.succeeded) == (0, len(STORIES))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_habit_and_no_lie_of_a_tenant_changes_what_is_assigned(tmp_path: Path, seed: int) -> None:
    some = [story for number, story in enumerate(STORIES) if number % 7 == seed or story.properties]
    told = await tell(tmp_path, some, seed=seed, vary=True, lies=None)
    assert (told.came.exit_code, told.came.succeeded) == (0, len(some))
    for story in some:
        assert telling(story.fact, told.assignments[story.name]) == telling(story.fact, story.after), story.name
