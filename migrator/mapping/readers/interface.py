"""What a reader gives: a book of tabs, each opened when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from migrator.mapping.cells import Cell

Place = tuple[int, int]
"""A cell: its row counted from 1, its column counted from 0."""


@dataclass(frozen=True, slots=True)
class Concealed:
    """What a person would not learn from the cells' values: rows that are hidden, cells that only seem empty."""

    hidden_rows: tuple[int, ...] = ()
    errors: frozenset[Place] = frozenset()
    uncalculated: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Content:
    """A tab that was opened. `rows` begin at row 1, blank ones included; their first cell is column `offset`.

    `padded` gives the texts of those number cells, of the places asked for, that are shown with leading zeros.
    """

    rows: Iterable[list[Cell]]
    offset: int = 0
    concealed: Concealed = Concealed()
    padded: Callable[[Mapping[Place, float]], Mapping[Place, str]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet; `open` raises UsageError where it cannot be read."""

    name: str
    open: Callable[[], Content]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A source that was found readable: its tabs in their order, and the SHA-256 of its bytes."""

    source: str
    sha256: str
    tabs: tuple[Tab, ...]


class Reader(Protocol):
    """A way to read files; `readers.READERS` says which endings are whose."""

    def read(self, path: Path) -> Book: ...
