"""retry.xlsx: the rows that did not make it, as a mapping that can be run as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from migrator.model.columns import HEADINGS, Field
from migrator.model.configuration import Configuration
from migrator.model.outcome import Status
from migrator.model.plan import PlannedRow
from migrator.model.row import Ref
from migrator.reporting.about import about_run
from migrator.reporting.facts import Line
from migrator.reporting.formats.interface import Job, Source
from migrator.workbook.book import LARGE, About, Book
from migrator.workbook.cells import Column, Value

FILE = "retry.xlsx"

# As narrow as an empty column may be, and as wide as a full one gets.
_FIELDS = (
    (Field.CONFIGURATION, 24, 36),
    (Field.CONFIGURATION_ID, 12, 40),
    (Field.KIND, 12, 28),
    (Field.ACTION, 10, 12),
    (Field.LEGACY, 16, 32),
    (Field.LEGACY_ID, 9, 40),
    (Field.NEW, 16, 32),
    (Field.NEW_ID, 9, 40),
    (Field.DIRECTION, 9, 12),
    (Field.INTENT, 9, 14),
    (Field.FILTER, 9, 26),
    (Field.FILTER_ID, 9, 40),
    (Field.FILTER_MODE, 9, 14),
    (Field.COMMENT, 40, 60),
)
_DIRECTIONS = {True: "exclude", False: "include", None: ""}
_EARLIER = re.compile(r"\s*\[not done in .*\]\s*\Z", re.DOTALL)


def jobs(source: Source) -> Iterator[Job]:
    """One file, or none where no configuration failed. A failed configuration's rows are there all together, those
    with nothing to do as well: a `replace` is only right with all of its rows. One that meant many configurations names
    this one by a pattern and the id, so that it still does only what stands there. None where a run is put back: run
    again, its rows would do once more what was to be undone."""
    if source.record.header.of:
        return
    lines = tuple(line for line in source.facts.lines if line.status is Status.FAILED and line.plan.rows)
    if lines:
        about = about_run(source.record, "Rows to retry")
        yield Job(FILE, partial(_write, about, source.record.header.id, lines))


def _write(about: About, run: str, lines: tuple[Line, ...], path: Path) -> None:
    columns = [Column(HEADINGS[field][0], narrowest=narrow, widest=wide) for field, narrow, wide in _FIELDS]
    rows = sorted(((row, line) for line in lines for row in line.plan.rows), key=lambda pair: pair[0].index)
    with Book(path, about, large=len(rows) > LARGE) as book:
        book.table("Retry", columns, (_cells(line.plan.configuration, row, line, run) for row, line in rows))


def _cells(configuration: Configuration, planned: PlannedRow, line: Line, run: str) -> tuple[Value, ...]:
    row = planned.row
    legacy, new = row.groups if len(row.groups) > 1 else ((None, None), *(row.groups or ((None, None),)))
    return (
        f"{configuration.name.strip()}*" if planned.anywhere else configuration.name,
        configuration.id,
        configuration.kind,
        row.action.value,
        *map(_text, legacy),
        *map(_text, new),
        _DIRECTIONS[row.exclude],
        _text(row.intent),
        _text(row.filter),
        _text(row.filter_id),
        _text(row.filter_mode),
        _comment(row.comment, f"[not done in {run}: {line.reason}]"),
    )


def _text(ref: Ref | None) -> str:
    return ref.text if ref else ""


def _comment(written: str, reason: str) -> str:
    """What the row said of itself, and the reason last; that of an earlier run gives way."""
    return f"{_EARLIER.sub('', written)} {reason}".strip()
