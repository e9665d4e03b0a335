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
    """A ring of shares, bars that lie (side by side), columns that stand close together (stacked, for time)."""

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
    """Figures with a name and a colour; a ring has one series and a colour for each of its figures. Those counted in
    `unlabelled` are too small a share for their number to be read in the picture."""

    name: str
    values: Cells
    colours: tuple[str, ...]
    unlabelled: frozenset[int] = frozenset()


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
_LABEL = {"name": FONT, "size": 9, "bold": True}
_LIGHT = 125  # of 255, how bright a colour is on which dark letters read better
_MOST_LABELS = 10  # below an axis; more of them run together
_TYPES: Mapping[ChartType, Mapping[str, str]] = {
    ChartType.RING: {"type": "doughnut"},
    ChartType.BARS: {"type": "bar"},
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
            "data_labels": {
                "value": True,
                "custom": [
                    {"delete": True} if i in series.unlabelled else {"font": {**_LABEL, "color": _readable_on(colour)}}
                    for i, colour in enumerate(series.colours)
                ],
            },
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
                # Beside the bar, for many are too short to hold it; a zero gets none.
                "data_labels": {
                    "value": True,
                    "num_format": "#,##0;;",
                    "position": "outside_end",
                    "font": {**_LABEL, "color": INK},
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
    every = _label_every(chart.categories.last - chart.categories.first + 1)
    drawn.set_x_axis(
        {
            "num_font": _SMALL,
            "num_format": '"  "0"  "',
            "line": {"color": LINE},
            "name": "Seconds",
            "name_font": _SMALL,
            "interval_unit": every,
            "interval_tick": every,
        }
    )
    drawn.set_y_axis(
        {"num_font": _SMALL, "line": {"none": True}, "major_gridlines": {"visible": True, "line": {"color": LINE}}}
    )
    drawn.set_legend({"position": "bottom", "font": _SMALL})


def _label_every(categories: int) -> int:
    """At every how many categories a label stands: a step that people count in."""
    steps = (digit * 10**power for power in range(6) for digit in (1, 2, 5))
    return next((step for step in steps if categories <= step * _MOST_LABELS), categories)


def _readable_on(colour: str) -> str:
    """Dark letters on a light colour, white ones on a dark one."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT else PAPER
