"""What waits for the journal's next commit, and how it goes in: whatever its size, in a handful of steps.

SQLite works without Python's lock, and after each step the thread has to win the lock back from a busy event loop. So a
commit makes one step for each table and not one for each row.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache

_AT_ONCE = 100  # rows in one statement: the oldest SQLite takes 999 values

Values = tuple[object, ...]


class Pile:
    """Rows by the statement that puts them in (all but its question marks), and the futures of those who wait."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[Values]] = defaultdict(list)
        self._waiting: list[asyncio.Future[None]] = []

    def __bool__(self) -> bool:
        return bool(self._rows or self._waiting)

    def add(self, statement: str, rows: Sequence[Values], waiter: asyncio.Future[None] | None = None) -> None:
        """Rows of one statement, each with the same number of values, or none. `waiter` is done when all is on disk."""
        if rows:
            self._rows[statement].extend(rows)
        if waiter is not None:
            self._waiting.append(waiter)

    def commit(self, connection: sqlite3.Connection) -> None:
        """Everything or nothing. Raises sqlite3.Error, and ValueError for a text that SQLite cannot take."""
        connection.execute("BEGIN IMMEDIATE")
        for statement, rows in self._rows.items():
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                connection.execute(
                    _with_marks(statement, len(part), len(part[0])), [value for row in part for value in row]
                )
        connection.execute("COMMIT")

    def release(self, failure: Callable[[], Exception] | None) -> None:
        """Wakes everybody who waits, each in their own event loop, with one call a loop."""
        by_loop: defaultdict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
        for future in self._waiting:
            by_loop[future.get_loop()].append(future)
        for loop, futures in by_loop.items():
            with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                loop.call_soon_threadsafe(_settle, futures, failure)


@cache  # a statement for each number of rows, up to a hundred
def _with_marks(statement: str, rows: int, columns: int) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"{statement} {', '.join([marks] * rows)}"


def _settle(futures: Sequence[asyncio.Future[None]], failure: Callable[[], Exception] | None) -> None:
    for future in futures:
        if future.done():  # whoever waited was cancelled; what they gave is on disk all the same
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure())
