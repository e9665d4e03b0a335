"""On a Graph that is not ours: for every kind and every action exactly what is meant is assigned afterwards."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from migrator.model.kinds import KINDS
from tests.foreign_kinds import FACTS, FILTER_ID, FILTER_TYPE, TOKEN, Fact, ForeignKinds, Stored, serving
from tests.kinds.conftest import ONCE_MORE, STORIES, Told
from tests.kinds.stories import FILTERS, GROUPS, SCOPE, rich, telling

Json = dict[str, Any]


def test_every_kind_that_can_be_assigned_is_documented_here() -> None:
    assert {f.path for f in FACTS} == {k.path for k in KINDS.values() if not k.excluded}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.word)
def test_exactly_what_is_meant_is_assigned(foreign: Told, fact: Fact) -> None:
    for story in STORIES:
        if story.fact is fact:
            assert telling(fact, foreign.stored(story).assignments) == telling(fact, story.after), story.name


def test_each_is_assigned_once_and_nothing_is_refused(foreign: Told) -> None:
    assert foreign.graph.refusals == []
    assert foreign.assigns == len(set(foreign.graph.assigns)) == len(STORIES)
    assert (foreign.came.exit_code, foreign.came.succeeded) == (0, len(STORIES))


def test_the_same_rows_once_more_send_nothing(foreign: Told) -> None:
    assert len(foreign.graph.assigns) == foreign.assigns
    assert (foreign.again.exit_code, foreign.again.unchanged) == (0, len(ONCE_MORE))


def wrong_bodies(stored: Stored) -> dict[str, Json]:
    """What it must not take, by what is wrong with it: the stories prove little on a server that takes anything."""
    fact, (standing, *_) = stored.fact, stored.assignments
    sound = {
        name: value for name, value in standing.items() if name not in ("id", "source", "sourceId", *fact.read_only)
    }
    target = sound["target"]
    elements: dict[str, Json] = {
        "another element": {**sound, "@odata.type": "#microsoft.graph.somethingElse"},
        "a property that is not known": {**sound, "madeUp": 1},
        "an id": {**sound, "id": "x"},
        "no type": {**sound, "target": {"groupId": GROUPS["New"]}},
        "a type that is not known": {**sound, "target": {**target, "@odata.type": "#microsoft.graph.noTarget"}},
        "a group that is not there": {**sound, "target": {**target, "groupId": SCOPE}},
        "a filter that is not there": {**sound, "target": {**target, FILTER_ID: SCOPE, FILTER_TYPE: "include"}},
    }
    return {"another list": {f"{fact.body}s": [sound]}, **{what: {fact.body: [e]} for what, e in elements.items()}}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.word)
async def test_it_refuses_what_is_wrong(fact: Fact) -> None:
    graph = ForeignKinds({i: n for n, i in GROUPS.items()}, {i: n for n, i in FILTERS.items()})
    stored = graph.add(fact, "One", rich(fact))
    stood = list(stored.assignments)
    async with serving(graph), aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        url = f"{graph.url}/{fact.versions[0]}{fact.path}/{stored.id}/{fact.assign}"
        for what, body in wrong_bodies(stored).items():
            async with session.post(url, json=body) as answer:
                assert answer.status == 400, what
    assert (stored.assignments, graph.assigns) == (stood, [])
