"""The tables of a run's journal, how it is made, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.journal.packed import pack
from migrator.journal.records import encode
from migrator.model.errors import RunNotFound, UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunHeader

APPLICATION_ID = 0x6D696772  # "migr": how a journal is told from any other SQLite file

# Every change of the tables is one more step at the end; `user_version` counts those that a file has had.
# `seq` is one count over all tables: the order in which things were kept.
_STEPS = (
    """
    CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE plan (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE configurations (
        position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL,
        UNIQUE (kind, id)
    );
    CREATE TABLE intents (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL);
    CREATE TABLE attempts (seq INTEGER PRIMARY KEY, record TEXT NOT NULL);
    CREATE TABLE outcomes (
        seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, record TEXT NOT NULL
    );
    CREATE TABLE verifications (
        seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, verdict TEXT NOT NULL, record TEXT NOT NULL
    );
    CREATE INDEX intents_key ON intents (kind, id, seq);
    CREATE INDEX outcomes_key ON outcomes (kind, id, seq);

    -- An outcome holds until the next call of its configuration is about to leave: from then on it is in doubt again.
    CREATE VIEW standing AS
        SELECT o.seq, o.kind, o.id, o.status, o.record FROM outcomes AS o
        WHERE o.seq = (SELECT max(seq) FROM outcomes WHERE kind = o.kind AND id = o.id)
        AND NOT EXISTS (SELECT 1 FROM intents WHERE kind = o.kind AND id = o.id AND seq > o.seq);
    """,
    "CREATE TABLE throttle (seq INTEGER PRIMARY KEY, record TEXT NOT NULL);",
)
VERSION = len(_STEPS)
_THROTTLE_SINCE = 2
_OF_THE_DISK = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""Errors that say nothing of the journal, only of where it is."""


def create(folder: RunFolder, header: RunHeader, plan: Plan) -> None:
    """Makes a run's journal with its plan: whole and on disk when this returns, not there at all when it does not.

    Raises FileExistsError where the run has one already, UsageError where it cannot be written.
    """
    if folder.exists:
        raise FileExistsError(folder.journal)
    unfinished = folder.journal.with_name("run.sqlite.new")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")  # a file that is not finished is never looked at
            connection.execute("BEGIN")
            _upgrade(connection, 0)
            _insert(connection, header, plan)
            connection.execute("COMMIT")
        _flush(unfinished)
        unfinished.replace(folder.journal)
        _flush_folder(folder.path)
        _flush_folder(folder.path.parent)  # in which the run's own folder is new
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):  # half of it is no use, least of all on a disk that is full
            unfinished.unlink(missing_ok=True)
        raise UsageError(f"{folder.journal} cannot be written: {error}; nothing was sent") from error


@contextmanager
def opened(folder: RunFolder) -> Iterator[sqlite3.Connection]:
    """A connection to read a run's journal with.

    Everything that a damaged, foreign or newer file makes fail inside the block becomes a UsageError.
    """
    with explained(folder), closing(connect(folder, writable=False)) as connection:
        yield connection


@contextmanager
def explained(folder: RunFolder) -> Iterator[None]:
    """Says for a person what SQLite (sqlite3.Error) and the decoder (ValueError) have to complain about."""
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
            why = f"{error}; see whether the disk is full or the folder read-only"
            raise UsageError(f"{folder.journal} cannot be used: {why}") from error
        raise UsageError(f"{folder.journal} cannot be read, it may be damaged or something else: {error}") from error


def connect(folder: RunFolder, *, writable: bool) -> sqlite3.Connection:
    """A connection of which the caller takes care; one that may write finds its tables brought up to date.

    Raises sqlite3.Error, UsageError for a foreign or newer file, RunNotFound where there is none.
    """
    if not folder.exists:
        raise RunNotFound(f"{folder.path} holds no run: there is no {folder.journal.name} in it")
    connection = _open(folder, "rw" if writable else "ro")
    try:
        version = _whole_version(connection, folder)
        if writable and version < VERSION:
            connection.execute("BEGIN IMMEDIATE")
            _upgrade(connection, version)
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _open(folder: RunFolder, mode: str) -> sqlite3.Connection:
    # The writer's thread is another one than the one that opens; they never use it at the same time.
    # A commit's size makes its statements: those of every usual size stay prepared.
    return sqlite3.connect(
        f"{_uri(folder.journal)}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=500,
    )


def _whole_version(connection: sqlite3.Connection, folder: RunFolder) -> int:
    """The version; where a process was killed in the middle of a change of the file itself, that is undone first.

    SQLite does so by itself, but not for whoever may only read.
    """
    try:
        return _checked_version(connection, folder)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
    with closing(_open(folder, "rw")) as mending:
        _checked_version(mending, folder)
    return _checked_version(connection, folder)


def _checked_version(connection: sqlite3.Connection, folder: RunFolder) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise UsageError(f"{folder.journal} is not the journal of a run, or it is damaged")
    if version > VERSION:
        raise UsageError(f"{folder.journal} was written by a newer migrator; update this one to work on it")
    return int(version)


def has_throttle(connection: sqlite3.Connection) -> bool:
    """Whether this journal tells of the throttle; one that was made before that is read as it is."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version) >= _THROTTLE_SINCE


def _upgrade(connection: sqlite3.Connection, version: int) -> None:
    for step in _STEPS[version:]:
        for statement in _statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> Iterator[str]:
    """One by one, because `executescript` would commit what is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _insert(connection: sqlite3.Connection, header: RunHeader, plan: Plan) -> None:
    connection.executemany("INSERT INTO header VALUES (?, ?)", _fields(header))
    connection.executemany("INSERT INTO plan VALUES (?, ?)", _fields(replace(plan, configurations=())))
    connection.executemany(
        "INSERT INTO configurations VALUES (?, ?, ?, ?)",
        ((position, *c.key, pack(c)) for position, c in enumerate(plan.configurations)),
    )


def _fields(value: RunHeader | Plan) -> list[tuple[str, str]]:
    return [(field.name, encode(getattr(value, field.name))) for field in fields(value)]


def _uri(path: Path) -> str:
    uri = path.resolve().as_uri()
    # A network share of Windows: SQLite wants its host in the path, not where a URI has it.
    return uri if uri.startswith("file:///") else uri.replace("file://", "file:////", 1)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(path: Path) -> None:
    """So that the new name is on disk as well; Windows sees to that by itself and opens no folders."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
