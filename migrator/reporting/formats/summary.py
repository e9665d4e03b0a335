"""summary.xlsx: the whole run at a glance, a line per configuration, every row of the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from migrator.reporting.about import about_run
from migrator.reporting.advice import advice
from migrator.reporting.facts import Line
from migrator.reporting.formats.dashboard import write_dashboard
from migrator.reporting.formats.interface import CONFIGURATIONS, Job, Source
from migrator.reporting.formats.speed import place_of, write_timeline
from migrator.reporting.tables import (
    EFFECT_COUNTS,
    ROW_COLUMNS,
    by_place,
    called,
    effect_counts,
    row_cells,
    write_coverage,
    write_findings,
)
from migrator.reporting.timeline import timeline
from migrator.reporting.words import ROW, STATUS, kind_title, verdict
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
        spans = timeline(source.record.attempts)
        write_dashboard(book.page("Summary"), source.record, figures, place_of(spans))
        _configurations(book, source)
        _rows(book, source)
        write_findings(book, plan.findings)
        write_coverage(book, plan.coverage)
        write_timeline(book, spans)


def _configurations(book: Book, source: Source) -> None:
    columns = (
        Column("Configuration", narrowest=34, widest=54),
        Column("Status", narrowest=13),
        Column("Read back", narrowest=15),
        Column("Workbook", narrowest=12),
        Column("Kind", narrowest=24, widest=30),
        Column("Rows", Shape.NUMBER),
        *EFFECT_COUNTS,
        Column("Assign calls", Shape.NUMBER),
        Column("Duration (s)", Shape.SECONDS, narrowest=11),
        Column("Reason", Shape.WRAPPED, narrowest=36, widest=40),
        Column("Next step", Shape.WRAPPED, narrowest=36, widest=46),
        Column("Configuration ID", Shape.ID, narrowest=38, widest=42, printed=False),
    )
    rows = (_configuration(line, source) for line in source.facts.lines)
    book.table("Configurations", columns, rows, frozen=2, empty="The mapping names no configuration.")


def _configuration(line: Line, source: Source) -> tuple[Value, ...]:
    file = PurePosixPath(CONFIGURATIONS, source.files[line.plan.key])
    return (
        called(line.plan),
        STATUS[line.status],
        verdict(line.verification),
        Link("open", to_file(file)),
        kind_title(line.plan.key.kind),
        len(line.plan.rows),
        *effect_counts(line.plan),
        line.tries,
        line.seconds if line.tries else None,
        line.reason,
        advice(line, source.facts.run),
        line.plan.key.id,
    )


def _rows(book: Book, source: Source) -> None:
    columns = (
        *ROW_COLUMNS[:2],
        Column("Configuration", narrowest=30, widest=50),
        *ROW_COLUMNS[2:],
        Column("Status", narrowest=15),
        Column("Reason", Shape.WRAPPED, narrowest=44, widest=64),
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
