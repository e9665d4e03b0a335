"""What a cell says, as a person sees it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from migrator.mapping.cells import Cell, are_plain, column_index, is_plain, odd_inside, shown, texts, trimmed
from migrator.mapping.load import load
from migrator.mapping.readers.formats import padded_text, pads
from migrator.model.columns import letter
from migrator.model.row import Mapping
from tests.mapping.sheets import found, only, rebuilt, text, xlsx

UNSEEN = " \t\n\xa0\u2003\u3000\u200b\u200d\u2060\ufeff\u200e\u202c\u2069\xad"


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("00123", "00123"),
        (123.0, "123"),
        (123, "123"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1E+20"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24), "2026-11-24"),  # noqa: DTZ001 - cells know no time zone
        (datetime(2026, 11, 24, 13, 5), "2026-11-24 13:05"),  # noqa: DTZ001 - cells know no time zone
        (time(9, 5, 7), "09:05:07"),
        (timedelta(hours=42, minutes=5), "42:05"),
        ("", ""),
    ],
)
def test_cells_as_they_are_seen(cell: Cell, seen: str) -> None:
    assert shown(cell) == seen


def test_a_column_of_text_is_given_back_as_it_is() -> None:
    column = ("a", "00123", "")

    assert texts(column) is column
    assert texts(("a", 1.0, True, "1.0")) == ["a", "1", "TRUE", "1.0"]


@given(st.lists(st.text(st.sampled_from(" \xa0=-@ab|é\n"), max_size=4), max_size=4))
def test_many_names_are_plain_where_each_one_is(names: list[str]) -> None:
    assert are_plain(names) is all(map(is_plain, names))


@given(st.text(UNSEEN, max_size=4), st.text(max_size=12), st.text(UNSEEN, max_size=4))
def test_outer_blanks_of_all_sorts_are_trimmed_and_nothing_else(before: str, inside: str, after: str) -> None:
    bare = trimmed(inside)

    assert trimmed(before + bare + after) == bare
    assert trimmed(bare) == bare
    assert bare in inside


@pytest.mark.parametrize("odd", ["a\xa0b", "a\u200bb", "a\nb", "a  b", "a\u202eb"])
def test_odd_insides_are_seen(odd: str) -> None:
    assert odd_inside(odd)


@pytest.mark.parametrize("fine", ["a b", "営業部", "می\u200cخواهم", "O'Brien's team", "Größe – neu", "👩\u200d💻"])
def test_usual_insides_are_fine(fine: str) -> None:
    assert not odd_inside(fine)


@given(st.integers(0, 20_000))
def test_letters_of_columns(index: int) -> None:
    assert column_index(letter(index)) == index


def test_letters_as_spreadsheets_count() -> None:
    assert [letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("name", ["00123", "NULL", "NA", "N/A", "1.0", "TRUE", "null", "2026-11-24", "1e5", "#N/A"])
def test_text_survives_exactly(tmp_path: Path, name: str) -> None:
    for mapping in (
        load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), ("P", name)])),
        load(_csv(tmp_path / "m.csv", f"Policy,Group\nP,{name}\n")),
    ):
        assert [text(r.new) for r in mapping.rows] == [name]
        assert mapping.findings == ()


def test_blanks_are_noted_once_for_all_cells_that_say_the_same(tmp_path: Path) -> None:
    table = [("Policy", "Group"), ("P\u200b", "a"), ("Q", "\xa0a"), ("P\u200b", "b"), ("P\u200b", "c")]
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert [text(r.configuration) for r in mapping.rows] == ["P", "Q", "P", "P"]
    assert mapping.rows[0].configuration is not None
    assert mapping.rows[0].configuration.written == "P\u200b"
    assert found(mapping) == [("note", "blanks_trimmed", "Mapping!A2"), ("note", "blanks_trimmed", "Mapping!B3")]
    assert "(3 cells of this column, the first one here)" in mapping.findings[0].message


def test_inner_blanks_stay_and_are_remarked_on(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), ("P  1", "a"), ("P\xa02", "a")]))

    assert [text(r.configuration) for r in mapping.rows] == ["P  1", "P\xa02"]
    assert found(mapping) == [("note", "odd_inside", "Mapping!A2"), ("warning", "odd_inside", "Mapping!A3")]


def test_what_looks_like_a_formula_or_is_too_long_is_a_warning(tmp_path: Path) -> None:
    table = [("Policy", "Group"), ("=SUM(A1)", "x" * 257), ("p" * 1000, "x" * 256), ("p" * 1001, "-")]
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert len(mapping.rows) == 3
    assert found(mapping) == [
        ("warning", "formula_like", "Mapping!A2"),
        ("warning", "too_long", "Mapping!B2"),
        ("warning", "too_long", "Mapping!A4"),
    ]


def test_numbers_in_names_are_read_as_they_are_seen_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        padded = book.add_format({"num_format": "00000"})
        named = book.add_format({"num_format": '"SG-"0000'})
        dated = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["Policy", "Old group", "New group"])
        sheet.write_row(1, 0, ["P", 7])
        sheet.write_number(1, 2, 123, padded)
        sheet.write_row(2, 0, ["P", 1.5])
        sheet.write_number(2, 2, 42, named)
        sheet.write_row(3, 0, ["P", True])
        sheet.write_datetime(3, 2, datetime(2026, 3, 1), dated)  # noqa: DTZ001 - cells know no time zone
        sheet.write_row(4, 0, ["Q", 7, "00123"])
    mapping = load(path)

    assert [(text(r.legacy), text(r.new)) for r in mapping.rows] == [
        ("7", "00123"),
        ("1.5", "SG-0042"),
        ("TRUE", "2026-03-01"),
        ("7", "00123"),
    ]
    assert found(mapping) == [
        ("warning", "number_cell", "S!B2"),
        ("warning", "number_cell", "S!C2"),
        ("warning", "number_cell", "S!B3"),
        ("warning", "number_cell", "S!C3"),
        ("warning", "truth_cell", "S!B4"),
        ("warning", "date_cell", "S!C4"),
    ]
    assert "format the cell as text" in mapping.findings[0].message


def test_numbers_elsewhere_are_no_matter(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group", "Ticket"), ("P", "a", 4711)]))

    assert mapping.findings == ()
    assert mapping.rows[0].comment == "4711"


@pytest.mark.parametrize(
    ("code", "number", "seen"),
    [
        ("00000", 123, "00123"),
        ("00000", 1234567, "1234567"),
        ("000-000", 12345, "012-345"),
        ("000-000", 1234567, "1234-567"),
        ('"K"\\-000;[Red]-000', 5, "K-005"),
        ("#000", 5, "005"),
        ("[$-407]0000", 12, "0012"),
        ("00000", 1.5, ""),
        ("00000", -5, ""),
    ],
)
def test_formats_that_pad(code: str, number: float, seen: str) -> None:
    assert pads(code)
    assert padded_text(number, code) == seen


@pytest.mark.parametrize("code", ["0", "General", "0.00", "#,##0", "dd.mm.yyyy", "@", "00%", "00E+00", ""])
def test_formats_that_do_not(code: str) -> None:
    assert not pads(code)


@given(st.integers(0, 10**9), st.integers(2, 12))
def test_padding_adds_zeros_in_front_only(number: int, width: int) -> None:
    assert padded_text(number, "0" * width) == str(number).zfill(width)


def test_cells_that_only_seem_empty_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["Policy", "Old group", "New group", "Filter", "Owner"])
        sheet.write_row(1, 0, ["P", "a", "b"])
        sheet.write_formula(1, 3, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["P", "c", "d"])
        sheet.write_formula(2, 4, "=NA()", None, "#N/A")
        sheet.write_row(3, 0, ["P", "e"])
        sheet.write_formula(3, 2, '="f"', None, "f")
        sheet.write_row(4, 0, ["P", "g"])
        sheet.write_formula(4, 2, '=""', None, "?")
        sheet.write_row(5, 0, ["P"])
        sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
    empty_text = {"xl/worksheets/sheet1.xml": (b"<v>?</v>", b"<v></v>")}  # as Excel stores an empty result
    mapping = load(rebuilt(path, tmp_path / "m.xlsx", empty_text))

    assert [(text(r.legacy), text(r.new)) for r in mapping.rows] == [("c", "d"), ("e", "f"), ("g", "")]
    assert [f for f in found(mapping) if f[0] == "error"] == [
        ("error", "error_cell", "S!D2"),
        ("error", "error_cell", "S!B6"),
    ]


def test_formulas_that_were_never_calculated_are_errors(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Policy", "Old group", "New group"), ("P", "a", '="b"'), ("P", "c", "d")):
        sheet.append(row)
    book.save(tmp_path / "m.xlsx")
    mapping = load(tmp_path / "m.xlsx")

    assert [text(r.legacy) for r in mapping.rows] == ["c"]
    finding = only(mapping)
    assert (finding.level, finding.code, finding.place) == ("error", "uncalculated_cell", "Sheet!C2")
    assert "open the file in Excel and save it" in finding.message


def _csv(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_an_id_stored_as_a_number_is_an_error(tmp_path: Path) -> None:
    mapping: Mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group ID"), ("P", 12)]))

    assert found(mapping) == [("error", "bad_id", "Mapping!B2")]
