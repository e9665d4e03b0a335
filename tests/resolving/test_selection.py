"""Which configurations a person picks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.choice import Selection
from migrator.model.errors import UsageError
from migrator.resolving.selection import passed_over

ID = "00000000-0000-4000-8000-0000000000AB"
THINGS = [("[Prod] Office", ID), ("Office  test ", "2"), ("Straße?", "3"), ("Edge", "4")]


def left(*, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[str]:
    return [option.removeprefix("--") for option in passed_over(THINGS, Selection(only, without))]


def test_nothing_said_picks_everything() -> None:
    assert left() == ["", "", "", ""]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("edge", 3),
        (" EDGE ", 3),
        ("[prod] office", 0),
        (ID.lower(), 0),
        (f"{{{ID}}}", 0),
        ("office  test", 1),
        ("STRASSE?", 2),
        ("4", 3),
        ("e*", 3),
        ("???e", 3),
        ("*prod*", 0),
    ],
)
def test_a_name_an_id_and_a_pattern_pick_what_they_mean(text: str, place: int) -> None:
    assert [option == "" for option in left(only=(text,))] == [index == place for index in range(4)]
    assert [option == "except" for option in left(without=(text,))] == [index == place for index in range(4)]


def test_except_counts_among_those_that_only_picks() -> None:
    assert left(only=("*office*", "edge"), without=("* test",)) == ["", "except", "only", ""]


@pytest.mark.parametrize("text", ["Edgee", "[Prod]", "edg", "", "  "])
def test_what_matches_nothing_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        left(only=(text,))
    with pytest.raises(UsageError):
        left(without=(text,))


def test_a_slip_is_answered_with_the_near_name() -> None:
    with pytest.raises(UsageError, match=r"--except 'Egde' matches no configuration of the plan; did you mean 'Edge'"):
        left(without=("Egde",))


@given(st.lists(st.tuples(st.text(min_size=1), st.uuids().map(str)), min_size=1, max_size=6), st.data())
def test_an_id_picks_its_own_and_all_others_are_passed_over(things: list[tuple[str, str]], data: st.DataObject) -> None:
    _, identity = data.draw(st.sampled_from(things))
    expected = ["" if identity in thing else "--only" for thing in things]
    assert passed_over(things, Selection(only=(identity,))) == expected
