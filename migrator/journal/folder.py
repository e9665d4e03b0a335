"""Where a run is kept: its folder, the files in it, and how a person names it."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from migrator.model.errors import RunNotFound, UsageError

_LONGEST_SLUG = 32  # Windows allows 260 characters for a whole path, and the workbooks lie below it
_RUN_ID = re.compile(r"\d{8}-\d{6}-")
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run and the files in it. That a path is given says nothing of whether it is there yet."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def plan_xlsx(self) -> Path:
        return self.path / "plan.xlsx"

    @property
    def summary_xlsx(self) -> Path:
        return self.path / "summary.xlsx"

    @property
    def configurations(self) -> Path:
        """The folder of the workbooks, one per configuration."""
        return self.path / "configurations"

    @property
    def retry_xlsx(self) -> Path:
        return self.path / "retry.xlsx"

    @property
    def journal(self) -> Path:
        return self.path / "run.sqlite"

    @property
    def log(self) -> Path:
        return self.path / "run.log"

    @property
    def lock(self) -> Path:
        """There only while a process is at work on the run."""
        return self.path / "run.lock"

    @property
    def exists(self) -> bool:
        """A run exists once its journal does."""
        return _is_file(self.journal)

    def protect(self) -> None:
        """Makes everything in it readable by its owner only; on Windows the user's profile does that."""
        for path in (self.path, *self.path.rglob("*")):
            with suppress(FileNotFoundError):  # SQLite's and the lock's come and go
                if not path.is_symlink():
                    path.chmod(0o700 if path.is_dir() else 0o600)


def new_run_id(now: float, tenant_name: str) -> str:
    """`20261123-204512-contoso`: the time (`now` in seconds since 1970) in UTC, and the tenant's name made safe."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{_slug(tenant_name) or 'tenant'}"


def check_room(reports: Path) -> None:
    """Raises UsageError where no run could be kept, so that this is known before anything else is done."""
    whole = reports.absolute()
    there = next((path for path in (whole, *whole.parents) if path.exists()), whole)
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = "it cannot be written to" if there.is_dir() else "it is no folder"
        raise UsageError(f"{there} cannot be used for reports: {why}; name another with --reports")


def make_folder(reports: Path, run_id: str) -> RunFolder:
    """A folder that is new, for this run alone; where the id is taken it gets a suffix: `…-2`, `…-3`.

    Raises UsageError where it cannot be made.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = reports / (run_id if number == 1 else f"{run_id}-{number}")
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                continue
            return RunFolder(path)
    except OSError as error:
        raise UsageError(
            f"{reports} cannot be used for reports: {error.strerror}; name another with --reports"
        ) from error
    raise AssertionError("there is always one more number")


def list_runs(reports: Path) -> tuple[RunFolder, ...]:
    """The runs in a folder, the oldest first. What holds no journal is no run; there may be none."""
    try:
        folders = [RunFolder(path) for path in reports.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise UsageError(f"{reports} cannot be read: {error.strerror}") from error
    return tuple(sorted((folder for folder in folders if folder.exists), key=_age))


def find_run(reports: Path, text: str) -> RunFolder:
    """The run a person means by its id, the path of its folder (or of a file in it), or `last`.

    Raises RunNotFound, with the near ones.
    """
    if text.strip().casefold() == "last":
        runs = list_runs(reports)
        if not runs:
            raise RunNotFound(f"there is no run in {reports} yet; `migrator plan` or `migrator run` makes the first")
        return runs[-1]
    for path in _candidates(reports, text):
        if RunFolder(path).exists:
            return RunFolder(path)
    raise RunNotFound(_not_found(reports, text))


def _candidates(reports: Path, text: str) -> list[Path]:
    named = text.strip()
    if not named:
        return []
    as_path = Path(named)
    within = [reports / named] if as_path.name == named else []
    # "." and "x/.." have no name of their own until they are resolved
    whole = as_path if as_path.name not in ("", "..") else as_path.resolve()
    return [*within, whole, whole.parent] if _is_file(whole) else [*within, whole]


def _not_found(reports: Path, text: str) -> str:
    ids = [run.id for run in list_runs(reports)]
    if not ids:
        return f"there is no run {text!r}, and none at all in {reports}; --reports says where runs are kept"
    near = difflib.get_close_matches(text, ids, n=3, cutoff=0.5) or ids[:-4:-1]
    return f"there is no run {text!r}; near it: {', '.join(near)}. `migrator runs` lists them all"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # somebody else's folder, or a name that no file system takes
        return False


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")


def _age(run: RunFolder) -> tuple[bool, list[tuple[int, str]]]:
    """By the time in the name, and `-10` after `-2`; a folder somebody renamed is never the last one."""
    parts = [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(run.id)]
    return bool(_RUN_ID.match(run.id)), parts
