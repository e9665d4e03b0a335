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
    Column("Sheet", Shape.WRAPPED, narrowest=10, widest=16),
    Column("Row", Shape.NUMBER, narrowest=7),
    Column("Action", narrowest=10),
    Column("Legacy group", Shape.WRAPPED, narrowest=22, widest=32, optional=True),
    Column("New group", Shape.WRAPPED, narrowest=22, widest=32),
    Column("Direction", narrowest=11, optional=True),
    Column("Intent", narrowest=11, optional=True),
    Column("Filter", Shape.WRAPPED, narrowest=14, widest=24, optional=True),
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


NAME_COLUMN = Column("Configuration", Shape.WRAPPED, narrowest=28, widest=58)
KIND_COLUMN = Column("Kind", Shape.WRAPPED, narrowest=20, widest=30)
ID_COLUMN = Column("Configuration ID", Shape.ID, narrowest=38, widest=42, printed=False)


def write_findings(book: Book, findings: Iterable[Finding]) -> None:
    """The sheet "Findings"."""
    columns = (
        Column("Level", narrowest=11),
        Column("Sheet", Shape.WRAPPED, narrowest=12, widest=20),
        Column("Row", Shape.NUMBER, narrowest=8),
        Column("Column", narrowest=10, widest=20),
        Column("What was found", Shape.WRAPPED, narrowest=60, widest=80),
        Column("Code", Shape.MUTED, narrowest=18, widest=26),
    )
    rows = ((LEVEL[f.level], f.sheet, f.row or None, f.column, f.message, f.code) for f in findings)
    book.table("Findings", columns, rows, empty="Nothing wrong or odd was found.")


def write_coverage(book: Book, coverage: Iterable[Coverage]) -> None:
    """The sheet "Coverage"."""
    columns = (
        Column("Kind", Shape.WRAPPED, narrowest=34, widest=44),
        Column("Read", narrowest=13),
        Column("Configurations", Shape.NUMBER, narrowest=16),
        Column("Reason", Shape.WRAPPED, narrowest=40, widest=60),
        Column("Name in Graph", Shape.MUTED, narrowest=34, widest=46),
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
    Column("After (planned)", Shape.NUMBER, narrowest=17),
)


def effect_counts(plan: ConfigurationPlan) -> tuple[Value, ...]:
    """How many assignments a configuration has before and after, and what becomes of them, for `EFFECT_COUNTS`."""
    effects = Counter(change.effect for change in plan.changes)
    return (len(plan.before), *(effects[effect] for effect in Effect), len(plan.after))
