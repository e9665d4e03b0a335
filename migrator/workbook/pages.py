"""An overview: a sheet laid out freely on a grid, from the top down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.workbook import text
from migrator.workbook.cells import FIGURES, Column, Shape, Tag, Value, plain
from migrator.workbook.charts import Cells, Chart, draw
from migrator.workbook.style import Tone

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from migrator.workbook.pen import Pen

COLUMNS = 14
"""The grid: so many columns of equal width, right of a narrow margin."""

_LETTERS = 9.6  # the width of one
_PIXELS = 72  # the same on a screen
_MARGIN = 2.5
_ROW_PIXELS = 20  # the height of a row that holds nothing
_ROW_POINTS = 15.0
_LANDSCAPE = 0.85  # height by width, from which on a page stands upright
_LONG = 2.5  # and from which on it takes several sheets
_GAP = 5.0  # points below a section's line
_LONGEST_TITLE = 110
_TITLE_SCALE = 0.5  # how many letters of an ordinary size a letter of the title takes the room of
_LINE = 14.0  # points a line of text takes


@dataclass(frozen=True, slots=True)
class Figure:
    """A big number with a word below it, or a short word in its place. A zero is shown quietly."""

    value: int | str
    label: str
    tone: Tone = Tone.ACCENT


@dataclass(frozen=True, slots=True)
class _Put:
    value: Value
    style: str
    span: int


class Page:
    """A free sheet. `row` is the next free one, counted from 0; every block moves it on.

    What is put down is kept until the book closes and written in the order of the rows then, as flat memory asks.
    """

    def __init__(self, name: str, sheet: Worksheet, pen: Pen, workbook: Workbook) -> None:
        self.name = name
        self.row = 0
        self._sheet = sheet
        self._pen = pen
        self._workbook = workbook
        self._cells: dict[int, dict[int, _Put]] = {}
        self._heights: dict[int, float] = {}
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, _MARGIN)
        sheet.set_column(1, COLUMNS, _LETTERS)

    def title(self, title: str, subtitle: str) -> None:
        """A band across the page; a title longer than two lines is cut."""
        short = text.shortened(title, _LONGEST_TITLE)
        count = text.lines(short, COLUMNS * _LETTERS * _TITLE_SCALE)
        self._put(0, short, "title", COLUMNS, height=12 + count * 26)
        self.row += 1
        self._put(0, subtitle, "subtitle", COLUMNS, height=24)
        self.row += 2

    def section(self, name: str, *, at: int = 0, span: int = COLUMNS) -> None:
        """A heading with a line under it."""
        self._put(at, name, "section", span, height=22)
        self._heights[self.row + 1] = _GAP
        self.row += 2

    def lead(self, verdict: Tag, sentence: str) -> None:
        """The one sentence that matters, with its verdict in colour before it."""
        self._put(0, verdict, f"verdict.{verdict.tone}", 2)
        self._put(2, sentence, "lead", COLUMNS - 2, least=30)
        self.row += 2

    def figures(self, figures: Sequence[Figure]) -> None:
        """Big numbers side by side: at most as many as there are pairs of columns."""
        for index, figure in enumerate(figures):
            tone = figure.tone if figure.value else Tone.QUIET
            self._put(2 * index, figure.value, f"figure.{tone}", 2, height=38)
        self.row += 1
        for index, figure in enumerate(figures):
            self._put(2 * index, figure.label, "figure.label", 2, height=20)
        self.row += 2

    def pairs(self, pairs: Sequence[tuple[str, Value, str]], *, at: int = 0, span: int = COLUMNS) -> None:
        """Labels and what they stand for: (label, value, style), the style one of `value`, `value.id`, ….
        Empty values are left out."""
        for label, value, style in pairs:
            if value in (None, ""):
                continue
            self._put(at, label, "label", 1, height=16)  # runs on into the empty cell beside it
            self._put(at + 2, value, style, span - 2, least=16)
            self.row += 1
        self.row += 1

    def steps(self, sentences: Sequence[str]) -> None:
        """Sentences one below the other, each with a mark."""
        for sentence in sentences:
            self._put(-1, "›", "bullet", 1)  # in the margin
            self._put(0, sentence, "step", COLUMNS, least=18)
            self.row += 1
        self.row += 1

    def sentence(self, sentence: str, *, at: int = 0, span: int = COLUMNS) -> None:
        """Ordinary text across the page."""
        self._put(at, sentence, "sentence", span)
        self.row += 2

    def grid(
        self, columns: Sequence[tuple[Column, int]], rows: Sequence[Sequence[Value]], *, at: int = 0
    ) -> list[Cells]:
        """A small table; every column with the number of grid columns it takes. Gives where the values of each
        stand, for a chart to draw."""
        places, place = [], at
        for column, span in columns:
            style = "heading.number" if column.shape in FIGURES else "heading"
            self._put(place, column.heading, style, span, least=20)
            places.append(place)
            place += span
        self.row += 1
        first = self.row
        for row in rows:
            for (column, span), start, value in zip(columns, places, row, strict=True):
                wraps = column.shape is Shape.WRAPPED
                self._put(start, value, column.shape.value, span, least=18, height=None if wraps else 18)
            self.row += 1
        cells = [Cells(self.name, first, max(self.row - 1, first), 1 + start) for start in places]
        self.row += 1
        return cells

    def chart(self, chart: Chart, *, at: int = 0) -> None:
        """A picture."""
        drawn = draw(self._workbook, chart)
        place = {"x_offset": 4, "y_offset": 4, "description": chart.description, "object_position": 1}
        self._sheet.insert_chart(self.row, 1 + at, drawn, place)
        self.row += -(-(chart.height + 12) // _ROW_PIXELS) + 1

    def beside(self, *blocks: Callable[[], None]) -> None:
        """Several blocks that begin in the same row; goes on below the longest."""
        top = bottom = self.row
        for block in blocks:
            self.row = top
            block()
            bottom = max(bottom, self.row)
        self.row = bottom

    def flush(self) -> None:
        """Writes everything, row by row."""
        for row in sorted(self._heights):
            self._sheet.set_row(row, self._heights[row])
            for column, put in sorted(self._cells.get(row, {}).items()):
                if put.span > 1:
                    self._sheet.merge_range(row, column, row, column + put.span - 1, "", self._pen.formats[put.style])
                self._pen.write(row, column, put.value, put.style)
        self._fit_paper()
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{max(self._cells, default=0) + 1}"})

    def _fit_paper(self) -> None:
        """One sheet of paper, upright where that leaves the page larger; more of them only for a very long page."""
        points = sum(self._heights.get(row, _ROW_POINTS) for row in range(self.row))
        shape = points / (COLUMNS * _PIXELS * _ROW_POINTS / _ROW_PIXELS)
        if shape > _LANDSCAPE:
            self._sheet.set_portrait()
        self._sheet.fit_to_pages(1, 1 if shape < _LONG else 0)

    def _put(
        self, at: int, value: Value, style: str, span: int, *, least: float = 16, height: float | None = None
    ) -> None:
        if isinstance(value, Tag) and "." not in style:
            style = f"tag.{value.tone}"
        if height is None:
            bare = plain(value)
            count = text.lines(bare, span * _LETTERS) if isinstance(bare, str) else 1
            height = max(least, count * _LINE + 4)
        self._cells.setdefault(self.row, {})[1 + at] = _Put(value, style, span)
        self._heights[self.row] = max(self._heights.get(self.row, 0), height)


def pixels(columns: int) -> int:
    """The width of so many grid columns on a screen, for a chart that shall fill them."""
    return columns * _PIXELS - 8
