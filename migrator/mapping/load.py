"""From a spreadsheet to rows and findings: the first step of the data's way."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.mapping.companions import is_companion
from migrator.mapping.findings import Findings
from migrator.mapping.grid import Sheet
from migrator.mapping.headings import Vocabulary, near_heading
from migrator.mapping.layouts import LAYOUTS, Desk, Part, wherever
from migrator.mapping.readers import Book, read_file, read_frame
from migrator.mapping.rows import Rows
from migrator.mapping.words import IMPLIED, IMPLIED_BY_REPLACE_MODE
from migrator.model.errors import UsageError
from migrator.model.finding import Level
from migrator.model.row import Mapping

if TYPE_CHECKING:
    import pandas

_MODES = {"": IMPLIED, "replace": IMPLIED_BY_REPLACE_MODE}
_LOOKED_FOR = "a configuration (Policy, Configuration, ...) and a group (Legacy group, New group, Group, ...)"


def load(
    source: str | PathLike[str] | pandas.DataFrame,
    *,
    mode: str = "",
    aliases: Sequence[tuple[str, str]] = (),
    progress: Callable[[int], None] | None = None,
) -> Mapping:
    """What a spreadsheet, a delimited file or a frame says: every valid row, and every finding.

    `mode` "replace" makes rows of one group mean replace where they state no action. `aliases` are (heading, field)
    pairs on top of the headings that are understood anyway. `progress` is told, again and again, how many more rows
    were read. A source that cannot be read at all is a UsageError; everything else is in the findings, and rows that
    an error was found in are not among the rows.
    """
    if mode not in _MODES:
        raise UsageError(f"there is no mode {mode!r}; leave it out, or write replace")
    vocabulary = Vocabulary(aliases)
    book = read_file(Path(source)) if isinstance(source, (str, PathLike)) else read_frame(source)
    findings = Findings()
    findings.in_order(tab.name for tab in book.tabs)
    desk = Desk(vocabulary, _MODES[mode], findings, Rows(findings), progress or (lambda _: None))
    with collector_paused():
        _read(book, desk)
    return Mapping(book.source, tuple(desk.rows.rows), findings.all(), book.sha256)


def _read(book: Book, desk: Desk) -> None:
    every = [Sheet(tab) for tab in book.tabs]
    sheets = [sheet for sheet in every if not is_companion(sheet.name, sheet.head)] if len(every) > 1 else every
    # a sheet of groups alone is a mapping only where none of the workbook names configurations
    parts = sorted(
        list(_parts(sheets, desk)) or wherever.recognise(sheets, desk),
        key=lambda part: min(map(sheets.index, part.sheets)),
    )
    taken = {id(sheet) for part in parts for sheet in part.sheets}
    for part in parts:
        for sheet in part.sheets:
            _tell_concealed(sheet, desk)
        part.read()
    unread = [sheet for sheet in sheets if id(sheet) not in taken and not sheet.is_empty]
    if not parts:
        _tell_nothing_found(unread, desk)
        return
    for sheet in unread:
        message = f"the sheet is not read: none of its first rows has headings for {_LOOKED_FOR}"
        desk.findings.add(Level.NOTE, "sheet_not_read", message, sheet=sheet.name)
    if not desk.rows.count:
        sheet = parts[0].sheets[0]
        desk.findings.add(
            Level.ERROR, "no_rows", "there are no rows below the headings; fill some in", sheet=sheet.name
        )


def _parts(sheets: Sequence[Sheet], desk: Desk) -> Iterator[Part]:
    """What the layouts recognise, each in what those before it left."""
    left = list(sheets)
    for layout in LAYOUTS:
        for part in layout.recognise(left, desk):
            yield part
            left = [sheet for sheet in left if sheet not in part.sheets]


def _tell_concealed(sheet: Sheet, desk: Desk) -> None:
    if sheet.hidden:
        message = "the sheet is hidden, and it is read like any other; delete it if it is not meant"
        desk.findings.add(Level.WARNING, "hidden_sheet", message, sheet=sheet.name)
    if rows := sheet.content.concealed.hidden_rows:
        first = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
        are = "1 row is" if len(rows) == 1 else f"{len(rows):,} rows are"
        message = f"{are} hidden (by hand or by a filter), and read like any other: {first}"
        desk.findings.add(Level.WARNING, "hidden_rows", message, sheet=sheet.name, row=rows[0])


def _tell_nothing_found(sheets: Sequence[Sheet], desk: Desk) -> None:
    """The error that no sheet is a mapping, with what was seen of each and what may have been meant."""
    if not sheets:
        desk.findings.add(Level.ERROR, "no_rows", "the mapping is empty; write headings, and rows below them")
    groups_alone = wherever.in_the_way(sheets, desk)
    for sheet in sheets:
        number, texts = max(enumerate(sheet.head, start=1), key=lambda row: _likeness(row[1], desk))
        seen = [text.strip() for text in texts if text.strip()]
        listed = ", ".join(repr(text[:40]) for text in seen[:12]) + (", ..." if len(seen) > 12 else "")
        slips = {text: near_heading(text) for text in seen[:100] if desk.vocabulary.field(text) is None}
        meant = "".join(f"; did you mean {close!r} by {text!r}?" for text, close in slips.items() if close)
        message = (
            f"no headings were found: looked for {_LOOKED_FOR} in one of the first rows, and the likeliest one has "
            f"{listed}{meant}{groups_alone}"
        )
        desk.findings.add(Level.ERROR, "no_headings", message, sheet=sheet.name, row=number)


def _likeness(row: Sequence[str], desk: Desk) -> tuple[int, int]:
    texts = {text.strip() for text in row} - {""}
    return sum(desk.vocabulary.field(text) is not None for text in texts), len(texts)


@contextmanager
def collector_paused() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: rows make no cycles, and going through them again and again takes a third
    of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # pass over the young generations: what was made is here to stay
            gc.freeze()
            gc.unfreeze()
        gc.enable()
