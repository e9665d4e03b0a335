"""plan.xlsx: what is going to happen, for review and approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from migrator.model.configuration import Served
from migrator.model.finding import Level
from migrator.model.plan import ConfigurationPlan, Effect, Plan, PlannedRow
from migrator.reporting.about import about_plan
from migrator.reporting.formats.assignments import causes
from migrator.reporting.formats.interface import Job, Source
from migrator.reporting.impact import impact_figures, impact_warnings, write_impact
from migrator.reporting.names import Directory
from migrator.reporting.tables import (
    EFFECT_COUNTS,
    ID_COLUMN,
    KIND_COLUMN,
    NAME_COLUMN,
    ROW_COLUMNS,
    by_place,
    called,
    effect_counts,
    row_cells,
    write_coverage,
    write_findings,
)
from migrator.reporting.words import EFFECT, PLANNED, count, either, kind_title
from migrator.workbook.book import LARGE, Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.charts import Chart, ChartType, Series
from migrator.workbook.pages import Figure, Page, pixels
from migrator.workbook.style import SHADES, Tone

FILE = "plan.xlsx"
OVERVIEW, CONFIGURATIONS = "Plan", "Configurations"
APPROVED, REMARK = "Approved", "Remark"
"""Sheets, and the columns of the second that are a reviewer's to fill in."""

_APPROVED = Column(
    APPROVED,
    Shape.INPUT,
    narrowest=12,
    choices=(Tag("yes", Tone.GOOD), Tag("no", Tone.BAD)),
    hint="yes: it is carried out. no, or nothing: it is left out.",
)
_REMARK = Column(REMARK, Shape.REMARK, narrowest=24)


def jobs(source: Source) -> Iterator[Job]:
    """One file."""
    yield Job(FILE, partial(write, source.record.plan, source.record.header.id))


def write(plan: Plan, run: str, path: Path) -> None:
    """Writes the workbook of a plan, before anything is sent."""
    directory = Directory.of(plan.names)
    longest = max(plan.row_count, sum(len(c.changes) for c in plan.configurations))
    with Book(path, about_plan(plan, run), large=longest > LARGE) as book:
        _overview(book.page(OVERVIEW), plan, run)
        _configurations(book, plan)
        write_impact(book, plan)
        _changes(book, plan, directory)
        _rows(book, plan)
        write_findings(book, plan.findings)
        write_coverage(book, plan.coverage)


def _overview(page: Page, plan: Plan, run: str) -> None:
    changing = sum(_changing(c) for c in plan.configurations)
    effects = Counter(change.effect for c in plan.configurations if not c.reading.assumed for change in c.changes)
    title = "Plan of putting a run back" if plan.of else "Plan of assignments"
    page.title(title, f"{plan.tenant.name or 'Tenant'}, run {run}: nothing has been sent yet")
    page.lead(*_headline(plan, changing))
    page.figures(
        (
            Figure(changing, "configurations to change"),
            *(Figure(effects[e], PLANNED[e], EFFECT[e].tone) for e in Effect),
            Figure(sum(_left_alone(c) for c in plan.configurations), "left alone", Tone.WARN),
        )
    )
    impact_figures(page, plan.impact)
    page.section("What to look at before approving")
    page.steps(tuple(warnings(plan)) or ("Nothing stands out.",))
    page.section("How to approve it")
    page.steps(_ways_to_approve(plan, run))
    page.beside(lambda: _what(page, plan, run), lambda: _totals(page, effects))


def _headline(plan: Plan, changing: int) -> tuple[Tag, str]:
    total = count(len(plan.configurations), "configuration")
    if plan.of:
        return _headline_of_putting_back(plan, changing)
    if any(c.empties or c.blocked for c in plan.configurations):
        return Tag("LOOK CLOSELY", Tone.WARN), f"{changing:,} of {total} would change, with warnings."
    if not changing:
        return Tag("NOTHING TO DO", Tone.GOOD), f"Everything is as the mapping wants it: {total}, none to change."
    return Tag("READY", Tone.GOOD), f"{changing:,} of {total} would change; every assignment not named here is kept."


def _headline_of_putting_back(plan: Plan, changing: int) -> tuple[Tag, str]:
    total = f"{count(len(plan.configurations), 'configuration')} that run {plan.of} sent"
    if not changing:
        return Tag("NOTHING TO DO", Tone.GOOD), f"Everything is as it was before: {total}, none to put back."
    back = f"{changing:,} of {total} would be put back to what stood before"
    left = sum(_left_alone(c) for c in plan.configurations)
    if left:
        return Tag("LOOK CLOSELY", Tone.WARN), f"{back}; {left:,} would be left alone."
    if any(f.level is Level.WARNING for f in plan.findings):
        return Tag("LOOK CLOSELY", Tone.WARN), f"{back}, with warnings."
    return Tag("READY", Tone.GOOD), f"{back}; everything else stays as it is."


def warnings(plan: Plan) -> Iterator[str]:
    """What a reviewer should not overlook, in plain words."""
    emptied = [c for c in plan.configurations if c.empties]
    blocked = [c for c in plan.configurations if c.blocked]
    removing = sum(c.losses for c in plan.configurations if not c.reading.assumed)
    assumed = [c for c in plan.configurations if c.reading.assumed]
    lied = [c for c in plan.configurations if c.reading.note and not _left_alone(c)]
    if emptied:
        yield f"{_some(emptied)} would be left without any assignment: nobody would get it any more."
    if blocked:
        yield f"{_some(blocked)} will be left alone, for what is assigned could not be read beyond doubt."
    if removing:
        yield f"{count(removing, 'assignment')} will be removed without a successor (sheet Changes, effect removed)."
    if assumed:
        yield (
            f"{_some(assumed)} {either(len(assumed), 'is', 'are')} not as that run left "
            f"{either(len(assumed), 'it', 'them')}, or cannot be read: left alone (sheet Configurations, note)."
        )
    if lied:
        yield f"Graph's answers about {_some(lied)} were odd (sheet Configurations, note); the list that holds is used."
    yield from impact_warnings(plan.impact)
    levels = Counter(f.level for f in plan.findings)
    for level in (Level.ERROR, Level.WARNING):
        if levels[level]:
            what = f"There {either(levels[level], 'is', 'are')}" if plan.of else "The mapping has"
            yield f"{what} {count(levels[level], level.value)} (sheet Findings)."
    unread = [c for c in plan.coverage if c.served is not Served.READ]
    if unread:
        kinds = ", ".join(f"{kind_title(c.kind)} ({c.served.value})" for c in unread[:5])
        yield f"Not every kind could be read: {kinds}{' …' if len(unread) > 5 else ''} (sheet Coverage)."


def _ways_to_approve(plan: Plan, run: str) -> tuple[str, ...]:
    return (
        f"As a whole, by its fingerprint {plan.fingerprint}: “migrator apply {run} --approved {plan.fingerprint}” "
        "carries out this plan and no other.",
        f"In part: write yes or no into the column {APPROVED} of the sheet {CONFIGURATIONS}, save the file, and give "
        f"it back: “migrator apply {run} --plan {FILE}” carries out what has a yes. Other cells must stay as they are.",
    )


def _some(plans: list[ConfigurationPlan]) -> str:
    names = ", ".join(f"“{called(c)}”" for c in plans[:3])
    return f"{count(len(plans), 'configuration')} ({names}{' …' if len(plans) > 3 else ''})"


def _what(page: Page, plan: Plan, run: str) -> None:
    or_mapping = "" if plan.of else " or mapping"
    page.section("What this plan is", span=6)
    page.pairs(
        (
            ("Tenant", plan.tenant.name, "value"),
            ("Tenant ID", plan.tenant.id, "value.id"),
            *((("Puts back run", plan.of, "value.id"),) if plan.of else ()),
            ("Mapping of that run" if plan.of else "Mapping", plan.mapping, "value"),
            ("Made at", float(round(plan.created)), "value.time"),
            ("Run", run, "value.id"),
            ("Configurations", len(plan.configurations), "value.number"),
            ("Rows", plan.row_count, "value.number"),
            ("Fingerprint", plan.fingerprint, "value.id"),
            (
                "",
                f"Approving means approving this fingerprint: another reading{or_mapping} has another.",
                "value",
            ),
            ("SHA-256 of the mapping", plan.mapping_sha256, "value.id"),
        ),
        span=6,
    )


def _totals(page: Page, effects: Counter[Effect]) -> None:
    page.section("What becomes of the assignments", at=7, span=7)
    names, numbers = page.grid(
        ((Column("Effect"), 4), (Column("Assignments", Shape.NUMBER), 3)),
        [(EFFECT[effect], effects[effect]) for effect in Effect],
        at=7,
    )
    told = ", ".join(f"{effects[e]:,} {e.value}" for e in Effect)
    page.chart(
        Chart(
            ChartType.BARS,
            "Assignments by effect",
            f"Bar chart of planned effects: {told}.",
            names,
            (Series("Assignments", numbers, (SHADES[Tone.ACCENT].solid,)),),
            pixels(7),
            230,
        ),
        at=7,
    )


def _changing(plan: ConfigurationPlan) -> bool:
    return plan.changes_anything and not _left_alone(plan)


def _left_alone(plan: ConfigurationPlan) -> bool:
    return bool(plan.blocked) or plan.reading.assumed


def _configurations(book: Book, plan: Plan) -> None:
    columns = (
        NAME_COLUMN,
        Column("What happens", narrowest=15),
        _APPROVED,
        _REMARK,
        KIND_COLUMN,
        Column("Rows", Shape.NUMBER),
        *EFFECT_COUNTS,
        Column("Note", Shape.WRAPPED, narrowest=30, widest=48),
        ID_COLUMN,
    )
    rows = (
        (called(c), _happens(c), "", "", kind_title(c.key.kind), len(c.rows), *effect_counts(c), _note(c), c.key.id)
        for c in plan.configurations
    )
    book.table(CONFIGURATIONS, columns, rows, empty="No configuration is in the plan.")


def _happens(plan: ConfigurationPlan) -> Tag:
    if _left_alone(plan):
        return Tag("left alone", Tone.WARN)
    if plan.empties:
        return Tag("emptied", Tone.BAD)
    return Tag("changes", Tone.ACCENT) if plan.changes_anything else Tag("nothing to do", Tone.QUIET)


def _note(plan: ConfigurationPlan) -> str:
    return plan.blocked or plan.reading.note


def _changes(book: Book, plan: Plan, directory: Directory) -> None:
    columns = (
        NAME_COLUMN,
        Column("Effect", narrowest=12),
        Column("Before", Shape.WRAPPED, narrowest=30, widest=42),
        Column("After", Shape.WRAPPED, narrowest=30, widest=42),
        Column("Caused by rows", Shape.WRAPPED, narrowest=14, widest=24),
        Column("Note", Shape.WRAPPED, optional=True, narrowest=24, widest=36),
        Column("Group ID before", Shape.ID, narrowest=38, widest=42, printed=False),
        Column("Group ID after", Shape.ID, narrowest=38, widest=42, printed=False),
    )
    book.table("Changes", columns, _change_lines(plan, directory), frozen=2, empty="Nothing is assigned.")


def _change_lines(plan: Plan, directory: Directory) -> Iterator[tuple[Value, ...]]:
    for configuration in plan.configurations:
        rows = {row.index: row for row in configuration.rows}
        for change in configuration.changes:
            before, after = change.before, change.after
            yield (
                called(configuration),
                EFFECT[change.effect],
                directory.assignment(before),
                directory.assignment(after),
                causes(change, rows),
                change.note,
                before.target.id if before else "",
                after.target.id if after else "",
            )


def _rows(book: Book, plan: Plan) -> None:
    columns = (
        *ROW_COLUMNS[:2],
        NAME_COLUMN,
        *ROW_COLUMNS[2:],
        Column("What it comes to", narrowest=15),
        Column("Why", Shape.WRAPPED, narrowest=36, widest=48),
    )
    rows = (
        (*row_cells(row.row)[:2], called(of), *row_cells(row.row)[2:], _comes_to(of, row, plan), row.note)
        for of, row in by_place(plan.configurations)
    )
    book.table("Rows", columns, rows, frozen=2, empty="There is no row.")


def _comes_to(of: ConfigurationPlan, row: PlannedRow, plan: Plan) -> Tag:
    if _left_alone(of):
        return Tag("left alone", Tone.WARN)
    return Tag("to put back" if plan.of else "to do", Tone.ACCENT) if row.applies else Tag("nothing to do", Tone.QUIET)
