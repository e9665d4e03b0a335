"""The sheet "Timeline" and its pictures: calls a second over the time of a run, admitted and refused, and the limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.reporting.timeline import Flow, Timeline, Total
from migrator.reporting.words import clock, count
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape
from migrator.workbook.charts import Cells, Chart, ChartType, Line, Series
from migrator.workbook.style import INK, SHADES, Tone

SHEET = "Timeline"

_MOST_LABELS = 12  # below an axis
_LABEL_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)  # seconds
_ENDINGS = (
    ("Admitted", SHADES[Tone.ACCENT].solid),
    ("Refused (429)", SHADES[Tone.BAD].solid),
    ("Service trouble", SHADES[Tone.WARN].solid),
)
_WRITES, _READS, _WRITES_MEAN, _READS_MEAN, _LABELS = 2, 6, 10, 13, 16  # where their columns begin


def _columns(timeline: Timeline) -> tuple[Column, ...]:
    sorts = (("Writes", timeline.writes.window), ("Reads", timeline.reads.window))
    return (
        Column("Time (UTC)", Shape.TIME),
        Column("Seconds at work since the first call", Shape.NUMBER, narrowest=16),
        *(
            Column(f"{sort} a second: {what}", Shape.RATE, narrowest=15)
            for sort, _ in sorts
            for what in ("admitted", "refused", "service trouble", "limit in force")
        ),
        *(
            Column(f"{sort} a second, mean of {window} s: {what}", Shape.RATE, narrowest=17, printed=False)
            for sort, window in sorts
            for what in ("admitted", "refused", "service trouble")
        ),
        Column("Label in the chart", narrowest=11, printed=False),
    )


@dataclass(frozen=True, slots=True)
class _Sort:
    """The writes, or the reads: their figures, and in which columns these begin to stand."""

    name: str
    total: Total
    flows: Sequence[Flow]
    now: int
    mean: int

    @property
    def limit(self) -> int:
        return self.now + len(_ENDINGS)


def write_timeline(book: Book, timeline: Timeline) -> None:
    """The sheet."""
    every = _label_every(timeline)
    rows = (
        (
            span.start,
            span.offset,
            *(*span.writes.now, span.writes.limit),
            *(*span.reads.now, span.reads.limit),
            *span.writes.mean,
            *span.reads.mean,
            clock(span.offset) if i % every == 0 else "",
        )
        for i, span in enumerate(timeline.spans)
    )
    book.table(SHEET, _columns(timeline), rows, empty="No call was made.", frozen=2)


def speed_charts(timeline: Timeline, width: int) -> Iterator[Chart]:
    """A picture of the writes, which are what a run waits for, and a lower one of the reads, each with its own limit;
    none of what there was none of."""
    spans = timeline.spans
    writes = _Sort("Writes", timeline.writes, [span.writes for span in spans], _WRITES, _WRITES_MEAN)
    reads = _Sort("Reads", timeline.reads, [span.reads for span in spans], _READS, _READS_MEAN)
    for sort, height in ((writes, 240), (reads, 180)):
        if sort.total.calls:
            yield _chart(sort, timeline, width, height)


def _chart(sort: _Sort, timeline: Timeline, width: int, height: int) -> Chart:
    """Columns of calls a second, those that were refused on top, and a line for what was allowed."""

    def column(index: int) -> Cells:
        return Cells(SHEET, 1, len(timeline.spans), index)

    limited = any(flow.limit is not None for flow in sort.flows)
    evened = limited and timeline.step < sort.total.window  # what a limit keeps down is the mean of its span
    first = sort.mean if evened else sort.now
    over = f", mean of the last {sort.total.window} s" if evened else ""
    return Chart(
        ChartType.COLUMNS,
        f"{sort.name} a second{over}{' and the limit in force' if limited else ''}",
        _told(sort),
        column(_LABELS),
        tuple(Series(name, column(first + i), (colour,)) for i, (name, colour) in enumerate(_ENDINGS)),
        width,
        height,
        lines=(Line("Limit in force", column(sort.limit), INK),) if limited else (),
        across="Time at work since the first call",
        upward=f"{sort.name} a second",
        label_every=_label_every(timeline),
    )


def _label_every(timeline: Timeline) -> int:
    """At every how many spans a label stands: at times that people count in."""
    step, count = timeline.step, len(timeline.spans)
    fitting = (s // step for s in _LABEL_STEPS if s % step == 0 and count * step <= s * _MOST_LABELS)
    return next(fitting, max(1, -(-count // _MOST_LABELS)))


def _told(sort: _Sort) -> str:
    """The picture for those who cannot see it."""
    name, busiest = sort.name.lower(), max(flow.now.admitted for flow in sort.flows)
    refused = sum(flow.now.refused > 0 for flow in sort.flows)
    refusals = f"refusals in {count(refused, 'span')}" if refused else "no refusals"
    known = [flow.limit for flow in sort.flows if flow.limit is not None]
    limit = f"allowed were {known[0]:,.1f} at first and {known[-1]:,.1f} at last" if known else "no limit is known"
    return f"Column chart of {name} a second over the run: at most {busiest:,.1f} were admitted, {refusals}; {limit}."
