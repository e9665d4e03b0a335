"""Writes one value into one cell, as what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.workbook.cells import Link, Tag, Value
from migrator.workbook.style import STYLES
from migrator.workbook.text import shown

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_DATED = frozenset({"time", "moment", "value.time"})
_UNIX_EPOCH = 25_569  # 1970-01-01 in the days that Excel counts
_SECONDS_A_DAY = 86_400
_LINKS_A_SHEET = 65_530  # beyond that Excel takes no more


class Formats(dict[str, "Format"]):
    """The formats of one workbook by their names in `style`, made when first asked for."""

    def __init__(self, workbook: Workbook) -> None:
        super().__init__()
        self._workbook = workbook

    def __missing__(self, name: str) -> Format:
        made: Format = self._workbook.add_format(dict(STYLES[name]))
        self[name] = made
        return made


class Pen:
    """Writes into one worksheet. A text is written as text, whatever it begins with."""

    __slots__ = ("_links", "_sheet", "formats")

    def __init__(self, sheet: Worksheet, formats: Formats) -> None:
        self._sheet = sheet
        self.formats = formats
        self._links = 0

    def write(self, row: int, column: int, value: Value, style: str) -> None:
        """Puts a value down in a style of `style.STYLES`. A tag in a plain style is coloured by its tone; one in a
        style that has a tone of its own keeps that."""
        if value is None or value == "":
            self._sheet.write_blank(row, column, None, self.formats[style])
        elif isinstance(value, str):
            self._sheet.write_string(row, column, shown(value), self.formats[style])
        elif isinstance(value, Tag):
            toned = style if "." in style else f"tag.{value.tone}"
            self._sheet.write_string(row, column, shown(value.text), self.formats[toned])
        elif isinstance(value, Link):
            self._link(row, column, value, style)
        elif style in _DATED:
            self._moment(row, column, value, style)
        else:
            self._sheet.write_number(row, column, value, self.formats[style])

    def _link(self, row: int, column: int, link: Link, style: str) -> None:
        if self._links >= _LINKS_A_SHEET:
            self._sheet.write_string(row, column, shown(link.text), self.formats[style])
            return
        self._links += 1
        linked = self.formats["value.link" if style.startswith("value") else "link"]
        self._sheet.write_url(row, column, link.target, linked, shown(link.text))

    def _moment(self, row: int, column: int, seconds: float, style: str) -> None:
        if seconds:
            self._sheet.write_number(row, column, _UNIX_EPOCH + seconds / _SECONDS_A_DAY, self.formats[style])
        else:
            self._sheet.write_blank(row, column, None, self.formats[style])
