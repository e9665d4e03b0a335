"""How far a plan may reach, and which part of it goes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.configuration import Configuration
from migrator.model.plan import Change, ConfigurationPlan, Effect, PlannedRow
from migrator.model.reading import Reading
from migrator.model.row import Action, Row
from migrator.model.settings import Caution
from migrator.planning.caution import beyond, canary
from tests.memory import assigned

KINDS = ("configurationPolicies", "mobileApps", "deviceConfigurations")


def plan(number: int, *effects: Effect, kind: str = KINDS[0], blocked: str = "") -> ConfigurationPlan:
    changes = tuple(Change(effect, assigned(1)[0], assigned(2)[0]) for effect in effects)
    configuration = Configuration(kind, f"p{number}", f"Policy {number}")
    return ConfigurationPlan(configuration, Reading(assigned(1), True), assigned(2), changes, (), blocked)


PLANS = [
    plan(0, Effect.ADDED, Effect.KEPT, Effect.KEPT),
    plan(1, Effect.REMOVED, Effect.SWAPPED),
    plan(2, Effect.KEPT),
    plan(3, Effect.REMOVED, blocked="what is assigned could not be read"),
]


@pytest.mark.parametrize(
    ("caution", "codes"),
    [
        (Caution(), []),
        (Caution(max_changes=3, max_removals=1), []),
        (Caution(max_changes=2), ["too_many_changes"]),
        (Caution(max_removals=0), ["too_many_removals"]),
        (Caution(max_changes=0, max_removals=0), ["too_many_changes", "too_many_removals"]),
    ],
)
def test_what_is_kept_or_left_alone_does_not_count_and_a_swap_is_no_removal(caution: Caution, codes: list[str]) -> None:
    assert [finding.code for finding in beyond(PLANS, caution)] == codes


def test_what_a_swap_takes_away_for_a_successor_that_stands_already_is_no_loss() -> None:
    def row(index: int, action: Action) -> PlannedRow:
        return PlannedRow(index, Row("Sheet1", index, action), True, "")

    gone = [Change(Effect.REMOVED, assigned(1)[0], None, rows) for rows in ((0,), (1,), (0, 1), ())]
    one = replace(plan(0), rows=(row(0, Action.SWAP), row(1, Action.REMOVE)), changes=tuple(gone))
    assert (one.losses, one.count(Effect.REMOVED)) == (3, 4)
    (found,) = beyond([replace(one, changes=tuple(gone[1:2]))], Caution(max_removals=0))
    assert "remove 1 assignment," in found.message
    assert not list(beyond([replace(one, changes=tuple(gone[:1]))], Caution(max_removals=0)))


def test_where_several_kinds_are_changed_each_has_one_among_the_first() -> None:
    plans = [plan(n, Effect.ADDED, kind=KINDS[min(n // 3, 2)]) for n in range(9)]
    assert [p.key.id for p in canary(plans, 4)] == ["p0", "p3", "p6", "p1"]


@given(st.lists(st.sampled_from(KINDS), max_size=12), st.integers(0, 15))
def test_so_many_go_first_and_none_twice(kinds: list[str], number: int) -> None:
    plans = [plan(n, Effect.ADDED, kind=kind) for n, kind in enumerate(kinds)]
    first = canary(plans, number)
    assert len(first) == min(number, len(plans))
    assert len({p.key for p in first}) == len(first)
    assert {p.key for p in first} <= {p.key for p in plans}
    if number >= len(set(kinds)):
        assert {p.key.kind for p in first} == set(kinds)
