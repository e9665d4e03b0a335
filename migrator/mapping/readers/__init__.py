"""The ways to read a source, by the ending of its name. A reader is imported when a file asks for it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from migrator.mapping.bounds import check_file
from migrator.mapping.readers.interface import Book, Content, Reader, Tab
from migrator.model.errors import UsageError

__all__ = ["READERS", "Book", "Content", "Tab", "read_file", "read_frame"]

READERS = {
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
    ".xlsb": "workbook",
    ".ods": "workbook",
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
}
"""Which module reads files of which ending."""


def read_file(path: Path) -> Book:
    """A file as a book; UsageError with one sentence where that cannot be."""
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        endings = ", ".join(READERS)
        raise UsageError(f"{path} is no file that can be read as a mapping; save it as one of {endings}")
    check_file(path)
    return cast("Reader", import_module(f"{__name__}.{reader}")).read(path)


def read_frame(frame: object) -> Book:
    """A pandas DataFrame as a book; UsageError where it is none."""
    from migrator.mapping.readers.frame import read

    return read(frame)
