"""What holds for every mapping and every tenant: nothing unnamed is lost, order is nothing, every list adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import Assignment, Audience, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, Key
from migrator.model.lists import by_identity, same
from migrator.model.plan import ConfigurationPlan, FilterWish, ResolvedRow, StatedFilter
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.planning.actions import work_out
from migrator.planning.contradictions import contradictions
from migrator.planning.fingerprint import fingerprint
from migrator.planning.meaning import of_resolved

IDS = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(6)]
FILTERS = [Filter("f" * 36, FilterMode.INCLUDE), Filter("e" * 36, FilterMode.EXCLUDE)]

stated_filters: list[StatedFilter | FilterWish] = [
    *(FilterWish.UNSTATED,) * 3,
    FilterWish.NONE,
    StatedFilter(mode=FilterMode.EXCLUDE),
    *(StatedFilter(f.id, mode) for f in FILTERS for mode in (None, *FilterMode)),
]

targets = st.one_of(
    st.builds(Target, st.sampled_from([TargetType.GROUP, TargetType.EXCLUSION]), st.sampled_from(IDS)),
    st.sampled_from([Target(TargetType.ALL_USERS), Target(TargetType.ALL_DEVICES)]),
    st.builds(Target, st.just(TargetType.OTHER), st.sampled_from(["x", "y"])),
)
assignments = st.builds(
    Assignment,
    targets,
    st.sampled_from(["", "required"]),
    st.sampled_from([None, *FILTERS]),
    st.sampled_from(["{}", '{"settings": {"deep": [1, 2]}}']),
    st.booleans(),
)
befores = st.lists(assignments, max_size=8).map(lambda found: tuple(by_identity(found).values()))
audiences = st.one_of(
    st.sampled_from(IDS).map(lambda i: Audience(TargetType.GROUP, i)),
    st.sampled_from([Audience(TargetType.ALL_USERS), Audience(TargetType.ALL_DEVICES)]),
)


@st.composite
def rows(draw: st.DrawFn) -> list[ResolvedRow]:
    """Rows of one configuration that do not contradict each other."""
    found: list[ResolvedRow] = []
    for index in range(draw(st.integers(1, 6))):
        action = draw(st.sampled_from(Action))
        audience = draw(audiences)
        one = ResolvedRow(
            index,
            Row("S", index + 2, action, Ref("p")),
            Key("k", "p"),
            action,
            audience,
            draw(audiences) if action is Action.SWAP else None,
            exclude=draw(st.sampled_from([None, None, True, False])) if audience.type is TargetType.GROUP else None,
            filter=draw(st.sampled_from(stated_filters)),
        )
        if not list(contradictions(of_resolved(r) for r in (*found, one))):
            found.append(one)
    return found


def named(found: Sequence[ResolvedRow]) -> set[Audience]:
    return {a for r in found for a in (r.audience, r.source) if a is not None}


@given(befores, rows())
def test_what_no_row_names_is_still_there_to_the_property(
    before: tuple[Assignment, ...], found: list[ResolvedRow]
) -> None:
    worked = work_out(before, found)
    if any(r.action is Action.REPLACE for r in found):
        return
    for assignment in before:
        if assignment.target.audience not in named(found) or assignment.from_policy_set:
            assert any(a is assignment for a in worked.after)


@given(befores, rows(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(before: tuple[Assignment, ...], found: list[ResolvedRow], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert same(work_out(before, found).after, work_out(before, shuffled).after)


@given(befores, rows())
def test_every_assignment_is_accounted_for_once(before: tuple[Assignment, ...], found: list[ResolvedRow]) -> None:
    worked = work_out(before, found)
    gone_or_kept = Counter(c.before.identity for c in worked.changes if c.before and not c.before.from_policy_set)
    assert set(gone_or_kept) == set(by_identity(before))
    now = Counter(c.after.identity for c in worked.changes if c.after and not c.after.from_policy_set)
    assert now == Counter(by_identity(worked.after).keys())
    assert {r.index for r in worked.rows} == {r.index for r in found}


@given(befores, rows())
def test_planning_again_on_what_came_of_it_changes_nothing(
    before: tuple[Assignment, ...], found: list[ResolvedRow]
) -> None:
    sources = {r.source for r in found if r.source}
    if sources & {r.audience for r in found}:
        return  # a chain of swaps moves on each time, as it says
    if len({a.intent for a in before}) > 1:
        return  # what was moved under one intent is, the next time, one more place where its group stands
    stands = Counter(a.target.audience for a in before)
    if any(r.source and stands[r.source] > 1 and r.exclude is not None for r in found):
        return  # and what was moved from one side leaves, for the next time, the side that the row did not mean
    after = work_out(before, found).after
    assert same(work_out(after, found).after, after)


@given(befores, rows())
def test_swapped_groups_are_gone_and_their_successors_are_there(
    before: tuple[Assignment, ...], found: list[ResolvedRow]
) -> None:
    worked = work_out(before, found)
    there = {a.target.audience for a in worked.after if not a.from_policy_set}
    arriving = {r.audience for r in found if r.action is not Action.REMOVE}
    for one in found:
        if one.action is Action.SWAP and one.source not in arriving:
            narrowed = one.exclude is not None
            assert narrowed or one.source not in there
        if one.action in (Action.ADD, Action.REPLACE):
            assert one.audience in there


@given(befores, rows())
def test_the_fingerprint_is_that_of_the_lists(before: tuple[Assignment, ...], found: list[ResolvedRow]) -> None:
    def plan(stood: tuple[Assignment, ...]) -> ConfigurationPlan:
        worked = work_out(stood, found)
        return ConfigurationPlan(
            Configuration("k", "p", "P"), Reading(stood, True), worked.after, worked.changes, worked.rows
        )

    assert fingerprint([plan(before)]) == fingerprint([plan(before[::-1])])
    extra = Assignment(Target(TargetType.GROUP, "9" * 36))
    assert fingerprint([plan(before)]) != fingerprint([plan((*before, extra))])
