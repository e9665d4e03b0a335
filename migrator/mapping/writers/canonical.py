"""Rows written as we write a mapping ourselves: the columns, what may stand in them, and how they look."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from migrator.mapping.cells import looks_like_formula
from migrator.model.columns import HEADINGS, Field
from migrator.model.row import Ref, Row
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.style import Tone
from migrator.workbook.text import shown

MAPPING = "Mapping"
MOST_ROWS = 1_048_575
"""The rows of one sheet of Excel, less the headings."""

ACTIONS = (
    Tag("swap", Tone.ACCENT),
    Tag("add", Tone.GOOD),
    Tag("remove", Tone.BAD),
    Tag("replace", Tone.WARN),
)
DIRECTIONS = (Tag("include", Tone.GOOD), Tag("exclude", Tone.BAD))
INTENTS = (
    Tag("required", Tone.ACCENT),
    Tag("available", Tone.GOOD),
    Tag("uninstall", Tone.BAD),
    Tag("availableWithoutEnrollment", Tone.HOLD),
)
FILTER_MODES = (Tag("include", Tone.GOOD), Tag("exclude", Tone.BAD), Tag("none", Tone.QUIET))
FIELDS = (
    Field.KIND,
    Field.CONFIGURATION,
    Field.ACTION,
    Field.LEGACY,
    Field.NEW,
    Field.DIRECTION,
    Field.INTENT,
    Field.FILTER,
    Field.FILTER_MODE,
    Field.COMMENT,
    Field.CONFIGURATION_ID,
    Field.LEGACY_ID,
    Field.FILTER_ID,
)
_HINTS = {
    Field.ACTION: "Empty: a row with both groups swaps them, a row with one group adds it.",
    Field.LEGACY: "The group that stands. All users and All devices are written so.",
    Field.NEW: "The group that shall take its place. Empty: nothing changes.",
    Field.DIRECTION: "Empty: as it stands; for a group that is new, include.",
    Field.INTENT: "Of apps only.",
    Field.FILTER_MODE: "Whether what matches the filter is in or out.",
}


def heading(field: Field) -> str:
    """A column's name as we write it; of a filter's mode, as Intune calls it."""
    return "Filter type" if field is Field.FILTER_MODE else HEADINGS[field][0]


def columns(hints: Mapping[Field, str] | None = None, kinds: str = "", *, whole: bool = False) -> list[Column]:
    """The columns of a mapping, those that are empty left out unless they are wanted `whole`. `kinds` is a range of the
    workbook that holds the titles of all kinds."""
    told = _HINTS if hints is None else hints
    shapes = {
        Field.KIND: Column("", narrowest=24, widest=36, listed=kinds),
        Field.CONFIGURATION: Column("", narrowest=30, widest=52),
        Field.CONFIGURATION_ID: Column("", Shape.ID, narrowest=38, widest=42, optional=True, printed=False),
        Field.ACTION: Column("", Shape.INPUT, narrowest=12, choices=ACTIONS),
        Field.LEGACY: Column("", narrowest=26, widest=40),
        Field.LEGACY_ID: Column("", Shape.ID, narrowest=38, widest=42, optional=True, printed=False),
        Field.NEW: Column("", Shape.REMARK, narrowest=26, widest=40),
        Field.DIRECTION: Column("", narrowest=13, choices=DIRECTIONS),
        Field.INTENT: Column("", narrowest=13, widest=28, choices=INTENTS),
        Field.FILTER: Column("", narrowest=22, widest=36),
        Field.FILTER_ID: Column("", Shape.ID, narrowest=38, widest=42, optional=True, printed=False),
        Field.FILTER_MODE: Column("", narrowest=13, choices=FILTER_MODES),
        Field.COMMENT: Column("", Shape.WRAPPED, narrowest=26, widest=50),
    }
    named = [replace(shapes[field], heading=heading(field), hint=told.get(field, "")) for field in FIELDS]
    return [replace(column, optional=False) for column in named] if whole else named


def cells(row: Row) -> tuple[Value, ...]:
    """One row, for `columns`. The action is left open where it is what the row means anyway, and the groups stand where
    they were written."""
    return (
        _text(row.kind),
        _text(row.configuration),
        "",
        _text(row.legacy),
        _text(row.new),
        {True: "exclude", False: "include", None: ""}[row.exclude],
        _text(row.intent),
        _text(row.filter),
        _text(row.filter_mode),
        row.comment,
        _text(row.configuration_id),
        _text(row.legacy_id),
        _text(row.filter_id),
    )


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """The same as a delimited file, UTF-8 with the mark by which Excel knows it; OSError where it cannot be written.

    What stands at `path` stays until the new file is complete.
    """
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        owned = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # its owner's, from the start
        with os.fdopen(owned, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([heading(field) for field in FIELDS])
            writer.writerows(map(cells, rows))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def suits_workbook(name: str) -> bool:
    """Whether a cell of a workbook gives a name back as it is."""
    return shown(name) == name


def suits_csv(name: str) -> bool:
    """Whether a cell of a delimited file does, and no program takes it for a formula."""
    return name.isprintable() and not looks_like_formula(name.strip()) and name[:1] not in "=+-@"


def _text(ref: Ref | None) -> str:
    return ref.text if ref else ""
