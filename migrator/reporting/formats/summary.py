"""summary.xlsx: the whole run at a glance, a line per configuration, every row of the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from migrator.reporting.about import about_run
from migrator.reporting.advice import advice
from migrator.reporting.facts import Line
from migrator.reporting.formats.dashboard import write_dashboard
from migrator.reporting.formats.interface import CONFIGURATIONS, Job, Source
from migrator.reporting.formats.speed import write_timeline
from migrator.reporting.impact import write_impact
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
from migrator.reporting.timeline import timeline
from migrator.reporting.words import ROW, SETTLED_BRIEFLY, kind_title, status, verdict
from migrator.workbook.book import LARGE, Book
from migrator.workbook.cells import Column, Link, Shape, Value, to_file

FILE = "summary.xlsx"


def jobs(source: Source) -> Iterator[Job]:
    """One file."""
    yield Job(FILE, partial(write, source))


def write(source: Source, path: Path) -> None:
    """Writes the summary of a run."""
    figures, plan = source.facts, source.record.plan
    large = max(figures.rows, figures.configurations) > LARGE
    with Book(path, about_run(source.record, "Summary of a run"), large=large) as book:
        speed = timeline(source.record.attempts, source.record.throttle)
        write_dashboard(book.page("Summary"), source.record, figures, speed)
        _configurations(book, source)
        _rows(book, source)
        write_impact(book, plan)
        write_findings(book, plan.findings)
        write_coverage(book, plan.coverage)
        write_timeline(book, speed)


def _configurations(book: Book, source: Source) -> None:
    columns = (
        Column("Workbook", printed=False),  # first, so that it stays in view
        NAME_COLUMN,
        Column("Status", narrowest=13),
        Column("Read back", narrowest=14),
        Column("Rows", Shape.NUMBER),
        *EFFECT_COUNTS,
        Column("Reason", Shape.WRAPPED, narrowest=20, widest=36),
        Column("Next step", Shape.WRAPPED, narrowest=14, widest=40),
        replace(KIND_COLUMN, printed=False),
        Column("Assign calls", Shape.NUMBER, printed=False),
        Column("Duration (s)", Shape.SECONDS, printed=False),
        ID_COLUMN,
    )
    rows = (_configuration(line, source) for line in source.facts.lines)
    book.table("Configurations", columns, rows, frozen=2, empty="The mapping names no configuration.")


def _configuration(line: Line, source: Source) -> tuple[Value, ...]:
    file = PurePosixPath(CONFIGURATIONS, source.files[line.plan.key])
    return (
        Link("open", to_file(file)),
        called(line.plan),
        status(line),
        verdict(line.verification),
        len(line.plan.rows),
        *effect_counts(line.plan),
        SETTLED_BRIEFLY[line.settled] if line.as_intended else line.reason,
        advice(line, source.facts.run),
        kind_title(line.plan.key.kind),
        line.tries,
        line.seconds if line.tries else None,
        line.plan.key.id,
    )


def _rows(book: Book, source: Source) -> None:
    columns = (
        *ROW_COLUMNS[:2],
        NAME_COLUMN,
        *ROW_COLUMNS[2:],
        Column("Status", narrowest=14),
        Column("Reason", Shape.WRAPPED, narrowest=36, widest=48),
    )
    lines = {line.plan.key: line for line in source.facts.lines}
    rows = (
        (
            *row_cells(row.row)[:2],
            called(of),
            *row_cells(row.row)[2:],
            ROW[lines[of.key].row_status(row)],
            lines[of.key].row_reason(row),
        )
        for of, row in by_place(source.record.plan.configurations)
    )
    book.table("Rows", columns, rows, frozen=2, empty="The mapping has no row.")
