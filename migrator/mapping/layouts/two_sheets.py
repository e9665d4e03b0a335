"""Two sheets: one says which group becomes which, the other which configuration had which group.

Together they mean what one sheet with both groups would: every row of the second is a swap of its group for the
successor that the first one names. Rows with an action of their own mean what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from migrator.mapping.grid import Sheet
from migrator.mapping.headings import CONFIGURATIONS, LEGACY_SIDE, NEW_SIDE, Headings, remark_on
from migrator.mapping.layouts.interface import Desk, Part
from migrator.mapping.layouts.matrix import marked_columns
from migrator.mapping.packing import Packed, Table
from migrator.model.columns import Field
from migrator.model.finding import Level
from migrator.model.row import Action, Ref

Refs = Sequence[Ref | None]


class _Successor(NamedTuple):
    """The new group of a legacy one, and the row that says so."""

    name: Ref | None
    id: Ref | None
    row: int


@dataclass(frozen=True, slots=True)
class _Found:
    sheet: Sheet
    headings: Headings


def recognise(sheets: Sequence[Sheet], desk: Desk) -> Sequence[Part]:
    """A workbook with sheets of both sorts; one that lists new groups only speaks for itself and is not taken."""
    pairs, lists = [], []
    for sheet in sheets:
        headings = desk.vocabulary.find(sheet, lambda h: _is_pairs(h) or _is_list(h))
        if headings and _is_list(headings):
            lists.append(_Found(sheet, headings))
        elif headings and len(marked_columns(sheet, headings)) < 2:
            pairs.append(_Found(sheet, headings))
    if not pairs or not lists:
        return []
    taken = tuple(found.sheet for found in (*pairs, *lists))
    return [Part(taken, partial(_read, pairs, lists, desk))]


def _is_pairs(headings: Headings) -> bool:
    return headings.has(LEGACY_SIDE) and headings.has(NEW_SIDE) and not headings.has(CONFIGURATIONS)


def _is_list(headings: Headings) -> bool:
    if not headings.has(CONFIGURATIONS) or headings.has(LEGACY_SIDE) is headings.has(NEW_SIDE):
        return False
    return headings.has(LEGACY_SIDE) or any(field in headings.neutral for field in NEW_SIDE)


def _read(pairs: Sequence[_Found], lists: Sequence[_Found], desk: Desk) -> None:
    successors: dict[str, _Successor] = {}
    for found in pairs:
        remark_on(found.headings, found.sheet, desk.findings)
        for block, packed in Table(found.sheet, found.headings, desk.findings).blocks():
            _take_pairs(packed, successors, desk)
            desk.progress(len(block))
    for found in lists:
        remark_on(found.headings, found.sheet, desk.findings)
        for block, packed in Table(found.sheet, found.headings, desk.findings, desk.implied).blocks():
            _name_successors(packed, successors, desk)
            desk.rows.add(packed)
            desk.progress(len(block))


def _take_pairs(packed: Packed, successors: dict[str, _Successor], desk: Desk) -> None:
    """Every pair by the legacy group's name and by its id."""
    none: Refs = (None,) * len(packed.numbers)
    columns = zip(packed.numbers, *(packed.refs.get(f, none) for f in (*LEGACY_SIDE, *NEW_SIDE)), strict=True)
    for index, (row, legacy, legacy_id, new, new_id) in enumerate(columns):
        if index in packed.bad or packed.is_blank(index):
            continue
        if not (legacy or legacy_id) or not (new or new_id):
            message = "the row names one group only; write which group becomes which, or delete the row"
            _tell(desk, Level.ERROR, "no_group", message, packed, row)
            continue
        successor = _Successor(new, new_id, row)
        for ref in filter(None, (legacy, legacy_id)):
            first = successors.setdefault(ref.text.casefold(), successor)
            if _key(first) != _key(successor):
                message = f"{ref.text!r} becomes another group in row {first.row}; keep one of the two rows"
                _tell(desk, Level.ERROR, "legacy_goes_two_ways", message, packed, row)
                break


def _name_successors(packed: Packed, successors: dict[str, _Successor], desk: Desk) -> None:
    """Turn what has no action of its own, or says swap, into swaps: the listed group stands on the legacy side."""
    count = len(packed.numbers)
    none: Refs = (None,) * count
    name_field, id_field = LEGACY_SIDE if any(f in packed.refs for f in LEGACY_SIDE) else NEW_SIDE
    listed, listed_id = packed.refs.get(name_field, none), packed.refs.get(id_field, none)
    refs: dict[Field, list[Ref | None]] = {f: [None] * count for f in (*LEGACY_SIDE, *NEW_SIDE)}
    for index, (name, identity) in enumerate(zip(listed, listed_id, strict=True)):
        refs[Field.LEGACY][index], refs[Field.LEGACY_ID][index] = name, identity
        ref = identity or name
        if ref is None or index in packed.bad or packed.actions[index].both.action is not Action.SWAP:
            continue
        successor = successors.get(ref.text.casefold()) or (successors.get(name.text.casefold()) if name else None)
        if successor is None:
            message = (
                f"no other sheet says which group {ref.text!r} becomes; the row is passed over and changes nothing"
            )
            _tell(desk, Level.WARNING, "no_successor", message, packed, packed.numbers[index], ref.column)
            packed.bad.add(index)
            continue
        refs[Field.NEW][index] = _at(successor.name, ref.column)
        refs[Field.NEW_ID][index] = _at(successor.id, ref.column)
    for field, column in refs.items():
        packed.refs[field] = column
        packed.keys[field] = [ref.text.casefold() if ref else "" for ref in column]


def _at(ref: Ref | None, column: str) -> Ref | None:
    """The successor as seen from the list: what is wrong with it is told at the group it is the successor of."""
    return Ref(ref.text, ref.written, column) if ref else None


def _key(successor: _Successor) -> str:
    ref = successor.id or successor.name
    return ref.text.casefold() if ref else ""


def _tell(desk: Desk, level: Level, code: str, message: str, packed: Packed, row: int, column: str = "") -> None:
    desk.findings.add(level, code, message, sheet=packed.sheet, row=row, column=column)
