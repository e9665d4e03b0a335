"""A look beside calamine into the XML of an Excel workbook, for what the cells' values do not tell.

How large a sheet is, before memory is asked for; which rows are hidden; which cells show an error or hold a formula
without a result, both of which calamine gives as empty; and which numbers a person sees with leading zeros. Patterns
are searched in the bytes as they stream by, which takes about a fifth of the time that calamine takes for the sheet.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import join, normpath

from migrator.mapping import parts
from migrator.mapping.bounds import MAX_EXPANDED
from migrator.mapping.cells import column_index
from migrator.mapping.readers.formats import padded_text, pads
from migrator.mapping.readers.interface import Concealed, Place
from migrator.model.errors import UsageError

_LONGEST_ROW = 64 * 2**20
_LETTERS = 26
_BELIEVED_FROM = 8 * 2**20  # a sheet as long as that is believed when it says how wide it is
_TAG = rb"<(?:\w+:)?"
_SHEET = re.compile(_TAG + rb"sheet\s([^<>]{0,4000})>")
_RELATION = re.compile(_TAG + rb"Relationship\s([^<>]{0,4000})>")
_FORMAT = re.compile(_TAG + rb"numFmt\s([^<>]{0,4000})>")
_STYLES = re.compile(_TAG + rb"cellXfs\b")
_STYLES_END = re.compile(rb"</(?:\w+:)?cellXfs>")
_STYLE = re.compile(_TAG + rb"xf\s([^<>]{0,4000})>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PREFIXED = re.compile(rb"<(\w+:)worksheet\b")
_ROW_NUMBER = re.compile(rb"""\br=["'](\d+)""")
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d+"(?:[^<>]{0,4000}[^/<>])?>')  # begins with what can be searched for fast
_DIMENSION = re.compile(_TAG + rb"""dimension\s+ref=["'][A-Z]+\d+:([A-Z]+)\d+["']""")
_HIDDEN = re.compile(_TAG + rb"""row\s[^<>]{0,4000}?\bhidden=["'](?:1|true)["'][^<>]{0,4000}>""")
_ERROR = re.compile(_TAG + rb"""c\s[^<>]{0,4000}?\bt=["']e["'][^<>]{0,4000}>""")
_UNCALCULATED = re.compile(
    _TAG + rb"""c\s([^<>]{0,4000})>\s*<(?:\w+:)?f\b(?:[^<>]{0,4000}/>|[^<>]{0,4000}>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"""
)
# No pattern looks beyond the next "<", or for longer than a tag can be: what is made to be searched for ever is not.
_CELL = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")


@dataclass(frozen=True, slots=True)
class Survey:
    """How far a sheet reaches at most, in how many bytes it is spelled, and what it conceals."""

    rows: int
    columns: int
    size: int
    concealed: Concealed


def open_package(path: Path) -> Package | None:
    """The package of an Excel workbook; None for what is none, or is built in a way that is not known here."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        try:
            book, relations = archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels")
            styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
        except KeyError:
            return None
        targets = {a.get("Id"): a.get("Target", "") for a in _each(_RELATION, relations)}
        found = {
            a.get("name", ""): normpath(join("xl", targets.get(a.get("r:id", a.get("id")), ""))).lstrip("/")
            for a in _each(_SHEET, book)
        }
        known = set(archive.namelist())
    return Package(path, {name: part for name, part in found.items() if part in known}, styles)


class Package:
    """An Excel workbook as the zip of XML that it is."""

    def __init__(self, path: Path, sheets: Mapping[str, str], styles: bytes) -> None:
        self._path = path
        self._parts = sheets
        self._styles = styles
        self._places: dict[str, Mapping[Place, str]] = {}

    def survey(self, sheet: str) -> Survey | None:
        """One pass over a sheet; None where it is not found in the package."""
        if sheet not in self._parts:
            return None
        rows, columns = 0, _LETTERS
        said = self._said_columns(sheet)
        hidden: list[int] = []
        errors: list[Place] = []
        uncalculated: list[Place] = []
        for piece in self._pieces(sheet):
            rows = max(rows, _last_row(piece))
            for letters in () if said else set(_WIDE.findall(piece)):
                columns = max(columns, column_index(letters.decode()) + 1)
            # Single bytes are searched for several times as fast as words, and many sheets have not even these.
            if b"e" in piece and b"hidden=" in piece:
                hidden += (int(n[1]) for row in _HIDDEN.findall(piece) if (n := _ROW_NUMBER.search(row)))
            if b"e" in piece and b't="e"' in piece:
                errors += _places(_ERROR.findall(piece))
            if b"f" in piece and b"</f>" in piece:
                uncalculated += _places(a for a in _UNCALCULATED.findall(piece) if _attributes(a).get("t") != "str")
        size = self._size(sheet)
        return Survey(rows, said or columns, size, Concealed(tuple(hidden), frozenset(errors), frozenset(uncalculated)))

    def padded(self, sheet: str, numbers: Mapping[Place, float]) -> Mapping[Place, str]:
        """The texts of those numbers that are shown with leading zeros."""
        if not self._padding or sheet not in self._parts:
            return {}
        if sheet not in self._places:
            self._places[sheet] = self._padded_places(sheet)
        formats = self._places[sheet]
        shown = ((place, padded_text(number, formats[place])) for place, number in numbers.items() if place in formats)
        return {place: text for place, text in shown if text}

    @cached_property
    def _padding(self) -> Mapping[str, str]:
        """The format codes with leading zeros, by the style a cell refers to."""
        codes = {a.get("numFmtId"): a.get("formatCode", "") for a in _each(_FORMAT, self._styles)}
        found = _STYLES.search(self._styles)
        end = _STYLES_END.search(self._styles, found.end()) if found else None
        within = self._styles[found.end() : end.start()] if found and end else b""
        styles = [a.get("numFmtId") for a in _each(_STYLE, within)]
        return {str(n): codes[f] for n, f in enumerate(styles) if f in codes and pads(codes[f])}

    def _padded_places(self, sheet: str) -> Mapping[Place, str]:
        styles = "|".join(self._padding).encode()
        cell = re.compile(_TAG + rb"""c\s[^<>]{0,4000}?\bs=["'](?:%s)["'][^<>]{0,4000}>""" % styles)
        return {
            place: self._padding[_attributes(tag)["s"]]
            for piece in self._pieces(sheet)
            for tag in cell.findall(piece)
            for place in _places([tag])
        }

    def _size(self, sheet: str) -> int:
        with zipfile.ZipFile(self._path) as archive:
            return archive.getinfo(self._parts[sheet]).file_size

    def _said_columns(self, sheet: str) -> int:
        """How wide a long sheet says it is, if that is usual; 0 where it has to be found out."""
        if self._size(sheet) < _BELIEVED_FROM:
            return 0
        with zipfile.ZipFile(self._path) as archive, archive.open(self._parts[sheet]) as part:
            found = _DIMENSION.search(part.read(4096))
        said = column_index(found[1].decode()) + 1 if found else 0
        return said if said <= _LETTERS else 0

    def _pieces(self, sheet: str) -> Iterator[bytes]:
        """A sheet's XML in pieces that end where a row begins."""
        rest, total = b"", 0
        with zipfile.ZipFile(self._path) as archive:
            row = b"<row "
            for chunk in parts.pieces(archive, archive.getinfo(self._parts[sheet])):
                if not total and (prefixed := _PREFIXED.search(chunk)):
                    row = b"<%brow " % prefixed[1]
                rest += chunk
                total += len(chunk)
                if total > MAX_EXPANDED or len(rest) > _LONGEST_ROW:
                    raise UsageError(f"{self._path} expands beyond what a mapping can have; it is not read")
                cut = rest.rfind(row)
                if cut > 0:
                    piece, rest = rest[:cut], rest[cut:]
                    yield piece
        yield rest


def _last_row(piece: bytes) -> int:
    """The number of the last row with a value; cells that are only formatted have no closing tag."""
    value = max(piece.rfind(b"</c>"), piece.rfind(b":c>"))
    number = _ROW_NUMBER.search(piece, max(piece.rfind(b"row ", 0, value), 0)) if value >= 0 else None
    return int(number[1]) if number else 0


def _places(tags: Iterator[bytes] | list[bytes]) -> list[Place]:
    cells = (_CELL.search(tag) for tag in tags)
    return [(int(cell[2]), column_index(cell[1].decode())) for cell in cells if cell]


def _each(pattern: re.Pattern[bytes], xml: bytes) -> Iterator[dict[str, str]]:
    """The attributes of each tag, one after the other: there may be as many as the part is long."""
    return (_attributes(tag[1]) for tag in pattern.finditer(xml))


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode(): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }
