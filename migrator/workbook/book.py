"""A workbook that is being written: the only place that knows XlsxWriter by name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException

from migrator.workbook import text
from migrator.workbook.cells import Column, Value
from migrator.workbook.pages import Page
from migrator.workbook.pen import Formats, Pen
from migrator.workbook.sheets import write_table

if TYPE_CHECKING:
    from types import TracebackType

    from xlsxwriter.worksheet import Worksheet

LARGE = 10_000
"""Rows from which on a book is written row by row, in flat memory; native tables are had below that only."""

_A4 = 9


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook says of itself, in its properties and on every printed page.

    `created` is seconds since 1970, UTC; it is given so that the same contents make the same file.
    """

    title: str
    created: float
    run: str = ""
    subject: str = ""
    company: str = ""
    author: str = "migrator"


def unfinished(path: Path) -> Path:
    """Where a workbook is until it is whole; a process that is killed leaves it there. Not longer than the name it
    shall have, so that a path that fits does not stop fitting."""
    return path.with_suffix(".part")


class Book:
    """Writes one workbook, whole or not at all, readable by its owner only; use it with `with`.

    What stands at `path` stays until the new file is complete. Raises OSError where it cannot be written, among them
    PermissionError where another program holds the file. A `large` book takes its rows as they come, in flat memory.
    """

    def __init__(self, path: Path, about: About, *, large: bool = False) -> None:
        self._path = path
        self._part = unfinished(path)
        self._about = about
        self._large = large
        memory = {"constant_memory": True, "use_zip64": True} if large else {"in_memory": True}
        self._workbook = Workbook(
            str(self._part),
            {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False, **memory},
        )
        self._workbook.set_size(2_000, 1_250)
        self._formats = Formats(self._workbook)
        self._pages: list[Page] = []
        self._describe()

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for page in self._pages:
                    page.flush()
            self._close()
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)

    def page(self, name: str) -> Page:
        """A new overview sheet."""
        sheet = self._add(name)
        page = Page(name, sheet, Pen(sheet, self._formats), self._workbook)
        self._pages.append(page)
        return page

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Value]],
        *,
        frozen: int = 1,
        empty: str = "Nothing to show.",
    ) -> int:
        """A new sheet with one table: headings in the first row, the first `frozen` columns stay in view.

        Gives the number of rows written; where there is none, the sheet says `empty`.
        """
        sheet = self._add(name)
        sheet.repeat_rows(0)
        pen = Pen(sheet, self._formats)
        return write_table(sheet, pen, columns, rows, frozen=frozen, empty=empty, streamed=self._large)

    def _add(self, name: str) -> Worksheet:
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.65)
        # The blank after the size keeps a run id that begins with digits from being read as part of it.
        sheet.set_header(f"&L&9 {text.for_print(self._about.title, 90)}&R&9 &A")
        sheet.set_footer(f"&L&9 {text.for_print(self._about.run, 60)}&R&9 Page &P of &N")
        return sheet

    def _describe(self) -> None:
        about = self._about
        self._workbook.set_properties(
            {
                "title": text.shown(about.title),
                "subject": text.shown(about.subject),
                "company": text.shown(about.company),
                "author": text.shown(about.author),
                "keywords": text.shown(about.run),
                "created": datetime.fromtimestamp(about.created, UTC).replace(tzinfo=None),
            }
        )

    def _close(self) -> None:
        try:
            self._part.unlink(missing_ok=True)
            os.close(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # its owner's, from the start
            self._workbook.close()
        except (XlsxWriterException, FileNotFoundError) as error:
            raise OSError(f"{self._path.name} cannot be written: {error}") from error
