"""How far the sheets of .xls, .xlsb and .ods reach, found out before calamine takes memory for every cell in between.

calamine reads all sheets of an .xls or .ods when it opens one, each as a full rectangle; a file of a few kilobytes
with a cell in the last row and column would take gigabytes. Only cells with a value count. Nothing here trusts a length
or an index that the file states.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from migrator.mapping import parts
from migrator.mapping.bounds import check_extent, is_sparse
from migrator.mapping.readers.compound import workbook_stream
from migrator.model.errors import UsageError

_MOST_IN_ODS = 1_000_000  # its cells take five times as much while it is read
_STRAY = "delete the stray cells to the right of and below the tables, save, and try again"

_BOF = 0x0809
_XLS_CELLS = frozenset({0x06, 0x206, 0x406, 0x02, 0x03, 0x04, 0x05, 0x202, 0x203, 0x204, 0x205, 0x27E, 0xFD, 0xD6})
_XLS_SEVERAL = 0xBD  # numbers side by side; the last column stands at the end
_XLSB_ROW = 0
_XLSB_CELLS = frozenset(range(2, 12))

_TAG = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]{0,4000})>")
_ROWS = re.compile(rb"""number-rows-repeated=["'](\d{1,9})["']""")
_COLUMNS = re.compile(rb"""number-columns-repeated=["'](\d{1,9})["']""")


def check_extents(path: Path) -> None:
    """UsageError where the sheets of an .xls, .xlsb or .ods span more cells than they can mean; other files pass."""
    check = {".xls": _check_xls, ".xlsb": _check_xlsb, ".ods": _check_ods}.get(path.suffix.casefold())
    if check is not None:
        check(path)


def _refuse_sparse(path: Path, extents: list[tuple[int, int]], size: int, most: int | None = None) -> None:
    """`extents` are rows and columns of each sheet."""
    for rows, columns in extents:
        check_extent(str(path), rows, columns)
    spanned = sum(rows * columns for rows, columns in extents)
    if is_sparse(spanned, size) if most is None else is_sparse(spanned, size, most):
        raise UsageError(f"the sheets of {path} span {spanned:,} cells, most of them empty; {_STRAY}")


def _check_xls(path: Path) -> None:
    stream = workbook_stream(path.read_bytes())
    extents: list[tuple[int, int]] = []
    rows = columns = at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind == _BOF:
            extents.append((rows, columns))
            rows = columns = 0
        elif (kind in _XLS_CELLS or kind == _XLS_SEVERAL) and length >= 4 and at + length <= len(stream):
            row, column = struct.unpack_from("<HH", stream, at)
            if kind == _XLS_SEVERAL:
                (column,) = struct.unpack_from("<H", stream, at + length - 2)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += length
    _refuse_sparse(path, [*extents, (rows, columns)], len(stream))


def _check_xlsb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if "sheets/" in member.filename.casefold() and member.filename.casefold().endswith(".bin"):
                _refuse_sparse(path, [_xlsb_extent(archive, member)], member.file_size)


def _xlsb_extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    row = rows = columns = 0
    rest = b""
    for chunk in parts.pieces(archive, member):
        data, at = rest + chunk, 0
        while (record := _xlsb_record(data, at)) is not None:
            kind, body, end = record
            if end > len(data):
                break
            if kind == _XLSB_ROW and end - body >= 4:
                (row,) = struct.unpack_from("<I", data, body)
            elif kind in _XLSB_CELLS and end - body >= 4:
                (column,) = struct.unpack_from("<I", data, body)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
            at = end
        rest = data[at:]
        if len(rest) > 2 * parts.CHUNK:
            raise UsageError(f"{member.filename} is damaged; open the file in Excel, save it again, and try again")
    return rows, columns


def _xlsb_record(data: bytes, at: int) -> tuple[int, int, int] | None:
    """A record's kind, where its body begins and where it ends; None where that is not to be seen yet."""
    if at + 6 > len(data) and at + 2 > len(data):
        return None
    kind = data[at]
    at += 1
    if kind & 0x80:
        if at >= len(data):
            return None
        kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
        at += 1
    length = 0
    for shift in (0, 7, 14, 21):
        if at >= len(data):
            return None
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return kind, at, at + length


def _check_ods(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if "content.xml" not in archive.namelist():
            return
        member = archive.getinfo("content.xml")
        extents = _ods_extents(parts.pieces(archive, member))
    _refuse_sparse(path, extents, member.file_size, _MOST_IN_ODS)


def _ods_extents(pieces: Iterable[bytes]) -> list[tuple[int, int]]:
    extents: list[tuple[int, int]] = []
    row = rows = columns = 0  # where we are, and how far the table reaches
    repeated, column, filled = 1, 0, 0  # the row we are in
    for end, name, attributes in _tags(pieces):
        closed = attributes.endswith(b"/")
        if name == b"table":
            extents.append((rows, columns))
            row = rows = columns = 0
        elif name == b"table-row":
            if not end:
                repeated, column, filled = _times(_ROWS, attributes), 0, 0
            if end or closed:
                row += repeated
                if filled:
                    rows, columns = row, max(columns, filled)
        elif not end:
            column += _times(_COLUMNS, attributes)
            if b"value" in attributes or not closed:
                filled = column
    return extents


def _tags(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Whether it is an end tag, its name, its attributes."""
    rest = b""
    for chunk in pieces:
        data = rest + chunk
        cut = data.rfind(b"<")
        piece, rest = (data[:cut], data[cut:]) if cut > 0 else (b"", data)
        if len(rest) > 8 * parts.CHUNK:
            raise UsageError("a tag in content.xml does not end; open the file, save it again, and try again")
        yield from _TAG.findall(piece)
    yield from _TAG.findall(rest)


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return max(int(found[1]), 1) if found else 1
