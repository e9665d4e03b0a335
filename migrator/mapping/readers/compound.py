"""The compound file that an old workbook (.xls) is: just enough of it to find the stream of the sheets.

No length, index or chain is trusted: a chain that leads nowhere ends, one that leads back ends by its length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

_SHIFTS = (9, 12)
_ENTRY = 128  # bytes of an entry of the directory
_SMALL = 64  # bytes of a small sector
_ROOT = 5
_NAMES = ("workbook", "book")  # the newer one first


def workbook_stream(file: bytes) -> bytes:
    """The stream of the sheets; empty where there is none. ValueError or struct.error for a damaged file."""
    return _Compound(file).stream(_NAMES)


class _Compound:
    def __init__(self, file: bytes) -> None:
        (shift,) = struct.unpack_from("<H", file, 30)
        if shift not in _SHIFTS:
            raise ValueError("its sectors have a size that there is not")
        self._file = file
        self._size = 1 << shift
        self._most = len(file) // self._size + 1
        self._directory, _, self._small_below, self._first_small = struct.unpack_from("<IIII", file, 48)
        self._chain = [after for table in self._tables() if table < self._most for after in self._numbers(table)]

    def stream(self, names: Sequence[str]) -> bytes:
        """The stream of the first of these names (in lower case) that there is."""
        entries, root = self._entries()
        found = next((entries[name] for name in names if name in entries), None)
        if found is None:
            return b""
        start, length = found
        if length >= self._small_below or root is None:
            return self._whole(start)[:length]
        small_chain = [n for table in _follow(self._first_small, self._chain) for n in self._numbers(table)]
        small = self._whole(root)
        numbers = _follow(start, small_chain)
        return b"".join(small[number * _SMALL : number * _SMALL + _SMALL] for number in numbers)[:length]

    def _entries(self) -> tuple[dict[str, tuple[int, int]], int | None]:
        """Where each stream starts and how long it is, and where the small ones are."""
        directory = self._whole(self._directory)
        entries: dict[str, tuple[int, int]] = {}
        root = None
        for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            start, length = struct.unpack_from("<II", directory, at + 116)
            if directory[at + 66] == _ROOT:
                root = start
            name = directory[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
            entries.setdefault(name.casefold(), (start, length))
        return entries, root

    def _tables(self) -> list[int]:
        """The sectors in which the chains are kept."""
        tables = list(struct.unpack_from("<109I", self._file, 76))
        (following,) = struct.unpack_from("<I", self._file, 68)
        for _ in range(self._most):
            if following >= self._most:
                break
            *more, following = self._numbers(following)
            tables += more
        return tables

    def _whole(self, number: int) -> bytes:
        return b"".join(map(self._sector, _follow(number, self._chain)))

    def _sector(self, number: int) -> bytes:
        return self._file[(number + 1) * self._size : (number + 2) * self._size]

    def _numbers(self, number: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._size // 4}I", self._sector(number).ljust(self._size, b"\xff"))


def _follow(number: int, chain: Sequence[int]) -> Iterator[int]:
    for _ in range(len(chain)):
        if number >= len(chain):
            return
        yield number
        number = chain[number]
