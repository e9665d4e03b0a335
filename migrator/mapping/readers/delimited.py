"""Text files with a delimiter: which one, and in which encoding, is found out."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from migrator.mapping.bounds import MAX_COLUMNS, MAX_ROWS, check_extent
from migrator.mapping.cells import Cell
from migrator.mapping.grid import HEAD
from migrator.mapping.readers.interface import Book, Content, Tab
from migrator.model.columns import FIELD_OF_HEADING, fold_heading
from migrator.model.errors import UsageError

_DELIMITERS = ",;\t|"
_SAMPLE = 16 * 1024
_SNIFFED = 4 * 1024  # the sniffer takes time by the square of what it is given
_CHUNK = 2**20
_LONGEST_ROW = 2**20  # characters; 256 columns of the longest names take a tenth of it
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Dialect(NamedTuple):
    delimiter: str
    skip_blank: bool
    announced: bool  # by a first line `sep=;`, which spreadsheet programs do not count as a row


def read(path: Path) -> Book:
    """The file as a book of one tab without a name."""
    encoding, digest = _encoding(path)
    return Book(path.name, digest, (Tab("", lambda: Content(_rows(path, encoding))),))


def _encoding(path: Path) -> tuple[str, str]:
    """What the file is written in, and the SHA-256 of its bytes: a byte order mark decides, else UTF-8 if it is
    nothing but UTF-8, else Windows-1252."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = ""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            encoding = encoding or _marked(chunk)
            if b"\0" in chunk and not encoding.startswith("utf-"):
                raise UsageError(f"{path} is no text; export the mapping as CSV again, or save it as .xlsx")
            if not encoding:
                encoding = _unless_utf8(decoder, chunk)
    encoding = encoding or _unless_utf8(decoder, b"") or "utf-8"
    return encoding, digest.hexdigest()


def _unless_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes) -> str:
    try:
        decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return "cp1252"
    return ""


def _marked(chunk: bytes) -> str:
    """The encoding that the beginning of a file gives away: its byte order mark, or every other byte a zero."""
    for bom, encoding in _BOMS:
        if chunk.startswith(bom):
            return encoding
    head = chunk[:1024]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _rows(path: Path, encoding: str) -> Iterator[list[Cell]]:
    dialect = _dialect(path, encoding)
    with path.open(encoding=encoding, newline="") as file:
        if dialect.announced:
            file.readline()
        bounded = _Bounded(path, file)
        lines = csv.reader(bounded, delimiter=dialect.delimiter, skipinitialspace=dialect.skip_blank)
        try:
            for number, row in enumerate(lines, start=1):
                bounded.left = _LONGEST_ROW
                if len(row) > MAX_COLUMNS or number > MAX_ROWS:
                    check_extent(str(path), number, len(row))
                yield list(row)
        except csv.Error as error:
            raise UsageError(
                f"{path} cannot be read near line {lines.line_num} ({error}); is a quotation mark not closed there?"
            ) from None
        except UnicodeError:
            raise UsageError(f"{path} is not written in one encoding; save it again as CSV UTF-8") from None


class _Bounded:
    """The lines of a file, of which those of one row must not be longer than `_LONGEST_ROW` together: a line without
    end would be held in memory whole, and so would a row that goes on and on in quotation marks."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file
        self.left = _LONGEST_ROW

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self.left + 1):
            self.left -= len(line)
            if self.left < 0:
                raise UsageError(
                    f"{self._path} has a row of more than {_LONGEST_ROW:,} characters; is it a table, and is a "
                    "quotation mark not closed?"
                )
            yield line


def _dialect(path: Path, encoding: str) -> _Dialect:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(_SAMPLE)
    first = sample.split("\n", 1)[0].strip("\r\n")
    if first[:4].casefold() == "sep=" and len(first) <= 5:
        return _Dialect(first[4:] or "\t", False, True)
    delimiter = _delimiter(sample[: sample.rfind("\n") + 1] or sample, first)
    return _Dialect(delimiter, f'{delimiter} "' in sample, False)


def _delimiter(sample: str, first: str) -> str:
    """The one that makes headings of a line; where none does, the likeliest by the sniffer or in the first line."""
    known = {delimiter: _headings(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(known, key=known.__getitem__)
    if known[best] > 1:
        return best
    try:
        return csv.Sniffer().sniff(sample[:_SNIFFED], _DELIMITERS).delimiter
    except csv.Error:  # one column only, or lines too unlike each other
        return max(_DELIMITERS, key=first.count)


def _headings(sample: str, delimiter: str) -> int:
    """How many known headings one of the first lines has with this delimiter."""
    try:
        rows = list(islice(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter), HEAD))
    except csv.Error:
        return 0
    return max((len({fold_heading(text) for text in row} & FIELD_OF_HEADING.keys()) for row in rows), default=0)
