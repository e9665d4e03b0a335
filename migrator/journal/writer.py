"""The writing side of a run's journal: one thread, one connection, and what piles up meanwhile in one commit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

from migrator.journal.folder import RunFolder
from migrator.journal.pile import Pile, Values
from migrator.journal.records import encode
from migrator.journal.schema import connect, explained
from migrator.model.choice import LeftOut
from migrator.model.configuration import Key
from migrator.model.errors import MigratorError
from migrator.model.outcome import Attempt, Outcome, Verification
from migrator.model.throttle import ThrottleState

_PATIENCE = 1.0  # seconds that what nobody waits for may wait for somebody else's commit

_INTENT = "INSERT INTO intents VALUES"
_ATTEMPT = "INSERT INTO attempts VALUES"
_OUTCOME = "INSERT INTO outcomes VALUES"
_THROTTLE = "INSERT INTO throttle VALUES"
_VERIFICATION = "INSERT INTO verifications VALUES"
_HEADER = "INSERT OR REPLACE INTO header (value, name) VALUES"

_LAST = """
    SELECT max(seq) FROM (
        SELECT max(seq) AS seq FROM intents UNION ALL SELECT max(seq) FROM attempts
        UNION ALL SELECT max(seq) FROM outcomes UNION ALL SELECT max(seq) FROM verifications
        UNION ALL SELECT max(seq) FROM throttle
    )
"""


class JournalFailed(MigratorError):
    """The journal cannot be written any more; what was not confirmed until now is not in it."""


class JournalWriter:
    """`model.ports.Journal` on disk, used as `async with JournalWriter(folder) as journal`.

    What was awaited is on disk, synced, when the call returns. What one turn of the event loop gives, and what comes
    while the disk is busy, shares one commit. A failure of the disk reaches everybody who waits, everybody who comes to
    wait later, and whoever closes.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._entrance = threading.Lock()  # to everything below
        self._pile = Pile()
        self._call = threading.Event()
        self._calling = False
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
        self._open = True
        self._thread.start()
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
        await self._keep(_INTENT, [key])

    def attempted(self, attempt: Attempt) -> None:
        """Raises nothing where the disk failed: whoever waits, and whoever closes, will hear of it."""
        self._enter(_ATTEMPT, [(encode(attempt),)])

    def throttle(self, state: ThrottleState) -> None:
        """As with attempts."""
        self._enter(_THROTTLE, [(encode(state),)])

    async def conclude(self, outcome: Outcome) -> None:
        await self._keep(_OUTCOME, [_row(outcome)])

    def concluded(self, outcome: Outcome) -> None:
        """As with attempts, but at once."""
        self._enter(_OUTCOME, [_row(outcome)])
        self._hasten()

    async def kept(self) -> None:
        await self._keep(_OUTCOME, ())

    async def verified(self, verifications: Sequence[Verification]) -> None:
        if verifications:
            await self._keep(_VERIFICATION, [(*v.key, v.verdict.value, encode(v)) for v in verifications])

    async def mark(
        self,
        *,
        approved: float | None = None,
        finished: float | None = None,
        worked: float | None = None,
        working: float | None = None,
        options: tuple[tuple[str, str], ...] | None = None,
        put_back: str | None = None,
        left_out: tuple[LeftOut, ...] | None = None,
    ) -> None:
        """Notes in the header when the run was approved or finished (seconds since 1970), for how many seconds it was
        worked on, since when it is (0.0: it is not), with which options, by which run it is put back, or without which
        configurations."""
        given = {
            "approved": approved,
            "finished": finished,
            "worked": worked,
            "working": working,
            "options": options,
            "put_back": put_back,
            "left_out": left_out,
        }
        await self._keep(_HEADER, [(encode(value), name) for name, value in given.items() if value is not None])

    async def close(self) -> None:
        """Writes what is queued and closes; raises JournalFailed if anything did not get to the disk."""
        with self._entrance:
            was_open, self._open = self._open, False
            self._call.set()
        if not was_open:
            return
        try:
            await asyncio.to_thread(self._thread.join)
        finally:
            self._thread.join()  # also when we are cancelled meanwhile: it is a matter of milliseconds
        if self._failure:
            raise JournalFailed(self._failure)

    def _keep(self, statement: str, rows: Sequence[Values]) -> asyncio.Future[None]:
        """It is done when these rows, and everything that was entered before them, are on disk."""
        kept = asyncio.get_running_loop().create_future()
        self._enter(statement, rows, kept)
        self._hasten()
        return kept

    def _enter(self, statement: str, rows: Sequence[Values], waiter: asyncio.Future[None] | None = None) -> None:
        """JournalFailed where the disk failed and somebody waits; who waits for nothing hears of it at the end."""
        with self._entrance:
            if self._failure:
                if waiter is None:
                    return
                raise JournalFailed(self._failure)
            if not self._open:
                raise JournalFailed(f"{self._folder.journal} is closed already")
            if statement != _HEADER:
                rows = [(next(self._seq), *row) for row in rows]
            self._pile.add(statement, rows, waiter)

    def _hasten(self) -> None:
        """Calls the thread, but not before everybody whose turn it is has had their say: they share a commit."""
        if not self._calling:
            self._calling = True
            asyncio.get_running_loop().call_soon(self._call.set)

    # From here on: the thread.

    def _work(self) -> None:
        more = True
        while more:
            self._call.wait(_PATIENCE)
            with self._entrance:
                pile, self._pile = self._pile, Pile()
                more = self._open
                self._calling = False
                self._call.clear()
            if pile:
                self._commit(pile)
                pile.release(partial(JournalFailed, self._failure) if self._failure else None)
        with suppress(sqlite3.OperationalError):  # somebody is reading: then it stays three files until the next time
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def _commit(self, pile: Pile) -> None:
        if self._failure:
            return
        try:
            pile.commit(self._connection)
        except (sqlite3.Error, ValueError) as error:
            self._failure = (
                f"{self._folder.journal} cannot be written: {error}; "
                f"once it can be, go on with: migrator resume {self._folder.id}"
            )
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self._connection.execute("ROLLBACK")


def _row(outcome: Outcome) -> Values:
    return (*outcome.key, outcome.status.value, encode(outcome))
