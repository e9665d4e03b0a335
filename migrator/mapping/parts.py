"""The parts of a workbook that is a zip: which may be large, and reading none for longer than it says it is."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path

from migrator.model.errors import UsageError

CHUNK = 2**20
LARGEST_XML = 16 * 2**20
"""Bytes of a part that is no table. The largest are styles: 64,000 of them, as many as Excel can hold, take 10 MiB."""

LARGEST_OTHER = 64 * 2**20
"""Bytes of a part that is neither table nor XML: a picture, macros, the fonts of a program."""

PROLOG = 64 * 2**10
"""Bytes in which the root of a part has to begin; spreadsheet programs take 60."""

_TABLES = re.compile(r"<(?:[\w.-]+:)?(?:worksheet|sst|document-content|pivotCacheRecords|calcChain)[\s/>]")
_NO_TABLES = re.compile(
    r"\.rels$|(?:^|/)(?:styles|workbook)\.(?:xml|bin)$|^\[content_types\]|^docprops/|/(?:theme|tables|comments)"
)
_BINARY_TABLES = ("sheets/", "sharedstrings", "calcchain", "pivotcacherecords")
_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)


def root(beginning: bytes) -> str | None:
    """What follows the prolog of a part that is XML, from its root on, by the part's beginning; None for what is no
    XML: a picture, a binary part."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in beginning[:4]:
        wide = "utf-16-be" if beginning[:1] in (b"\0", b"\xfe") else "utf-16-le"
        text = beginning.decode(wide, "replace")
    else:
        text = beginning.decode("latin-1").removeprefix("\xef\xbb\xbf")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return "" if text else None  # blanks only: XML may come after them
    if not text.lstrip().startswith("<"):
        return None
    return text[_BEFORE_ROOT.match(text).end() :]  # type: ignore[union-attr]  # it matches the empty text too


def is_table(name: str, beginning: bytes) -> bool:
    """Whether a part grows with the rows of the workbook: by its root, or, where it is binary, by its name. What
    readers look for by its name is none, whatever it begins with."""
    if _NO_TABLES.search(name.casefold()):
        return False
    begins = root(beginning)
    if begins is None:
        return any(word in name.casefold() for word in _BINARY_TABLES)
    return bool(_TABLES.match(begins))


def most(name: str, beginning: bytes) -> int | None:
    """How many bytes a part may have; None for a table, which is bounded by how far it expands."""
    if is_table(name, beginning):
        return None
    is_picture = root(beginning) is None and not _NO_TABLES.search(name.casefold())
    return LARGEST_OTHER if is_picture else LARGEST_XML


def tags(path: Path) -> int:
    """How many tags there are in all parts that are XML and no tables."""
    count = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as part:
                beginning = part.read(PROLOG)
            if root(beginning) is not None and not is_table(member.filename, beginning):
                count += sum(piece.count(b"<") for piece in pieces(archive, member))
    return count


def pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part, piece by piece, as it unpacks; UsageError where that is not as long as it says it is.

    `zipfile` reads as far as the part says, and would call that whole; other programs read on to its end.
    """
    to_its_end = copy(member)
    to_its_end.file_size = member.file_size + 2 * CHUNK
    total = 0
    with archive.open(to_its_end) as part:
        while piece := part.read(CHUNK):
            total += len(piece)
            if total > member.file_size:
                break
            yield piece
    if total != member.file_size:
        raise UsageError(
            f"{archive.filename} is damaged: {member.filename} is not as long as it says; open it in Excel, save it "
            "again, and try again"
        )
