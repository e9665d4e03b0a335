"""On a Graph that is not ours: for every kind and every action exactly what is meant is assigned afterwards."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrator.model.kinds import KINDS
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.run import run
from tests.foreign_kinds import FACTS, TOKEN, Fact, ForeignKinds, serving
from tests.kinds.stories import FILTERS, GROUPS, HEADINGS, Story, stories, telling
from tests.whole import approved

STORIES = stories()
ONCE_MORE = [story for story in STORIES if story.again][::4]


@dataclass
class Told:
    graph: ForeignKinds
    result: Result
    again: Result
    assigns: int


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All stories in one run, and some of the same sheet once more."""
    return asyncio.run(_told(tmp_path_factory.mktemp("foreign")))


async def _told(folder: Path) -> Told:
    graph = ForeignKinds({i: n for n, i in GROUPS.items()}, {i: n for n, i in FILTERS.items()})
    for story in STORIES:
        graph.add(story.fact, story.name, story.before, **story.properties)
    async with serving(graph):
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN, "MIGRATOR_LIMIT": "none"}
        settings = configure({"reports": folder / "reports"}, environ=environ, folder=folder)

        async def whole(told: Sequence[Story]) -> Result:
            mapping = folder / "mapping.csv"
            with mapping.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([HEADINGS, *(line for story in told for line in story.lines)])
            async with connect(settings) as connection:
                result = await run(mapping, settings, connection, approve=approved, stop=Stop())
            assert isinstance(result, Result), result
            return result

        result = await whole(STORIES)
        assigns = len(graph.assigns)
        return Told(graph, result, await whole(ONCE_MORE), assigns)


def test_every_kind_that_can_be_assigned_is_documented_here() -> None:
    assert {f.path for f in FACTS} == {k.path for k in KINDS.values() if not k.excluded}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.word)
def test_exactly_what_is_meant_is_assigned(told: Told, fact: Fact) -> None:
    stored = {s.properties[s.fact.name]: s for s in told.graph.stored.values()}
    for story in STORIES:
        if story.fact is fact:
            assert telling(fact, stored[story.name].assignments) == telling(fact, story.after), story.name


def test_each_is_assigned_once_and_nothing_is_refused(told: Told) -> None:
    assert told.graph.refusals == []
    assert told.assigns == len(set(told.graph.assigns)) == len(STORIES)
    assert (told.result.exit_code, told.result.facts.succeeded) == (0, len(STORIES))


def test_the_same_rows_once_more_send_nothing(told: Told) -> None:
    assert len(told.graph.assigns) == told.assigns
    assert (told.again.exit_code, told.again.facts.unchanged) == (0, len(ONCE_MORE))
