"""Writes the reports of a run into its folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from migrator.model.errors import UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.reporting.facts import facts
from migrator.reporting.filenames import file_names
from migrator.reporting.formats import REPORTS
from migrator.reporting.formats import plan as plan_report
from migrator.reporting.formats.configuration import file_titles
from migrator.reporting.formats.interface import CONFIGURATIONS, Job, Report, Source
from migrator.reporting.names import Directory

Progress = Callable[[int], None]

_POOL_FROM = 800  # files; below that, starting other processes takes longer than it saves
_POOL = 2
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
    only: Collection[str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Written:
    """Writes summary.xlsx, a workbook per configuration, and retry.xlsx where there are rows to retry.

    `only` names the reports to write (`REPORTS`); plan.xlsx is written by name only. `progress` is told the number of
    files done since it was last told. `processes` says how many may work at it; None means one, or two for very many
    files. A file that cannot be written (one that is open in Excel) does not keep the others from being written: it
    is among the `unwritten`. Raises UsageError for a report that does not exist.
    """
    reports = _chosen(only)
    jobs = _jobs(record, folder, reports)
    for parent in {(folder / job.path).parent for job in jobs} | {folder}:
        parent.mkdir(parents=True, exist_ok=True)
    failed = _remove_left_out(folder, reports, {job.path for job in jobs})
    done: list[Path] = []
    for job, reason in zip(jobs, _results(jobs, folder, processes), strict=True):
        if reason:
            failed.append(Unwritten(folder / job.path, reason))
        else:
            done.append(folder / job.path)
        if progress:
            progress(1)
    return Written(folder, tuple(done), tuple(failed))


def count_reports(record: RunRecord, *, only: Collection[str] | None = None) -> int:
    """How many files `write_reports` would write: the total of its progress."""
    return len(_jobs(record, Path(), _chosen(only)))


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


def _jobs(record: RunRecord, folder: Path, reports: Iterable[Report]) -> list[Job]:
    figures = facts(record)
    titles = file_titles(figures.lines)
    names = file_names((title for _, title in titles), folder / CONFIGURATIONS)
    files = {key: name for (key, _), name in zip(titles, names, strict=True)}
    source = Source(record, figures, Directory.of(record.plan.names), files)
    return [job for report in reports for job in report.jobs(source)]


def _remove_left_out(folder: Path, reports: Iterable[Report], written: Collection[str]) -> list[Unwritten]:
    """A retry.xlsx of an earlier writing must not stay when nothing is left to retry."""
    failed = []
    for name in (name for report in reports for name in report.leaves_out if name not in written):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            failed.append(Unwritten(folder / name, f"It is out of date and could not be removed: {_why(error)}"))
    return failed


def _results(jobs: list[Job], folder: Path, processes: int | None) -> Iterator[str]:
    """Why each job failed, in their order; "" where it did not."""
    work = partial(_do, folder)
    if processes is None:
        processes = _POOL if len(jobs) >= _POOL_FROM and _children_run_nothing_else() else 1
    done = 0
    if processes > 1:
        try:
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                for reason in pool.map(work, jobs, chunksize=_CHUNK):
                    yield reason
                    done += 1
        except (BrokenProcessPool, OSError):
            pass  # no processes to be had here (a sandbox, no semaphores): the rest is done by this one
    for job in jobs[done:]:
        yield work(job)


def _children_run_nothing_else() -> bool:
    """Whether a spawned process may import this one's main module: a caller's own script without a guard would run
    once more. Ours is guarded, and `python -m` of anything and an interactive session are not imported at all."""
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
