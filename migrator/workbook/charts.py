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
class Line:
    """Figures drawn as a line over columns; empty cells leave a gap in it."""

    name: str
    values: Cells
    colour: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture. `description` is read out to those who cannot see it. Columns may have `lines` over them and names
    for their axes; below every how manieth one a label stands is `label_every` (the others have none in their cells,
    for there are programs that ask nobody)."""

    type: ChartType
    title: str
    description: str
    categories: Cells
    series: Sequence[Series]
    width: int
    height: int
    lines: Sequence[Line] = ()
    across: str = ""
    upward: str = ""
    label_every: int = 1


_SMALL = {"name": FONT, "size": 9, "color": MUTED}
_UPRIGHT = 360  # what XlsxWriter takes for 0 degrees that are meant
_AXIS = {**_SMALL, "bold": False}
_ABOVE, _BELOW = 36, 72  # pixels for the title, and for labels, the axis's name and the legend
_LABEL = {"name": FONT, "size": 9, "bold": True}
_LIGHT = 125  # of 255, how bright a colour is on which dark letters read better
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
    if chart.lines:
        drawn.combine(_lines(workbook, chart))
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
                "gap": 0 if chart.lines else 8,
            }
        )
    drawn.set_x_axis(
        {
            "num_font": {**_SMALL, "rotation": _UPRIGHT},
            "line": {"color": LINE},
            "name": chart.across,
            "name_font": _AXIS,
            "interval_unit": chart.label_every,
            "interval_tick": chart.label_every,
        }
    )
    drawn.set_y_axis(
        {
            "name": chart.upward,
            "name_font": {**_AXIS, "rotation": -90},
            "num_font": _SMALL,
            "min": 0,
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": LINE}},
        }
    )
    drawn.set_plotarea({"layout": _room(chart.height)})
    drawn.set_legend({"position": "bottom", "font": _SMALL})


def _room(height: int) -> dict[str, float]:
    """What the columns get, in shares of the whole: all that is left by what stands around them."""
    return {"x": 0.06, "y": _ABOVE / height, "width": 0.925, "height": 1 - (_ABOVE + _BELOW) / height}


def _lines(workbook: Workbook, chart: Chart) -> Any:
    drawn = workbook.add_chart({"type": "line"})
    for line in chart.lines:
        drawn.add_series(
            {
                "name": line.name,
                "categories": chart.categories.range(),
                "values": line.values.range(),
                "line": {"color": line.colour, "width": 1.75, "dash_type": "dash"},
                "marker": {"type": "none"},
            }
        )
    return drawn


def _readable_on(colour: str) -> str:
    """Dark letters on a light colour, white ones on a dark one."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT else PAPER
