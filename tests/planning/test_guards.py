"""What a kind cannot do is told by its table, and rows that cannot all be meant are told apart from those that can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.assignment import Assignment, Audience, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS
from migrator.model.plan import ResolvedRow, StatedFilter
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.planning.contradictions import contradictions
from migrator.planning.guards import emptied, unfit
from migrator.planning.meaning import of_text
from migrator.planning.plan import Planned, merge_findings, objections, plan_configurations

GROUP = Audience(TargetType.GROUP, "a" * 36)
FILTER = StatedFilter("f" * 36)
EXCLUDE_MODE = StatedFilter(mode=FilterMode.EXCLUDE)


def row(kind: str, audience: Audience = GROUP, action: Action = Action.ADD, **stated: object) -> ResolvedRow:
    written = Row("S", 2, action, Ref("P"), new=Ref("G", column="B"), intent=Ref("required", column="D"))
    found = ResolvedRow(0, written, Key(kind, "p"), action, audience)
    return replace(found, **stated)  # type: ignore[arg-type] # test data


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (row("officeClientConfigurations", Audience(TargetType.ALL_USERS)), "target_not_served"),
        (row("officeClientConfigurations", exclude=True), "no_exclusions"),
        (row("officeClientConfigurations", filter=FILTER), "no_filters"),
        (row("officeClientConfigurations", filter=EXCLUDE_MODE), "no_filters"),
        (row("configurationPolicies", filter=FILTER, exclude=True), "filter_on_exclusion"),
        (row("configurationPolicies", filter=EXCLUDE_MODE, exclude=True), "filter_on_exclusion"),
        (row("configurationPolicies", Audience(TargetType.ALL_USERS), exclude=True), "only_groups_are_excluded"),
        (row("configurationPolicies", intent="required"), "no_intent"),
        (row("windowsAutopilotDeploymentProfiles"), "kind_not_assignable"),
    ],
)
def test_what_a_kind_cannot_do_is_an_error(asked: ResolvedRow, code: str) -> None:
    assert [f.code for f in unfit(KINDS[asked.configuration.kind], [asked])] == [code]
    assert [f.code for f in objections([asked], KINDS)] == [code]


@pytest.mark.parametrize(
    "asked",
    [
        row("officeClientConfigurations"),
        row("configurationPolicies", Audience(TargetType.ALL_DEVICES), filter=FILTER),
        row("configurationPolicies", exclude=True),
        row("mobileApps", intent="required"),
        row("officeClientConfigurations", Audience(TargetType.ALL_USERS), Action.REMOVE),
    ],
)
def test_what_a_kind_can_do_is_none(asked: ResolvedRow) -> None:
    assert not objections([asked], KINDS)


def drawn_up(asked: ResolvedRow, *before: Assignment, settled: bool = True) -> Planned:
    key = asked.configuration
    reading = Reading(before, settled, note="routes differ")
    return plan_configurations([asked], {key: Configuration(*key, "P")}, {key: reading}, KINDS)


def findings_of(asked: ResolvedRow, *before: Assignment) -> tuple[Finding, ...]:
    return drawn_up(asked, *before).findings


def planned(asked: ResolvedRow, *before: Assignment, settled: bool = True) -> tuple[list[str], bool]:
    """The findings' codes, and whether the configuration is left alone."""
    found = drawn_up(asked, *before, settled=settled)
    (plan,) = found.configurations
    codes = [f.code for f in merge_findings(found.findings, emptied(found.configurations))]
    return codes, bool(plan.blocked)


def test_a_new_app_assignment_needs_an_intent() -> None:
    assert planned(row("mobileApps")) == (["intent_missing"], False)
    assert planned(row("mobileApps", intent="required")) == ([], False)


def test_a_configuration_that_would_lose_everything_is_told() -> None:
    assigned = Assignment(Target(TargetType.GROUP, GROUP.id))
    remove = row("configurationPolicies", action=Action.REMOVE)
    assert planned(remove, assigned) == (["emptied"], False)
    assert planned(remove) == ([], False)


def test_a_reading_that_is_not_settled_blocks_and_warns() -> None:
    assert planned(row("configurationPolicies"), settled=False) == (["reading_not_settled"], True)


LEGACY = Audience(TargetType.GROUP, "b" * 36)


@pytest.mark.parametrize(
    ("asked", "stood"),
    [
        (row("configurationPolicies", filter=FILTER), GROUP),
        (row("configurationPolicies", action=Action.SWAP, source=LEGACY, filter=FILTER), LEGACY),
        (row("configurationPolicies", action=Action.SWAP, source=LEGACY, filter=FILTER), GROUP),
        (row("configurationPolicies", action=Action.REPLACE, filter=FILTER), GROUP),
    ],
)
def test_a_filter_does_not_come_onto_an_exclusion_that_the_row_does_not_state(
    asked: ResolvedRow, stood: Audience
) -> None:
    excluded = Assignment(Target(TargetType.EXCLUSION, stood.id))
    asked = replace(asked, row=replace(asked.row, filter=Ref("F", column="E")))
    assert not objections([asked], KINDS)
    findings = findings_of(asked, excluded)
    assert [(f.level, f.column) for f in findings if f.code == "filter_on_exclusion"] == [(Level.ERROR, "E")]


def test_an_excluded_group_that_the_row_includes_may_have_a_filter() -> None:
    excluded = Assignment(Target(TargetType.EXCLUSION, GROUP.id))
    assert not findings_of(row("configurationPolicies", filter=FILTER, exclude=False), excluded)


def test_a_filter_that_stood_on_an_exclusion_already_is_nobodys_fault() -> None:
    odd = Assignment(Target(TargetType.EXCLUSION, LEGACY.id), filter=Filter("f" * 36))
    assert not findings_of(row("configurationPolicies", action=Action.SWAP, source=LEGACY), odd)


@pytest.mark.parametrize("other", [{"filter": Filter("f" * 36)}, {"rest": '{"settings":{"n":1}}'}])
def test_a_target_that_is_assigned_twice_in_two_ways_is_left_alone(other: dict[str, object]) -> None:
    one = Assignment(Target(TargetType.GROUP, LEGACY.id))
    two = replace(one, **other)  # type: ignore[arg-type] # test data
    assert planned(row("configurationPolicies"), one, two) == (["assigned_twice"], True)
    assert planned(row("configurationPolicies"), one, replace(two, from_policy_set=True)) == ([], False)


def test_a_target_that_is_assigned_twice_alike_is_no_obstacle() -> None:
    one = Assignment(Target(TargetType.GROUP, LEGACY.id), raw='{"id":"1"}')
    assert planned(row("configurationPolicies"), one, replace(one, raw='{"id":"2"}')) == ([], False)


def written(number: int, action: Action, legacy: str = "", new: str = "", **stated: object) -> Row:
    made = Row(
        "S", number, action, Ref("Policy"), legacy=Ref(legacy) if legacy else None, new=Ref(new) if new else None
    )
    return replace(made, **stated)  # type: ignore[arg-type] # test data


SWAP, ADD, REMOVE, REPLACE = Action.SWAP, Action.ADD, Action.REMOVE, Action.REPLACE


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (written(2, SWAP, "A", "B"), written(3, SWAP, "a", "C"), "legacy_goes_two_ways"),
        (written(2, ADD, new="A"), written(3, REMOVE, "A"), "added_and_removed"),
        (written(2, SWAP, "A", "B"), written(3, REMOVE, "B"), "added_and_removed"),
        (written(2, SWAP, "A", "B"), written(3, ADD, new="A"), "added_and_removed"),
        (written(2, REPLACE, new="A"), written(3, ADD, new="B"), "replace_mixed"),
        (written(2, ADD, new="A", exclude=True), written(3, ADD, new="A", exclude=False), "conflicting_rows"),
        (written(2, ADD, new="A", filter=Ref("X")), written(3, ADD, new="A", filter=Ref("Y")), "conflicting_rows"),
        (
            written(2, ADD, new="A", filter_mode=Ref("include")),
            written(3, ADD, new="A", filter_mode=Ref("exclude")),
            "conflicting_rows",
        ),
        (written(2, ADD, new="A", filter=Ref("X")), written(3, ADD, new="A", exclude=True), "conflicting_rows"),
        (
            written(2, SWAP, "B", "A", filter_mode=Ref("none")),
            written(3, SWAP, "C", "A", filter_mode=Ref("exclude")),
            "conflicting_rows",
        ),
    ],
)
def test_rows_that_cannot_all_be_meant(one: Row, other: Row, code: str) -> None:
    for rows in ([one, other], [other, one]):
        (finding,) = contradictions(of_text(rows))
        assert (finding.level, finding.code) == (Level.ERROR, code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (written(2, SWAP, "A", "B"), written(3, SWAP, "B", "C")),
        (written(2, SWAP, "A", "B"), written(3, SWAP, "B", "A")),
        (written(2, SWAP, "A", "C"), written(3, SWAP, "B", "C")),
        (written(2, SWAP, "A", "B"), written(3, REMOVE, "A")),
        (written(2, SWAP, "A", "B"), written(3, ADD, new="B")),
        (written(2, ADD, new="A"), written(3, ADD, new="A")),
        (written(2, ADD, new="A", filter_mode=Ref("none")), written(3, ADD, new="A", exclude=True)),
        (written(2, ADD, new="A", filter=Ref("None")), written(3, ADD, new="A", filter_mode=Ref("none"))),
        (written(2, ADD, new="A", exclude=False), written(3, REMOVE, "A", exclude=True)),
        (written(2, ADD, new="A", intent=Ref("required")), written(3, REMOVE, "A", intent=Ref("available"))),
        (written(2, REPLACE, new="A"), written(3, REPLACE, new="B")),
        (written(2, SWAP, "A", "B"), written(3, SWAP, "A", "C", configuration=Ref("Another"))),
    ],
)
def test_rows_that_can(one: Row, other: Row) -> None:
    assert not list(contradictions(of_text([one, other])))
