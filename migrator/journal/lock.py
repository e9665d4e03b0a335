"""One process at a time works on a run: the operating system's own lock, which no crash leaves behind."""

from __future__ import annotations

import errno
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.journal.records import decode, encode
from migrator.model.errors import RunBusy, UsageError

# The byte that is locked lies far behind the text, since Windows lets nobody read what is locked.
_PLACE = 1 << 30
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _let_go(descriptor: int, path: Path) -> None:
        os.close(descriptor)
        with suppress(OSError):  # somebody has opened it meanwhile, and Windows keeps it for them
            path.unlink()

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # lockf, not flock: a worker process that outlives us would inherit the latter and keep the run busy.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PLACE)

    def _let_go(descriptor: int, path: Path) -> None:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: int
    host: str
    since: float


# lockf knows processes, not threads, and closing any descriptor of a file gives its lock up: what this process holds
# is known here, and its file is not opened a second time.
_held: set[Path] = set()
_guard = threading.Lock()


@contextmanager
def locked(folder: RunFolder, now: float) -> Iterator[None]:
    """Holds the run while the block runs; `now` (seconds since 1970) is what another process is told.

    Raises RunBusy, saying who holds it and since when. Released when the process ends, however it ends.
    """
    path = folder.lock.parent.resolve() / folder.lock.name  # a link in its place must not be followed
    with _guard:
        if path in _held:
            raise RunBusy(f"run {folder.id} is being worked on already, in this very process")
        _held.add(path)
    try:
        descriptor = _acquire(folder, path)
        try:
            _write(descriptor, _Holder(os.getpid(), platform.node(), now))
            yield
        finally:
            _let_go(descriptor, path)
    finally:
        with _guard:
            _held.discard(path)


def _acquire(folder: RunFolder, path: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
        except OSError as error:
            raise UsageError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _TAKEN:
                raise RunBusy(_busy(folder, path)) from error
            raise UsageError(f"{path} cannot be locked: {error.strerror}; keep runs on a local disk") from error
        if _still_there(descriptor, path):
            return descriptor
        os.close(descriptor)  # its holder let go and took the file away in between: once more


def _still_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, holder: _Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, encode(holder).encode("utf-8"))


def _busy(folder: RunFolder, path: Path) -> str:
    try:
        holder = decode(path.read_text(encoding="utf-8"), _Holder)
    except (OSError, ValueError):  # it is only just being written, or gone again
        return f"another process is at work on run {folder.id}; wait until it has ended"
    since = datetime.fromtimestamp(holder.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f"process {holder.pid} on {holder.host or 'this computer'} has been at work on run {folder.id} since {since}; "
        "wait until it has ended"
    )
