"""The end of every run: its reports, its figures, its exit status."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.journal.folder import RunFolder
from migrator.model.errors import MigratorError, SignInError, WaitsFirst
from migrator.model.events import Said, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.outcome import Status
from migrator.model.record import RunRecord
from migrator.model.second_admin import UNJUSTIFIED
from migrator.reporting.facts import Facts, facts
from migrator.reporting.write import Written, write_reports


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to, for whoever called it. Its `repr` leaves out what is long: asyncio makes one of every
    result on its way out, which took more memory than the run itself."""

    folder: RunFolder
    record: RunRecord = field(repr=False)
    facts: Facts = field(repr=False)
    exit_code: int
    stopped: bool = False
    unwritten: tuple[str, ...] = ()
    error: MigratorError | None = None


def finish(
    folder: RunFolder,
    record: RunRecord,
    watch: Watch,
    *,
    stopped: bool = False,
    error: MigratorError | None = None,
) -> Result:
    """Writes the reports and says how it went. A report that cannot be written keeps no other from being written.

    `error` is what ended the sending before its time.
    """
    figures = facts(record)
    written = report(folder, record, figures, watch)
    for one in written.unwritten:
        watch(Said(f"{one.path.name}: {one.reason}"))
    unwritten = tuple(one.path.name for one in written.unwritten)
    status = exit_status(record, figures, stopped=stopped, all_written=not unwritten, error=error)
    return Result(folder, record, figures, status, stopped, unwritten, error)


def report(folder: RunFolder, record: RunRecord, figures: Facts, watch: Watch) -> Written:
    """All reports of a run, readable by their owner only."""
    written = write_reports(
        record,
        folder.path,
        figures=figures,
        total=lambda files: watch(StageStarted(Stage.REPORT, files)),
        progress=lambda by: watch(StageAdvanced(Stage.REPORT, by)),
    )
    folder.protect()
    watch(StageFinished(Stage.REPORT))
    return written


def exit_status(
    record: RunRecord,
    figures: Facts,
    *,
    stopped: bool = False,
    all_written: bool = True,
    error: MigratorError | None = None,
) -> int:
    """The exit status of a run: of several that apply, the first of 130, 3, 1, 5, 4, 0."""
    ended = error.exit_code if error else 0
    applies = (
        (130, stopped),
        (3, ended == SignInError.exit_code or _forbidden(record, figures)),
        (
            1,
            bool(
                ended not in (0, WaitsFirst.exit_code) or _failed(figures, ended) or figures.differing or figures.unseen
            )
            or not all_written,
        ),
        (5, bool(figures.waiting) or ended == WaitsFirst.exit_code),
        (4, bool(figures.drifted)),
    )
    return next((code for code, is_so in applies if is_so), 0)


def _failed(figures: Facts, ended: int) -> int:
    """How many failed; what was not sent because something else waits first is none of them."""
    return figures.failed - (figures.open if ended == WaitsFirst.exit_code else 0)


def _forbidden(record: RunRecord, figures: Facts) -> bool:
    """Whether nothing succeeded and every failure is a refused permission: then that is what is wrong with the run. A
    single configuration that may not be touched (a scoped admin's) is a failure like others."""
    failures = [outcome for outcome in record.outcomes if outcome.status is Status.FAILED]
    refused = (o.http_status in (401, 403) and o.code != UNJUSTIFIED for o in failures)
    return not figures.succeeded and bool(failures) and all(refused)
