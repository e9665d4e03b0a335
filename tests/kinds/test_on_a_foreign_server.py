"""On a Graph that is not ours: for every kind and every action exactly what is meant is assigned afterwards."""

from __future__ import annotations

import pytest

from migrator.model.kinds import KINDS
from tests.foreign_kinds import FACTS, Fact
from tests.kinds.conftest import ONCE_MORE, STORIES, Told
from tests.kinds.stories import telling


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
