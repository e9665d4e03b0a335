"""Which list may be believed, by table and by every order in which routes may answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.tenant.settling import differ, heard, next_route, settle
from migrator.model.assignment import Assignment, Assignments, Target, TargetType
from migrator.model.kind import Kind, Trust
from migrator.model.kinds import KINDS
from migrator.model.reading import Route, RouteAnswer

LIST, ASSIGNMENTS, ITEM = Route.LIST, Route.ASSIGNMENTS, Route.ITEM
CATALOG = KINDS["configurationPolicies"]
INTENTS = KINDS["intents"]
OFFICE = KINDS["officeClientConfigurations"]
SHELL = KINDS["deviceShellScripts"]


def to(*groups: str) -> Assignments:
    return tuple(Assignment(Target(TargetType.GROUP, g)) for g in groups)


A, B, AB, NONE = to("a"), to("b"), to("a", "b"), to()
SET = tuple(replace(a, from_policy_set=True) for a in A)


def answers(*said: tuple[Route, Assignments | None]) -> list[RouteAnswer]:
    return [RouteAnswer(route, list_) for route, list_ in said]


@pytest.mark.parametrize(
    ("said", "is_assigned", "holds", "settled", "note"),
    [
        ([], None, NONE, False, "no route said"),
        ([(LIST, AB), (ASSIGNMENTS, AB)], None, AB, True, ""),
        ([(LIST, to("b", "a")), (ASSIGNMENTS, AB)], None, to("b", "a"), True, ""),
        ([(ASSIGNMENTS, A)], None, A, True, ""),
        ([(ITEM, A)], False, A, True, ""),
        ([(LIST, A)], True, A, False, "only the listing"),
        ([(LIST, A), (ASSIGNMENTS, None)], True, A, False, "only the listing"),
        ([(LIST, A), (ASSIGNMENTS, None), (ITEM, A)], True, A, True, ""),
        ([(LIST, NONE), (ASSIGNMENTS, A)], None, A, True, "list with $expand answered an empty list"),
        ([(ITEM, NONE), (LIST, A)], None, A, True, "item with $expand answered an empty list"),
        ([(LIST, NONE), (ITEM, NONE), (ASSIGNMENTS, AB)], False, AB, True, "though 2 assigned"),
        ([(LIST, A), (ASSIGNMENTS, B)], None, A, False, "different lists (list with $expand: 1, /assignments: 1)"),
        ([(LIST, A), (ASSIGNMENTS, AB)], None, AB, False, "different lists"),
        ([(LIST, SET), (ASSIGNMENTS, (*SET, *B))], None, (*SET, *B), False, "different lists"),
        ([(ASSIGNMENTS, SET)], None, SET, True, ""),
        ([(ASSIGNMENTS, NONE)], False, NONE, False, "alone proves nothing"),
        ([(LIST, NONE), (ASSIGNMENTS, None)], False, NONE, False, "alone proves nothing"),
        ([(ASSIGNMENTS, NONE), (ASSIGNMENTS, NONE)], None, NONE, False, "alone proves nothing"),
        ([(LIST, NONE), (ASSIGNMENTS, NONE)], None, NONE, True, ""),
        ([(ASSIGNMENTS, NONE), (ITEM, NONE)], False, NONE, True, ""),
        ([(LIST, NONE), (ASSIGNMENTS, NONE), (ITEM, NONE)], True, NONE, False, "isAssigned says"),
    ],
)
def test_the_table(
    said: list[tuple[Route, Assignments | None]],
    is_assigned: bool | None,
    holds: Assignments,
    settled: bool,
    note: str,
) -> None:
    reading = settle(answers(*said), is_assigned)
    assert (reading.assignments, reading.settled) == (holds, settled)
    assert note in reading.note
    assert bool(note) is bool(reading.note)


def test_an_empty_item_confirms_no_listing_while_assignments_cannot_be_read() -> None:
    said = answers((LIST, A), (ASSIGNMENTS, None), (ITEM, NONE))
    assert not settle(said, True, unheard=True).settled
    assert settle(said, True).settled
    assert settle([*said, *answers((ASSIGNMENTS, A))], True, unheard=False).settled


def test_why_a_route_gave_nothing_is_said() -> None:
    reading = settle([RouteAnswer(ASSIGNMENTS, None, "HTTP 404"), RouteAnswer(ITEM, A)], None)
    assert reading.settled
    assert reading.note == "/assignments gave nothing: HTTP 404"


def test_of_two_answers_of_one_route_the_later_counts() -> None:
    reading = settle(answers((LIST, A), (ASSIGNMENTS, B), (LIST, B), (ASSIGNMENTS, B)), None)
    assert (reading.assignments, reading.settled, len(reading.answers)) == (B, True, 2)


def test_an_empty_or_failed_answer_never_displaces_a_list() -> None:
    for later in (NONE, None):
        reading = settle(answers((ASSIGNMENTS, A), (ITEM, NONE), (ASSIGNMENTS, later)), None)
        assert (reading.assignments, reading.settled) == (A, True)


# --- every order, every lie ------------------------------------------------------------------------------------------

TRUTH = to("a", "b", "c")
honest = st.just(TRUTH)
said = st.lists(st.tuples(st.sampled_from(Route), st.sampled_from([TRUTH, NONE, None])), max_size=8)


@given(said, st.sampled_from([True, False, None]))
def test_no_order_of_answers_wipes_a_list_unless_two_routes_say_so_and_nothing_denies_it(
    said: list[tuple[Route, Assignments | None]], is_assigned: bool | None
) -> None:
    reading = settle(answers(*said), is_assigned)
    if reading.settled and not reading.assignments:
        assert is_assigned is not True
        assert len({route for route, list_ in said if list_ == ()}) >= 2
        assert not any(list_ for _, list_ in said)


@given(st.permutations([(LIST, TRUTH), (ASSIGNMENTS, NONE), (ITEM, None)]), st.sampled_from([True, False, None]))
def test_the_order_of_answers_changes_nothing(said: list[tuple[Route, Assignments | None]], is_: bool | None) -> None:
    reading = settle(answers(*said), is_)
    assert (reading.assignments, reading.settled) == (TRUTH, True)


@given(
    st.sampled_from(list(KINDS.values())),
    st.booleans() | st.none(),
    st.dictionaries(st.sampled_from(Route), st.sampled_from([TRUTH, NONE, None]), min_size=3, max_size=3),
    st.booleans(),
)
def test_asking_on_ends_and_an_empty_end_was_witnessed_twice(
    kind: Kind, is_assigned: bool | None, world: dict[Route, Assignments | None], listed: bool
) -> None:
    got = answers((LIST, world[LIST])) if listed else []
    asked: list[Route] = []
    while (route := next_route(kind, got, is_assigned)) is not None:
        assert route not in asked
        asked.append(route)
        list_ = world[route]
        got.append(RouteAnswer(route, None) if list_ is None else heard(kind, route, list_))
    reading = settle(got, is_assigned)
    if reading.settled and not reading.assignments:
        assert len([a for a in reading.answers if a.assignments == ()]) >= 2
        assert is_assigned is not True
    if world[ASSIGNMENTS] == TRUTH and kind.assignments is not Trust.ABSENT:
        assert (reading.assignments, reading.settled) == (TRUTH, True)


# --- which route next ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        (CATALOG, [], ASSIGNMENTS),
        (CATALOG, [(LIST, A)], ASSIGNMENTS),
        (CATALOG, [(LIST, A), (ASSIGNMENTS, A)], None),
        (CATALOG, [(LIST, A), (ASSIGNMENTS, B)], None),
        (CATALOG, [(LIST, A), (ASSIGNMENTS, NONE)], None),
        (CATALOG, [(LIST, NONE), (ASSIGNMENTS, NONE)], None),
        (CATALOG, [(ASSIGNMENTS, NONE)], LIST),
        (CATALOG, [(ASSIGNMENTS, NONE), (LIST, None)], ITEM),
        (CATALOG, [(ASSIGNMENTS, None)], ITEM),
        (OFFICE, [(ASSIGNMENTS, A)], None),
        (OFFICE, [(ASSIGNMENTS, NONE)], ITEM),
        (OFFICE, [(ASSIGNMENTS, NONE), (ITEM, None)], LIST),
        (OFFICE, [(ASSIGNMENTS, None), (ITEM, None)], None),
        (INTENTS, [(ASSIGNMENTS, NONE), (ITEM, None)], None),
        (SHELL, [], ITEM),
        (SHELL, [(LIST, NONE)], ITEM),
        (SHELL, [(ITEM, NONE)], LIST),
        (SHELL, [(LIST, NONE), (ITEM, NONE)], None),
        (SHELL, [(LIST, None), (ITEM, NONE)], ASSIGNMENTS),
        (SHELL, [(ITEM, NONE), (LIST, None), (ASSIGNMENTS, NONE)], None),
        (SHELL, [(ITEM, None)], None),
    ],
)
def test_the_cheapest_route_that_can_settle_is_asked_next(
    kind: Kind, said: list[tuple[Route, Assignments | None]], expected: Route | None
) -> None:
    assert next_route(kind, answers(*said), None) is expected


def test_is_assigned_keeps_asking_while_every_list_is_empty() -> None:
    assert next_route(OFFICE, answers((LIST, NONE), (ASSIGNMENTS, NONE)), True) is ITEM


def test_an_empty_list_of_a_route_that_is_known_to_lie_is_no_testimony() -> None:
    assert heard(CATALOG, ITEM, NONE).assignments is None
    assert heard(CATALOG, ITEM, A).assignments == A
    assert heard(CATALOG, ASSIGNMENTS, NONE).assignments == ()


def test_lists_differ_only_where_both_say_something() -> None:
    assert differ(answers((LIST, A), (ASSIGNMENTS, B)))
    assert not differ(answers((LIST, A), (ASSIGNMENTS, NONE)))
    assert not differ(answers((LIST, AB), (ASSIGNMENTS, to("b", "a"))))
    assert not differ([])
