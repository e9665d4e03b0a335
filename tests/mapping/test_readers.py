"""Files of all kinds say the same."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from migrator.mapping.load import load
from migrator.model.errors import UsageError
from tests.mapping.sheets import found, rows, text, xlsx

TABLE = (("Policy", "Old group", "New group"), ("Büro – Größe", "00123", "営業部"), ("P, Q; R", "O'Brien's", '"Tiger"'))
ROWS = [("swap", "Büro – Größe", "00123", "営業部"), ("swap", "P, Q; R", "O'Brien's", '"Tiger"')]


def quoted(table: tuple[tuple[str, ...], ...], delimiter: str) -> str:
    return "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table)


def test_xlsx_and_xlsm(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "m.xlsx", TABLE)
    other = tmp_path / "M.XLSM"
    other.write_bytes(path.read_bytes())

    assert rows(load(path)) == rows(load(other)) == ROWS


def test_xls_with_leading_blank_rows_and_columns_and_a_hidden_sheet(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Old")
    for number, row in enumerate(TABLE, start=4):
        for column, cell in enumerate(row, start=2):
            sheet.write(number, column, cell)
    hidden = book.add_sheet("Hidden")
    hidden.visibility = 1
    for place, cell in (((0, 0), "Policy"), ((0, 1), "Group"), ((1, 0), "P"), ((1, 1), "a")):
        hidden.write(*place, cell)
    book.save(str(tmp_path / "m.xls"))
    mapping = load(tmp_path / "m.xls")

    assert rows(mapping) == [*ROWS, ("add", "P", "", "a")]
    assert [(r.number, r.configuration.column if r.configuration else "") for r in mapping.rows[:2]] == [
        (6, "C"),
        (7, "C"),
    ]
    assert found(mapping) == [("warning", "hidden_sheet", "Hidden")]


def test_ods(tmp_path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Open")
    for cells in TABLE:
        row = TableRow()
        for content in cells:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=content))
            row.addElement(cell)
        table.addElement(row)
    book.spreadsheet.addElement(table)
    book.save(str(tmp_path / "m.ods"))

    assert rows(load(tmp_path / "m.ods")) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "txt"])
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str, ending: str) -> None:
    path = tmp_path / f"m.{ending}"
    path.write_text(quoted(TABLE, delimiter), encoding="utf-8", newline="")

    assert rows(load(path)) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "m.csv"
    path.write_text(quoted(TABLE, ";"), encoding=encoding, newline="")

    assert rows(load(path)) == ROWS


def test_a_file_that_is_not_utf8_is_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("Policy;Group\nBüro – „Größe“;Führung €\n", encoding="cp1252")

    assert rows(load(path)) == [("add", "Büro – „Größe“", "", "Führung €")]


def test_a_multibyte_letter_across_the_end_of_the_file_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(b"Policy;Group\nP;Caf" + b"\xc3")

    assert rows(load(path)) == [("add", "P", "", "CafÃ")]


def test_excels_line_that_announces_the_delimiter_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("sep=|\nPolicy|Group\nP|a, b; c\n", encoding="utf-8")
    mapping = load(path)

    assert rows(mapping) == [("add", "P", "", "a, b; c")]
    assert mapping.rows[0].number == 2


def test_rows_of_a_delimited_file_count_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text('title\n\nPolicy,Group,Comment\nP,a,"two\nlines"\n\nQ\nR,b\n', encoding="utf-8")
    mapping = load(path)

    assert [(r.number, text(r.configuration)) for r in mapping.rows] == [(4, "P"), (7, "R")]
    assert found(mapping) == [("error", "no_group", "B6")]


def test_blanks_before_quotes_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text('Policy, "Group"\n"P, Q", "a, b"\n', encoding="utf-8")

    assert rows(load(path)) == [("add", "P, Q", "", "a, b")]


def test_the_digest_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    for path in (xlsx(tmp_path / "m.xlsx", TABLE), tmp_path / "m.csv"):
        if path.suffix == ".csv":
            path.write_text(quoted(TABLE, ","), encoding="utf-8")
        mapping = load(path)
        assert mapping.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert mapping.source == path.name
        assert load(str(path)).rows == mapping.rows


def test_a_frame_is_read_as_if_it_were_saved() -> None:
    frame = pd.DataFrame(
        {
            "Policy": ["P", "P", "P", None],
            "Group": ["00123", "a ", float("nan"), pd.NA],
            "Filter": pd.array(["F", None, "F", None], dtype="string"),
            "Ticket": [1.0, 2.5, float("nan"), float("nan")],
        },
        index=[7, 7, 9, 11],
    )
    mapping = load(frame)

    assert [(r.number, text(r.new), text(r.filter), r.comment) for r in mapping.rows] == [
        (2, "00123", "F", "1"),
        (3, "a", "", "2.5"),
    ]
    assert found(mapping) == [("note", "blanks_trimmed", "B3"), ("error", "no_group", "B4")]
    assert mapping.source == "DataFrame"
    assert mapping.sha256 == load(frame.copy()).sha256 != load(frame.head(1)).sha256


def test_a_frame_of_numbers_and_dates() -> None:
    frame = pd.DataFrame(
        {"Policy": [1, 2], "Old group": [date(2026, 11, 24)] * 2, "New group": pd.to_datetime(["2026-01-02"] * 2)}
    )
    mapping = load(frame)

    assert rows(mapping)[0] == ("swap", "1", "2026-11-24", "2026-01-02")
    assert {f.code for f in mapping.findings} == {"number_cell", "date_cell"}


def test_what_is_neither_file_nor_frame_is_refused() -> None:
    with pytest.raises(UsageError, match="a file or a pandas DataFrame, not dict"):
        load({"Policy": ["P"]})  # type: ignore[arg-type] # that is what is tested


def test_sheets_that_are_no_mapping_are_noted_and_blank_ones_are_not(tmp_path: Path) -> None:
    sheets = {"Notes": [("meeting notes",)], "Mapping": [("Policy", "Group"), ("P", "a")], "Sheet3": [()]}
    mapping = load(xlsx(tmp_path / "m.xlsx", sheets))

    assert rows(mapping) == [("add", "P", "", "a")]
    assert found(mapping) == [("note", "sheet_not_read", "Notes")]


def test_every_sheet_with_headings_is_read(tmp_path: Path) -> None:
    sheets = {"One": [("Policy", "Group"), ("P", "a")], "Two": [("To", "From", "Config"), ("b", "a", "Q")]}

    assert rows(load(xlsx(tmp_path / "m.xlsx", sheets))) == [("add", "P", "", "a"), ("swap", "Q", "a", "b")]


def test_nothing_heavy_is_imported_before_a_file_asks_for_it() -> None:
    heavy = ("pandas", "openpyxl", "xlsxwriter", "python_calamine", "rapidfuzz", "aiohttp")
    program = f"import sys, migrator.mapping.load; print(*set({heavy}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
