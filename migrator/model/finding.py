"""What is wrong or odd in a mapping, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs: an error stops everything, a warning is worth a look, a note is for the record."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `row` counts as Excel does (0: the whole sheet), `column` is its letter ("": the whole row)."""

    level: Level
    code: str
    message: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    @property
    def place(self) -> str:
        """Where it is, as a person would say it: `Sheet1!C7`, `Sheet1 row 7`, `Sheet1`."""
        if not self.row:
            return self.sheet
        if not self.column:
            return f"{self.sheet} row {self.row}".strip()
        cell = f"{self.column}{self.row}"
        return f"{self.sheet}!{cell}" if self.sheet else cell


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that forbid going on."""
    return tuple(f for f in findings if f.level is Level.ERROR)
