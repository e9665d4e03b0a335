"""The sheet "Summary": what became of the run, in figures and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.outcome import Status
from migrator.model.record import RunRecord
from migrator.reporting.advice import headline, next_steps
from migrator.reporting.facts import Facts
from migrator.reporting.formats.speed import TimelineCells, speed_chart
from migrator.reporting.words import EFFECT, STATUS, count, duration
from migrator.workbook.cells import Column, Shape
from migrator.workbook.charts import Chart, ChartType, Series
from migrator.workbook.pages import COLUMNS, Figure, Page, pixels
from migrator.workbook.style import SHADES, Tone

_LEFT, _RIGHT = COLUMNS // 2 - 1, COLUMNS // 2  # the left half ends a column early: the gap between them
_CHART_HEIGHT = 240
_SLIVER = 0.04


def write_dashboard(page: Page, record: RunRecord, figures: Facts, timeline: TimelineCells | None) -> None:
    """Fills the page; `timeline` says where the figures of the speed stand, if there are any."""
    header = record.header
    page.title("Assignments moved", f"{header.tenant_name or header.tenant_id or 'Tenant'}, run {header.id}")
    page.lead(*headline(figures))
    page.figures(_figures(figures))
    page.section("What to do next")
    page.steps(next_steps(figures))
    page.beside(lambda: _run(page, record, figures), lambda: _statuses(page, figures))
    page.beside(lambda: _effects(page, figures), lambda: _calls(page, figures, timeline))
    page.section("Calls to Graph by purpose")
    _purposes(page, figures)


def _figures(figures: Facts) -> tuple[Figure, ...]:
    return (
        Figure(figures.configurations, "configurations"),
        Figure(figures.succeeded, "succeeded", Tone.GOOD),
        Figure(figures.unchanged, "unchanged", Tone.QUIET),
        Figure(figures.failed, "failed", Tone.BAD),
        Figure(figures.drifted, "drifted", Tone.WARN),
        Figure(figures.waiting, "waiting", Tone.HOLD),
        Figure(figures.differing + figures.unseen, "not verified", Tone.BAD if figures.differing else Tone.WARN),
    )


def _run(page: Page, record: RunRecord, figures: Facts) -> None:
    header, plan = record.header, record.plan
    page.section("The run", span=_LEFT)
    page.pairs(
        (
            ("Tenant", plan.tenant.name or header.tenant_name, "value"),
            ("Tenant ID", plan.tenant.id or header.tenant_id, "value.id"),
            ("Graph", header.graph_url, "value"),
            ("Run", header.id, "value.id"),
            ("Command", f"migrator {header.command}", "value"),
            ("Approved", header.approved, "value.time"),
            ("Started", header.started, "value.time"),
            ("Finished", header.finished or "not finished", "value.time" if header.finished else "value"),
            ("Took", duration(figures.seconds), "value"),
            ("Mapping", plan.mapping, "value"),
            ("Rows", figures.rows, "value.number"),
            ("Plan fingerprint", plan.fingerprint, "value.id"),
            ("SHA-256 of the mapping", plan.mapping_sha256, "value.id"),
            ("Written by", f"migrator {header.version}", "value"),
        ),
        span=_LEFT,
    )


def _statuses(page: Page, figures: Facts) -> None:
    numbers = (
        (Status.SUCCEEDED, figures.succeeded),
        (Status.UNCHANGED, figures.unchanged),
        (Status.FAILED, figures.failed),
        (Status.DRIFTED, figures.drifted),
        (Status.WAITING, figures.waiting),
    )
    present = [(status, number) for status, number in numbers if number]
    page.section("Configurations by status", at=_RIGHT, span=_RIGHT)
    if not present:
        page.sentence("The mapping names no configuration.", at=_RIGHT, span=_RIGHT)
        return
    names, values = page.grid(
        ((Column("Status"), 4), (Column("Configurations", Shape.NUMBER), 3)),
        [(STATUS[status], number) for status, number in present],
        at=_RIGHT,
    )
    told = ", ".join(f"{number:,} {status.value}" for status, number in present)
    colours = tuple(SHADES[STATUS[status].tone].solid for status, _ in present)
    page.chart(
        Chart(
            ChartType.RING,
            "Configurations by status",
            f"Ring chart: {told}.",
            names,
            (Series("Configurations", values, colours, _slivers([number for _, number in present])),),
            pixels(_RIGHT),
            _CHART_HEIGHT,
        ),
        at=_RIGHT,
    )


def _slivers(numbers: Sequence[int]) -> frozenset[int]:
    """Which of them are so small a share that a number does not fit into it."""
    return frozenset(i for i, number in enumerate(numbers) if number < _SLIVER * sum(numbers))


def _effects(page: Page, figures: Facts) -> None:
    page.section("Assignments by effect", span=_LEFT)
    names, _planned, confirmed, not_confirmed = page.grid(
        (
            (Column("Effect"), 1),
            (Column("Planned", Shape.NUMBER), 1),
            (Column("Confirmed", Shape.NUMBER), 2),
            (Column("Not confirmed", Shape.NUMBER), 2),
        ),
        [(EFFECT[e.effect], e.planned, e.confirmed, e.planned - e.confirmed) for e in figures.effects],
    )
    open_ = any(e.confirmed < e.planned for e in figures.effects)
    told = ", ".join(f"{e.effect.value} {e.confirmed:,} of {e.planned:,}" for e in figures.effects)
    page.chart(
        Chart(
            ChartType.BARS,
            "Assignments by effect",
            f"Bar chart of what was confirmed by the service: {told}.",
            names,
            tuple(
                Series(name, cells, (SHADES[tone].solid,))
                for name, cells, tone, shown in (
                    ("Confirmed", confirmed, Tone.ACCENT, True),
                    ("Not confirmed", not_confirmed, Tone.QUIET, open_),
                )
                if shown
            ),
            pixels(_LEFT),
            _CHART_HEIGHT,
        )
    )


def _calls(page: Page, figures: Facts, timeline: TimelineCells | None) -> None:
    rate = f"{figures.requests_per_second:,.1f} a second" if figures.seconds else ""
    page.section("Calls to Graph", at=_RIGHT, span=_RIGHT)
    page.pairs(
        (
            ("HTTP requests", count(figures.requests, "request"), "value"),
            ("On average", rate, "value"),
            ("Throttled (429)", figures.throttled, "value.number"),
            ("Tried again", figures.retries, "value.number"),
            ("Assignments", _balance(figures), "value"),
        ),
        at=_RIGHT,
        span=_RIGHT,
    )
    if timeline:
        page.chart(speed_chart(timeline, pixels(_RIGHT), _CHART_HEIGHT), at=_RIGHT)


def _balance(figures: Facts) -> str:
    return f"{figures.assignments_before:,} before, {figures.assignments_after:,} afterwards as planned"


def _purposes(page: Page, figures: Facts) -> None:
    if not figures.purposes:
        page.sentence("No call was made.")
        return
    columns: Sequence[tuple[Column, int]] = (
        (Column("Purpose"), 2),
        (Column("HTTP requests", Shape.NUMBER), 2),
        (Column("Inside batches", Shape.NUMBER), 2),
        (Column("Throttled", Shape.NUMBER), 1),
        (Column("Retries", Shape.NUMBER), 1),
        (Column("No answer", Shape.NUMBER), 2),
        (Column("Mean (s)", Shape.SECONDS), 2),
        (Column("Slowest (s)", Shape.SECONDS), 2),
    )
    rows = [
        (p.purpose, p.requests, p.inner, p.throttled, p.retries, p.unanswered, p.mean_seconds, p.slowest_seconds)
        for p in figures.purposes
    ]
    page.grid(columns, rows)
