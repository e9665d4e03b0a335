"""What a reviewer does to a plan.xlsx."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


@contextmanager
def edited(path: Path) -> Iterator[Workbook]:
    book = load_workbook(path)
    yield book
    book.save(path)


def fill_in(path: Path, said: Mapping[str, str | int]) -> None:
    """Writes words beside configurations, as a reviewer does."""
    with edited(path) as book:
        sheet = book["Configurations"]
        headings = [cell.value for cell in sheet[1]]
        for number, line in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2):
            name = str(line[headings.index("Configuration")])
            if name in said:
                sheet.cell(number, headings.index("Approved") + 1, said[name])
