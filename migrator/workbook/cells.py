"""What stands in a cell, and how a column shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from migrator.workbook import text
from migrator.workbook.style import Tone


class Shape(StrEnum):
    """How a column shows its values; each is the name of a cell format in `style`.

    TIME and MOMENT take seconds since 1970, UTC, and give real dates; 0 is no date. INPUT and REMARK are for a person
    to fill in: a word, and a sentence.
    """

    TEXT = "text"
    WRAPPED = "wrapped"
    MUTED = "muted"
    ID = "id"
    NUMBER = "number"
    SECONDS = "seconds"
    RATE = "rate"
    TIME = "time"
    MOMENT = "moment"
    INPUT = "input"
    REMARK = "input.wrapped"


FIGURES = frozenset({Shape.NUMBER, Shape.SECONDS, Shape.RATE})
INPUTS = frozenset({Shape.INPUT, Shape.REMARK})


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with a tone: a status, an effect, a level."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere; `target` comes from `to_file` or `to_sheet`."""

    text: str
    target: str


Value = str | int | float | Tag | Link | None

_ESCAPED = {ord(c): f"%{ord(c):02X}" for c in '%# "<>[]^`{}'}


def to_file(relative: PurePath | str) -> str:
    """The target of a link to a file, relative to the workbook. `%`, `#`, blanks and brackets are escaped here: a
    name that looks escaped already ("100%25") must not be read as such."""
    return "external:" + PurePath(relative).as_posix().translate(_ESCAPED)


def to_sheet(name: str) -> str:
    """The target of a link to another sheet of the same workbook."""
    quoted = name.replace("'", "''")
    return f"internal:'{quoted}'!A1"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    It gets as wide as its contents ask for, between `narrowest` and `widest` letters. An `optional` one is left out
    where it is empty in every row. One that is not `printed` is for the screen only; such columns come first or last.
    `choices` are words that its cells offer, each with the tone it takes on; other words can be written all the same.
    `listed` is a range of the workbook that holds such words, where there are too many to name them. `hint` is shown
    beside a cell that is selected.
    """

    heading: str
    shape: Shape = Shape.TEXT
    narrowest: float = 8
    widest: float = 44
    optional: bool = False
    printed: bool = True
    choices: tuple[Tag, ...] = ()
    hint: str = ""
    listed: str = ""


_WIDTHS = {Shape.TIME: 19, Shape.MOMENT: 23}


def column_width(column: Column, values: list[Value]) -> float:
    """Wide enough for the heading with its filter button and for these values, as far as the column allows."""
    if column.shape in _WIDTHS:
        return _WIDTHS[column.shape]
    heading = max(text.width(word) for word in column.heading.split()) + 4
    widest: float = max((_letters(v) for v in values), default=0) + 3
    if column.shape is Shape.ID:
        widest *= 1.08  # a fixed-width face runs wider
    return min(max(column.narrowest, heading, widest), max(column.widest, heading))


def plain(value: Value) -> str | int | float | None:
    """The value without its tone or target."""
    return value.text if isinstance(value, Tag | Link) else value


def _letters(value: Value) -> int:
    bare = plain(value)
    if bare is None:
        return 0
    if isinstance(bare, str):
        return text.width(bare)
    return len(f"{bare:,.3f}" if isinstance(bare, float) else f"{bare:,}")
