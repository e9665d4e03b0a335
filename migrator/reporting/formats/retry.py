"""retry.xlsx: the rows that did not make it, as a mapping that can be run as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from migrator.model.columns import HEADINGS, Field
from migrator.model.configuration import Configuration
from migrator.model.outcome import Status
from migrator.model.row import Ref, Row
from migrator.reporting.about import about_run
from migrator.reporting.facts import Line
from migrator.reporting.formats.interface import Job, Source
from migrator.workbook.book import LARGE, About, Book
from migrator.workbook.cells import Column, Shape, Value

FILE = "retry.xlsx"

_FIELDS = (
    (Field.CONFIGURATION, 34),
    (Field.CONFIGURATION_ID, 38),
    (Field.KIND, 28),
    (Field.ACTION, 11),
    (Field.LEGACY, 32),
    (Field.LEGACY_ID, 38),
    (Field.NEW, 32),
    (Field.NEW_ID, 38),
    (Field.DIRECTION, 12),
    (Field.INTENT, 12),
    (Field.FILTER, 24),
    (Field.FILTER_ID, 38),
    (Field.FILTER_MODE, 14),
    (Field.COMMENT, 60),
)
_DIRECTIONS = {True: "exclude", False: "include", None: ""}
_EARLIER = re.compile(r"\s*\[not done in .*\]\s*\Z", re.DOTALL)


def jobs(source: Source) -> Iterator[Job]:
    """One file, or none where no configuration failed. A failed configuration's rows are there all together, those
    with nothing to do as well: a `replace` is only right with all of its rows."""
    lines = tuple(line for line in source.facts.lines if line.status is Status.FAILED and line.plan.rows)
    if lines:
        about = about_run(source.record, "Rows to retry")
        yield Job(FILE, partial(_write, about, source.record.header.id, lines))


def _write(about: About, run: str, lines: tuple[Line, ...], path: Path) -> None:
    columns = [
        Column(HEADINGS[field][0], Shape.WRAPPED if field is Field.COMMENT else Shape.TEXT, narrowest=wide, widest=wide)
        for field, wide in _FIELDS
    ]
    rows = sorted(((row, line) for line in lines for row in line.plan.rows), key=lambda pair: pair[0].index)
    with Book(path, about, large=len(rows) > LARGE) as book:
        book.table("Retry", columns, (_cells(line.plan.configuration, row.row, line, run) for row, line in rows))


def _cells(configuration: Configuration, row: Row, line: Line, run: str) -> tuple[Value, ...]:
    legacy, new = row.groups if len(row.groups) > 1 else ((None, None), *(row.groups or ((None, None),)))
    return (
        configuration.name,
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
