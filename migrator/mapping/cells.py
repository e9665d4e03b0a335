"""What a cell says: the text a person sees in it, and that text without the blanks nobody sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from operator import itemgetter

Cell = str | int | float | bool | date | datetime | time | timedelta
"""A cell as the readers give it; "" is an empty one."""

_BARE = {str}
_UNSEEN = "\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff"  # soft hyphen, zero-width blanks and joiners, byte order mark
_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # which way text runs
_BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + _UNSEEN + _MARKS
_ODD_INSIDE = re.compile(
    f"[\u00a0\u2007\u202f\x00-\x1f\x7f{_UNSEEN.replace(chr(0x200C), '').replace(chr(0x200D), '')}{_MARKS}]"
)
_DOUBLED = re.compile(r"\s{2,}")
_FORMULA = ("=", "+", "-", "@")
_ODD_FIRST = frozenset((*_FORMULA, " "))
_FIRST, _LAST = itemgetter(0), itemgetter(-1)


def texts(cells: Sequence[Cell]) -> Sequence[str]:
    """A column as a person sees it. Costs next to nothing where every cell is text already."""
    if set(map(type, cells)) <= _BARE:
        return cells  # type: ignore[return-value] # the line above is what says that all are str
    return [cell if type(cell) is str else shown(cell) for cell in cells]


def shown(cell: Cell) -> str:
    """One cell as a person sees it: 123.0 is `123`, a date is written the ISO way, text is what it is."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return _number(cell)
    if isinstance(cell, datetime):
        return f"{cell.date()} {_clock(cell.time())}" if cell.time() != time() else str(cell.date())
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return _clock(cell)
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def is_plain(text: str) -> bool:
    """Whether there is nothing odd about a name: no outer, doubled or unseen blanks, no look of a formula."""
    if not text or text[0] in _ODD_FIRST or text[-1] == " ":
        return False
    return text.isprintable() and "  " not in text


def are_plain(texts: Sequence[str]) -> bool:
    """Whether `is_plain` holds for all of them; asked of all at once, which takes half the time."""
    if not all(texts) or not _ODD_FIRST.isdisjoint(map(_FIRST, texts)) or " " in set(map(_LAST, texts)):
        return False
    together = "".join(texts)
    return together.isprintable() and "  " not in together


def trimmed(text: str) -> str:
    """Without outer blanks: spaces of all widths, no width included, byte order marks and direction marks."""
    if text.isprintable() and text[:1] != " " != text[-1:]:  # most are: all blanks but the space are not printable
        return text
    return text.strip(_BLANKS)


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would take this text for a formula when it is typed in."""
    return len(text) > 1 and text.startswith(_FORMULA)


def odd_inside(text: str) -> str:
    """What is odd about the inside of a trimmed text, as the end of "it contains ..."; "" where nothing is."""
    if text.isprintable() and "  " not in text:
        return ""
    if _ODD_INSIDE.search(text):
        return "a character that cannot be seen (a no-break or zero-width space, a line break)"
    return "several blanks in a row" if _DOUBLED.search(text) else ""


def column_index(letters: str) -> int:
    """The place of a column, counted from 0: A is 0, AA is 26."""
    index = 0
    for one in letters:
        index = index * 26 + ord(one) - 64
    return index - 1


def _number(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return format(value, ".15g").upper()


def _clock(value: time) -> str:
    return value.isoformat("seconds" if value.second or value.microsecond else "minutes")
