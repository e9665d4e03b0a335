"""OData, spelled so that no name breaks it; links, followed only home."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.odata import (
    MOST_ELEMENTS,
    MOST_PAGES,
    Trail,
    any_of,
    chunks,
    in_filter,
    literal,
    next_link,
    query,
    segment,
)
from migrator.model.errors import GraphError

GRAPH = "https://graph.microsoft.com"
VALID = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_quote_in_a_literal_is_doubled() -> None:
    assert literal("O'Brien's team") == "'O''Brien''s team'"


def test_filters() -> None:
    assert in_filter("displayName", ["a", "b'c"]) == "displayName in ('a','b''c')"
    assert any_of(["a eq 1", "b eq 2"]) == "a eq 1 or b eq 2"


def test_a_query_encodes_its_values_whole() -> None:
    path = query(
        "/v1.0/groups", filter="displayName eq '営業 & O''B'", select=("id", "mail"), top=5, count=True, x=None
    )
    assert path.isascii()
    assert parse_qs(urlsplit(path).query) == {
        "$filter": ["displayName eq '営業 & O''B'"],
        "$select": ["id,mail"],
        "$top": ["5"],
        "$count": ["true"],
    }


def test_a_query_without_options_is_the_path_and_one_with_a_query_goes_on() -> None:
    assert query("/beta/x") == "/beta/x"
    assert query("/beta/x?$top=1", expand="assignments") == "/beta/x?$top=1&$expand=assignments"


@given(VALID)
def test_any_text_survives_a_query(text: str) -> None:
    assert unquote(query("/x", filter=text).partition("=")[2]) == text


@given(VALID.filter(bool))
def test_any_id_is_one_segment(text: str) -> None:
    encoded = segment(text)
    assert unquote(encoded) == text
    assert "/" not in encoded
    assert "?" not in encoded
    assert encoded not in (".", "..")


@given(st.lists(st.integers()), st.integers(1, 20))
def test_chunks_keep_everything_in_order(items: list[int], size: int) -> None:
    parts = list(chunks(items, size))
    assert [x for part in parts for x in part] == items
    assert all(len(part) <= size for part in parts)


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://graph.microsoft.com/beta/x?$skiptoken=abc", "/beta/x?$skiptoken=abc"),
        ("https://GRAPH.microsoft.com:443/beta/x", "/beta/x"),
        ("https://graph.microsoft.com/beta/x?$filter=a%20eq%20'b'", "/beta/x?$filter=a%20eq%20'b'"),
        ("https://graph.microsoft.com/beta/x?$filter=a eq 'é'", "/beta/x?$filter=a%20eq%20'%C3%A9'"),
    ],
)
def test_a_link_home_is_followed(link: str, path: str) -> None:
    assert next_link(link, GRAPH) == path


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.evil.example/beta/x",
        "https://evil.example/beta/x",
        "http://graph.microsoft.com/beta/x",
        "https://graph.microsoft.com:444/beta/x",
        "https://graph.microsoft.com:x/beta/x",
        "https://graph.microsoft.com@evil.example/beta/x",
        "https://me@graph.microsoft.com/beta/x",
        "https://graph.microsoft.com\\@evil.example/beta/x",
        "//evil.example/beta/x",
        "/beta/x",
        "https://[graph.microsoft.com/beta/x",
        "https://graph.microsoft.com",
        "",
    ],
)
def test_a_link_elsewhere_is_not(link: str) -> None:
    with pytest.raises(GraphError, match="not followed"):
        next_link(link, GRAPH)


def test_a_root_below_a_path_stays_below_it() -> None:
    assert next_link("https://gate.example:8443/graph/beta/x?y", "https://gate.example:8443/graph") == "/beta/x?y"
    with pytest.raises(GraphError):
        next_link("https://gate.example:8443/graphics/beta/x", "https://gate.example:8443/graph")


@given(st.text())
def test_no_link_whatever_leads_astray(link: str) -> None:
    try:
        path = next_link(link, GRAPH)
    except GraphError:
        return
    assert path.startswith("/")


def test_a_trail_gives_the_way_from_page_to_page() -> None:
    trail = Trail("/beta/things", GRAPH)
    assert trail.follow(f"{GRAPH}/beta/things?$skiptoken=1", 5) == "/beta/things?$skiptoken=1"
    assert trail.follow(f"{GRAPH}/beta/things?$skiptoken=2", 5) == "/beta/things?$skiptoken=2"


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (f"{GRAPH}/beta/things?$top=5", "The list /beta/things leads back"),
        (f"{GRAPH}/beta/things?$skiptoken=1", "The list /beta/things leads back"),
        ("https://elsewhere.example/beta/things", "not followed"),
    ],
)
def test_a_trail_leads_neither_back_nor_elsewhere(link: str, why: str) -> None:
    trail = Trail("/beta/things?$top=5", GRAPH)
    trail.follow(f"{GRAPH}/beta/things?$skiptoken=1", 5)
    with pytest.raises(GraphError, match=why):
        trail.follow(link, 5)


@pytest.mark.parametrize(("elements", "pages"), [(1, MOST_PAGES), (0, MOST_PAGES), (MOST_ELEMENTS // 4, 4)])
def test_a_trail_comes_to_an_end(elements: int, pages: int) -> None:
    trail = Trail("/beta/things?$top=5", GRAPH)
    for n in range(1, pages):
        trail.follow(f"{GRAPH}/beta/things?$skiptoken={n}", elements)
    with pytest.raises(GraphError, match=f"/beta/things does not end: there is more after {pages:,} pages"):
        trail.follow(f"{GRAPH}/beta/things?$skiptoken={pages}", elements)
