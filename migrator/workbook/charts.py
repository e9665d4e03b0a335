"""The pictures: what they show, and how they are drawn from cells that stand in the same workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from migrator.workbook.style import FONT, INK, LINE, MUTED, PAPER

if TYPE_CHECKING:
    from xlsxwriter import Workbook


class ChartType(StrEnum):
    """A ring of shares, bars that lie (stacked), columns that stand close together (stacked, for time)."""

    RING = "ring"
    BARS = "bars"
    COLUMNS = "columns"


class Cells(NamedTuple):
    """Cells of one column, both rows included; rows and columns count from 0."""

    sheet: str
    first: int
    last: int
    column: int

    def range(self) -> list[str | int]:
        return [self.sheet, self.first, self.column, self.last, self.column]


@dataclass(frozen=True, slots=True)
class Series:
    """Figures with a name and a colour; a ring has one series and a colour for each of its figures."""

    name: str
    values: Cells
    colours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture. `description` is read out to those who cannot see it."""

    type: ChartType
    title: str
    description: str
    categories: Cells
    series: Sequence[Series]
    width: int
    height: int


_SMALL = {"name": FONT, "size": 9, "color": MUTED}
_TYPES: Mapping[ChartType, Mapping[str, str]] = {
    ChartType.RING: {"type": "doughnut"},
    ChartType.BARS: {"type": "bar", "subtype": "stacked"},
    ChartType.COLUMNS: {"type": "column", "subtype": "stacked"},
}


def draw(workbook: Workbook, chart: Chart) -> Any:
    """XlsxWriter's chart, ready to be put on a sheet."""
    drawn = workbook.add_chart(dict(_TYPES[chart.type]))
    finish = {ChartType.RING: _ring, ChartType.BARS: _bars, ChartType.COLUMNS: _columns}[chart.type]
    finish(drawn, chart)
    font = {"name": FONT, "size": 11, "bold": True, "color": INK}
    drawn.set_title({"name": chart.title, "name_font": font, "overlay": False})
    drawn.set_chartarea({"border": {"color": LINE}, "fill": {"color": PAPER}})
    drawn.set_size({"width": chart.width, "height": chart.height})
    return drawn


def _ring(drawn: Any, chart: Chart) -> None:
    (series,) = chart.series
    points = [{"fill": {"color": colour}, "border": {"color": PAPER, "width": 1.5}} for colour in series.colours]
    drawn.add_series(
        {
            "name": series.name,
            "categories": chart.categories.range(),
            "values": series.values.range(),
            "points": points,
            "data_labels": {"value": True, "font": {"name": FONT, "size": 9, "bold": True, "color": PAPER}},
        }
    )
    drawn.set_hole_size(58)
    drawn.set_legend({"position": "right", "font": {**_SMALL, "size": 10}})


def _bars(drawn: Any, chart: Chart) -> None:
    for series in chart.series:
        drawn.add_series(
            {
                "name": series.name,
                "categories": chart.categories.range(),
                "values": series.values.range(),
                "fill": {"color": series.colours[0]},
                "gap": 45,
                # A zero gets no label: it would lie on its neighbour's.
                "data_labels": {
                    "value": True,
                    "num_format": "#,##0;;",
                    "font": {"name": FONT, "size": 9, "bold": True, "color": PAPER},
                },
            }
        )
    drawn.set_y_axis({"reverse": True, "num_font": {**_SMALL, "size": 10}, "line": {"color": LINE}})
    drawn.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    drawn.set_legend({"position": "bottom", "font": _SMALL} if len(chart.series) > 1 else {"none": True})


def _columns(drawn: Any, chart: Chart) -> None:
    for series in chart.series:
        drawn.add_series(
            {
                "name": series.name,
                "categories": chart.categories.range(),
                "values": series.values.range(),
                "fill": {"color": series.colours[0]},
                "gap": 8,
            }
        )
    drawn.set_x_axis({"num_font": _SMALL, "line": {"color": LINE}, "name": "Seconds", "name_font": _SMALL})
    drawn.set_y_axis(
        {"num_font": _SMALL, "line": {"none": True}, "major_gridlines": {"visible": True, "line": {"color": LINE}}}
    )
    drawn.set_legend({"position": "bottom", "font": _SMALL})
