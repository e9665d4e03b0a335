"""The writing side of a run's journal: one thread, one connection, and what piles up meanwhile in one commit."""

from __future__ import annotations

import asyncio
import math
import queue
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Self

from migrator.journal.folder import RunFolder
from migrator.journal.records import encode
from migrator.journal.schema import connect, explained
from migrator.model.configuration import Key
from migrator.model.errors import MigratorError
from migrator.model.outcome import Attempt, Outcome, Verification

_PATIENCE = 1.0  # seconds that an attempt, which nobody waits for, may wait for somebody else's commit
_PILE = 1000  # and how many of them may

_INTENT = "INSERT INTO intents VALUES (?, ?, ?)"
_ATTEMPT = "INSERT INTO attempts VALUES (?, ?)"
_OUTCOME = "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)"
_VERIFICATION = "INSERT INTO verifications VALUES (?, ?, ?, ?, ?)"
_HEADER = "INSERT OR REPLACE INTO header (value, name) VALUES (?, ?)"

_LAST = """
    SELECT max(seq) FROM (
        SELECT max(seq) AS seq FROM intents UNION ALL SELECT max(seq) FROM attempts
        UNION ALL SELECT max(seq) FROM outcomes UNION ALL SELECT max(seq) FROM verifications
    )
"""


class JournalFailed(MigratorError):
    """The journal cannot be written any more; what was not confirmed until now is not in it."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    """Somebody in an event loop who goes on when the commit is done."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Rows for one statement; the statement's first column is `seq`, except in the header."""

    statement: str
    rows: Sequence[tuple[object, ...]]
    waiter: _Waiter | None = None


class JournalWriter:
    """`model.ports.Journal` on disk, used as `async with JournalWriter(folder) as journal`.

    What was awaited is on disk, synced, when the call returns; everything queued by then shares one commit. A failure
    of the disk reaches everybody who waits, everybody who comes to wait later, and whoever closes.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._entrance = threading.Lock()
        self._open = False
        self._failure = ""

    async def __aenter__(self) -> Self:
        """May raise UsageError and RunNotFound, as reading does."""
        with explained(self._folder):
            self._connection = connect(self._folder, writable=True)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")  # stays as it was where shared memory is missing
                self._connection.execute("PRAGMA synchronous = FULL")
                (last,) = self._connection.execute(_LAST).fetchone()
            except BaseException:
                self._connection.close()
                raise
        self._seq = count((last or 0) + 1)
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        except JournalFailed:
            if error is None:  # otherwise what ended the block is what matters, and most likely this very failure
                raise

    async def intend(self, key: Key) -> None:
        await self._keep(_INTENT, [tuple(key)])

    def attempted(self, attempt: Attempt) -> None:
        """Raises nothing where the disk failed: whoever waits, and whoever closes, will hear of it."""
        if not self._failure:
            self._enter(_ATTEMPT, [(encode(attempt),)], None)

    async def conclude(self, outcome: Outcome) -> None:
        await self._keep(_OUTCOME, [(*outcome.key, outcome.status.value, encode(outcome))])

    async def verified(self, verifications: Sequence[Verification]) -> None:
        if verifications:
            await self._keep(_VERIFICATION, [(*v.key, v.verdict.value, encode(v)) for v in verifications])

    async def mark(
        self,
        *,
        approved: float | None = None,
        finished: float | None = None,
        worked: float | None = None,
        options: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        """Notes in the header when the run was approved or finished (seconds since 1970), for how many seconds it was
        worked on, or with which options."""
        given = {"approved": approved, "finished": finished, "worked": worked, "options": options}
        await self._keep(_HEADER, [(encode(value), name) for name, value in given.items() if value is not None])

    async def close(self) -> None:
        """Writes what is queued and closes; raises JournalFailed if anything did not get to the disk."""
        with self._entrance:
            was_open, self._open = self._open, False
            if was_open:
                self._queue.put(None)
        if not was_open:
            return
        try:
            await asyncio.to_thread(self._thread.join)
        finally:
            self._thread.join()  # also when we are cancelled meanwhile: it is a matter of milliseconds
        if self._failure:
            raise JournalFailed(self._failure)

    async def _keep(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future())
        self._enter(statement, rows, waiter)
        await waiter.future

    def _enter(self, statement: str, rows: Sequence[tuple[object, ...]], waiter: _Waiter | None) -> None:
        with self._entrance:
            if self._failure:
                raise JournalFailed(self._failure)
            if not self._open:
                raise JournalFailed(f"{self._folder.journal} is closed already")
            if statement != _HEADER:
                rows = [(next(self._seq), *row) for row in rows]
            self._queue.put(_Entry(statement, rows, waiter))

    # From here on: the thread.

    def _work(self) -> None:
        more = True
        while more:
            entries, more = self._gather()
            self._commit(entries)
            _release([entry.waiter for entry in entries if entry.waiter], self._failure)
        with suppress(sqlite3.OperationalError):  # somebody is reading: then it stays three files until the next time
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def _gather(self) -> tuple[list[_Entry], bool]:
        """What goes into one commit, and whether more can come."""
        entries: list[_Entry] = []
        urgent = False
        deadline = math.inf
        while len(entries) < _PILE:
            wait = 0.0 if urgent else max(0.0, deadline - time.monotonic())
            try:
                entry = self._queue.get(timeout=wait if wait < math.inf else None)
            except queue.Empty:
                break
            if entry is None:
                return entries, False
            if not entries:
                deadline = time.monotonic() + _PATIENCE
            entries.append(entry)
            urgent = urgent or entry.waiter is not None
        return entries, True

    def _commit(self, entries: Sequence[_Entry]) -> None:
        if not entries or self._failure:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for entry in entries:
                self._connection.executemany(entry.statement, entry.rows)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, ValueError) as error:  # ValueError: a text that SQLite cannot take
            self._failure = f"{self._folder.journal} cannot be written: {error}"
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self._connection.execute("ROLLBACK")


def _release(waiters: Iterable[_Waiter], failure: str) -> None:
    """Wakes everybody, each in their own loop, with one call a loop."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for waiter in waiters:
        by_loop[waiter.loop].append(waiter.future)
    for loop, futures in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle, futures, failure)


def _settle(futures: Iterable[asyncio.Future[None]], failure: str) -> None:
    for future in futures:
        if future.done():  # whoever waited was cancelled; what they gave is on disk all the same
            continue
        if failure:
            future.set_exception(JournalFailed(failure))
        else:
            future.set_result(None)
