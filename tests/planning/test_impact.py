"""Whom a plan concerns: held against explicit sets of people and devices, whatever part of them the directory tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import (
    VIRTUAL_ALL_USERS,
    Assignment,
    Assignments,
    Audience,
    Target,
    TargetType,
)
from migrator.model.configuration import Configuration, Key
from migrator.model.impact import Certainty, Everybody, Impact, Membership, Moved, PairImpact, Side
from migrator.model.plan import ConfigurationPlan, ResolvedRow
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.planning.actions import work_out
from migrator.planning.impact import impact, wanted
from migrator.planning.membership import membership_findings

A, B, C, D = IDS = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(10, 14)]
ALL_USERS, ALL_DEVICES = Target(TargetType.ALL_USERS), Target(TargetType.ALL_DEVICES)
TENANT = frozenset(range(12))
"""Everybody there is; the brute force needs to know them, the reckoning does not."""


def group(identity: str, intent: str = "") -> Assignment:
    return Assignment(Target(TargetType.GROUP, identity), intent)


def excluded(identity: str, intent: str = "") -> Assignment:
    return Assignment(Target(TargetType.EXCLUSION, identity), intent)


def row(action: Action, new: str, legacy: str = "", *, index: int = 0, exclude: bool | None = None) -> ResolvedRow:
    return ResolvedRow(
        index,
        Row("Sheet1", index + 2, action, Ref("policy"), legacy=Ref("old", column="B"), new=Ref("new", column="C")),
        Key("configurationPolicies", "p"),
        action,
        Audience(TargetType.GROUP, new),
        Audience(TargetType.GROUP, legacy) if legacy else None,
        exclude,
    )


def plan(before: Assignments, *rows: ResolvedRow, name: str = "p") -> ConfigurationPlan:
    worked = work_out(before, rows)
    configuration = Configuration("configurationPolicies", name, name)
    return ConfigurationPlan(configuration, Reading(before, settled=True), worked.after, worked.changes, worked.rows)


def side(*people: int) -> Side:
    return Side(len(people), frozenset(ident(p) for p in people))


def ident(person: int) -> bytes:
    return person.to_bytes(16, "big")


def users(*people: int) -> Membership:
    return Membership(side(*people), side())


def devices(*machines: int) -> Membership:
    return Membership(side(), side(*machines))


def reckon(
    memberships: Mapping[str, Membership], *plans: ConfigurationPlan, rows: Sequence[ResolvedRow] = ()
) -> Impact:
    return impact(plans, {r.index: r for r in rows}, memberships)


# One sentence after the other.


def test_a_swap_is_the_difference_of_two_groups() -> None:
    swap = row(Action.SWAP, B, A)
    found = reckon({A: users(1, 2, 3), B: users(3, 4)}, plan((group(A),), swap), rows=[swap])
    assert found.users == Moved(gain=1, lose=2, keep=1)
    assert found.devices == Moved()
    assert found.pairs == (PairImpact(group(A).target, group(B).target, 1, Moved(gain=1, lose=2, keep=1), Moved()),)


def test_who_is_in_another_group_that_stays_neither_gains_nor_loses() -> None:
    swap = row(Action.SWAP, B, A)
    held = {A: users(1, 2), B: users(3, 4), C: users(1, 3)}
    found = reckon(held, plan((group(A), group(C)), swap))
    assert found.configurations[0].users == Moved(gain=1, lose=1, keep=2)
    assert found.pairs[0].users == Moved(gain=2, lose=2, keep=0)  # the two groups by themselves


def test_members_of_other_groups_that_are_not_known_make_it_at_most() -> None:
    swap = row(Action.SWAP, B, A)
    found = reckon({A: users(1, 2), B: users(3, 4)}, plan((group(A), group(C)), swap))
    assert found.users == Moved(gain=2, lose=2, certainty=Certainty.AT_MOST)


def test_a_new_exclusion_takes_it_away() -> None:
    added = row(Action.ADD, B, exclude=True)
    found = reckon({A: users(1, 2, 3), B: users(3, 9)}, plan((group(A),), added))
    assert found.users == Moved(lose=1)  # nine had it from nobody
    assert found.pairs[0].users == Moved(lose=2, certainty=Certainty.AT_MOST)


def test_a_swapped_exclusion_lets_in_who_is_not_in_the_new_group() -> None:
    swap = row(Action.SWAP, C, B)
    before = (Assignment(ALL_USERS), excluded(B))
    found = reckon({B: users(1, 2), C: users(2, 3)}, plan(before, swap))
    assert found.users == Moved(gain=1, lose=1)


def test_a_group_beside_everybody_changes_nothing_for_people() -> None:
    swap = row(Action.SWAP, B, A)
    before = (Assignment(ALL_USERS), group(A))
    found = reckon({A: Membership(side(1), side(7)), B: Membership(side(2), side(8))}, plan(before, swap))
    assert found.users == Moved(keep=2)
    assert found.devices == Moved(gain=1, lose=1)


@pytest.mark.parametrize("everybody", [ALL_USERS, Target(TargetType.GROUP, VIRTUAL_ALL_USERS)])
def test_everybody_instead_of_a_group(everybody: Target) -> None:
    one = row(Action.SWAP, B, A)
    changed = plan((group(A),), one)
    after = (Assignment(everybody),)
    changes = tuple(type(c)(c.effect, c.before, after[0], c.rows) for c in changed.changes)
    whole = ConfigurationPlan(changed.configuration, changed.reading, after, changes, changed.rows)
    found = reckon({A: users(1, 2)}, whole)
    assert found.users == Moved(keep=2, everybody=(Everybody.GAINS,))
    assert wanted([whole], {}).groups == (A,)
    back = ConfigurationPlan(
        whole.configuration,
        Reading(after, settled=True),
        (group(A),),
        (type(changes[0])(changes[0].effect, after[0], group(A), changes[0].rows),),
        whole.rows,
    )
    assert reckon({A: users(1, 2)}, back).users == Moved(keep=2, everybody=(Everybody.LOSES,))


def test_a_swap_onto_a_group_that_stands_already_is_a_pair() -> None:
    swap = row(Action.SWAP, B, A)
    found = reckon({A: users(1, 2), B: users(2)}, plan((group(A), group(B)), swap), rows=[swap])
    assert [(p.before, p.after) for p in found.pairs] == [(group(A).target, group(B).target)]
    assert found.pairs[0].users == found.users == Moved(lose=1, keep=1)
    assert wanted([plan((group(A), group(B)), swap)], {0: swap}).compared == ((A, B),)


def test_groups_that_are_too_large_are_told_by_their_size() -> None:
    large = Membership(Side(60_000), side())
    found = reckon({A: large, B: Membership(Side(58_000), side())}, plan((group(A),), row(Action.SWAP, B, A)))
    assert found.users == Moved(58_000, 60_000, 0, Certainty.SIZES)


def test_what_cannot_be_counted_is_not_called_nobody() -> None:
    found = reckon({A: Membership(reason="403 Forbidden"), B: users(1)}, plan((group(A),), row(Action.SWAP, B, A)))
    assert found.users.certainty is Certainty.UNKNOWN
    assert found.groups[0].reason == "403 Forbidden"


def test_many_configurations_count_a_person_once() -> None:
    one, other = (plan((group(A),), row(Action.SWAP, B, A), name=name) for name in "pq")
    found = reckon({A: users(1, 2, 3), B: users(3, 4)}, one, other)
    assert found.users == Moved(gain=1, lose=2, keep=1)
    assert found.pairs[0].configurations == 2
    assert len(found.configurations) == 2


def test_another_intent_is_another_story() -> None:
    before = (group(A, "required"), group(A, "uninstall"))
    swap = row(Action.SWAP, B, A)
    found = reckon({A: users(1), B: users(1)}, plan(before, swap))
    assert [(c.intent, c.users) for c in found.configurations] == [
        ("required", Moved(keep=1)),
        ("uninstall", Moved(keep=1)),
    ]


def test_everybody_has_a_successor_however_a_row_for_many_kinds_spells_them_at_last() -> None:
    virtual = group(VIRTUAL_ALL_USERS)
    in_this_kind = row(Action.SWAP, A, VIRTUAL_ALL_USERS)
    in_another = replace(in_this_kind, source=Audience(TargetType.ALL_USERS))
    merged = plan((virtual, group(A)), in_this_kind)
    (pair,) = impact([merged], {0: in_another}, {}).pairs
    assert (pair.before, pair.after) == (virtual.target, group(A).target)


def test_what_is_left_alone_concerns_nobody() -> None:
    changed = plan((group(A),), row(Action.SWAP, B, A))
    blocked = ConfigurationPlan(
        changed.configuration, changed.reading, changed.after, changed.changes, changed.rows, blocked="unsettled"
    )
    assert wanted([blocked], {}).groups == ()
    assert reckon({A: users(1), B: users(2)}, blocked).users == Moved()


def test_only_groups_that_come_and_go_are_asked_for_and_all_beside_an_exclusion() -> None:
    without = plan((group(A), group(C)), row(Action.SWAP, B, A))
    assert set(wanted([without], {}).groups) == {A, B}
    beside = plan((group(A), group(C), excluded(D)), row(Action.SWAP, B, A))
    assert set(wanted([beside], {}).groups) == {A, B, C, D}
    assert wanted([beside], {}).compared == ((A, B),)


# Findings.


def codes(held: Mapping[str, Membership], *plans: ConfigurationPlan) -> list[str]:
    return [f.code for f in membership_findings(plans, held, {B: "New", C: "Staff", D: "Kiosks"})]


def test_an_empty_group_is_found_once_where_it_comes_and_not_where_it_goes() -> None:
    plans = [plan((group(A),), row(Action.SWAP, B, A), name=name) for name in "pq"]
    (found,) = membership_findings(plans, {A: users(), B: users()}, {B: "New"})
    assert (found.code, found.place) == ("empty_group", "Sheet1!C2")
    assert "'New' has no members" in found.message
    assert "2 configurations" in found.message
    assert codes({A: users(), B: users(1)}, *plans) == []
    assert codes({A: users(1), B: Membership(reason="403")}, *plans) == []  # not known is not empty


@pytest.mark.parametrize(
    ("staff", "kiosks", "found"),
    [
        (users(1), devices(2), ["mixed_groups"]),
        (devices(1), users(2), ["mixed_groups"]),
        (users(1), users(2), []),
        (Membership(side(1), side(3)), devices(2), []),  # holds both
        (Membership(reason="403"), devices(2), []),
    ],
)
def test_people_and_devices_on_both_sides(staff: Membership, kiosks: Membership, found: list[str]) -> None:
    changed = plan((group(A), group(C), excluded(D)), row(Action.REMOVE, A))
    assert codes({A: users(5), C: staff, D: kiosks}, changed) == found


def test_devices_excluded_from_all_users() -> None:
    changed = plan((Assignment(ALL_USERS),), row(Action.ADD, D, exclude=True))
    assert codes({D: devices(1)}, changed) == ["mixed_groups"]


# Against brute force.

names = st.sampled_from(IDS)
people = st.frozensets(st.sampled_from(sorted(TENANT)), max_size=6)
standing = st.lists(
    st.one_of(
        names.map(group),
        names.map(excluded),
        st.just(Assignment(ALL_USERS)),
        st.just(Assignment(ALL_DEVICES)),
    ),
    max_size=5,
    unique=True,
).map(tuple)
KNOWN = st.sampled_from(["who", "who", "who", "how many", "nothing"])


def gets(assignments: Assignments, held: Mapping[str, frozenset[int]], everybody: Target) -> frozenset[int]:
    """Who gets it, said as plainly as can be."""
    found = set[int]()
    for assignment in assignments:
        if assignment.target == everybody:
            found |= TENANT
        elif assignment.target.type is TargetType.GROUP:
            found |= held[assignment.target.id]
    for assignment in assignments:
        if assignment.target.excludes:
            found -= held[assignment.target.id]
    return frozenset(found)


def bare(before: Assignments, after: Assignments, name: str) -> ConfigurationPlan:
    """A change from any list to any other; which rows made it does not matter here."""
    worked = work_out(before, [row(Action.SWAP, B, A)])
    return ConfigurationPlan(
        Configuration("configurationPolicies", name, name), Reading(before, settled=True), after, worked.changes, ()
    )


@given(
    st.lists(st.tuples(standing, standing), min_size=1, max_size=3),
    st.fixed_dictionaries(dict.fromkeys(IDS, people)),
    st.fixed_dictionaries(dict.fromkeys(IDS, KNOWN)),
)
def test_what_is_told_is_what_is_so(
    lists: list[tuple[Assignments, Assignments]], held: dict[str, frozenset[int]], known: dict[str, str]
) -> None:
    told = {
        name: Membership(side(*members), side()) if known[name] == "who" else Membership(Side(len(members)), side())
        for name, members in held.items()
        if known[name] != "nothing"
    }
    plans = [bare(before, after, str(n)) for n, (before, after) in enumerate(lists)]
    changed = [one for one in plans if one.changes_anything]
    found = reckon(told, *plans)
    before = [gets(one.before, held, ALL_USERS) for one in changed]
    after = [gets(one.after, held, ALL_USERS) for one in changed]
    gain = frozenset[int]().union(*(b - a for a, b in zip(before, after, strict=True)))
    lose = frozenset[int]().union(*(a - b for a, b in zip(before, after, strict=True)))
    _holds(found.users, gain, lose)
    for one in found.configurations:
        place = [c.key for c in changed].index(one.key)
        _holds(one.users, after[place] - before[place], before[place] - after[place])
        if one.users.certainty is Certainty.EXACT and all(k == "who" for k in known.values()):
            moving = {a.target for a in changed[place].before} ^ {a.target for a in changed[place].after}
            touched = frozenset[int]().union(
                *(held.get(t.id, TENANT if t == ALL_USERS else frozenset()) for t in moving)
            )
            assert one.users.keep == len(touched & before[place] & after[place])


def _holds(moved: Moved, gain: frozenset[int], lose: frozenset[int]) -> None:
    if moved.certainty is Certainty.UNKNOWN:
        return
    exact = moved.certainty is Certainty.EXACT
    for told, true, word in ((moved.gain, gain, Everybody.GAINS), (moved.lose, lose, Everybody.LOSES)):
        if word in moved.everybody:
            continue
        assert told == len(true) if exact else told >= len(true)


@given(st.fixed_dictionaries(dict.fromkeys(IDS, people)))
def test_with_everything_known_everything_is_exact(held: dict[str, frozenset[int]]) -> None:
    told = {name: users(*members) for name, members in held.items()}
    swap = row(Action.SWAP, B, A)
    found = reckon(told, plan((group(A), group(C), excluded(D)), swap), rows=[swap])
    before, after = (held[A] | held[C]) - held[D], (held[B] | held[C]) - held[D]
    touched = held[A] | held[B]
    assert found.users == Moved(len(after - before), len(before - after), len(touched & before & after))
