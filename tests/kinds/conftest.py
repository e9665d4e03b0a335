"""What tests of all kinds share: all stories told once, on a Graph that is not ours."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.run import run
from tests.foreign_kinds import TOKEN, ForeignKinds, Stored, serving
from tests.kinds.stories import FILTERS, GROUPS, HEADINGS, Story, stories
from tests.whole import approved

STORIES = stories()
ONCE_MORE = [story for story in STORIES if story.again][::8]


@dataclass
class Told:
    """The server, what the run came to, how many assign calls that took, and what came of the second run."""

    graph: ForeignKinds
    result: Result
    again: Result
    assigns: int

    def stored(self, story: Story) -> Stored:
        """A story's configuration, as it is now."""
        return next(s for s in self.graph.stored.values() if s.properties[s.fact.name] == story.name)


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Told:
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
