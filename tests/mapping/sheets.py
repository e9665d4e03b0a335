"""Sheets for the tests: written as files, read back, told as plain values."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from migrator.model.finding import Finding
from migrator.model.row import Mapping as Loaded
from migrator.model.row import Ref, Row

HERE = Path(__file__).parent / "sheets"
Table = Sequence[Sequence[object]]


def xlsx(path: Path, sheets: Mapping[str, Any] | Table) -> Path:
    """A workbook; text is written as text, whatever it looks like."""
    named = sheets if isinstance(sheets, Mapping) else {"Mapping": sheets}
    with xlsxwriter.Workbook(path) as book:
        for name, rows in named.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write(number, column, cell)
    return path


def rebuilt(source: Path, target: Path, change: dict[str, tuple[bytes, bytes]]) -> Path:
    """A workbook with bytes of its parts replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name in change:
                assert change[name][0] in content
                content = content.replace(*change[name])
            new.writestr(name, content)
    return target


def text(ref: Ref | None) -> str:
    return ref.text if ref else ""


def told(row: Row) -> tuple[str, str, str, str]:
    """Action, configuration, legacy and new group of a row."""
    return (
        row.action.value,
        text(row.configuration or row.configuration_id),
        text(row.legacy or row.legacy_id),
        text(row.new or row.new_id),
    )


def rows(mapping: Loaded) -> list[tuple[str, str, str, str]]:
    return [told(row) for row in mapping.rows]


def found(mapping: Loaded) -> list[tuple[str, str, str]]:
    """Level, code and place of every finding."""
    return [(f.level.value, f.code, f.place) for f in mapping.findings]


def codes(mapping: Loaded) -> list[str]:
    return [f.code for f in mapping.findings]


def only(mapping: Loaded) -> Finding:
    """The one finding there is."""
    (finding,) = mapping.findings
    return finding
