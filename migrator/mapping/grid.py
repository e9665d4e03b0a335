"""A sheet as the layouts see it: its first rows to recognise it by, then all of it, column by column in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, zip_longest

from migrator.mapping.bounds import check_extent
from migrator.mapping.cells import Cell, texts
from migrator.mapping.readers.interface import Content, Tab
from migrator.model.columns import letter

HEAD = 50
_BLOCK = 4096


class Block:
    """Some rows that follow each other, as columns; `first` is the number of the first one."""

    __slots__ = ("_columns", "first", "rows")

    def __init__(self, first: int, rows: list[list[Cell]]) -> None:
        self.first = first
        self.rows = rows
        self._columns = list(zip_longest(*rows, fillvalue=""))

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, position: int) -> Sequence[Cell]:
        """All cells of one column; empty ones where the rows end before it."""
        return self._columns[position] if position < len(self._columns) else ("",) * len(self.rows)

    def is_blank(self, index: int) -> bool:
        """Whether no cell of a row says anything, those in columns that are not read included."""
        return not any(text.strip() for text in texts(self.rows[index]))


class Sheet:
    """One tab, opened when first looked at. Columns are counted by their position in the rows; `letter` says which
    one a person sees."""

    def __init__(self, tab: Tab) -> None:
        self.name = tab.name
        self.hidden = tab.hidden
        self._tab = tab

    @cached_property
    def content(self) -> Content:
        return self._tab.open()

    @cached_property
    def _rows(self) -> Iterator[list[Cell]]:
        return iter(self.content.rows)

    @cached_property
    def _first(self) -> list[list[Cell]]:
        return list(islice(self._rows, HEAD))

    @cached_property
    def head(self) -> tuple[Sequence[str], ...]:
        """The first rows as text: where headings are looked for."""
        for row in self._first:
            check_extent(f"sheet {self.name!r}" if self.name else "the file", len(self._first), len(row))
        return tuple(texts(row) for row in self._first)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the first rows."""
        return not any(text.strip() for row in self.head for text in row)

    def letter(self, position: int) -> str:
        return letter(position + self.content.offset)

    def blocks(self, after: int) -> Iterator[Block]:
        """All rows after the one of that number. Can be gone through once."""
        rows = chain(self._first[after:], self._rows)
        first = after + 1
        while some := list(islice(rows, _BLOCK)):
            yield Block(first, some)
            first += len(some)
