"""What a cell may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.workbook.text import LIMIT, for_print, lines, shown, width


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    "text", ["", "Sales", "00123", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "営業部", "a\nb", "https://x.y"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", "a␀b"),
        ("\x1b[31m", "␛[31m"),
        ("a\x7f", "a␡"),
        ("\rx", "␍x"),
        ("a\r\nb\x01", "a\nb␁"),
        ("\ud800", "�"),
        ("\uffff", "�"),
    ],
)
def test_characters_that_excel_refuses_are_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_text_longer_than_a_cell_is_cut_with_an_ellipsis() -> None:
    cut = shown("x" * 40_000)
    assert len(cut) == LIMIT
    assert cut.endswith("x…")


def test_a_pair_of_surrogates_is_never_cut_in_two() -> None:
    cut = shown("😀" * 20_000)
    assert units(cut) <= LIMIT
    assert cut == "😀" * 16_383 + "…"


def test_text_of_exactly_the_limit_is_not_cut() -> None:
    assert shown("x" * LIMIT) == "x" * LIMIT


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_can_be_written(text: str) -> None:
    shown(text).encode("utf-8")


def test_what_looks_like_rich_text_of_the_writer_is_defused() -> None:
    assert not shown("<r><t>x</t></r>").endswith("</r>")


def test_wide_scripts_take_two_columns_a_letter() -> None:
    assert width("営業部") == 6
    assert width("Köln") == 4
    assert width("a\nlonger") == 6


def test_lines_grow_with_text_and_shrink_with_width() -> None:
    assert lines("short", 40) == 1
    assert lines("x" * 100, 40) == 3
    assert lines("a\nb\nc", 40) == 3


def test_an_ampersand_is_no_command_on_a_printed_page() -> None:
    assert for_print("R&D\nlab", 40) == "R&&D lab"
