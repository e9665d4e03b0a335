"""Putting back, decided: what a run left becomes what its plan had read, whatever that was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import Assignment, Assignments, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, Key, TenantInfo
from migrator.model.finding import Finding
from migrator.model.lists import direct, same
from migrator.model.outcome import Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import Change, ConfigurationPlan, Effect, Names, Plan, PlannedRow, ResolvedRow
from migrator.model.reading import Reading
from migrator.model.record import RunHeader, RunRecord
from migrator.model.row import Action, Row
from migrator.planning.actions import work_out
from migrator.planning.plan import Planned
from migrator.planning.rollback import groups_gone, may_lag, plan_rollback, restored, touched
from tests.memory import guid
from tests.planning.test_properties import befores, rows

KEY = Key("configurationPolicies", "p")
RUN = "20261123-204512-contoso"


def to(group: int, *, excluded: bool = False, only: str = "", rest: str = "{}") -> Assignment:
    applied = Filter(only, FilterMode.INCLUDE) if only else None
    return Assignment(
        Target(TargetType.EXCLUSION if excluded else TargetType.GROUP, guid(group)), "", applied, rest, raw="{}"
    )


def planned(before: Assignments, after: Assignments, *changes: Change, key: Key = KEY) -> ConfigurationPlan:
    """One configuration's plan, with a row for it."""
    row = PlannedRow(0, Row("S", 7, Action.SWAP), True, "will be done")
    configuration = Configuration(*key, f"Policy {key.id}", is_assigned=True)
    return ConfigurationPlan(configuration, Reading(before, True), after, changes, (row,))


SWAPPED = planned(
    (to(1, only="f"), to(2)),
    (to(3, only="f"), to(2)),
    Change(Effect.SWAPPED, to(1, only="f"), to(3, only="f"), (0,)),
    Change(Effect.KEPT, to(2), to(2)),
)


def ran(
    *plans: ConfigurationPlan,
    outcomes: tuple[Outcome, ...] | None = None,
    verified: dict[Key, Assignments] | None = None,
    put_back: str = "",
) -> RunRecord:
    """A run that sent everything; it succeeded unless said otherwise, and nothing was read back."""
    plan = Plan("m.csv", "", TenantInfo(), 0.0, plans, Names(), (), (), "")
    if outcomes is None:
        outcomes = tuple(Outcome(p.key, Status.SUCCEEDED, settled=Settled.ANSWER) for p in plans)
    seen = tuple(Verification(key, Verdict.VERIFIED, 1.0, found) for key, found in (verified or {}).items())
    header = RunHeader(RUN, "run", "1", 0.0, "", "", "", put_back=put_back)
    return RunRecord(header, plan, frozenset(p.key for p in plans), outcomes, (), seen)


def back(record: RunRecord, *now: Assignment, settled: bool = True) -> Planned:
    return plan_rollback(record, {c.key: Reading(now, settled, note="" if settled else "odd") for c in touched(record)})


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [f.code for f in found]


def effects(plan: ConfigurationPlan) -> list[Effect]:
    return sorted(c.effect for c in plan.changes)


def test_a_swap_is_swapped_back_with_the_filter_it_had() -> None:
    (plan,), findings = back(ran(SWAPPED), to(3, only="f"), to(2)).configurations, back(ran(SWAPPED)).findings
    assert plan.after == SWAPPED.before
    assert [(c.effect, c.rows) for c in plan.changes] == [(Effect.SWAPPED, (0,)), (Effect.KEPT, ())]
    assert plan.changes[0].before == to(3, only="f")
    assert plan.changes[0].after == to(1, only="f")
    assert plan.rows[0].note == f"what run {RUN} did for this row is put back"
    assert codes(findings) == ["changed_since"]  # the second one found nothing assigned


def test_what_is_sent_is_what_graph_had_sent_but_for_the_ids_of_what_is_gone() -> None:
    had, stays = replace(to(1), raw='{"id":"x","unknown":true}'), replace(to(2), raw='{"id":"y","unknown":true}')
    run = planned((had, stays), (to(3), stays), Change(Effect.SWAPPED, had, to(3), (0,)))
    (plan,) = back(ran(run), to(3), to(2)).configurations
    assert [a.raw for a in plan.body] == ['{"unknown":true}', '{"id":"y","unknown":true}']


def test_added_removed_and_changed_ones_are_turned_round() -> None:
    run = planned(
        (to(1), to(2), to(4)),
        (to(2, only="f"), to(3), to(4)),
        Change(Effect.REMOVED, to(1), None, (0,)),
        Change(Effect.CHANGED, to(2), to(2, only="f"), (0,)),
        Change(Effect.ADDED, None, to(3), (0,)),
        Change(Effect.KEPT, to(4), to(4)),
    )
    (plan,) = back(ran(run), *run.after).configurations
    assert effects(plan) == [Effect.ADDED, Effect.CHANGED, Effect.KEPT, Effect.REMOVED]
    assert plan.after == run.before


def test_of_two_that_became_one_one_is_swapped_back_and_the_other_added() -> None:
    run = planned(
        (to(1), to(2)),
        (to(3),),
        Change(Effect.SWAPPED, to(1), to(3), (0, 1)),
        Change(Effect.REMOVED, to(2), None, (1,)),
    )
    (plan,) = back(ran(run), to(3)).configurations
    assert effects(plan) == [Effect.ADDED, Effect.SWAPPED]
    assert same(plan.after, run.before)


def test_what_was_never_about_to_leave_is_no_part_of_it() -> None:
    other = replace(SWAPPED, configuration=Configuration("configurationPolicies", "q", "Other"))
    record = replace(ran(SWAPPED, other), intended=frozenset([KEY]), outcomes=())
    assert [c.id for c in touched(record)] == ["p"]
    found = plan_rollback(record, {KEY: Reading(SWAPPED.after, True)})
    assert [c.key for c in found.configurations] == [KEY]
    assert codes(found.findings) == ["run_not_finished"]
    assert "2 configurations were not finished" in found.findings[0].message


def test_what_graph_said_of_is_assigned_before_the_run_counts_for_nothing() -> None:
    assert [c.is_assigned for c in touched(ran(SWAPPED))] == [None]
    assert back(ran(SWAPPED), *SWAPPED.after).configurations[0].configuration.is_assigned is None


def test_what_somebody_changed_is_still_expected_as_the_run_left_it() -> None:
    found = back(ran(SWAPPED), to(3, only="f"), to(2), to(9))
    (plan,) = found.configurations
    assert (plan.before, plan.blocked) == (SWAPPED.after, "")
    assert "1 extra" in plan.reading.note
    assert [(f.code, f.sheet, f.row) for f in found.findings] == [("changed_since", "S", 7)]


def test_a_property_that_the_service_adds_is_no_change_by_somebody_and_one_added_later_is() -> None:
    filled = (to(3, only="f", rest='{"default":1}'), to(2))
    unseen = back(ran(SWAPPED), *filled)
    assert (codes(unseen.findings), unseen.configurations[0].before) == ([], filled)
    as_read_back = back(ran(SWAPPED, verified={KEY: filled}), *filled)
    assert codes(as_read_back.findings) == []
    since = back(ran(SWAPPED, verified={KEY: SWAPPED.after}), *filled)
    assert codes(since.findings) == ["changed_since"]
    assert "a setting was added" in since.findings[0].message


def test_what_stands_again_already_needs_nothing() -> None:
    found = back(ran(SWAPPED, verified={KEY: SWAPPED.after}), *reversed(SWAPPED.before))
    (plan,) = found.configurations
    assert (plan.changes_anything, codes(found.findings)) == (False, [])
    assert (plan.rows[0].applies, plan.rows[0].note) == (False, f"what stood before run {RUN} stands already")


def test_what_cannot_be_read_is_not_blocked_for_good() -> None:
    found = back(ran(SWAPPED), settled=False)
    (plan,) = found.configurations
    assert (plan.blocked, plan.before, codes(found.findings)) == ("", SWAPPED.after, ["reading_not_settled"])


def test_a_configuration_that_had_nothing_has_nothing_again_with_a_warning() -> None:
    run = planned((), (to(3),), Change(Effect.ADDED, None, to(3), (0,)))
    found = back(ran(run), to(3))
    assert (found.configurations[0].empties, codes(found.findings)) == (True, ["emptied"])


def test_what_a_policy_set_made_is_shown_and_not_sent() -> None:
    made = replace(to(5), from_policy_set=True)
    run = planned((to(1), made), (to(3), made), Change(Effect.SWAPPED, to(1), to(3), (0,)))
    (plan,) = back(ran(run), to(3), made, replace(made, target=Target(TargetType.GROUP, guid(6)))).configurations
    assert plan.body == (to(1),)
    assert [c.effect for c in plan.changes if c.before and c.before.from_policy_set] == [Effect.KEPT] * 2


def test_only_a_call_that_may_have_been_applied_unseen_may_lag() -> None:
    now = {KEY: Reading(SWAPPED.before, True)}
    refused = Outcome(KEY, Status.FAILED, settled=Settled.ANSWER)
    doubtful = Outcome(KEY, Status.FAILED, settled=Settled.READING)
    assert [c.key for c in may_lag(ran(SWAPPED), now)] == [KEY]
    assert [c.key for c in may_lag(ran(SWAPPED, outcomes=()), now)] == [KEY]
    assert [c.key for c in may_lag(ran(SWAPPED, outcomes=(doubtful,)), now)] == [KEY]
    assert may_lag(ran(SWAPPED, outcomes=(refused,)), now) == ()
    assert may_lag(ran(SWAPPED, verified={KEY: SWAPPED.after}), now) == ()
    assert may_lag(ran(SWAPPED), {KEY: Reading(SWAPPED.after, True)}) == ()


def test_a_group_that_is_gone_is_said_and_all_users_is_no_group() -> None:
    everybody = Assignment(Target(TargetType.GROUP, "acacacac-9df4-4c7d-9d50-4ef0226f57a9"))
    run = planned((to(1), everybody), (), Change(Effect.REMOVED, to(1), None), Change(Effect.REMOVED, everybody, None))
    plans = back(ran(run)).configurations
    assert restored(plans) == {guid(1)}
    assert codes(tuple(groups_gone(plans, [guid(1), guid(8)]))) == ["group_gone"]
    assert codes(tuple(groups_gone(plans, [guid(8)]))) == []


def test_a_run_that_was_put_back_before_says_so() -> None:
    assert codes(back(ran(SWAPPED, put_back="other"), *SWAPPED.before).findings) == ["put_back_before", "may_lag"]


@given(befores, rows(), st.randoms(use_true_random=False))
def test_whatever_a_mapping_did_is_put_back_to_the_property(
    before: Assignments, found: list[ResolvedRow], chance: Random
) -> None:
    worked = work_out(before, found)
    run = ConfigurationPlan(Configuration(*KEY, "P"), Reading(before, True), worked.after, worked.changes, worked.rows)
    now = list(worked.after)
    chance.shuffle(now)
    (plan,) = plan_rollback(ran(run), {KEY: Reading(tuple(now), True)}).configurations
    assert direct(plan.after) == direct(before)
    assert same(plan.before, worked.after)
    assert Counter(c.before for c in plan.changes if c.before) == Counter(now)
    assert Counter(c.after for c in plan.changes if c.after) == Counter(plan.after)
    assert plan.changes_anything is not same(before, worked.after)
    assert all(bool(c.rows) <= (c.effect is not Effect.KEPT) for c in plan.changes)

    (again,) = plan_rollback(ran(plan), {KEY: Reading(plan.after, True)}).configurations
    assert same(again.after, worked.after)
    assert Counter(effects(again)) == _turned_round(plan)


def _turned_round(plan: ConfigurationPlan) -> Counter[Effect]:
    other = {Effect.ADDED: Effect.REMOVED, Effect.REMOVED: Effect.ADDED}
    return Counter(other.get(c.effect, c.effect) for c in plan.changes)


@given(befores, rows(), befores)
def test_whatever_else_is_assigned_now_the_plan_expects_what_the_run_left_or_does_nothing(
    before: Assignments, found: list[ResolvedRow], now: Assignments
) -> None:
    worked = work_out(before, found)
    run = ConfigurationPlan(Configuration(*KEY, "P"), Reading(before, True), worked.after, worked.changes, worked.rows)
    (plan,) = plan_rollback(ran(run, verified={KEY: worked.after}), {KEY: Reading(now, True)}).configurations
    assert same(plan.before, worked.after) or not plan.changes_anything
    assert direct(plan.after) == direct(before)
