"""Workbooks: whole or not at all, printed well, every cell what it says it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from migrator.workbook.book import About, Book
from migrator.workbook.cells import Column, Link, Shape, Tag, Value, to_file
from migrator.workbook.style import SHADES, Tone
from tests.workbook.opened import formulas, opened, part, sheet, table, with_calamine

ABOUT = About("Rows & columns", 1_795_466_712.0, run="20261123-204512-contoso", company="Contoso", subject="a.xlsx")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1",
    "-1",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://x")',
    "{=A1}",
    "<r><t>x</t></r>",
]


def write(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[Value]], *, large: bool = False) -> Path:
    with Book(path, ABOUT, large=large) as book:
        book.table("Data", columns, rows)
    return path


@pytest.mark.parametrize("large", [False, True])
def test_every_text_is_text_whatever_it_begins_with(tmp_path: Path, large: bool) -> None:
    path = write(tmp_path / "a.xlsx", [Column("Name")], [[name] for name in HOSTILE], large=large)
    expected = [name.replace("\r", "␍") for name in HOSTILE]
    assert formulas(path) == []
    assert [str(row["Name"]).rstrip() for row in table(path, "Data")] == expected
    assert [str(row[0]).rstrip() for row in with_calamine(path, "Data")[1:]] == [
        e.replace("\t", "\t") for e in expected
    ]


def test_numbers_are_numbers_and_times_are_dates(tmp_path: Path) -> None:
    columns = [Column("N", Shape.NUMBER), Column("S", Shape.SECONDS), Column("T", Shape.TIME), Column("No", Shape.TIME)]
    path = write(tmp_path / "a.xlsx", columns, [[1234, 0.25, 1_795_466_712.0, 0]])
    assert table(path, "Data") == [{"N": 1234, "S": 0.25, "T": datetime(2026, 11, 23, 20, 45, 12), "No": None}]  # noqa: DTZ001 - Excel's dates have no zone
    assert isinstance(with_calamine(path, "Data")[1][2], datetime)


def test_text_that_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("Name")], [["00123"], ["1.0"], ["NULL"], ["TRUE"]])
    assert [row["Name"] for row in table(path, "Data")] == ["00123", "1.0", "NULL", "TRUE"]
    assert 'numberStoredAsText="1"' in part(path, "xl/worksheets/sheet1.xml")


def test_addresses_are_not_made_into_links(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("Name")], [["https://example.org"], ["mailto:a@b"], ["internal:A1"]])
    assert "<hyperlink" not in part(path, "xl/worksheets/sheet1.xml")


def test_a_tag_is_a_word_with_the_colours_of_its_tone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("Status")], [[Tag("failed", Tone.BAD)]])
    with opened(path) as book:
        cell = sheet(book, "Data")["A2"]
        assert cell.value == "failed"
        assert cell.fill.fgColor.rgb == "FF" + SHADES[Tone.BAD].tint.lstrip("#")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a b", "a%20b"),
        ("100% #1", "100%25%20%231"),
        ("100%25", "100%2525"),
        ("x[1]", "x%5B1%5D"),
        ("O'Brien & Söhne", "O'Brien%20&amp;%20Söhne"),
    ],
)
def test_links_to_files_are_relative_and_escaped(tmp_path: Path, name: str, target: str) -> None:
    path = write(tmp_path / "a.xlsx", [Column("Link")], [[Link("open", to_file(f"sub/{name}.xlsx"))]])
    assert f'Target="sub\\{target}.xlsx"' in part(path, "xl/worksheets/_rels/sheet1.xml.rels")
    assert table(path, "Data") == [{"Link": "open"}]


def test_more_links_than_a_sheet_takes_are_texts(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT, large=True) as book:
        book.table("Data", [Column("Link")], ([Link("open", to_file("a.xlsx"))] for _ in range(65_532)))
    assert part(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml").count("<hyperlink ") == 65_530
    assert len(with_calamine(tmp_path / "a.xlsx", "Data")) == 65_533


def test_a_table_is_a_native_one_with_filters_and_frozen_headings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("A"), Column("B")], [["x", "y"], ["z", "w"]])
    with opened(path) as book:
        data = sheet(book, "Data")
        assert data.freeze_panes == "B2"
        (native,) = data.tables.values()
        assert native.ref == "A1:B3"
        assert native.autoFilter is not None


def test_a_large_book_has_a_plain_filter_and_flat_memory(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT, large=True) as book:
        page = book.page("Page")
        page.title("Large", "but steady")
        written = book.table("Data", [Column("A"), Column("B", Shape.NUMBER)], ((f"row {i}", i) for i in range(1_000)))
        page.sentence("written after the table")
    assert written == 1_000
    with opened(tmp_path / "a.xlsx") as again:
        data = sheet(again, "Data")
        assert not data.tables
        assert data.auto_filter.ref == "A1:B1001"
        assert data["B1001"].value == 999
        assert sheet(again, "Page")["B4"].value == "written after the table"


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        book.table("Data", [Column("A")], [], empty="Nothing was found.")
    assert table(tmp_path / "a.xlsx", "Data") == [{"A": "Nothing was found."}]


def test_optional_columns_are_left_out_where_they_are_empty(tmp_path: Path) -> None:
    columns = [Column("A"), Column("B", optional=True), Column("C", optional=True)]
    path = write(tmp_path / "a.xlsx", columns, [["x", "", None], ["y", None, "z"]])
    assert table(path, "Data") == [{"A": "x", "C": None}, {"A": "y", "C": "z"}]


def test_it_is_set_up_for_printing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("A"), Column("ID", Shape.ID, printed=False)], [["x", "1"]])
    with opened(path) as book:
        data = sheet(book, "Data")
        assert data.page_setup.orientation == "landscape"
        assert data.page_setup.fitToWidth in (1, None)
        assert data.page_setup.fitToHeight == 0
        assert data.print_title_rows == "$1:$1"
        assert data.print_area == "'Data'!$A$1:$A$2"
    printed = part(path, "xl/worksheets/sheet1.xml").replace("&amp;", "&")
    assert "<oddHeader>&L&9 Rows && columns&R&9 &A</oddHeader>" in printed
    assert "<oddFooter>&L&9 20261123-204512-contoso&R&9 Page &P of &N</oddFooter>" in printed


def test_columns_for_the_screen_stand_outside_the_print_area_at_either_end(tmp_path: Path) -> None:
    columns = [Column("Link", printed=False), Column("A"), Column("B"), Column("ID", Shape.ID, printed=False)]
    with opened(write(tmp_path / "a.xlsx", columns, [["open", "x", "y", "1"]])) as book:
        assert sheet(book, "Data").print_area == "'Data'!$B$1:$C$2"


def test_it_says_what_it_is_in_its_properties(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("A")], [["x"]])
    with opened(path) as book:
        assert book.properties.title == "Rows & columns"
        assert book.properties.creator == "migrator"
        assert book.properties.keywords == "20261123-204512-contoso"


def test_the_same_contents_make_the_same_file(tmp_path: Path) -> None:
    one = write(tmp_path / "a.xlsx", [Column("A")], [["x"]])
    two = write(tmp_path / "b.xlsx", [Column("A")], [["x"]])
    assert one.read_bytes() == two.read_bytes()


def test_rows_with_long_text_are_high_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Column("A", Shape.WRAPPED, widest=30)], [["word " * 40], ["short"]])
    with opened(path) as book:
        heights = sheet(book, "Data").row_dimensions
        assert (heights[2].height or 0) > 60
        assert heights[3].height == 18


def test_columns_are_as_wide_as_their_contents_within_bounds(tmp_path: Path) -> None:
    columns = [Column("A", narrowest=12, widest=30), Column("B", narrowest=12, widest=30), Column("C", widest=30)]
    path = write(tmp_path / "a.xlsx", columns, [["x", "y" * 90, "z" * 20]])
    with opened(path) as book:
        wide = sheet(book, "Data").column_dimensions
        assert [round(wide[letter].width) for letter in "ABC"] == [13, 31, 24]


@pytest.mark.parametrize("large", [False, True])
def test_an_error_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path: Path, large: bool) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), Book(path, ABOUT, large=large) as book:
        book.table("Data", [Column("A")], ([1 / number] for number in (1, 0)))
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"a\.xlsx cannot be written"), Book(tmp_path / "no" / "a.xlsx", ABOUT) as book:
        book.table("Data", [Column("A")], [["x"]])


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0, reason="needs a folder that refuses")
def test_a_folder_that_refuses_is_an_os_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match="cannot be written"), Book(tmp_path / "a.xlsx", ABOUT) as book:
            book.table("Data", [Column("A")], [["x"]])
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("large", [False, True])
def test_a_column_to_fill_in_offers_its_words_and_refuses_no_other(tmp_path: Path, large: bool) -> None:
    choices = (Tag("yes", Tone.GOOD), Tag("no", Tone.BAD))
    columns = [Column("Name"), Column("Approved", Shape.INPUT, choices=choices, hint="yes or no")]
    path = write(tmp_path / "a.xlsx", columns, [["one", ""], ["two", ""]], large=large)
    with opened(path) as book:
        (offered,) = sheet(book, "Data").data_validations.dataValidation
        assert (str(offered.sqref), offered.formula1, offered.showErrorMessage) == ("B2:B3", '"yes,no"', False)
        (coloured,) = sheet(book, "Data").conditional_formatting
        assert [rule.formula for rule in coloured.rules] == [['"yes"'], ['"no"']]
