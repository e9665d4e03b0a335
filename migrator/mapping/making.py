"""Making very many frozen values at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import repeat
from typing import TypeVar

from migrator.model.row import Ref, Row

T = TypeVar("T", Ref, Row)

_FILL = {made: [getattr(made, field.name).__set__ for field in fields(made)] for made in (Ref, Row)}


def make(made: type[T], count: int, columns: Sequence[Iterable[object]]) -> list[T]:
    """So many Refs or Rows out of the columns of their fields, in the order in which they are declared.

    The same values as `map(made, *columns)` gives, in half the time: the slots are filled by the column, without a
    call of Python code for each value. Making them is the largest part of what loading costs beyond reading.
    """
    values = list(map(object.__new__, repeat(made, count)))
    for fill, column in zip(_FILL[made], columns, strict=True):
        any(map(fill, values, column))  # goes through all of the map, since filling gives nothing back
    return values
