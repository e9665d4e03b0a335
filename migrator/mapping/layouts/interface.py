"""What a layout is: it recognises sheets, and reads those it recognised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from migrator.mapping.findings import Findings
from migrator.mapping.grid import Sheet
from migrator.mapping.headings import Vocabulary
from migrator.mapping.rows import Rows
from migrator.mapping.words import Choices


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading a mapping needs at hand: the words it understands, and where rows and findings go.

    `implied` is what rows without a stated action mean; `progress` is told how many more rows were read.
    """

    vocabulary: Vocabulary
    implied: Choices
    findings: Findings
    rows: Rows
    progress: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """Sheets that a layout recognised, and how to read them."""

    sheets: tuple[Sheet, ...]
    read: Callable[[], None]


class Layout(Protocol):
    """A way people lay out sheets; a module with this one function."""

    def recognise(self, sheets: Sequence[Sheet], desk: Desk) -> Sequence[Part]:
        """The parts of a workbook that are laid out this way. Looks at first rows only; `read` does the rest."""
        ...
