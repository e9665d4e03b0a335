"""The sheet "Timeline" and its picture: calls a second, admitted and refused, over the time of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from migrator.reporting.timeline import Span
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape
from migrator.workbook.charts import Cells, Chart, ChartType, Series
from migrator.workbook.style import SHADES, Tone

SHEET = "Timeline"

_COLUMNS = (
    Column("Time (UTC)", Shape.TIME),
    Column("Seconds since the first call", Shape.NUMBER, narrowest=16),
    Column("Admitted a second", Shape.RATE, narrowest=14),
    Column("Throttled a second", Shape.RATE, narrowest=14),
    Column("Service trouble a second", Shape.RATE, narrowest=14),
)
_SECONDS, _ADMITTED, _THROTTLED, _TROUBLED = range(1, 5)


class TimelineCells(NamedTuple):
    """Where the figures stand in the sheet, and the highest of them for those who cannot see the picture."""

    rows: int
    busiest: float

    def column(self, index: int) -> Cells:
        return Cells(SHEET, 1, self.rows, index)


def place_of(spans: Sequence[Span]) -> TimelineCells | None:
    """Where these will stand; None for none."""
    return TimelineCells(len(spans), max(s.admitted for s in spans)) if spans else None


def write_timeline(book: Book, spans: Sequence[Span]) -> None:
    """The sheet."""
    rows = ((s.start, s.offset, s.admitted, s.refused, s.troubled) for s in spans)
    book.table(SHEET, _COLUMNS, rows, empty="No call was made.")


def speed_chart(cells: TimelineCells, width: int, height: int) -> Chart:
    """Columns of calls a second, with those that were refused on top."""
    return Chart(
        ChartType.COLUMNS,
        "Calls a second, as Graph counts them",
        f"Column chart of calls a second over the run; at most {cells.busiest:,.1f} were admitted.",
        cells.column(_SECONDS),
        (
            Series("Admitted", cells.column(_ADMITTED), (SHADES[Tone.ACCENT].solid,)),
            Series("Throttled (429)", cells.column(_THROTTLED), (SHADES[Tone.WARN].solid,)),
            Series("Service trouble", cells.column(_TROUBLED), (SHADES[Tone.BAD].solid,)),
        ),
        width,
        height,
    )
