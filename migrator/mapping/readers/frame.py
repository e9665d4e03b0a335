"""A pandas DataFrame as a mapping: its column labels are the headings, its rows begin at row 2, as if it were saved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

import pandas as pd

from migrator.mapping.cells import Cell, shown
from migrator.mapping.readers.interface import Book, Content, Tab
from migrator.model.errors import UsageError

_CELLS = (str, int, float, date, time, timedelta)


def read(frame: object) -> Book:
    """The frame as a book of one tab. Missing values are empty, everything else is what it is."""
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f"a mapping is a file or a pandas DataFrame, not {type(frame).__name__}")
    headings: list[Cell] = [_label(label) for label in frame.columns]
    columns = [_cells(frame.iloc[:, position]) for position in range(len(headings))]
    rows = [headings, *map(list, zip(*columns, strict=True))]
    return Book("DataFrame", _digest(rows), (Tab("", lambda: Content(rows)),))


def _label(label: object) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _cells(series: pd.Series[Any]) -> list[Cell]:
    missing = series.isna()
    values = series.astype(object).where(~missing, "")
    return [value if isinstance(value, _CELLS) else str(value) for value in values]


def _digest(rows: Iterable[list[Cell]]) -> str:
    """The SHA-256 of the texts, so that a plan can tell whether it still fits."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update("\x1f".join(map(shown, row)).encode("utf-8", "surrogatepass") + b"\x1e")
    return digest.hexdigest()
