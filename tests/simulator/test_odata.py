"""Whatever a literal holds, it is found again in the filter that quotes it rightly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.simulator.messages import Refused
from migrator.simulator.odata import MOST_TERMS, Term, next_link, page, parse_filter, select


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@given(st.lists(st.text(), min_size=1, max_size=MOST_TERMS))
def test_any_values_survive_being_listed(values: list[str]) -> None:
    text = f"displayName in ({', '.join(map(quoted, values))})"
    assert parse_filter(text) == (Term("displayName", tuple(values)),)


@given(st.lists(st.tuples(st.sampled_from(["mail", "displayName"]), st.text()), min_size=1, max_size=MOST_TERMS))
def test_any_values_survive_a_chain(pairs: list[tuple[str, str]]) -> None:
    text = " or ".join(f"{name} eq {quoted(value)}" for name, value in pairs)
    assert parse_filter(text) == tuple(Term(name, (value,)) for name, value in pairs)


@given(st.text())
def test_any_other_text_is_understood_or_refused(text: str) -> None:
    try:
        understood = 1 <= len(parse_filter(text)) <= MOST_TERMS
    except Refused as refused:
        understood = refused.answer.status == 400
    assert understood


@given(total=st.integers(0, 300), size=st.integers(1, 50))
def test_pages_cover_a_list_once(total: int, size: int) -> None:
    covered: list[int] = []
    options: dict[str, str] = {}
    while True:
        stretch = page(total, options, size)
        covered.extend(range(stretch.start, stretch.stop))
        if not stretch.token:
            break
        options = {"$skiptoken": stretch.token}
    assert covered == list(range(total))


@pytest.mark.parametrize("token", ["bm9uc2Vuc2U", "ZnJvbTotMw", "é", "_"])
def test_a_token_that_was_never_given_is_refused(token: str) -> None:
    with pytest.raises(Refused):
        page(10, {"$skiptoken": token}, 5)


def test_the_next_link_keeps_the_question_and_escapes_it() -> None:
    link = next_link("http://h", "beta", "/groups", {"$filter": "a eq 'x & y'", "$skiptoken": "old"}, "new")
    assert link == "http://h/beta/groups?$filter=a%20eq%20%27x%20%26%20y%27&$skiptoken=new"


def test_selecting_ignores_case_and_keeps_what_was_expanded() -> None:
    item = {"id": 1, "name": 2, "assignments": [], "assignments@odata.nextLink": "l"}
    assert select(item, {"$select": "ID"}, always=("assignments",)) == {
        "id": 1,
        "assignments": [],
        "assignments@odata.nextLink": "l",
    }
