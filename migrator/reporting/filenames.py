"""Names of configurations turned into names of files: safe on Windows, macOS and Linux, readable, each only once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from pathvalidate import sanitize_filename

MOST_PATH = 215
"""Characters of a whole path. Windows takes 259, Excel opens no workbook beyond 218."""

_MOST_NAME = 120  # characters of a name; more is not read any more
_MOST_BYTES = 200  # file systems take 255 bytes a name, encrypted ones less
_LEAST_NAME = 12  # where the folder alone is too long, a name still has to be told from others
_SUFFIX = ".xlsx"

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"]
)
# `#` and `%` break links in Excel, brackets its references to other workbooks.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*#%\[\]]')
# Control and format characters (direction marks among them), lone surrogates, unassigned, and line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def file_names(names: Iterable[str], folder: Path) -> tuple[str, ...]:
    """A file name for each name, in the same order, all different even where case does not count.

    The same names in the same order give the same file names. Whole paths stay within `MOST_PATH`, as far as the
    folder leaves room.
    """
    room = MOST_PATH - len(str(folder.absolute())) - 1 - len(_SUFFIX)
    taken: set[str] = set()
    return tuple(_unique(safe_stem(name), room, taken) + _SUFFIX for name in names)


def safe_stem(name: str) -> str:
    """The name without what some system, or Excel, does not take in a file name; never empty, not yet bounded."""
    visible = "".join(_plain(c) for c in unicodedata.normalize("NFC", name))
    cleaned = _FORBIDDEN.sub("_", sanitize_filename(visible, replacement_text="_", platform="universal"))
    stem = _tidy(re.sub(r"\.{2,}", ".", cleaned))
    return unicodedata.normalize("NFC", stem) or "unnamed"


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return " " if character in "\t\n\r\v\f\u2028\u2029" else ""
    return " " if category == "Zs" else character


def _tidy(stem: str) -> str:
    """No blanks or dots at either end (Windows drops them, Unix hides), and none of the names of devices."""
    stem = re.sub(r" {2,}", " ", stem).strip(" .").lstrip("~ .")
    device = stem.split(".", 1)[0].rstrip().casefold()
    return f"_{stem}" if device in _RESERVED else stem


def _unique(stem: str, room: int, taken: set[str]) -> str:
    number, candidate = 1, _bounded(stem, room)
    while _folded(candidate) in taken:
        number += 1
        mark = f" ({number})"
        candidate = _bounded(stem, room - len(mark)) + mark
    taken.add(_folded(candidate))
    return candidate


def _bounded(stem: str, room: int) -> str:
    most = min(max(room, _LEAST_NAME), _MOST_NAME)
    units = stem.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")
    short = units.encode()[:_MOST_BYTES].decode(errors="ignore")
    return short if short == stem else _tidy(short.rstrip(" .")) or "unnamed"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
