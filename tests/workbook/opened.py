"""Opens workbooks again, for tests to look at."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from python_calamine import load_workbook as load_with_calamine

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Cell = object


@contextmanager
def opened(path: Path, *, values: bool = False) -> Iterator[Workbook]:
    """The workbook; for `values` alone, only what is looked at is read."""
    book = load_workbook(path, read_only=values)
    try:
        yield book
    finally:
        book.close()


def sheet(book: Workbook, name: str) -> Worksheet:
    found: Worksheet = book[name]
    return found


def sheet_names(path: Path) -> list[str]:
    with opened(path, values=True) as book:
        return list(book.sheetnames)


def table(path: Path, name: str) -> list[dict[str, Cell]]:
    """The rows of a table sheet by their headings, as openpyxl reads them."""
    with opened(path, values=True) as book:
        rows = sheet(book, name).iter_rows(values_only=True)
        headings = [str(h) for h in next(rows)]
        return [dict(zip(headings, row, strict=True)) for row in rows]


def words(path: Path, name: str) -> list[str]:
    """Every text and number of a sheet, in reading order."""
    with opened(path, values=True) as book:
        return [str(v) for row in sheet(book, name).iter_rows(values_only=True) for v in row if v is not None]


def with_calamine(path: Path, name: str) -> list[list[Cell]]:
    with load_with_calamine(path) as book:
        return [list(row) for row in book.get_sheet_by_name(name).to_python()]


def part(path: Path, name: str) -> str:
    """One part of the package, as text."""
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode("utf-8")


def formulas(path: Path) -> list[str]:
    """Every cell of every sheet that is a formula; there ought to be none."""
    with opened(path) as book:
        return [
            f"{one.title}!{cell.coordinate}"
            for one in book.worksheets
            for row in one.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]
