"""What is refused before it is parsed: files that are not what they say, and files nobody can mean."""

from __future__ import annotations

import lzma
import mmap
import os
import zipfile
import zlib
from pathlib import Path

from migrator.mapping import parts
from migrator.model.errors import UsageError

MAX_BYTES = 512 * 2**20
MAX_EXPANDED = 3 * 2**30
MAX_RATIO = 120  # sheets of a million equal rows stay below 70
MAX_RATIO_OF_TEXTS = 40  # each text is kept once, so that texts are unlike each other
RATIO_COUNTS_FROM = 32 * 2**20
MAX_SHEETS = 1_000
MAX_COLUMNS = 256
MAX_ROWS = 1_048_576
MAX_CELLS = 16_800_000  # as many rows as Excel has, 16 columns wide
SPARSE_FROM = 4_000_000
"""Cells from which on a sheet has to be filled: memory is taken for the empty ones between them as well."""

BYTES_A_CELL = 4
"""No format spells a cell in less; a sheet with fewer bytes for each cell that it spans is mostly empty."""

_TEXT = (".csv", ".tsv", ".txt")
_PARTS = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}
_IS = {
    ".xlsx": "an Excel workbook (.xlsx)",
    ".xlsb": "a binary Excel workbook (.xlsb)",
    ".xls": "an old Excel workbook (.xls)",
    ".ods": "an OpenDocument spreadsheet (.ods)",
    "zip": "a zip archive",
    "text": "text (.csv)",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    ValueError,
    NotImplementedError,
    EOFError,
    RuntimeError,
)
"""What reading a damaged zip can raise."""


def check_file(path: Path) -> None:
    """UsageError with one sentence where a file cannot be, or should not be, read as a mapping."""
    head, size = _head(path)
    if not size:
        raise UsageError(f"{path} is empty; is it the right file, and was it saved?")
    if size > MAX_BYTES:
        at_most = f"at most {MAX_BYTES // 2**20} are read"
        raise UsageError(f"{path} has {size / 2**20:,.0f} MiB and {at_most}; split it into several mappings")
    _check_content(path, _content(path, head))
    if head.startswith(_ZIP):
        _check_archive(path, size)


def check_extent(what: str, rows: int, columns: int, size: int | None = None) -> None:
    """UsageError where a sheet is larger than anybody can mean; `what` is how it is called, `size` in how many bytes
    it is spelled, where that is known."""
    stray = "delete the stray cells to the right of and below the table, save, and try again"
    if columns > MAX_COLUMNS:
        raise UsageError(f"{what} has {columns:,} columns and at most {MAX_COLUMNS:,} are read; {stray}")
    if rows > MAX_ROWS:
        raise UsageError(f"{what} has more than {MAX_ROWS:,} rows; split it into several mappings")
    spanned = rows * columns
    if spanned > MAX_CELLS or (size is not None and is_sparse(spanned, size)):
        raise UsageError(f"{what} spans {rows:,} rows by {columns:,} columns; {stray}")


def is_sparse(spanned: int, size: int, most: int = SPARSE_FROM) -> bool:
    """Whether so many cells, spelled in so many bytes, are too many to be mostly empty ones."""
    return spanned > most and spanned * BYTES_A_CELL > size


def _head(path: Path) -> tuple[bytes, int]:
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name the file in it that is the mapping")
        with path.open("rb") as file:
            return file.read(8), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}; check the name and the folder") from None
    except PermissionError:
        raise UsageError(f"{path} may not be read; close it in Excel, or ask for the right to read it") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


def _content(path: Path, head: bytes) -> str:
    """What a file is by its bytes: the suffix of a workbook, "text", "encrypted" or "zip"."""
    if head.startswith(_OLE):
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return "encrypted" if data.find(_ENCRYPTED) >= 0 else ".xls"
    if not head.startswith(_ZIP):
        return "text"
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except DAMAGED:
        raise UsageError(f"{path} is damaged; open it in Excel, save it again, and try again") from None
    return next((suffix for part, suffix in _PARTS.items() if part in names), "zip")


def _check_content(path: Path, found: str) -> None:
    suffix = path.suffix.casefold()
    if found == "encrypted":
        raise UsageError(f"{path} is protected by a password; open it, save it without one, and try again")
    if suffix in _TEXT:
        if found != "text":
            raise UsageError(f"{path} is no text but {_IS[found]}; rename it accordingly, or export it as CSV")
    elif found != (".xlsx" if suffix == ".xlsm" else suffix):
        raise UsageError(f"{path} is not what its ending says but {_IS[found]}; rename it, or save it again as .xlsx")


def _check_archive(path: Path, size: int) -> None:
    """A workbook is a zip of XML; neither may blow up when it is opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len({member.filename.casefold() for member in members}) < len(members):
                raise UsageError(
                    f"{path} holds two parts of one name, which no spreadsheet program does; it is not read"
                )
            expanded = sum(member.file_size for member in members)
            if expanded > MAX_EXPANDED or any(map(_is_bomb, members)):
                much = f"{expanded / 2**20:,.0f} MiB out of {size / 2**20:,.1f}"
                raise UsageError(f"{path} would expand to {much}; that is no mapping, and it is not opened")
            if any(member.flag_bits & 1 for member in members):
                raise UsageError(f"{path} is protected by a password; open it, save it without one, and try again")
            for member in members:
                _check_part(path, archive, member)
    except DAMAGED:
        raise UsageError(f"{path} is damaged; open it in Excel, save it again, and try again") from None


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    """Whether a part expands as no table does; looked at one by one, so that no dense part hides another."""
    if member.file_size <= RATIO_COUNTS_FROM:
        return False
    most = MAX_RATIO_OF_TEXTS if "sharedstrings" in member.filename.casefold() else MAX_RATIO
    return member.file_size > most * member.compress_size


def _check_part(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """A part that is no table is small, and every part but a sheet, which is looked at later, is as long as it says:
    readers take some of them whole into memory, and others read on to their real end."""
    with archive.open(member) as part:
        beginning = part.read(parts.PROLOG)
    if _declares(beginning):
        raise UsageError(
            f"{path} declares XML entities in {member.filename}, as no spreadsheet program does; "
            "save it again as .xlsx in Excel, and try again"
        )
    most = parts.most(member.filename, beginning)
    if most is not None and member.file_size > most:
        much = f"{member.file_size / 2**20:,.0f} MiB and at most {most / 2**20:,.0f} are read there"
        raise UsageError(f"{path} has {member.filename} of {much}; that is no mapping, and it is not opened")
    if most is not None or "sharedstrings" in member.filename.casefold():
        for _ in parts.pieces(archive, member):
            pass


def _declares(beginning: bytes) -> bool:
    """Whether a part, by its beginning, is XML with declarations of its own, or hides where its root begins."""
    begins = parts.root(beginning)
    return begins is not None and (begins.startswith(("<!", "<?")) or not begins)
