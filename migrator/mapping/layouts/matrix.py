"""Groups down, configurations across, a mark where they meet.

A mark means what a row with these groups and that configuration would; an action word in its place is that action.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from migrator.mapping.cells import trimmed
from migrator.mapping.grid import Block, Sheet
from migrator.mapping.headings import CONFIGURATIONS, LEGACY_SIDE, NEW_SIDE, Headings, remark_on
from migrator.mapping.layouts.interface import Desk, Part
from migrator.mapping.packing import Column, Packed, Table
from migrator.mapping.words import REFERENCES, Choices, Remark, Understand, Understood, action_word
from migrator.model.columns import Field
from migrator.model.finding import Level

_MARKS = frozenset({"x", "1", "y", "yes", "j", "ja", "true", "✓", "✔", "✗", "✘", "☑", "☒", "●", "•", "*", "+", "√"})
_NO_MARKS = frozenset({"0", "n", "no", "nein", "false", "-", "–", "☐"})


def recognise(sheets: Sequence[Sheet], desk: Desk) -> Sequence[Part]:
    """Every sheet with a group column, no configuration column, and marks below headings of their own."""
    parts = []
    for sheet in sheets:
        headings = desk.vocabulary.find(sheet, _has_groups)
        if headings and (marked := marked_columns(sheet, headings)):
            parts.append(Part((sheet,), partial(_read, sheet, headings, marked, desk)))
    return parts


def marked_columns(sheet: Sheet, headings: Headings) -> tuple[int, ...]:
    """The columns with an unknown heading that hold marks in the first rows, or nothing, if any holds marks."""
    marked, empty = [], []
    for position in headings.unknown:
        words = {trimmed(row[position]) for row in sheet.head[headings.row :] if position < len(row)} - {""}
        if not words:
            empty.append(position)
        elif any(_meaning(word) is not None for word in words):
            marked.append(position)
    return tuple(sorted(marked + empty)) if marked else ()


def _has_groups(headings: Headings) -> bool:
    return headings.has(LEGACY_SIDE + NEW_SIDE) and not headings.has(CONFIGURATIONS) and bool(headings.unknown)


def _read(sheet: Sheet, headings: Headings, marked: Sequence[int], desk: Desk) -> None:
    remark_on(headings, sheet, desk.findings, [p for p in headings.unknown if p not in marked])
    policies = [_Policy(sheet, headings, position, desk) for position in marked]
    for block, packed in Table(sheet, headings, desk.findings, desk.implied, marked).blocks():
        for policy in policies:
            policy.add(block, packed)
        desk.progress(len(block))
    for policy in policies:
        policy.marks.close()


class _Policy:
    """One column of marks: a configuration, and for every row whether and how it is meant."""

    def __init__(self, sheet: Sheet, headings: Headings, position: int, desk: Desk) -> None:
        self.marks = Column(sheet, position, _mark(desk.implied), desk.findings)
        understand = REFERENCES[Field.CONFIGURATION](Field.CONFIGURATION, self.marks.letter)
        name = Column(sheet, position, understand, desk.findings)
        self._name, self._key = name.understand(headings.texts[position], headings.row)
        name.close()
        self._desk = desk

    def add(self, block: Block, groups: Packed) -> None:
        """The rows that bear a mark, as rows of a long sheet."""
        bad: set[int] = set()
        marks = self.marks.pack(block, bad)
        chosen = [index for index, mark in enumerate(marks) if mark is not None and index not in groups.bad | bad]
        if not chosen:
            return
        refs = {field: [column[index] for index in chosen] for field, column in groups.refs.items()}
        keys = {field: [column[index] for index in chosen] for field, column in groups.keys.items()}
        self._desk.rows.add(
            Packed(
                sheet=groups.sheet,
                numbers=[groups.numbers[index] for index in chosen],
                refs={**refs, Field.CONFIGURATION: [self._name] * len(chosen)},
                keys={**keys, Field.CONFIGURATION: [self._key] * len(chosen)},
                letters={**groups.letters, Field.CONFIGURATION: self.marks.letter},
                actions=[mark for index in chosen if (mark := marks[index]) is not None],
                aims=[groups.aims[index] for index in chosen] if groups.aims else None,
                comments=[groups.comments[index] for index in chosen] if groups.comments else None,
            )
        )


def _mark(implied: Choices) -> Understand[Choices | None]:
    def understand(written: str) -> Understood[Choices | None]:
        text = trimmed(written)
        if not text:
            return None, "", ()
        meaning = _meaning(text)
        if meaning is None:
            message = f"{text[:60]!r} is no mark; write x where group and configuration meet, or leave the cell empty"
            return None, "", (Remark(Level.ERROR, "unknown_mark", message),)
        return (implied if meaning is True else meaning or None), "", ()

    return understand


def _meaning(text: str) -> bool | Choices | None:
    """Whether a cell is marked, or the action that it states; None where it is neither."""
    word = text.casefold()
    if word in _MARKS:
        return True
    return False if word in _NO_MARKS else action_word(text)
