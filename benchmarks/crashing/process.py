"""A command as a process of its own, watched while it works: what it says, and which files appear."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # seconds that a command may take; none of the campaign's needs a tenth of that
_LOOK = 0.0003  # seconds between two looks


@dataclass(slots=True)
class Seen:
    """What a process shows: the lines on standard error, and the files of runs that are new or were written again."""

    reports: Path
    began: float
    lines: list[str] = field(default_factory=list)
    stale: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def wrote(self, pattern: str) -> list[Path]:
        """Files of any run that match and are not as they were when the process began."""
        return [path for path in self.reports.glob(f"*/{pattern}") if _stamp(path) not in (None, self.stale.get(path))]

    def seconds(self) -> float:
        return time.monotonic() - self.began


Blow = Callable[["subprocess.Popen[bytes]"], None]
Moment = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: by itself, or by a blow. `stdout` and `stderr` are whole, `began` is seconds since 1970."""

    status: int
    stdout: str
    stderr: str
    struck: bool
    command: str
    began: float
    blow: Blow

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


def never(_: Seen) -> bool:
    return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, or TerminateProcess on Windows."""
    process.kill()


def command(
    arguments: Sequence[str],
    reports: Path,
    environment: Mapping[str, str],
    moment: Moment = never,
    blow: Blow = kill,
    delay: float = 0.0,
) -> Ended:
    """Runs `migrator` with these arguments, and strikes `delay` seconds after the moment has come.

    Raises TimeoutError for one that does not end.
    """
    began = time.time()
    stale = {path: stamp for path in reports.glob("*/**/*") if (stamp := _stamp(path)) is not None}
    with subprocess.Popen(
        [sys.executable, "-m", "migrator", *arguments, "--reports", str(reports)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        seen = Seen(reports, time.monotonic(), stale=stale)
        out: list[bytes] = []
        readers = [
            threading.Thread(target=_read_lines, args=(process.stderr, seen.lines)),
            threading.Thread(target=_read_all, args=(process.stdout, out)),
        ]
        for reader in readers:
            reader.start()
        try:
            struck = _strike(process, seen, moment, blow, delay)
        finally:
            if process.poll() is None:
                process.kill()
            for reader in readers:
                reader.join()
    said = b"".join(out).decode("utf-8", "replace")
    return Ended(process.returncode, said, "\n".join(seen.lines), struck, " ".join(arguments[:2]), began, blow)


def _strike(process: subprocess.Popen[bytes], seen: Seen, moment: Moment, blow: Blow, delay: float) -> bool:
    struck = False
    while process.poll() is None:
        if seen.seconds() > PATIENCE:
            raise TimeoutError(f"a command did not end within {PATIENCE:.0f} s; it said {seen.lines}")
        if not struck and moment(seen):
            if delay:
                time.sleep(delay)
            blow(process)
            struck = True
        time.sleep(_LOOK if not struck and moment is not never else 0.005)
    return struck


def _read_lines(stream: IO[bytes] | None, lines: list[str]) -> None:
    while stream and (line := stream.readline()):
        lines.append(line.decode("utf-8", "replace").rstrip())


def _read_all(stream: IO[bytes] | None, out: list[bytes]) -> None:
    out.append(stream.read() if stream else b"")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:  # it has gone meanwhile
        return None
    return status.st_mtime_ns, status.st_size
