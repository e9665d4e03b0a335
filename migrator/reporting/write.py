"""Writes the reports of a run into its folder."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from migrator.model.errors import UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.reporting.facts import Facts, facts
from migrator.reporting.filenames import file_names
from migrator.reporting.formats import REPORTS
from migrator.reporting.formats import plan as plan_report
from migrator.reporting.formats.configuration import file_titles
from migrator.reporting.formats.interface import CONFIGURATIONS, Job, Report, Source
from migrator.reporting.helpers import helped
from migrator.reporting.names import Directory
from migrator.workbook.book import unfinished

Progress = Callable[[int], None]

_POOL_FROM = 400  # files; below that, starting other processes takes longer than it saves
_POOL = 4  # at most; each takes some 60 MiB
_CHUNK = 20


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A file that could not be written, and why in a sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the files in their order, and those that could not be."""

    folder: Path
    files: tuple[Path, ...]
    unwritten: tuple[Unwritten, ...] = ()

    @property
    def summary(self) -> Path | None:
        return self._named("summary.xlsx")

    @property
    def retry(self) -> Path | None:
        return self._named("retry.xlsx")

    def _named(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path in self.files else None


def write_reports(
    record: RunRecord,
    folder: Path,
    *,
    figures: Facts | None = None,
    only: Collection[str] | None = None,
    total: Progress | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Written:
    """Writes summary.xlsx, a workbook per configuration, and retry.xlsx where there are rows to retry.

    `figures` are the record's, where they are at hand. `only` names the reports to write (`REPORTS`); plan.xlsx is
    written by name only. `total` is told how many files there will be, `progress` the number of those done since it was
    last told. `processes` says how many may help with the workbooks of configurations; None means none, or one per
    core for very many files. A file that cannot be written (one that is open in Excel) does not keep the others from
    being written: it is among the `unwritten`. Raises UsageError for a report that does not exist.
    """
    reports = _chosen(only)
    jobs = _jobs(record, figures or facts(record), folder, reports)
    if total:
        total(len(jobs))
    for parent in {(folder / job.path).parent for job in jobs} | {folder}:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if parent != folder and parent.is_symlink():
            raise UsageError(f"{parent} leads out of the run's folder; remove that link, and write the reports again")
    failed = _remove_left_out(folder, reports, {job.path for job in jobs})
    reasons: dict[str, str] = {}
    for job, reason in _results(jobs, folder, processes):
        reasons[job.path] = reason
        if progress:
            progress(1)
    failed += [Unwritten(folder / job.path, reason) for job in jobs if (reason := reasons[job.path])]
    return Written(folder, tuple(folder / job.path for job in jobs if not reasons[job.path]), tuple(failed))


def write_plan(plan: Plan, folder: Path, run_id: str) -> Path:
    """Writes plan.xlsx, before anything is sent. Raises UsageError where it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / plan_report.FILE
    reason = _do(folder, Job(plan_report.FILE, partial(plan_report.write, plan, run_id)))
    if reason:
        raise UsageError(f"{path}: {reason}")
    return path


def _chosen(only: Collection[str] | None) -> list[Report]:
    unknown = set(only or ()) - REPORTS.keys()
    if unknown:
        raise UsageError(f"no report is called {', '.join(sorted(unknown))}; there are {', '.join(REPORTS)}")
    return [r for name, r in REPORTS.items() if (name in only if only is not None else r.by_default)]


def _jobs(record: RunRecord, figures: Facts, folder: Path, reports: Iterable[Report]) -> list[Job]:
    titles = file_titles(figures.lines)
    names = file_names((title for _, title in titles), folder / CONFIGURATIONS)
    files = {key: name for (key, _), name in zip(titles, names, strict=True)}
    source = Source(record, figures, Directory.of(record.plan.names), files)
    return [job for report in reports for job in report.jobs(source)]


def _remove_left_out(folder: Path, reports: Iterable[Report], written: Collection[str]) -> list[Unwritten]:
    """A retry.xlsx of an earlier writing must not stay when nothing is left to retry, whole or not."""
    failed = []
    for path in (folder / name for report in reports for name in report.leaves_out if name not in written):
        try:
            path.unlink(missing_ok=True)
            unfinished(path).unlink(missing_ok=True)
        except OSError as error:
            failed.append(Unwritten(path, f"It is out of date and could not be removed: {_why(error)}"))
    return failed


def _results(jobs: Sequence[Job], folder: Path, processes: int | None) -> Iterator[tuple[Job, str]]:
    """Each job once it is done, with why it failed; "" where it did not."""
    work = partial(_do, folder)
    here, travelling = deque(j for j in jobs if not j.travels), deque(j for j in jobs if j.travels)
    if processes is None:
        processes = _usual_processes(len(travelling))
    if processes > 1:
        try:
            with helped(work, tuple(travelling), processes, at_once=_CHUNK) as coming:
                while here:
                    yield (job := here.popleft()), work(job)
                for reason in coming:
                    yield travelling.popleft(), reason
        except (BrokenProcessPool, OSError):
            pass  # no processes to be had here (a sandbox, no semaphores): the rest is done by this one
    yield from ((job, work(job)) for job in (*here, *travelling))


def _usual_processes(files: int) -> int:
    if files < _POOL_FROM or not _children_run_nothing_else():
        return 1
    return min(os.cpu_count() or 1, _POOL)


def _children_run_nothing_else() -> bool:
    """Whether a spawned process may import this one's main module: a caller's own script without a guard would run
    once more. Ours is guarded, and `python -m PACKAGE` and an interactive session are not imported at all."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return bool(spec.name == "__main__" or spec.name.endswith(".__main__"))
    file = getattr(main, "__file__", None)
    return file is None or Path(file).stem == "migrator"


def _do(folder: Path, job: Job) -> str:
    try:
        job.write(folder / job.path)
    except OSError as error:
        return _why(error)
    return ""


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "It is open in another program, or the folder is read-only: close it and write the reports again."
    return f"It could not be written: {error.strerror or error}."
