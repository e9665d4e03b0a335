"""Marks every finding in a copy of the mapping: a fill and a comment where it is, and a sheet that lists them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from migrator.mapping.bounds import check_file
from migrator.mapping.writers.copying import (
    UNSUITED,
    Copy,
    as_read,
    check_target,
    free_title,
    original,
    put_text,
    save,
)
from migrator.model.errors import UsageError
from migrator.model.finding import Finding, Level
from migrator.workbook import style, text
from migrator.workbook.style import SHADES, Shade, Tone

TITLE = "Findings"

_SHADES: Mapping[Level, Shade] = {
    Level.ERROR: SHADES[Tone.BAD],
    Level.WARNING: SHADES[Tone.WARN],
    Level.NOTE: SHADES[Tone.ACCENT],
}
_WEIGHT = {level: weight for weight, level in enumerate(Level)}
_COLUMNS = (("Level", 12), ("Code", 24), ("Sheet", 22), ("Cell", 10), ("Finding", 96))
_HEADING_HEIGHT, _LINE_HEIGHT, _MOST_HEIGHT = 24, 13.5, 409
_MOST_LINKS = 65_000  # Excel refuses a sheet with more than 65,530
_NOTE_WIDTH, _NOTE_LETTERS, _NOTE_LINE, _NOTE_MOST = 340, 52, 17, 420  # a comment's box, in pixels and letters


def annotate(source: Path, findings: Sequence[Finding], target: Path) -> bool:
    """Writes `target`, a copy of the mapping `source` with all `findings` marked; what stood there is replaced.

    True if it is a copy of the workbook with what openpyxl keeps of it: formats, formulas, charts, and macros where
    `target` ends in .xlsm. False if it was made from the cells alone, as it is for csv, xls, xlsb, ods, and for
    workbooks that openpyxl does not understand. UsageError with one sentence where the copy cannot be written.
    """
    check_target(source, target)
    check_file(source)
    whole = original(source, target)
    if whole is not None and _is_complete(whole, findings):
        try:
            _mark(whole, findings)
            save(whole.book, target)
        except UNSUITED:  # some workbooks can be opened and not be written again
            pass
        else:
            return True
    if target.suffix.casefold() == ".xlsm":
        raise UsageError(f"{source} cannot be copied with its macros; let the copy end in .xlsx")
    plain = as_read(source)
    _mark(plain, findings)
    save(plain.book, target)
    return False


def _is_complete(found: Copy, findings: Iterable[Finding]) -> bool:
    return bool(found.sheets) and {f.sheet for f in findings if f.sheet} <= found.sheets.keys()


def _mark(there: Copy, findings: Sequence[Finding]) -> None:
    places = _places(there.sheets, findings)
    at: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    marked: dict[tuple[str, str], Cell] = {}
    for finding, cell in zip(findings, places, strict=True):
        if cell is not None:
            key = cell.parent.title, cell.coordinate
            at[key].append(finding)
            marked[key] = cell
    for key, together in at.items():
        _mark_cell(marked[key], together)
    _list(there, list(zip(findings, places, strict=True)))


def _places(sheets: Mapping[str, Worksheet], findings: Iterable[Finding]) -> list[Cell | None]:
    """The cell that each finding is marked at; None for what is about a whole sheet or the whole mapping."""
    widths = {name: sheet.max_column for name, sheet in sheets.items()}  # asks every cell: once is enough
    return [_cell(sheets[f.sheet], f, widths[f.sheet]) if f.row and f.sheet in sheets else None for f in findings]


def _cell(sheet: Worksheet, finding: Finding, width: int) -> Cell:
    """The finding's cell, or the first one of its row that holds something; a merged one stands for its parts."""
    if finding.column:
        column = column_index_from_string(finding.column)
    else:
        values = next(sheet.iter_rows(finding.row, finding.row, 1, width, values_only=True))
        column = next((n for n, v in enumerate(values, start=1) if v is not None and str(v).strip()), 1)
    cell = sheet.cell(finding.row, column)
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(area.min_row, area.min_col)
    return cast("Cell", cell)  # the first cell of a merged area is none of its empty ones


def _mark_cell(cell: Cell, findings: Sequence[Finding]) -> None:
    shade = _SHADES[min((finding.level for finding in findings), key=_WEIGHT.__getitem__)]
    cell.fill = _filled(shade.tint)
    side = Side("thin", _colour(shade.solid))
    cell.border = Border(side, side, side, side)
    font = cast("Font", copy(cell.font))  # openpyxl hands out stand-ins, and copies them to what they stand for
    font.color = Color(rgb=_colour(shade.ink))  # white on a dark heading could not be read on the fill
    cell.font = font
    there = cell.comment.text if cell.comment else ""
    said = dict.fromkeys(_sentence(finding, cell) for finding in findings)
    all_of_it = text.shown("\n\n".join([*filter(None, [there]), *(s for s in said if s not in there)]))
    height = 12 + _NOTE_LINE * text.lines(all_of_it, _NOTE_LETTERS)
    author = cell.comment.author if cell.comment else "migrator"
    cell.comment = Comment(all_of_it, author, height=min(height, _NOTE_MOST), width=_NOTE_WIDTH)


def _sentence(finding: Finding, cell: Cell) -> str:
    place = f"{finding.column}{finding.row}"
    where = f"{place}: " if finding.column and place != cell.coordinate else ""
    return text.shown(f"{finding.level.capitalize()}: {where}{finding.message} [{finding.code}]")


def _list(there: Copy, lines: Sequence[tuple[Finding, Cell | None]]) -> None:
    """The sheet of all findings, first in the workbook and the one that is shown when it opens."""
    book = there.book
    sheet = book.create_sheet(free_title(TITLE, book.sheetnames), 0)
    _headings(sheet)
    for number, (finding, cell) in enumerate(lines, start=2):
        _line(sheet, number, finding, cell)
    if not lines:
        _put(sheet, 2, 1, "Nothing was found", style.MUTED)
    sheet.auto_filter.ref = f"A1:E{max(len(lines) + 1, 2)}"
    sheet.freeze_panes = "A2"
    sheet.sheet_view.showGridLines = False
    worst = min((finding.level for finding, _ in lines), key=_WEIGHT.__getitem__, default=None)
    sheet.sheet_properties.tabColor = _colour(_SHADES[worst].solid if worst else SHADES[Tone.GOOD].solid)
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    _show_first(book)


def _show_first(book: Workbook) -> None:
    book.active = 0
    for view in book.views:
        view.firstSheet = 0
    for number, sheet in enumerate(book.worksheets):
        # Sheets that are selected together are edited together.
        sheet.sheet_view.tabSelected = not number


def _headings(sheet: Worksheet) -> None:
    sheet.row_dimensions[1].height = _HEADING_HEIGHT
    for column, (heading, width) in enumerate(_COLUMNS, start=1):
        cell = _put(sheet, 1, column, heading, style.PAPER, bold=True)
        cell.fill = _filled(style.ACCENT)
        cell.alignment = Alignment(horizontal="left", vertical="center", indent=1)
        sheet.column_dimensions[cell.column_letter].width = width


def _line(sheet: Worksheet, number: int, finding: Finding, cell: Cell | None) -> None:
    shade = _SHADES[finding.level]
    level = _put(sheet, number, 1, finding.level, shade.ink, bold=True)
    level.fill = _filled(shade.tint)
    _put(sheet, number, 2, finding.code, style.MUTED)
    _put(sheet, number, 3, cell.parent.title if cell else finding.sheet)
    if cell is None:
        _put(sheet, number, 4, "")
    else:
        where = f"{finding.column}{finding.row}" if finding.column else f"row {finding.row}"
        linked = number <= _MOST_LINKS
        link = _put(sheet, number, 4, where, style.ACCENT if linked else style.INK, underline=linked)
        if linked:
            quoted = cell.parent.title.replace("'", "''")
            link.hyperlink = Hyperlink(ref="", location=f"'{quoted}'!{cell.coordinate}")
    _put(sheet, number, 5, finding.message)
    high = text.lines(text.shown(finding.message), _COLUMNS[4][1]) * _LINE_HEIGHT + 4
    sheet.row_dimensions[number].height = min(high, _MOST_HEIGHT)


def _put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: str,
    colour: str = style.INK,
    *,
    bold: bool = False,
    underline: bool = False,
) -> Cell:
    cell = cast("Cell", sheet.cell(row, column))  # nothing is merged in a sheet of ours
    put_text(cell, value)
    cell.font = Font(style.FONT, 10, bold=bold, underline="single" if underline else None, color=_colour(colour))
    cell.alignment = Alignment(horizontal="left", vertical="top", indent=1, wrap_text=column == len(_COLUMNS))
    cell.border = Border(bottom=Side("thin", _colour(style.LINE)))
    return cell


def _filled(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=_colour(colour))


def _colour(colour: str) -> str:
    """As openpyxl writes colours: opaque, without #."""
    return "FF" + colour.removeprefix("#")
