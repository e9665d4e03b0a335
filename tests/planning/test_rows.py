"""What rows make of a configuration's assignments, one sentence of the rules after the other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from migrator.model.assignment import Assignment, Audience, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Key
from migrator.model.finding import Level
from migrator.model.plan import Effect, FilterWish, ResolvedRow, StatedFilter
from migrator.model.row import Action, Ref, Row
from migrator.planning.actions import Worked, work_out

A, B, C, D = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abcd")
ALL_USERS = Audience(TargetType.ALL_USERS)
ALL_DEVICES = Audience(TargetType.ALL_DEVICES)


def group(identity: str, **more: object) -> Assignment:
    rest = json.dumps(more.pop("rest", {}), sort_keys=True)
    return replace(Assignment(Target(TargetType.GROUP, identity), rest=rest), **more)  # type: ignore[arg-type] # test data


def excluded(identity: str, **more: object) -> Assignment:
    return replace(group(identity, **more), target=Target(TargetType.EXCLUSION, identity))


def row(
    action: Action, who: str | Audience, source: str | None = None, *, index: int = 0, **stated: object
) -> ResolvedRow:
    audience = who if isinstance(who, Audience) else Audience(TargetType.GROUP, who)
    return ResolvedRow(
        index,
        Row("Sheet1", index + 2, action, Ref("policy")),
        Key("configurationPolicies", "p"),
        action,
        audience,
        Audience(TargetType.GROUP, source) if source else None,
        **stated,  # type: ignore[arg-type] # test data
    )


def swap(source: str, new: str, index: int = 0, **stated: object) -> ResolvedRow:
    return row(Action.SWAP, new, source, index=index, **stated)


def effects(worked: Worked) -> list[Effect]:
    return [c.effect for c in worked.changes]


def test_a_swap_puts_the_new_group_where_the_legacy_one_stood() -> None:
    old = group(A, filter=Filter("f" * 36, FilterMode.EXCLUDE), rest={"settings": {"n": 1}}, raw='{"x": 1}')
    worked = work_out((old, group(C)), [swap(A, B)])
    assert set(worked.after) == {group(C), replace(old, target=Target(TargetType.GROUP, B))}
    moved = next(a for a in worked.after if a.target.id == B)
    assert moved.raw == old.raw
    assert sorted(effects(worked)) == [Effect.KEPT, Effect.SWAPPED]


def test_a_swap_of_an_exclusion_excludes_the_new_group() -> None:
    assert work_out((excluded(A),), [swap(A, B)]).after == (excluded(B),)


def test_a_swap_of_an_absent_legacy_group_adds_the_new_one_and_says_so() -> None:
    worked = work_out((group(C),), [swap(A, B)])
    assert set(worked.after) == {group(C), group(B)}
    assert "not assigned" in worked.rows[0].note


def test_a_swap_of_an_absent_group_whose_successor_is_assigned_does_nothing() -> None:
    worked = work_out((group(B),), [swap(A, B)])
    assert worked.after == (group(B),)
    assert effects(worked) == [Effect.KEPT]
    assert not worked.rows[0].applies


def test_a_swap_onto_an_assigned_group_removes_the_legacy_one_and_the_new_keeps_its_settings() -> None:
    own = group(B, filter=Filter("1" * 36), rest={"keep": "mine"})
    worked = work_out((group(A, rest={"keep": "theirs"}), own), [swap(A, B)])
    assert worked.after == (own,)
    assert Effect.REMOVED in effects(worked)


def test_a_chain_of_swaps_moves_each_once_in_any_order() -> None:
    before = (group(A, rest={"n": "a"}), group(B, rest={"n": "b"}))
    rows = [swap(A, B, 0), swap(B, C, 1)]
    wanted = {group(B, rest={"n": "a"}), group(C, rest={"n": "b"})}
    assert set(work_out(before, rows).after) == wanted
    assert set(work_out(before, rows[::-1]).after) == wanted


def test_two_groups_swapped_for_each_other_exchange_their_settings() -> None:
    before = (group(A, rest={"n": "a"}), group(B, rest={"n": "b"}))
    worked = work_out(before, [swap(A, B, 0), swap(B, A, 1)])
    assert set(worked.after) == {group(B, rest={"n": "a"}), group(A, rest={"n": "b"})}


def test_two_groups_swapped_for_each_other_without_differences_is_nothing_to_do() -> None:
    worked = work_out((group(A), group(B)), [swap(A, B, 0), swap(B, A, 1)])
    assert effects(worked) == [Effect.KEPT, Effect.KEPT]


def test_two_legacy_groups_may_become_one_and_differing_settings_are_said() -> None:
    worked = work_out((group(A, rest={"n": 1}), group(B, rest={"n": 2})), [swap(B, C, 0), swap(A, C, 1)])
    assert worked.after == (group(C, rest={"n": 1}),)
    assert [f.code for f in worked.findings] == ["settings_merged"]


def test_an_included_and_an_excluded_legacy_group_cannot_become_one() -> None:
    worked = work_out((group(A), excluded(B)), [swap(A, C, 0), swap(B, C, 1)])
    assert [f.code for f in worked.findings] == ["included_and_excluded"]


def test_an_excluded_legacy_group_cannot_become_all_users() -> None:
    worked = work_out((excluded(A),), [row(Action.SWAP, ALL_USERS, A)])
    assert [f.code for f in worked.findings] == ["only_groups_are_excluded"]


def test_a_row_that_names_only_a_group_moves_it_everywhere_and_says_so() -> None:
    before = (replace(excluded(A), intent="required"), replace(group(A), intent="uninstall"))
    worked = work_out(before, [swap(A, B)])
    assert set(worked.after) == {replace(excluded(B), intent="required"), replace(group(B), intent="uninstall")}
    assert "2 places" in worked.rows[0].note


def test_a_stated_intent_picks_the_one_it_means() -> None:
    before = (group(A, intent="required"), group(A, intent="uninstall"))
    worked = work_out(before, [swap(A, B, intent="required")])
    assert set(worked.after) == {group(B, intent="required"), group(A, intent="uninstall")}


def test_an_added_group_leaves_everything_else_alone() -> None:
    before = tuple(group(f"{n:08d}-0000-4000-8000-000000000000") for n in range(103))
    worked = work_out(before, [row(Action.ADD, A)])
    assert len(worked.after) == 104
    assert set(before) < set(worked.after)


@pytest.mark.parametrize("action", [Action.ADD, Action.REPLACE])
def test_what_the_row_states_wins_and_what_it_does_not_state_stays(action: Action) -> None:
    before = (group(A, filter=Filter("1" * 36), rest={"keep": 1}),)
    worked = work_out(before, [row(action, A, filter=StatedFilter("2" * 36, FilterMode.EXCLUDE))])
    assert worked.after == (group(A, filter=Filter("2" * 36, FilterMode.EXCLUDE), rest={"keep": 1}),)
    assert effects(worked) == [Effect.CHANGED]


def test_a_stated_no_filter_takes_the_filter_away() -> None:
    worked = work_out((group(A, filter=Filter("1" * 36)),), [row(Action.ADD, A, filter=FilterWish.NONE)])
    assert worked.after == (group(A),)


def test_adding_an_excluded_group_without_saying_how_leaves_it_excluded_and_warns() -> None:
    worked = work_out((excluded(A),), [row(Action.ADD, A)])
    assert worked.after == (excluded(A),)
    assert [f.code for f in worked.findings] == ["stays_excluded"]


def test_adding_an_excluded_group_as_included_includes_it() -> None:
    worked = work_out((excluded(A),), [row(Action.ADD, A, exclude=False)])
    assert worked.after == (group(A),)


def test_excluding_a_group_with_a_filter_drops_the_filter() -> None:
    worked = work_out((group(A, filter=Filter("1" * 36)),), [row(Action.ADD, A, exclude=True)])
    assert worked.after == (excluded(A),)


def test_removing_takes_the_group_away_and_removing_an_absent_one_is_nothing() -> None:
    worked = work_out((group(A), group(B)), [row(Action.REMOVE, A, index=0), row(Action.REMOVE, C, index=1)])
    assert worked.after == (group(B),)
    assert [r.applies for r in worked.rows] == [True, False]


def test_removing_all_users_leaves_all_devices() -> None:
    users, devices = Assignment(Target(TargetType.ALL_USERS)), Assignment(Target(TargetType.ALL_DEVICES))
    assert work_out((users, devices), [row(Action.REMOVE, ALL_USERS)]).after == (devices,)
    assert work_out((users, devices), [row(Action.REMOVE, ALL_DEVICES)]).after == (users,)


def test_replace_assigns_exactly_what_is_listed_and_keeps_settings_of_what_stood() -> None:
    before = (group(A, rest={"n": 1}), group(B), excluded(C))
    worked = work_out(before, [row(Action.REPLACE, A, index=0), row(Action.REPLACE, D, index=1)])
    assert set(worked.after) == {group(A, rest={"n": 1}), group(D)}
    gone = [c for c in worked.changes if c.effect is Effect.REMOVED]
    assert [(c.before, c.rows) for c in gone] == [(group(B), (0, 1)), (excluded(C), (0, 1))]


def test_a_repeated_row_counts_once_and_is_warned_of() -> None:
    worked = work_out((), [row(Action.ADD, A, index=0), row(Action.ADD, A, index=1)])
    assert worked.after == (group(A),)
    assert [f.code for f in worked.findings] == ["repeated_row"]
    assert [r.applies for r in worked.rows] == [True, False]


def test_what_a_policy_set_assigned_is_never_touched_and_never_sent() -> None:
    by_set = group(A, from_policy_set=True)
    worked = work_out((by_set, group(B)), [row(Action.REMOVE, A, index=0), row(Action.ADD, C, index=1)])
    assert by_set in worked.after
    assert [f.code for f in worked.findings] == ["policy_set"]


def test_targets_nobody_knows_are_kept_as_they_are() -> None:
    odd = Assignment(Target(TargetType.OTHER, "something"), raw='{"target": {"new": true}}')
    worked = work_out((odd, group(A)), [swap(A, B)])
    assert odd in worked.after


def test_one_intent_stated_for_a_group_under_two_merges_nothing_by_accident() -> None:
    before = (group(A, intent="required"), group(A, intent="available"))
    worked = work_out(before, [row(Action.ADD, A, intent="uninstall")])
    assert {a.intent for a in worked.after} == {"required", "available", "uninstall"}


F, G = "f" * 36, "9" * 36
OUT, IN = FilterMode.EXCLUDE, FilterMode.INCLUDE


@pytest.mark.parametrize("action", [Action.ADD, Action.REPLACE, Action.SWAP])
@pytest.mark.parametrize(
    ("stands", "stated", "wanted"),
    [
        (Filter(F, OUT), StatedFilter(F), Filter(F, OUT)),
        (Filter(F, IN), StatedFilter(F), Filter(F, IN)),
        (Filter(G, OUT), StatedFilter(F), Filter(F, IN)),
        (None, StatedFilter(F), Filter(F, IN)),
        (Filter(F, IN), StatedFilter(mode=OUT), Filter(F, OUT)),
        (Filter(F, OUT), StatedFilter(mode=OUT), Filter(F, OUT)),
        (Filter(F, OUT), StatedFilter(G, OUT), Filter(G, OUT)),
    ],
)
def test_of_a_filter_and_its_mode_what_the_row_does_not_state_stays(
    action: Action, stands: Filter | None, stated: StatedFilter, wanted: Filter
) -> None:
    asked = swap(B, A, filter=stated) if action is Action.SWAP else row(action, A, filter=stated)
    before = group(B if action is Action.SWAP else A, filter=stands)
    worked = work_out((before,), [asked])
    assert worked.after == (group(A, filter=wanted),)
    assert not worked.findings


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ((group(A),), row(Action.ADD, A, filter=StatedFilter(mode=OUT))),
        ((group(C),), row(Action.ADD, A, filter=StatedFilter(mode=OUT))),
        ((group(A),), row(Action.REPLACE, A, filter=StatedFilter(mode=IN))),
        ((group(A),), swap(A, B, filter=StatedFilter(mode=OUT))),
        ((group(A, filter=Filter(F)), group(B)), swap(A, B, filter=StatedFilter(mode=OUT))),
    ],
)
def test_a_mode_without_a_filter_is_an_error_where_no_filter_stands(
    before: tuple[Assignment, ...], asked: ResolvedRow
) -> None:
    mode = replace(asked.row, filter_mode=Ref("exclude", column="G"))
    (finding,) = work_out(before, [replace(asked, row=mode)]).findings
    assert (finding.level, finding.code, finding.column) == (Level.ERROR, "mode_without_filter", "G")


def test_a_mode_alone_is_for_the_places_that_have_a_filter() -> None:
    before = (group(A, intent="required", filter=Filter(F)), group(A, intent="available"))
    worked = work_out(before, [row(Action.ADD, A, filter=StatedFilter(mode=OUT))])
    assert set(worked.after) == {group(A, intent="required", filter=Filter(F, OUT)), before[1]}
    assert not worked.findings


def test_removing_a_group_does_not_look_at_its_filter_mode() -> None:
    assert not work_out((group(A),), [row(Action.REMOVE, A, filter=StatedFilter(mode=OUT))]).findings


def test_of_two_legacy_groups_that_become_one_the_filter_that_a_row_states_is_taken() -> None:
    worked = work_out((group(A), group(B)), [swap(A, C, 0), swap(B, C, 1, filter=StatedFilter(F))])
    assert worked.after == (group(C, filter=Filter(F)),)
    assert not worked.findings


def test_a_swap_of_a_group_onto_itself_takes_what_the_row_states() -> None:
    stood = group(A, rest={"n": 1})
    worked = work_out((stood,), [swap(A, A, filter=StatedFilter(F, OUT))])
    assert worked.after == (group(A, rest={"n": 1}, filter=Filter(F, OUT)),)
    assert worked.rows[0].applies
    assert work_out((stood,), [swap(A, A, exclude=True)]).after == (excluded(A, rest={"n": 1}),)
    assert work_out((stood,), [swap(A, A, intent="required")]).after == (group(A, rest={"n": 1}, intent="required"),)


def test_a_swap_of_a_group_onto_itself_that_states_nothing_is_nothing_to_do() -> None:
    for stood in (group(A), excluded(A)):
        worked = work_out((stood,), [swap(A, A)])
        assert worked.after == (stood,)
        assert not worked.rows[0].applies
        assert not worked.findings


def test_a_swap_of_an_absent_group_onto_itself_adds_it_and_says_so() -> None:
    worked = work_out((group(C),), [swap(A, A)])
    assert set(worked.after) == {group(A), group(C)}
    assert worked.rows[0].applies
    assert "was not assigned" in worked.rows[0].note
