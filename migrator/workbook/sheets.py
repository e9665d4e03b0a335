"""A sheet that is one table: headings on the first row, typed columns, a filter on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from migrator.workbook.cells import FIGURES, INPUTS, Column, Shape, Value, column_width, plain
from migrator.workbook.text import lines

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from migrator.workbook.pen import Pen

_SAMPLE = 200  # rows that are measured for the widths of the columns
_MOST_ROWS = 1_048_575  # Excel's rows, less the headings
_HEADING_HEIGHT = 32
_ROW_HEIGHT = 18
_LINE_HEIGHT = 13.5
_ROOM = 4.5  # above and below the lines of a row, together
_MOST_HEIGHT = 409


def write_table(
    sheet: Worksheet,
    pen: Pen,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    *,
    frozen: int,
    empty: str,
    streamed: bool,
) -> int:
    """Writes headings and rows; gives the number of rows.

    `streamed` rows are taken one by one and get a plain filter; others become a native table, and lose those optional
    columns that are empty throughout.
    """
    if streamed:
        coming = iter(rows)
        sample = list(islice(coming, _SAMPLE))
        return _finish(sheet, pen, columns, sample, chain(sample, coming), frozen, empty, native=False)
    held = list(rows)
    shown = _used(columns, held)
    if len(shown) < len(columns):
        columns = [columns[i] for i in shown]
        held = [[row[i] for i in shown] for row in held]
    return _finish(sheet, pen, columns, held[:_SAMPLE], iter(held), frozen, empty, native=True)


def _used(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> list[int]:
    return [i for i, c in enumerate(columns) if not c.optional or any(row[i] not in (None, "") for row in rows)]


def _finish(
    sheet: Worksheet,
    pen: Pen,
    columns: Sequence[Column],
    sample: Sequence[Sequence[Value]],
    rows: Iterator[Sequence[Value]],
    frozen: int,
    empty: str,
    *,
    native: bool,
) -> int:
    widths = [column_width(column, [row[index] for row in sample]) for index, column in enumerate(columns)]
    for index, wide in enumerate(widths):
        sheet.set_column(index, index, wide)
    sheet.set_default_row(_ROW_HEIGHT)
    _headings(sheet, pen, columns)
    count = _body(sheet, pen, columns, widths, rows)
    sheet.freeze_panes(1, min(frozen, len(columns)))
    if not count:
        pen.write(1, 0, empty, "muted")
        return 0
    last = len(columns) - 1
    printed = [i for i, column in enumerate(columns) if column.printed]
    sheet.print_area(0, printed[0], count, printed[-1])
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{count + 1}"})
    for index, column in enumerate(columns):
        _offer(sheet, pen, column, index, count)
    if native:
        sheet.add_table(0, 0, count, last, {"style": None, "columns": _native(pen, columns)})
    else:
        sheet.autofilter(0, 0, count, last)
    return count


def _headings(sheet: Worksheet, pen: Pen, columns: Sequence[Column]) -> None:
    sheet.set_row(0, _HEADING_HEIGHT)
    for index, column in enumerate(columns):
        pen.write(0, index, column.heading, _heading_style(column))


def _body(
    sheet: Worksheet, pen: Pen, columns: Sequence[Column], widths: Sequence[float], rows: Iterator[Sequence[Value]]
) -> int:
    styles = [column.shape.value for column in columns]
    wrapped = [(index, widths[index]) for index, column in enumerate(columns) if column.shape is Shape.WRAPPED]
    write = pen.write
    number = 0
    for number, row in enumerate(islice(rows, _MOST_ROWS), start=1):
        # Not every program makes wrapped rows high enough by itself.
        high = max((lines(v, wide) for i, wide in wrapped if isinstance(v := plain(row[i]), str) and v), default=1)
        if high > 1:
            sheet.set_row(number, min(high * _LINE_HEIGHT + _ROOM, _MOST_HEIGHT))
        for index, style in enumerate(styles):
            write(number, index, row[index], style)
    return number


def _offer(sheet: Worksheet, pen: Pen, column: Column, index: int, count: int) -> None:
    """The words that may be chosen in a column's cells, and their colours; other words are not refused there."""
    if not (column.choices or column.listed or column.hint):
        return
    words = f"={column.listed}" if column.listed else [tag.text for tag in column.choices]
    offered = {"validate": "list", "source": words, "show_error": False} if words else {"validate": "any"}
    told = {"input_title": column.heading, "input_message": column.hint} if column.hint else {}
    sheet.data_validation(1, index, count, index, {**offered, **told})
    for tag in column.choices:
        toned = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{tag.text}"',
            "format": pen.formats[f"chosen.{tag.tone}"],
        }
        sheet.conditional_format(1, index, count, index, toned)


def _native(pen: Pen, columns: Sequence[Column]) -> list[dict[str, object]]:
    return [{"header": c.heading, "header_format": pen.formats[_heading_style(c)]} for c in columns]


def _heading_style(column: Column) -> str:
    if column.shape in INPUTS:
        return "heading.input"
    return "heading.number" if column.shape in FIGURES else "heading"
