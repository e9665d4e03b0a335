"""The runs so far, and the reports of one of them written again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.journal.folder import RunFolder, list_runs
from migrator.journal.lock import locked
from migrator.journal.reader import count_outcomes, read_header, read_record
from migrator.model.errors import UsageError
from migrator.model.events import Watch
from migrator.model.outcome import Status
from migrator.model.record import RunHeader
from migrator.operations.approval import is_filled_in
from migrator.operations.finish import Result, finish
from migrator.reporting.write import write_plan


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of runs; `problem` says why nothing more is known of it."""

    folder: RunFolder
    header: RunHeader | None
    counts: Mapping[Status | None, int]
    problem: str = ""


def runs(reports: Path) -> tuple[Listed, ...]:
    """All runs of a folder, the oldest first."""
    return tuple(_listed(folder) for folder in list_runs(reports))


def _listed(folder: RunFolder) -> Listed:
    try:
        return Listed(folder, read_header(folder), count_outcomes(folder))
    except UsageError as error:
        return Listed(folder, None, {}, str(error))


def report(folder: RunFolder, watch: Watch, now: float) -> Result:
    """Writes the reports of a run again from its journal alone; plan.xlsx too, unless a reviewer filled it in."""
    record = read_record(folder)
    with locked(folder, now):
        if not (folder.plan_xlsx.is_file() and is_filled_in(folder.plan_xlsx)):
            write_plan(record.plan, folder.path, folder.id)
        return finish(folder, record, watch)
