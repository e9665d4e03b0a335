"""The sheet "Assignments" of one configuration: before and after side by side, and what was found afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator

from migrator.model.assignment import Assignment
from migrator.model.plan import Change, PlannedRow
from migrator.reporting.facts import Line
from migrator.reporting.names import Directory
from migrator.reporting.read_back import UNEXPECTED, read_back
from migrator.reporting.words import EFFECT, places
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape, Value

_WORDS = ("true", "false", "null")
_COLUMNS = (
    Column("Effect", narrowest=12),
    Column("Before", Shape.WRAPPED, narrowest=28, widest=38),
    Column("Intent before", optional=True, narrowest=11),
    Column("Filter before", Shape.WRAPPED, optional=True, narrowest=14, widest=26),
    Column("After", Shape.WRAPPED, narrowest=28, widest=38),
    Column("Intent after", optional=True, narrowest=11),
    Column("Filter after", Shape.WRAPPED, optional=True, narrowest=14, widest=26),
    Column("Caused by rows", Shape.WRAPPED, narrowest=14, widest=20),
    Column("Found afterwards", narrowest=17, widest=20),
    Column("Note", Shape.WRAPPED, optional=True, narrowest=26, widest=36),
    Column("Other settings before", Shape.WRAPPED, optional=True, narrowest=22, widest=52),
    Column("Other settings after", Shape.WRAPPED, optional=True, narrowest=22, widest=52),
    Column("Group ID before", Shape.ID, optional=True, narrowest=38, widest=42, printed=False),
    Column("Group ID after", Shape.ID, optional=True, narrowest=38, widest=42, printed=False),
)
_PLANNED_EFFECT = Column("Planned effect", narrowest=12)  # where nothing has come of it


def write(book: Book, line: Line, directory: Directory) -> None:
    """One line an assignment, with those that were found without being planned last."""
    effect = _COLUMNS[0] if line.as_intended else _PLANNED_EFFECT
    columns = (effect, *_COLUMNS[1:])
    book.table("Assignments", columns, _lines(line, directory), empty="Nothing is assigned, before and after.")


def _lines(line: Line, directory: Directory) -> Iterator[tuple[Value, ...]]:
    found = read_back(line.plan.changes, line.plan.after, line.verification)
    rows = {row.index: row for row in line.plan.rows}
    for change, tag, differing in zip(line.plan.changes, found.tags, found.differing, strict=True):
        note = _note(change, differing, directory)
        before, after = change.before, change.after
        yield (
            EFFECT[change.effect],
            *_side(before, directory),
            *_side(after, directory),
            causes(change, rows),
            tag,
            note,
            _settings(before),
            _settings(after),
            before.target.id if before else "",
            after.target.id if after else "",
        )
    for extra in found.unexpected:
        nothing = _side(None, directory)
        found_there = f"Found: {directory.assignment(extra)}. It is not in the plan."
        yield ("", *nothing, *nothing, "", UNEXPECTED, found_there, "", "", "", extra.target.id)


def causes(change: Change, rows: dict[int, PlannedRow]) -> str:
    """Where the rows that cause a change stand in the mapping."""
    return places(rows[index].row for index in change.rows if index in rows)


def _side(assignment: Assignment | None, directory: Directory) -> tuple[str, str, str]:
    if assignment is None:
        return "", "", ""
    return directory.target(assignment.target), assignment.intent, directory.filter(assignment.filter)


def _note(change: Change, differing: Assignment | None, directory: Directory) -> str:
    parts = [change.note]
    if any(a.from_policy_set for a in (change.before, change.after) if a):
        parts.append("It comes from a policy set: shown, never sent.")
    if differing is not None:
        settings = f", other settings {differing.rest}" if differing.rest != "{}" else ""
        parts.append(f"Found instead: {directory.assignment(differing)}{settings}.")
    return " ".join(part for part in parts if part)


def _settings(assignment: Assignment | None) -> str:
    """All that an assignment has besides, a line a property; nothing is left out, and texts are told from numbers."""
    if assignment is None or assignment.rest == "{}":
        return ""
    return "\n".join(_properties("", json.loads(assignment.rest)))


def _properties(path: str, value: object) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _properties(f"{path}.{name}" if path else name, inner)
    else:
        yield f"{path}: {value if _reads_as_text(value) else json.dumps(value, ensure_ascii=False)}"


def _reads_as_text(value: object) -> bool:
    """Whether a value can stand without quotes and be taken for nothing else."""
    return isinstance(value, str) and value[:1].isalpha() and value.isprintable() and value not in _WORDS
