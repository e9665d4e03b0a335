"""Where the details of an unexpected failure are kept, without secrets."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from migrator.journal.log import Redactor
from migrator.model.errors import MigratorError
from migrator.operations.configure import secrets_around

_NAME = "migrator-errors.log"


def keep(error: BaseException) -> Path:
    """Appends the failure to the log of failures, which is its owner's only, and says where that is."""
    text = "".join(traceback.format_exception(error))
    redacted = Redactor(secrets_around(os.environ)).text(text)
    entry = f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{redacted}\n".encode("utf-8", "backslashreplace")
    try:
        folder = user_log_path("migrator", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / _NAME
        _write(_opened(path), entry)
    except OSError:
        path = _elsewhere(entry, error)
    return path


def _opened(path: Path) -> int:
    """A descriptor to append with; OSError for what is somebody else's, or no file (a link, a pipe)."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        there = os.fstat(descriptor)
        if not stat.S_ISREG(there.st_mode):
            raise OSError(f"{path} is no file")
        if sys.platform != "win32":
            os.fchmod(descriptor, 0o600)  # PermissionError where it is not ours
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _write(descriptor: int, entry: bytes) -> None:
    with os.fdopen(descriptor, "ab") as file:
        file.write(entry)


def _elsewhere(entry: bytes, error: BaseException) -> Path:
    """A new file in the folder for what is temporary, under a name that nobody can have waited for."""
    try:
        descriptor, name = tempfile.mkstemp(suffix=".log", prefix="migrator-errors-")
        _write(descriptor, entry)
    except OSError:
        raise MigratorError("the details could not be kept: no folder for logs can be written to") from error
    return Path(name)
