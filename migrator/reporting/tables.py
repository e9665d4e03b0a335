"""The tables that more than one report shows: a mapping's rows, its findings, how far the tenant could be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from migrator.model.configuration import Coverage
from migrator.model.finding import Finding
from migrator.model.plan import ConfigurationPlan, Effect, PlannedRow
from migrator.model.row import Row
from migrator.reporting.words import LEVEL, SERVED, kind_title, legacy_group, new_group
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape, Value

ROW_COLUMNS = (
    Column("Sheet", narrowest=10, widest=24),
    Column("Row", Shape.NUMBER, narrowest=7),
    Column("Action", narrowest=10),
    Column("Legacy group", narrowest=24, widest=40, optional=True),
    Column("New group", narrowest=24, widest=40),
    Column("Direction", narrowest=11, optional=True),
    Column("Intent", narrowest=11, optional=True),
    Column("Filter", narrowest=14, widest=34, optional=True),
)


def row_cells(row: Row) -> tuple[Value, ...]:
    """One row of a mapping as it was written, for `ROW_COLUMNS`."""
    direction = {True: "exclude", False: "include", None: ""}[row.exclude]
    named = row.filter or row.filter_id
    mode = f" ({row.filter_mode.text})" if named and row.filter_mode else ""
    return (
        row.sheet,
        row.number,
        row.action.value,
        legacy_group(row),
        new_group(row),
        direction,
        row.intent.text if row.intent else "",
        f"{named.text}{mode}" if named else "",
    )


def by_place(plans: Iterable[ConfigurationPlan]) -> list[tuple[ConfigurationPlan, PlannedRow]]:
    """Every row with its configuration, in the order of the mapping."""
    return sorted(((plan, row) for plan in plans for row in plan.rows), key=lambda pair: pair[1].index)


def called(plan: ConfigurationPlan) -> str:
    """What a configuration is called; its id where it has no name."""
    return plan.configuration.name or plan.configuration.id


def write_findings(book: Book, findings: Iterable[Finding]) -> None:
    """The sheet "Findings"."""
    columns = (
        Column("Level", narrowest=11),
        Column("Sheet", narrowest=14, widest=28),
        Column("Row", Shape.NUMBER, narrowest=8),
        Column("Column", narrowest=10),
        Column("What was found", Shape.WRAPPED, narrowest=60, widest=100),
        Column("Code", Shape.MUTED, narrowest=20, widest=30),
    )
    rows = ((LEVEL[f.level], f.sheet, f.row or None, f.column, f.message, f.code) for f in findings)
    book.table("Findings", columns, rows, empty="Nothing wrong or odd was found in the mapping.")


def write_coverage(book: Book, coverage: Iterable[Coverage]) -> None:
    """The sheet "Coverage"."""
    columns = (
        Column("Kind", narrowest=36, widest=56),
        Column("Read", narrowest=13),
        Column("Configurations", Shape.NUMBER, narrowest=16),
        Column("Reason", Shape.WRAPPED, narrowest=50, widest=90),
        Column("Name in Graph", Shape.MUTED, narrowest=34, widest=56),
    )
    rows = ((kind_title(c.kind), SERVED[c.served], c.count, c.reason, c.kind) for c in coverage)
    book.table("Coverage", columns, rows, empty="No kind was read.")


EFFECT_COUNTS = (
    Column("Before", Shape.NUMBER),
    Column("Added", Shape.NUMBER),
    Column("Removed", Shape.NUMBER),
    Column("Swapped", Shape.NUMBER),
    Column("Changed", Shape.NUMBER),
    Column("Kept", Shape.NUMBER),
    Column("After (planned)", Shape.NUMBER, narrowest=11),
)


def effect_counts(plan: ConfigurationPlan) -> tuple[Value, ...]:
    """How many assignments a configuration has before and after, and what becomes of them, for `EFFECT_COUNTS`."""
    effects = Counter(change.effect for change in plan.changes)
    return (len(plan.before), *(effects[effect] for effect in Effect), len(plan.after))
