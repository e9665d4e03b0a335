"""Workbooks of all kinds (xlsx, xlsm, xls, xlsb, ods) through calamine."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import python_calamine as calamine

from migrator.mapping.bounds import DAMAGED, MAX_SHEETS, check_extent
from migrator.mapping.readers.extents import check_extents
from migrator.mapping.readers.interface import Book, Content, Tab
from migrator.mapping.readers.package import Package, open_package
from migrator.model.errors import UsageError

_EXCEL = (".xlsx", ".xlsm")


def read(path: Path) -> Book:
    """The workbook as a book of its worksheets."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with _understood(path):
        check_extents(path)
        workbook = calamine.CalamineWorkbook.from_path(path)
        package = open_package(path)
        if package is None and path.suffix.casefold() in _EXCEL:
            raise ValueError("its parts are not where an Excel workbook has them")
        if len(workbook.sheets_metadata) > MAX_SHEETS:
            raise UsageError(f"{path} has more than {MAX_SHEETS:,} sheets; split it into several mappings")
    tabs = tuple(
        Tab(
            name=sheet.name,
            open=partial(_open, path, workbook, index, sheet.name, package),
            hidden=sheet.visible != calamine.SheetVisibleEnum.Visible,
        )
        for index, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    )
    return Book(path.name, digest, tabs)


def _open(path: Path, workbook: calamine.CalamineWorkbook, index: int, name: str, package: Package | None) -> Content:
    with _understood(path):
        survey = package.survey(name) if package else None
        if package and survey is None:  # how far it reaches is not to be found out before all of it is read
            raise ValueError(f"sheet {name!r} is not where an Excel workbook has its sheets")
        if survey:
            check_extent(f"sheet {name!r}", survey.rows, survey.columns, survey.size)
        sheet = workbook.get_sheet_by_index(index)
        check_extent(f"sheet {name!r}", sheet.total_height, sheet.total_width)
        offset = sheet.start[1] if sheet.start else 0
        if package and survey:
            return Content(sheet.iter_rows(), offset, survey.concealed, partial(package.padded, name))
        return Content(sheet.iter_rows(), offset)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """What calamine cannot do, as one sentence."""
    try:
        yield
    except calamine.PasswordError:
        raise UsageError(f"{path} is protected by a password; open it, save it without one, and try again") from None
    except (calamine.CalamineError, struct.error, *DAMAGED) as error:
        raise UsageError(
            f"{path} cannot be read ({error}); open it in Excel, save it as .xlsx, and try again"
        ) from None
    except BaseException as error:
        # A damaged file can make calamine's Rust code panic, which arrives as an exception without a public name.
        if type(error).__name__ != "PanicException":
            raise
        raise UsageError(f"{path} is damaged; open it in Excel, save it as .xlsx, and try again") from None
