"""What a run's journal tells: while the run goes on, when it is over, and after it was killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import msgspec

from migrator.journal.folder import RunFolder
from migrator.journal.packed import unpack
from migrator.journal.records import decode
from migrator.journal.schema import has_throttle, opened
from migrator.model.choice import LEFT_OUT
from migrator.model.configuration import Key
from migrator.model.outcome import Attempt, Outcome, Status, Verification
from migrator.model.plan import Plan
from migrator.model.record import RunHeader, RunRecord
from migrator.model.second_admin import Pending
from migrator.model.throttle import ThrottleState

T = TypeVar("T")


def read_record(folder: RunFolder, plan: Plan | None = None) -> RunRecord:
    """Everything, as of the last whole commit. Of several outcomes of one configuration the newest is given, and none
    where a call of it was about to leave since: it is in doubt. Nor is one given of those that were left out once and
    are not any more.

    `plan` is this run's, where it is at hand: it never changes once it is in the journal, so it is not read again.
    Raises RunNotFound without a journal, UsageError with one that is damaged, foreign, or newer than this program.
    """
    with opened(folder) as connection:
        connection.execute("BEGIN")  # all of it as of one moment
        header = _header(connection)
        left_out = {one.key for one in header.left_out}
        outcomes = _records(connection, "SELECT record FROM standing ORDER BY seq", Outcome)
        return RunRecord(
            header=header,
            plan=plan or _plan(connection),
            intended=frozenset(Key(*row) for row in connection.execute("SELECT DISTINCT kind, id FROM intents")),
            outcomes=tuple(o for o in outcomes if o.code != LEFT_OUT or o.key in left_out),
            attempts=tuple(_records(connection, "SELECT record FROM attempts ORDER BY seq", Attempt)),
            verifications=tuple(_records(connection, "SELECT record FROM verifications ORDER BY seq", Verification)),
            throttle=_throttle(connection),
            waited=_waited(connection),
        )


def read_header(folder: RunFolder) -> RunHeader:
    """What a run is, without its plan. Errors as above."""
    with opened(folder) as connection:
        return _header(connection)


def count_outcomes(folder: RunFolder) -> Mapping[Status | None, int]:
    """How many configurations stand where; None counts those that have no outcome (yet). Errors as above."""
    with opened(folder) as connection:
        connection.execute("BEGIN")
        (configurations,) = connection.execute("SELECT count(*) FROM configurations").fetchone()
        standing = connection.execute("SELECT status, count(*) FROM standing GROUP BY status")
        counts: dict[Status | None, int] = {Status(status): number for status, number in standing}
        return {**counts, None: configurations - sum(counts.values())}


def _records(connection: sqlite3.Connection, query: str, type_: type[T]) -> Iterator[T]:
    return (decode(record, type_) for (record,) in connection.execute(query))


def _header(connection: sqlite3.Connection) -> RunHeader:
    return msgspec.convert(_fields(connection.execute("SELECT name, value FROM header")), RunHeader)


def _plan(connection: sqlite3.Connection) -> Plan:
    kept = connection.execute("SELECT record FROM configurations ORDER BY position")
    configurations = tuple(unpack(record) for (record,) in kept)
    stored = _fields(connection.execute("SELECT name, value FROM plan"))
    return replace(msgspec.convert(stored, Plan), configurations=configurations)


def _throttle(connection: sqlite3.Connection) -> tuple[ThrottleState, ...]:
    if not has_throttle(connection):
        return ()
    return tuple(_records(connection, "SELECT record FROM throttle ORDER BY seq", ThrottleState))


def _waited(connection: sqlite3.Connection) -> tuple[Pending, ...]:
    """The calls that waited, out of every outcome that said so: not only of those that stand, for a call that is about
    to leave puts its outcome in doubt, and is not to be forgotten by that."""
    waited = connection.execute("SELECT record FROM outcomes WHERE status = ? ORDER BY seq", (Status.WAITING.value,))
    outcomes = (decode(record, Outcome) for (record,) in waited)
    return tuple(outcome.pending for outcome in outcomes if outcome.pending is not None)


def _fields(rows: sqlite3.Cursor) -> dict[str, object]:
    return {name: decode(value, object) for name, value in rows}
