"""A run that is put back: held while that goes on, and marked, so that nobody goes on with it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.journal.reader import read_header, read_record
from migrator.journal.writer import JournalWriter
from migrator.model.errors import UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunHeader, RunRecord
from migrator.planning.rollback import is_whole


async def mark(original: RunFolder, record: RunRecord, plan: Plan, by: str, now: float) -> None:
    """Notes in a run's journal that run `by` puts it back, where its plan does so as a whole: from then on it cannot be
    gone on with. The run must be held. `now` is seconds since 1970.

    Where it had itself put back another, that one's work is there again, and its mark goes.
    """
    if not is_whole(plan, record):
        return
    await _note(original, by)
    released = _beside(original, record.header.of)
    if released is not None and read_header(released).put_back == original.id:
        with locked(released, now):
            await _note(released, "")


def check_not_put_back(header: RunHeader) -> None:
    """Raises UsageError for a run that was put back: going on with it would undo that in part, without anybody having
    seen a plan of it."""
    if header.put_back:
        raise UsageError(
            f"run {header.id} was put back by run {header.put_back}, and going on with it would undo that. "
            "Plan anew with `migrator run MAPPING`, or undo the putting back with "
            f"`migrator rollback {header.put_back}`"
        )


@asynccontextmanager
async def putting_back(folder: RunFolder, record: RunRecord, now: float) -> AsyncIterator[None]:
    """While the block runs, the run that this one puts back is held, and marked as `mark` does, where it lies beside
    it; `now` is seconds since 1970. Any other run has nothing to hold. Raises RunBusy where somebody is at work on that
    run."""
    original = _beside(folder, record.header.of)
    if original is None:
        yield
        return
    with locked(original, now):
        since = read_header(original).put_back
        if since not in ("", folder.id):
            raise UsageError(
                f"run {original.id}, which this one puts back, was put back by run {since} since; "
                f"what is left to put back is for a new plan: migrator rollback {original.id}"
            )
        await mark(original, read_record(original), record.plan, folder.id, now)
        yield


def _beside(folder: RunFolder, run: str) -> RunFolder | None:
    there = RunFolder(folder.path.parent / run)
    return there if run and Path(run).name == run and there.exists else None


async def _note(folder: RunFolder, by: str) -> None:
    async with JournalWriter(folder) as journal:
        await journal.mark(put_back=by)
