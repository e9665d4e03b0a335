"""A run that is put back: held while that goes on, and marked, so that nobody goes on with it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.journal.writer import JournalWriter
from migrator.model.errors import UsageError
from migrator.model.record import RunHeader


async def mark(folder: RunFolder, by: str) -> None:
    """Notes in a run's journal by which run it is put back. From then on it cannot be gone on with."""
    async with JournalWriter(folder) as journal:
        await journal.mark(put_back=by)


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
async def putting_back(folder: RunFolder, header: RunHeader, now: float) -> AsyncIterator[None]:
    """While the block runs, the run that this one puts back is held and marked, where it lies beside it; `now` is
    seconds since 1970. Any other run has nothing to hold. Raises RunBusy where somebody is at work on that run."""
    original = RunFolder(folder.path.parent / header.of)
    if not header.of or Path(header.of).name != header.of or not original.exists:
        yield
        return
    with locked(original, now):
        await mark(original, folder.id)
        yield
