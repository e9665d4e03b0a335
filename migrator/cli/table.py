"""A table on standard output: drawn on a terminal, aligned plain text elsewhere; nothing is cut off."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from migrator.cli.words import one_line

_GAP = "  "


def show_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], colours: Mapping[str, str] | None = None
) -> None:
    """Prints it. Columns that are empty throughout are left out; `colours` are those of single words."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    used = [at for at, _ in enumerate(headings) if any(row[at] for row in cells)]
    headings = [headings[at] for at in used]
    cells = [[row[at] for at in used] for row in cells]
    if sys.stdout.isatty():
        _drawn(headings, cells, colours or {})
    else:
        _plain(headings, cells)


def _plain(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from migrator.workbook.text import width

    lines = [headings, *cells]
    widths = [max(width(line[at]) for line in lines) for at in range(len(headings))]
    for line in lines:
        padded = (cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True))
        click.echo(_GAP.join(padded).rstrip())


def _drawn(headings: Sequence[str], cells: Sequence[Sequence[str]], colours: Mapping[str, str]) -> None:
    """As wide as the terminal; what is longer goes on in the next line of its cell."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell, style=colours.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)
