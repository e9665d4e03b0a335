"""What rows that mean many configurations come to in each of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import Assignment, Assignments, Audience, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS
from migrator.model.lists import same
from migrator.model.plan import ResolvedRow, StatedFilter
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.planning.actions import work_out
from migrator.planning.anywhere import Apt, came_to, that_can_be, that_stands, told_once

OFFICE, CATALOG, APPS = "officeClientConfigurations", "configurationPolicies", "mobileApps"
A, B, C = (Audience(TargetType.GROUP, f"{letter * 8}-0000-4000-8000-000000000000") for letter in "abc")
ALL_USERS = Audience(TargetType.ALL_USERS)
FILTER = Filter("f" * 36, FilterMode.INCLUDE)


def key(kind: str, number: int = 1) -> Key:
    return Key(kind, f"{kind} {number}")


def configurations(*keys: Key) -> dict[Key, Configuration]:
    return {one: Configuration(one.kind, one.id, one.id.title()) for one in keys}


def asked(
    action: Action, where: Key, who: Audience = B, source: Audience | None = None, **stated: object
) -> ResolvedRow:
    index = int(str(stated.pop("index", 0)))
    row = Row("S", index + 2, action, Ref(where.id, column="A"), kind=Ref(where.kind))
    return replace(ResolvedRow(index, row, where, action, who, source, anywhere=True), **stated)  # type: ignore[arg-type] # test data


def swap(where: Key, **stated: object) -> ResolvedRow:
    return asked(Action.SWAP, where, B, A, **stated)


def stands(who: Audience, intent: str = "", *, excluded: bool = False, filtered: bool = False) -> Assignment:
    type_ = TargetType.EXCLUSION if excluded else who.type
    return Assignment(Target(type_, who.id), intent, FILTER if filtered else None)


def as_it_stands(rows: list[ResolvedRow], **lists: Assignments) -> Apt:
    readings = {row.configuration: Reading(lists[row.configuration.kind], True) for row in rows}
    return that_stands(rows, configurations(*readings), readings, KINDS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (asked(Action.ADD, key(OFFICE), exclude=True), "cannot exclude groups"),
        (asked(Action.ADD, key(OFFICE), ALL_USERS), "cannot be assigned to All users"),
        (asked(Action.ADD, key(OFFICE), filter=StatedFilter("f" * 36)), "takes no filters"),
        (asked(Action.ADD, key(CATALOG), intent="required"), "has no install intent"),
    ],
)
def test_what_a_kind_cannot_do_is_left_out_and_told_in_one_line(row: ResolvedRow, reason: str) -> None:
    others = [replace(row, configuration=key(row.configuration.kind, n)) for n in range(2, 9)]
    fits = replace(row, configuration=key(APPS))
    apt = that_can_be([row, *others, fits], configurations(*(r.configuration for r in (row, *others, fits))), KINDS)
    assert apt.rows == (fits,)
    (finding,) = apt.findings
    assert (finding.level, finding.code, finding.row, finding.column) == (Level.WARNING, "not_possible", 2, "A")
    assert reason in finding.message
    assert "and 3 more" in finding.message


def test_a_row_that_names_its_configuration_is_left_for_an_error() -> None:
    row = replace(asked(Action.ADD, key(OFFICE), exclude=True), anywhere=False)
    assert that_can_be([row], configurations(row.configuration), KINDS) == Apt((row,), ())


def test_a_row_of_a_configurations_own_counts_where_both_cannot() -> None:
    own = replace(asked(Action.ADD, key(CATALOG), A, index=1), anywhere=False)
    removes = asked(Action.REMOVE, key(CATALOG), A)
    elsewhere = asked(Action.REMOVE, key(CATALOG, 2), A)
    other = asked(Action.REMOVE, key(CATALOG), C, index=2)
    rows = [removes, elsewhere, own, other]
    apt = that_can_be(rows, configurations(*(row.configuration for row in rows)), KINDS)
    assert apt.rows == (elsewhere, own, other)
    assert [(f.level, f.row) for f in apt.findings] == [(Level.NOTE, 2)]


def test_a_row_of_a_configurations_own_says_what_becomes_of_its_legacy_group() -> None:
    own = replace(asked(Action.REMOVE, key(CATALOG), A, index=1), anywhere=False)
    rows = [swap(key(CATALOG)), swap(key(CATALOG, 2)), own]
    assert that_can_be(rows, configurations(key(CATALOG), key(CATALOG, 2)), KINDS).rows == tuple(rows[1:])


def test_a_swap_and_a_removal_go_where_the_group_stands_as_they_state_it() -> None:
    out = stands(A, excluded=True)
    for row in (swap(key(CATALOG)), asked(Action.REMOVE, key(CATALOG), A)):
        assert as_it_stands([row], **{CATALOG: (stands(A),)}).rows == (row,)
        assert as_it_stands([row], **{CATALOG: (stands(C),)}) == Apt((), ())
        excluding = replace(row, exclude=True)
        assert as_it_stands([excluding], **{CATALOG: (out,)}).rows == (excluding,)
        assert as_it_stands([excluding], **{CATALOG: (stands(A),)}) == Apt((), ())


def test_a_direction_that_is_stated_moves_that_side_and_turns_nothing_round() -> None:
    before = (stands(A, "required"), stands(A, "available", excluded=True))
    worked = work_out(before, [swap(key(APPS), exclude=True)])
    assert set(worked.after) == {stands(A, "required"), stands(B, "available", excluded=True)}


def test_what_could_not_be_read_is_left_for_the_plan_to_leave_alone() -> None:
    row = swap(key(CATALOG))
    unread = {row.configuration: Reading((), False, note="two routes differ")}
    assert that_stands([row], configurations(row.configuration), unread, KINDS).rows == (row,)


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        (asked(Action.SWAP, key(CATALOG), ALL_USERS, A), stands(A, excluded=True)),
        (swap(key(CATALOG), filter=StatedFilter("e" * 36)), stands(A, excluded=True)),
        (asked(Action.ADD, key(CATALOG), filter=StatedFilter("e" * 36)), stands(B, excluded=True)),
        (swap(key(CATALOG), filter=StatedFilter(mode=FilterMode.EXCLUDE)), stands(A)),
        (asked(Action.ADD, key(APPS)), stands(C, "required")),
        (asked(Action.REPLACE, key(APPS)), stands(C, "required")),
    ],
)
def test_what_would_be_an_error_for_one_is_left_alone_and_told(row: ResolvedRow, standing: Assignment) -> None:
    apt = as_it_stands([row], **{row.configuration.kind: (standing,)})
    assert not apt.rows
    assert [(f.level, f.code) for f in apt.findings] == [(Level.WARNING, "not_as_it_stands")]
    fine = {
        row.configuration.kind: (stands(A, "required", filtered=True), stands(B, "required", filtered=True), standing)
    }
    if not standing.target.excludes:
        assert as_it_stands([row], **fine).rows == (row,)


def test_of_rows_that_replace_together_none_is_left_where_one_cannot_be() -> None:
    first, second = asked(Action.REPLACE, key(APPS), A), asked(Action.REPLACE, key(APPS), B, index=1)
    assert not as_it_stands([first, second], **{APPS: (stands(A, "required"),)}).rows


def test_an_exclusion_goes_for_every_intent_with_which_an_app_is_assigned() -> None:
    row = asked(Action.ADD, key(APPS), A, exclude=True)
    before = (stands(B, "required"), stands(ALL_USERS, "available"), stands(C, "available"), stands(A, "available"))
    apt = as_it_stands([row], **{APPS: before})
    worked = work_out(before, apt.rows)
    assert {a for a in worked.after if a.target.audience == A} == {
        stands(A, "required", excluded=True),
        stands(A, "available", excluded=True),
    }
    assert set(before[:3]) <= set(worked.after)
    assert [(r.index, r.row.intent and r.row.intent.text) for r in worked.rows] == [(0, "available"), (0, "required")]
    assert not as_it_stands([row], **{APPS: ()}).rows


@given(
    st.lists(st.sampled_from(["required", "available", "uninstall"]), max_size=3, unique=True),
    st.lists(st.sampled_from(["required", "available", "uninstall"]), min_size=2, max_size=3, unique=True),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_rows_that_state_several_intents_of_a_group_bring_it_under_each(
    standing: list[str], stated: list[str], excluded: bool, random: object
) -> None:
    before = (stands(C, "required"), *(stands(A, intent) for intent in standing))
    rows = [
        replace(asked(Action.ADD, key(APPS), A, index=n, intent=intent, exclude=excluded), anywhere=False)
        for n, intent in enumerate(stated)
    ]
    worked = work_out(before, rows)
    assert set(worked.after) == {
        stands(C, "required"),
        *(stands(A, intent) for intent in standing if intent not in stated),
        *(stands(A, intent, excluded=excluded) for intent in stated),
    }
    random.shuffle(rows)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert same(work_out(before, rows).after, worked.after)
    listed = [replace(row, action=Action.REPLACE) for row in rows]
    assert set(work_out(before, listed).after) == {stands(A, intent, excluded=excluded) for intent in stated}


def test_what_rows_came_to_is_a_note_each_until_there_are_too_many() -> None:
    where = [key(CATALOG, n) for n in range(1, 8)]
    many = [replace(asked(Action.ADD, one), index=0) for one in where]
    (note,) = came_to(many, configurations(*where))
    assert note.message.startswith("the row came to 7 configurations: 'Configurationpolicies 1', ")
    assert note.message.endswith("and 2 more")
    rows = [asked(Action.ADD, where[0], index=n) for n in range(300)]
    assert len(list(came_to(rows, configurations(*where)))) == 201
    assert not list(came_to([replace(rows[0], anywhere=False)], configurations(*where)))


def test_what_one_row_brings_again_and_again_is_told_once() -> None:
    where = [key(CATALOG, n) for n in range(3)]
    rows = [asked(Action.ADD, one) for one in where]
    same_thing = [Finding(Level.WARNING, "policy_set", "it stays", "S", 2)] * 3
    other = Finding(Level.WARNING, "policy_set", "it stays", "S", 9)
    assert [f.message for f in told_once(rows, [*same_thing, other, other])] == [
        "it stays (in 3 configurations)",
        "it stays",
        "it stays",
    ]
