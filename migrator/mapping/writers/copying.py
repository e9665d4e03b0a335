"""A copy of a mapping as a workbook: of the original with its looks, or of its cells as they were read."""

from __future__ import annotations

import re
import stat
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import (
    ParseError,  # only the error is named; what openpyxl parses declares no entities (bounds) # nosec B405
)
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from migrator.mapping import cells, parts
from migrator.mapping.readers import Tab, read_file
from migrator.model.errors import UsageError
from migrator.workbook import text

UNSUITED = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, BadZipFile, ParseError)
"""What openpyxl raises on workbooks that Excel opens and openpyxl does not understand."""

_MOST_TAGS = 200_000  # in styles, comments and the like: openpyxl makes nearly a kilobyte of some of them
_EXCEL = (".xlsx", ".xlsm")
_NO_TITLE = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_LONGEST_TITLE = 31
_SAMPLE = 200  # rows that are measured for the widths of the columns
_NARROWEST, _WIDEST = 9, 44
_FIRST_YEAR = 1900  # what is older is no date to Excel


@dataclass(frozen=True, slots=True)
class Copy:
    """A workbook that can be marked; `sheets` are its worksheets by the names that findings use."""

    book: Workbook
    sheets: dict[str, Worksheet]


def check_target(source: Path, target: Path) -> None:
    """UsageError with one sentence where `target` is no name or place for a copy of `source`."""
    suffix = target.suffix.casefold()
    if suffix == ".xlsm" != source.suffix.casefold():
        raise UsageError(f"{target} would be a workbook with macros, which {source} is not; let it end in .xlsx")
    if suffix not in _EXCEL:
        raise UsageError(f"the copy is an Excel workbook; let {target} end in .xlsx")
    with _writing(target):
        if target.resolve() == source.resolve() or (target.exists() and source.exists() and target.samefile(source)):
            raise UsageError(f"{target} is the mapping itself; give the copy another name")
        if not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent}; make it first, or name another one")
        if target.is_dir():
            raise UsageError(f"{target} is a folder; name a file in it")
        if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
            raise UsageError(f"{target} is marked read-only; give the copy another name")


def original(source: Path, target: Path) -> Copy | None:
    """The workbook as it is, with everything that openpyxl keeps (macros as well if `target` can hold them); None
    for what is no such workbook, none that openpyxl understands, or none that it could hold."""
    if source.suffix.casefold() not in _EXCEL or parts.tags(source) > _MOST_TAGS:
        return None
    with source.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about extensions that a copy goes without
        try:
            book = load_workbook(file, rich_text=True, keep_vba=target.suffix.casefold() == ".xlsm")
        except UNSUITED:
            return None
    return Copy(book, {sheet.title: sheet for sheet in book.worksheets})


def as_read(source: Path) -> Copy:
    """A plain workbook with a sheet for every tab, its cells where they are in the source; text is text."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets: dict[str, Worksheet] = {}
    for tab in read_file(source).tabs:
        sheet = book.create_sheet(free_title(tab.name or source.stem, [s.title for s in sheets.values()]))
        sheets[tab.name] = sheet
        _fill(sheet, tab)
    return Copy(book, sheets)


def save(book: Workbook, target: Path) -> None:
    """Writes the workbook whole or not at all; UsageError with one sentence where it cannot be written."""
    part = target.with_suffix(".part")
    with _writing(target):
        try:
            book.save(part)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """What the system does not allow, as one sentence."""
    try:
        yield
    except PermissionError:
        raise UsageError(
            f"{target} cannot be written; close it if it is open in Excel, or choose a folder you may write to"
        ) from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from None


def free_title(wanted: str, taken: Iterable[str]) -> str:
    """A title for a sheet that Excel accepts and that no other sheet has, whatever the case of its letters."""
    title = _NO_TITLE.sub("_", text.shown(wanted)).strip("' ")[:_LONGEST_TITLE] or "Mapping"
    folded = {name.casefold() for name in taken}
    free, number = title, 1
    while free.casefold() in folded:
        number += 1
        end = f" ({number})"
        free = title[: _LONGEST_TITLE - len(end)] + end
    return free


def put_text(cell: Cell, value: str) -> None:
    """Text that stays text, now and when somebody edits the cell, whatever it begins with."""
    cell.value = text.shown(value)
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.number_format = "@"
    if cells.looks_like_formula(value):
        cell.quotePrefix = True


def _fill(sheet: Worksheet, tab: Tab) -> None:
    if tab.hidden:
        sheet.sheet_state = "hidden"
    content = tab.open()
    widths: dict[int, int] = {}
    for number, row in enumerate(content.rows, start=1):
        for column, value in enumerate(row, start=content.offset + 1):
            if value == "":
                continue
            if number <= _SAMPLE:
                widths[column] = max(widths.get(column, _NARROWEST), text.width(cells.shown(value)) + 2)
            cell = cast("Cell", sheet.cell(number, column))  # nothing is merged here
            if isinstance(value, str) or (isinstance(value, date) and value.year < _FIRST_YEAR):
                put_text(cell, cells.shown(value))
            else:
                cell.value = value
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(width, _WIDEST)
