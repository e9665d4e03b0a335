"""The sheet "Summary": what became of the run, in figures and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.outcome import Status
from migrator.model.record import RunRecord
from migrator.reporting.advice import headline, next_steps
from migrator.reporting.facts import Facts
from migrator.reporting.formats.speed import speed_charts
from migrator.reporting.impact import impact_grid
from migrator.reporting.throttling import GateFacts, Origin
from migrator.reporting.timeline import Timeline, Total
from migrator.reporting.words import EFFECT, LEFT_OUT, STATUS, count, duration, share
from migrator.workbook.cells import Column, Shape
from migrator.workbook.charts import Chart, ChartType, Series
from migrator.workbook.pages import COLUMNS, Figure, Page, pixels
from migrator.workbook.style import SHADES, Tone

_LEFT, _RIGHT = COLUMNS // 2 - 1, COLUMNS // 2  # the left half ends a column early: the gap between them
_CHART_HEIGHT = 240
_SLIVER = 0.04
_TOLD = 0.5  # seconds of waiting from which on they are worth a word


def write_dashboard(page: Page, record: RunRecord, figures: Facts, speed: Timeline) -> None:
    """Fills the page; the figures of the speed stand in a sheet of their own."""
    header = record.header
    page.title(
        "Assignments put back" if header.of else "Assignments moved",
        f"{header.tenant_name or header.tenant_id or 'Tenant'}, run {header.id}",
    )
    page.lead(*headline(figures))
    page.figures(_figures(figures))
    page.section("What to do next")
    page.steps(next_steps(figures))
    page.beside(lambda: _run(page, record, figures), lambda: _statuses(page, figures))
    page.beside(lambda: _effects(page, figures), lambda: _calls(page, record, figures, speed))
    _speed(page, figures, speed)
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
            *((("Puts back run", header.of, "value.id"),) if header.of else ()),
            *((("Put back by run", header.put_back, "value.id"),) if header.put_back else ()),
            ("Approved", header.approved, "value.time"),
            ("Guard", _guard(dict(header.options)), "value"),
            ("Started", header.started, "value.time"),
            ("Finished", header.finished or "not finished", "value.time" if header.finished else "value"),
            ("Took", duration(figures.seconds), "value"),
            ("Mapping of that run" if header.of else "Mapping", plan.mapping, "value"),
            ("Rows", figures.rows, "value.number"),
            ("Plan fingerprint", plan.fingerprint, "value.id"),
            ("SHA-256 of the mapping", plan.mapping_sha256, "value.id"),
            ("Written by", f"migrator {header.version}", "value"),
        ),
        span=_LEFT,
    )


def _guard(options: dict[str, str]) -> str:
    """How carefully it was carried out, as a change board asks."""
    how = "each read again right before its call" if options.get("guard") == "strict" else "read again in batches"
    first = int(options.get("canary") or 0)
    return f"{how}; {first:,} went first" if first else how


def _statuses(page: Page, figures: Facts) -> None:
    numbers = (
        (STATUS[Status.SUCCEEDED], figures.succeeded),
        (STATUS[Status.UNCHANGED], figures.unchanged - figures.left_out),
        (LEFT_OUT, figures.left_out),
        (STATUS[Status.FAILED], figures.failed),
        (STATUS[Status.DRIFTED], figures.drifted),
        (STATUS[Status.WAITING], figures.waiting),
    )
    present = [(status, number) for status, number in numbers if number]
    page.section("Configurations by status", at=_RIGHT, span=_RIGHT)
    if not present:
        page.sentence("The mapping names no configuration.", at=_RIGHT, span=_RIGHT)
        return
    names, values = page.grid(
        ((Column("Status"), 4), (Column("Configurations", Shape.NUMBER), 3)),
        present,
        at=_RIGHT,
    )
    told = ", ".join(f"{number:,} {status.text}" for status, number in present)
    colours = tuple(SHADES[status.tone].solid for status, _ in present)
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


def _calls(page: Page, record: RunRecord, figures: Facts, speed: Timeline) -> None:
    rate = f", {figures.requests_per_second:,.1f} a second" if figures.seconds else ""
    page.section("Calls to Graph", at=_RIGHT, span=_RIGHT)
    page.pairs(
        (
            ("HTTP requests", f"{count(figures.requests, 'request')}{rate}", "value"),
            ("Writes", _pace(speed.writes), "value"),
            ("Reads", _pace(speed.reads), "value"),
            ("Refused (429)", f"{figures.throttled:,} of {count(figures.calls, 'call')}{_share(figures)}", "value"),
            ("Tried again", figures.retries, "value.number"),
            *((f"Limit, {gate.gate}", _limit(gate), "value") for gate in figures.gates),
            ("Held back", _held_back(figures), "value"),
            ("Assignments", _balance(figures), "value"),
        ),
        at=_RIGHT,
        span=_RIGHT,
    )
    impact_grid(page, record.plan.impact, at=_RIGHT)


def _pace(total: Total) -> str:
    return f"{count(total.calls, 'call')}, {total.rate:,.1f} a second from first to last" if total.calls else "none"


def _share(figures: Facts) -> str:
    return f", {share(figures.throttled, figures.calls)}" if figures.throttled else ""


def _limit(gate: GateFacts) -> str:
    """The one at the end, and where it comes from."""
    if gate.rate is None:
        return gate.origin.value
    instead = f" (documented: {gate.documented})" if gate.origin is Origin.LEARNED else ""
    return f"{gate.limit}, {gate.rate:,.1f} a second, {gate.origin.value}{instead}"


def _held_back(figures: Facts) -> str:
    """Time in which a call was ready and had to wait."""
    if not figures.gates:
        return ""  # a journal that does not tell of it
    parts = ((figures.lost.paced, "by the limit"), (figures.lost.refused, "waiting out refusals"))
    return ", ".join(f"{duration(seconds)} {why}" for seconds, why in parts if seconds >= _TOLD) or "not at all"


def _speed(page: Page, figures: Facts, speed: Timeline) -> None:
    charts = list(speed_charts(speed, pixels(COLUMNS)))
    if not charts:
        return
    page.section("Speed")
    page.sentence(_how_to_read(figures, speed))
    for chart in charts:
        page.chart(chart)


def _how_to_read(figures: Facts, speed: Timeline) -> str:
    apart = "Writes and reads have limits of their own, so each is drawn against its own."
    if not figures.gates:
        return f"{apart} The journal of this run does not tell which limits held."
    if all(gate.rate is None for gate in figures.gates):
        return f"{apart} No limit was known to hold, so none is drawn."
    gaps = "Where no limit is drawn, none was known."
    if speed.step >= max(speed.writes.window, speed.reads.window):
        return f"{apart} Each column is the mean of {duration(speed.step)}. {gaps}"
    singly = " The sheet Timeline has every second." if speed.step == 1 else ""
    return (
        f"{apart} A limit counts the calls of some seconds, so what is drawn is the mean of as many: that is what it "
        f"keeps down, while single seconds may rise far above it.{singly} {gaps}"
    )


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
