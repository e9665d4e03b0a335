"""Texts and figures as a terminal shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.journal.folder import RunFolder


def run_word(folder: RunFolder) -> str:
    """A run as the next command can be told of it: by its id where runs are usually kept, else by its folder."""
    if folder.path.parent == Path("reports"):
        return folder.id
    path = str(folder.path)
    return f'"{path}"' if " " in path else path


def one_line(text: str) -> str:
    """A text of the tenant as it may go to a terminal: on one line, and without anything a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def pace(rate: float) -> str:
    """`4.4/s`, `31,969/s`."""
    return f"{rate:.1f}/s" if rate < 100 else f"{rate:,.0f}/s"


def duration(seconds: float) -> str:
    """`0.4 s`, `47 s`, `2 min 05 s`, `1 h 03 min`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
