"""What tests of all kinds share: all stories told once, on a Graph that is not ours."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrator.operations.configure import configure
from migrator.operations.connect import connect
from tests.foreign_kinds import TOKEN, ForeignKinds, Stored, serving
from tests.kinds.carrying import Came, carry
from tests.kinds.stories import FILTERS, GROUPS, Story, stories

STORIES = stories()
ONCE_MORE = [story for story in STORIES if story.again][::8]


@dataclass
class Told:
    """The server, what the run came to, how many assign calls that took, and what came of the second run."""

    graph: ForeignKinds
    came: Came
    again: Came
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

        async def whole(told: Sequence[Story]) -> Came:
            async with connect(settings) as connection:
                return await carry(told, folder, settings, connection)

        came = await whole(STORIES)
        assigns = len(graph.assigns)
        return Told(graph, came, await whole(ONCE_MORE), assigns)
