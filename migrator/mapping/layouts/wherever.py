"""Groups and no configurations: each row applies wherever its legacy group is assigned.

So much may come of so little that a sheet is taken for this only where nothing in it is left to guess: no other sheet
of the workbook names configurations, and no column says something that is not understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from migrator.mapping.cells import trimmed
from migrator.mapping.grid import Sheet
from migrator.mapping.headings import CONFIGURATIONS, LEGACY_SIDE, NEW_SIDE, Headings, near_heading, remark_on
from migrator.mapping.layouts.interface import Desk, Part
from migrator.mapping.packing import Table
from migrator.model.columns import Field
from migrator.model.finding import Level


def recognise(sheets: Sequence[Sheet], desk: Desk) -> Sequence[Part]:
    """Every sheet with both groups, or one group and an action, and no configuration; none where that is unclear."""
    found = _found(sheets, desk)
    if any(map(any, (_strange(sheet, headings) for sheet, headings in found))) or _competing(sheets, found, desk):
        return []
    return [Part((sheet,), partial(_read, sheet, headings, desk)) for sheet, headings in found]


def in_the_way(sheets: Sequence[Sheet], desk: Desk) -> str:
    """What keeps sheets of groups from being read as that, as a clause for the end of a sentence; "" for nothing."""
    found = _found(sheets, desk)
    strange = [column for sheet, headings in found for column in _strange(sheet, headings)]
    others = _competing(sheets, found, desk) if found else []
    if strange:
        columns = ", ".join(strange[:5]) + (", ..." if len(strange) > 5 else "")
        what = f"there is a column that is not understood ({columns})"
        advice = "if it names configurations, call it Configuration, else call it Comment or delete it"
    elif others:
        what = f"another sheet ({others[0].name!r}) may be meant to name configurations"
        advice = "mend its headings, or take it out of the workbook"
    else:
        return ""
    return f"; groups alone would be moved wherever they are assigned, but not while {what}: {advice}"


def note(rows: int) -> str:
    """The sentence that says what such rows do."""
    many = (
        "1 row names no configuration: it applies" if rows == 1 else f"{rows:,} rows name no configuration: they apply"
    )
    return f"{many} wherever the legacy group is assigned, in every kind unless one is named"


def _found(sheets: Sequence[Sheet], desk: Desk) -> list[tuple[Sheet, Headings]]:
    found = ((sheet, desk.vocabulary.find(sheet, _lists_groups)) for sheet in sheets)
    return [(sheet, headings) for sheet, headings in found if headings]


def _competing(sheets: Sequence[Sheet], found: Sequence[tuple[Sheet, Headings]], desk: Desk) -> list[Sheet]:
    """The other sheets that look like a mapping of which a heading was not understood."""
    taken = [id(sheet) for sheet, _ in found]
    return [
        sheet for sheet in sheets if id(sheet) not in taken and any(_like_headings(row, desk) for row in sheet.head)
    ]


def _like_headings(row: Sequence[str], desk: Desk) -> bool:
    """Whether a row names a group's column, or two of any sort, slips of the pen among them; or configurations alone,
    which may say where the groups are to be moved."""
    fields = [desk.vocabulary.field(text) for text in row if trimmed(text)]
    if any(field in CONFIGURATIONS for field in fields):
        return True
    if any(field in (*LEGACY_SIDE, *NEW_SIDE, Field.GROUP, Field.GROUP_ID) for field in fields):
        return len(fields) > 1
    known = sum(field is not None for field in fields)
    strange = [text for text in row[:100] if trimmed(text) and desk.vocabulary.field(text) is None]
    slips = list(filter(None, map(near_heading, strange)))
    return known + len(slips) > 1 or any(desk.vocabulary.field(slip) in CONFIGURATIONS for slip in slips)


def _lists_groups(headings: Headings) -> bool:
    if headings.has(CONFIGURATIONS) or not headings.has(LEGACY_SIDE + NEW_SIDE):
        return False
    return Field.ACTION in headings.at or (headings.has(LEGACY_SIDE) and headings.has(NEW_SIDE))


def _strange(sheet: Sheet, headings: Headings) -> Iterator[str]:
    """The columns that may say something which is not understood: by an unknown heading, or below none."""
    for position in headings.unknown:
        yield repr(headings.texts[position][:40])
    below = sheet.head[headings.row :]
    for position in range(max(map(len, below), default=0)):
        headed = position < len(headings.texts) and headings.texts[position]
        if not headed and any(trimmed(row[position]) for row in below if position < len(row)):
            yield f"column {sheet.letter(position)}"


def _read(sheet: Sheet, headings: Headings, desk: Desk) -> None:
    remark_on(headings, sheet, desk.findings)
    before = len(desk.rows.rows)
    for block, packed in Table(sheet, headings, desk.findings, desk.implied).blocks():
        packed.wherever = True
        desk.rows.add(packed)
        desk.progress(len(block))
    if rows := len(desk.rows.rows) - before:
        desk.findings.add(Level.NOTE, "wherever", note(rows), sheet=sheet.name, row=headings.row)
