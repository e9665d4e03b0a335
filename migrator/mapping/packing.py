"""Columns of cells packed into what they mean, each distinct text once: equal cells of a column share one Ref.

Work is done by the column, not by the row, because a mapping of 200,000 rows has a few thousand distinct texts: a cell
that was seen before costs one look-up in a dictionary, made by `map` without a line of Python. Texts with something to
remark on are kept out of that dictionary, so that only they are counted and told where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import filterfalse, repeat
from typing import Generic, TypeVar, cast

from migrator.mapping.cells import Cell, are_plain, texts
from migrator.mapping.findings import Findings
from migrator.mapping.grid import Block, Sheet
from migrator.mapping.headings import CONFIGURATIONS, LEGACY_SIDE, NEW_SIDE, Headings
from migrator.mapping.making import make
from migrator.mapping.words import (
    GROUP_NAME_LIMIT,
    IMPLIED,
    NAMES,
    REFERENCES,
    Aim,
    Choices,
    Remark,
    Understand,
    Understood,
    action,
    direction,
)
from migrator.model.columns import Field
from migrator.model.finding import Level
from migrator.model.row import Ref

T = TypeVar("T")

_COMPARED = frozenset((*CONFIGURATIONS, *LEGACY_SIDE, *NEW_SIDE))
_MANY = 30_000  # texts, from which a column may be found to have hardly any twice
_MOST = 0.9  # of a block's texts being new


@dataclass(slots=True)
class Packed:
    """A block of rows in columns, all of one length. What has no column is not in the mappings.

    `keys` are what configurations and groups are compared by. `bad` holds the indexes of rows that an error finding
    was made for, `unread` those of rows with a cell that only seems empty: what these lack is not known. `wherever`:
    the rows need no configuration, since they apply where their group is assigned.
    """

    sheet: str
    numbers: Sequence[int]
    refs: dict[Field, Sequence[Ref | None]]
    keys: dict[Field, Sequence[str]]
    letters: Mapping[Field, str]
    actions: Sequence[Choices]
    aims: Sequence[Aim] | None = None
    comments: Sequence[str] | None = None
    bad: set[int] = field(default_factory=set)
    unread: frozenset[int] = frozenset()
    is_blank: Callable[[int], bool] = lambda _: False
    wherever: bool = False


class _Memo(dict[str, tuple[T, str]]):
    """Texts of a column that there is nothing to say about, with what they mean; the others are in `odd`."""

    def __init__(self, understand: Understand[T]) -> None:
        super().__init__()
        self._understand = understand
        self.odd: dict[str, Understood[T]] = {}
        self.met_odd = False

    def __missing__(self, written: str) -> tuple[T, str]:
        understood = self.odd.get(written) or self._understand(written)
        value, key, remarks = understood
        if remarks:
            self.odd[written] = understood
            self.met_odd = True
            return value, key
        meaning = self[written] = value, key
        return meaning


class Column(Generic[T]):
    """One column of a sheet. `is_name` says that a number or a date in it is worth a warning."""

    def __init__(
        self, sheet: Sheet, position: int, understand: Understand[T], findings: Findings, *, is_name: bool = False
    ) -> None:
        self.letter = sheet.letter(position)
        self._sheet = sheet
        self._position = position
        self._memo = _Memo(understand)
        self._findings = findings
        self._is_name = is_name
        self.keys: Callable[[], Sequence[str]] = list
        """What the cells that were packed last are compared by."""
        self._mostly_new = is_name  # as far as is known: most texts of a block are not in the memo yet
        self._scattered = False  # most texts come once only, so that sharing them costs more than it saves
        self._tally: dict[Remark, tuple[int, int]] = {}

    def pack(self, block: Block, bad: set[int]) -> Sequence[T]:
        """What the cells mean. Rows with an error in this column are added to `bad`."""
        self._memo.met_odd = False
        written = self._texts(block)
        if self._scattered and _all_usual(written):
            self.keys = lambda: list(map(str.casefold, written))
            return self._refs(written)
        known = len(self._memo)
        if self._mostly_new:
            self._learn(list(filterfalse(self._memo.__contains__, dict.fromkeys(written))))
        meanings = list(map(self._memo.__getitem__, written))
        if self._memo.met_odd:
            for index, text in enumerate(written):
                if self._remark(text, block.first + index):
                    bad.add(index)
        new = len(self._memo) - known
        self._mostly_new = self._is_name and new > _MOST * len(block)
        self._scattered = self._mostly_new and known > _MANY
        self.keys = lambda: [key for _, key in meanings]
        return [value for value, _ in meanings]

    def understand(self, written: str, row: int) -> tuple[T, str]:
        """The meaning of one text that does not stand in a block, such as a heading."""
        meaning = self._memo[written]
        self._remark(written, row)
        return meaning

    def _learn(self, texts: Sequence[str]) -> None:
        """Puts names that come up for the first time into the memo, all at once where they are as most names are."""
        if _all_usual(texts):
            self._memo.update(zip(texts, zip(self._refs(texts), map(str.casefold, texts), strict=True), strict=True))

    def _refs(self, texts: Sequence[str]) -> list[T]:
        """What `words.name` makes of usual texts."""
        return cast("list[T]", make(Ref, len(texts), (texts, texts, repeat(self.letter))))

    def close(self) -> None:
        """Make the findings that are told once for all cells that say the same."""
        for remark, (first, count) in self._tally.items():
            more = f" ({count:,} cells of this column, the first one here)" if count > 1 else ""
            self._add(remark, first, more)
        self._tally.clear()

    def _texts(self, block: Block) -> Sequence[str]:
        cells = block.column(self._position)
        written = texts(cells)
        if written is cells or not self._is_name:
            return written
        return self._seen_as(block, cells, list(written))

    def _seen_as(self, block: Block, cells: Sequence[Cell], written: list[str]) -> Sequence[str]:
        """Numbers with the leading zeros that a person sees, and a warning for every value that is no text."""
        content = self._sheet.content
        at = self._position + content.offset
        numbers = {
            (block.first + index, at): cell
            for index, cell in enumerate(cells)
            if isinstance(cell, (int, float)) and not isinstance(cell, bool)
        }
        for (row, _), text in content.padded(numbers).items() if numbers else ():
            written[row - block.first] = text
        for index, cell in enumerate(cells):
            if isinstance(cell, (int, float, date, datetime, time, timedelta)):
                self._count(_untyped(cell, written[index]), block.first + index)
        return written

    def _remark(self, written: str, row: int) -> bool:
        """Tell what is odd about a cell; whether it is an error, which is told for every cell."""
        _, _, remarks = self._memo.odd.get(written, (None, "", ()))
        is_error = False
        for remark in remarks:
            if remark.level is Level.ERROR:
                is_error = True
                self._add(remark, row)
            else:
                self._count(remark, row)
        return is_error

    def _count(self, remark: Remark, row: int) -> None:
        first, count = self._tally.get(remark, (row, 0))
        self._tally[remark] = first, count + 1

    def _add(self, remark: Remark, row: int, more: str = "") -> None:
        message = remark.message + more
        self._findings.add(remark.level, remark.code, message, sheet=self._sheet.name, row=row, column=self.letter)


def _all_usual(names: Sequence[str]) -> bool:
    """Whether there is nothing to look at more closely in any of these names."""
    return are_plain(names) and max(map(len, names), default=0) <= GROUP_NAME_LIMIT


class Table:
    """A sheet with its columns known: packs it block by block.

    `others` are columns that somebody else packs; that their cells only seem empty is told here as well.
    """

    def __init__(
        self,
        sheet: Sheet,
        headings: Headings,
        findings: Findings,
        implied: Choices = IMPLIED,
        others: Sequence[int] = (),
    ) -> None:
        self._sheet = sheet
        self._row = headings.row
        self._findings = findings
        self._implied = implied
        self._refs = {
            f: Column(sheet, at, REFERENCES[f](f, sheet.letter(at)), findings, is_name=f in NAMES)
            for f, at in headings.at.items()
            if f in REFERENCES
        }
        at = headings.at
        self._actions = Column(sheet, at[Field.ACTION], action(implied), findings) if Field.ACTION in at else None
        self._aims: Column[Aim] | None = None
        if Field.DIRECTION in at:
            understand = direction(sheet.letter(at[Field.DIRECTION]))
            self._aims = Column(sheet, at[Field.DIRECTION], understand, findings)
        self._comments = at.get(Field.COMMENT)
        self._letters = {f: sheet.letter(position) for f, position in at.items()}
        self._spoiled = _spoiled(sheet, headings, findings, others)

    def blocks(self) -> Iterator[tuple[Block, Packed]]:
        """All rows below the headings, as cells and as what they mean. Findings about columns come at the end."""
        for block in self._sheet.blocks(after=self._row):
            yield block, self._pack(block)
        for column in (*self._refs.values(), self._actions, self._aims):
            if column is not None:
                column.close()

    def _pack(self, block: Block) -> Packed:
        numbers = range(block.first, block.first + len(block))
        spoiled = self._spoiled and self._spoiled.intersection(numbers)
        unread = frozenset(row - block.first for row in spoiled)
        bad = set(unread)
        refs: dict[Field, Sequence[Ref | None]] = {}
        keys: dict[Field, Sequence[str]] = {}
        for f, column in self._refs.items():
            refs[f] = column.pack(block, bad)
            if f in _COMPARED:
                keys[f] = column.keys()
        return Packed(
            sheet=self._sheet.name,
            numbers=numbers,
            refs=refs,
            keys=keys,
            letters=self._letters,
            actions=self._actions.pack(block, bad) if self._actions else (self._implied,) * len(block),
            aims=self._aims.pack(block, bad) if self._aims else None,
            comments=None if self._comments is None else _comments(block, self._comments),
            bad=bad,
            unread=unread,
            is_blank=block.is_blank,
        )


def _comments(block: Block, position: int) -> Sequence[str]:
    return list(map(str.strip, texts(block.column(position))))


def _untyped(cell: Cell, text: str) -> Remark:
    code, what = "date_cell", "a date or a time"
    if isinstance(cell, bool):
        code, what = "truth_cell", "a truth value"
    elif isinstance(cell, (int, float)):
        code, what = "number_cell", "a number"
    message = (
        f"the cell holds {what}, read as {text!r}; to be sure of a name, format the cell as text and type it again"
    )
    return Remark(Level.WARNING, code, message)


def _spoiled(sheet: Sheet, headings: Headings, findings: Findings, others: Sequence[int]) -> frozenset[int]:
    """The rows with a cell that only seems empty in a column that is read, each told as an error."""
    concealed, offset = sheet.content.concealed, sheet.content.offset
    known = (position for f, position in headings.at.items() if f is not Field.COMMENT)
    read = {position + offset for position in (*known, *others)}
    rows = set()
    for places, code, what in (
        (concealed.errors, "error_cell", "the cell shows an error such as #N/A; mend the formula or type the value"),
        (
            concealed.uncalculated,
            "uncalculated_cell",
            "the cell holds a formula without a stored result; open the file in Excel and save it, or type the value",
        ),
    ):
        for row, column in places:
            if row > headings.row and column in read:
                rows.add(row)
                letter = sheet.letter(column - offset)
                findings.add(Level.ERROR, code, what, sheet=sheet.name, row=row, column=letter)
    return frozenset(rows)
