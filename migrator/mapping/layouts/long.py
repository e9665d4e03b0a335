"""One row per configuration and group, or pair of groups: the usual mapping, and the lists other tools use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from migrator.mapping.grid import Sheet
from migrator.mapping.headings import Headings, is_list, remark_on
from migrator.mapping.layouts.interface import Desk, Part
from migrator.mapping.packing import Table


def recognise(sheets: Sequence[Sheet], desk: Desk) -> Sequence[Part]:
    """Every sheet with a heading row that has a configuration and at least one group."""
    found = ((sheet, desk.vocabulary.find(sheet, is_list)) for sheet in sheets)
    return [Part((sheet,), partial(_read, sheet, headings, desk)) for sheet, headings in found if headings]


def _read(sheet: Sheet, headings: Headings, desk: Desk) -> None:
    remark_on(headings, sheet, desk.findings)
    for block, packed in Table(sheet, headings, desk.findings, desk.implied).blocks():
        desk.rows.add(packed)
        desk.progress(len(block))
