"""Which assignments of deleted groups a plan drops, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import VIRTUAL_ALL_USERS, Assignment, Assignments, Target, TargetType
from migrator.model.configuration import Configuration, Group, Key, Whereabouts
from migrator.model.finding import Level
from migrator.model.kinds import KINDS
from migrator.model.plan import ConfigurationPlan, Effect, Names
from migrator.model.reading import Reading
from migrator.model.row import Action
from migrator.planning.actions import work_out
from migrator.planning.orphans import gone, orphans, without
from migrator.planning.plan import plan_configurations
from tests.memory import guid
from tests.planning.test_rows import ALL_USERS, group, row, swap

KEY = Key("configurationPolicies", "p")


def planned(before: Assignments, drop: frozenset[str], *, settled: bool = True) -> ConfigurationPlan:
    configurations = {KEY: Configuration(*KEY, "Policy")}
    rows = [row(Action.ADD, ALL_USERS)]
    made = plan_configurations(rows, configurations, {KEY: Reading(before, settled)}, KINDS, drop)
    return made.configurations[0]


_TYPES = st.sampled_from([TargetType.GROUP, TargetType.EXCLUSION])
_IDS = st.integers(1, 6).map(guid) | st.just(VIRTUAL_ALL_USERS)
_LISTS = st.lists(st.builds(Assignment, st.builds(Target, _TYPES, _IDS), from_policy_set=st.booleans()), unique=True)


@given(before=_LISTS, drop=st.frozensets(_IDS), source=st.integers(1, 6), new=st.integers(7, 9))
def test_what_goes_are_the_direct_assignments_of_these_groups_and_nothing_else(
    before: list[Assignment], drop: frozenset[str], source: int, new: int
) -> None:
    worked = work_out(tuple(before), [swap(guid(source), guid(new))])
    left = without(worked, drop)
    going = {a for a in worked.after if a.target.id in drop - {VIRTUAL_ALL_USERS} and not a.from_policy_set}
    assert left.after == tuple(a for a in worked.after if a not in going)
    assert left.rows == worked.rows
    assert [c.before for c in left.changes] == [c.before for c in worked.changes], "every change is still told"
    assert set(left.after) == {c.after for c in left.changes if c.after is not None}
    removed = sum(c.effect is Effect.REMOVED for c in left.changes)
    assert removed - sum(c.effect is Effect.REMOVED for c in worked.changes) == len(going)


def test_only_what_was_surely_deleted_is_gone() -> None:
    there, deleted = Group(guid(1), "Late"), Group(guid(2), "", deleted=True)
    assert gone(Whereabouts((there, deleted), doubt="403")) == {guid(2)}


def test_a_configuration_that_is_left_alone_keeps_its_orphans_and_that_is_said() -> None:
    plan = planned((group(guid(1)),), frozenset({guid(1)}), settled=False)
    assert (plan.blocked != "", plan.changes_anything) == (True, False)
    names = Names((Group(guid(1), "Sales", deleted=True),))
    (told,) = orphans([plan], names, Whereabouts(names.groups), drop=True)
    assert told.code == "deleted_group_assigned"
    assert "left alone" in told.message


def test_one_that_a_policy_set_assigns_is_neither_dropped_nor_offered() -> None:
    of_a_set = replace(group(guid(1)), from_policy_set=True)
    plan = planned((of_a_set, group(guid(3))), frozenset({guid(1)}))
    assert of_a_set in plan.after
    names = Names((Group(guid(1), "Sales", deleted=True),))
    assert list(orphans([plan], names, Whereabouts(names.groups))) == []


def test_what_could_not_be_told_is_said_once_and_weighs_more_where_it_was_to_be_dropped() -> None:
    plan = planned((group(guid(1)), group(guid(2)), group(guid(3))), frozenset())
    names, absent = Names((Group(guid(3), "Kept"),)), Whereabouts((), "403 Forbidden", "grant it")
    levels = []
    for drop in (False, True):
        unnamed, doubt = orphans([plan], names, absent, drop=drop)
        assert unnamed.code == "deleted_group_unnamed"
        assert doubt.message.startswith("2 assignments")
        assert "403 Forbidden" in doubt.message
        levels.append(doubt.level)
    assert levels == [Level.NOTE, Level.WARNING]
