"""The end of every run: its reports, its figures, its exit status."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.journal.folder import RunFolder
from migrator.model.events import Said, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.outcome import Verdict
from migrator.model.record import RunRecord
from migrator.reporting.facts import Facts, facts
from migrator.reporting.write import Written, count_reports, write_reports


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to, for whoever called it."""

    folder: RunFolder
    record: RunRecord
    facts: Facts
    exit_code: int
    stopped: bool = False
    unwritten: tuple[str, ...] = ()


def finish(folder: RunFolder, record: RunRecord, watch: Watch, *, stopped: bool = False) -> Result:
    """Writes the reports and says how it went. A report that cannot be written keeps no other from being written."""
    written = report(folder, record, watch)
    figures = facts(record)
    for one in written.unwritten:
        watch(Said(f"{one.path.name}: {one.reason}"))
    return Result(
        folder,
        record,
        figures,
        exit_status(record, figures, stopped=stopped, all_written=not written.unwritten),
        stopped,
        tuple(one.path.name for one in written.unwritten),
    )


def report(folder: RunFolder, record: RunRecord, watch: Watch) -> Written:
    """All reports of a run, readable by their owner only."""
    watch(StageStarted(Stage.REPORT, count_reports(record)))
    written = write_reports(record, folder.path, progress=lambda by: watch(StageAdvanced(Stage.REPORT, by)))
    folder.protect()
    watch(StageFinished(Stage.REPORT))
    return written


def exit_status(record: RunRecord, figures: Facts, *, stopped: bool = False, all_written: bool = True) -> int:
    """The exit status of a run: of several that apply, the first of 130, 3, 1, 5, 4, 0."""
    refused = [o for o in record.outcomes if o.code == "notSent"]
    applies = (
        (130, stopped),
        (3, bool(refused) and _forbidden(record)),
        (1, bool(figures.failed or figures.unverified) or not all_written or _differs(record)),
        (5, bool(figures.waiting)),
        (4, bool(figures.drifted)),
    )
    return next((code for code, is_so in applies if is_so), 0)


def _forbidden(record: RunRecord) -> bool:
    """Whether the run stopped because the calls were all refused for want of a permission."""
    statuses = {a.status for a in record.attempts if a.purpose == "assign"}
    return statuses <= {401, 403} and bool(statuses)


def _differs(record: RunRecord) -> bool:
    """Whether something that was as intended is not any more."""
    as_intended = {o.key for o in record.outcomes if o.status in ("succeeded", "unchanged")}
    return any(v.verdict is not Verdict.VERIFIED for k, v in record.verification_of().items() if k in as_intended)
