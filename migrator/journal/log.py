"""A run's log: one JSON object a line, written by a thread of its own, and no secret in it."""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from migrator.journal.folder import RunFolder
from migrator.model.errors import UsageError
from migrator.model.settings import Secret

HIDDEN = "***"

_GATHERING = 0.1  # seconds in which lines gather, so that writing them does not interrupt others for each

_LOGGERS = ("migrator", "asyncio")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TELLING = r"(?:client_secret|(?:access|refresh|id)_token|(?:client_)?assertion|device_code|password|authorization)"
_IS_TELLING = re.compile(_TELLING, re.IGNORECASE)
_PATTERNS = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)*"), HIDDEN),  # a JSON Web Token
    (
        re.compile(rf"({_TELLING}[\\'\"]*\s*[=:]\s*[\\'\"]*)(?!bearer |basic )[^\s\\'\"&,;}}]+", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
)

_TELL_TALES = (
    *("bearer", "basic", "eyj"),
    *("client_secret", "_token", "assertion", "device_code", "password", "authorization"),
)
"""Where none of these stands, in whatever case, nothing above applies."""
_PLAIN = (str, int, bool, type(None))


class Redactor:
    """Takes out of what is logged everything that looks like a secret, and every secret it was told of."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets: tuple[Secret, ...] = ()
        self._spelled: tuple[str, ...] = ()  # as they would stand in JSON
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """From now on this value is hidden as well."""
        if secret:  # the longest first, since one may be a part of another
            self._secrets = tuple(sorted({*self._secrets, secret}, key=lambda s: len(s.reveal()), reverse=True))
            self._spelled = tuple(json.dumps(s.reveal(), ensure_ascii=False)[1:-1] for s in self._secrets)

    def line(self, entry: Mapping[str, object]) -> str:
        """The entry as one line of JSON. Most are plain, with nothing in them to hide, which is cheap to see."""
        if all(type(v) in _PLAIN or (type(v) is float and math.isfinite(v)) for v in entry.values()):
            line = json.dumps(entry, ensure_ascii=False)
            folded = line.casefold()
            if not any(tale in folded for tale in _TELL_TALES) and not any(secret in line for secret in self._spelled):
                return line
        return json.dumps(self.value(entry), ensure_ascii=False)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret.reveal(), HIDDEN)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: object) -> object:
        """The same for anything that JSON can hold; what it cannot becomes text."""
        if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(value, Mapping):
            return {
                self.text(str(k)): HIDDEN if _IS_TELLING.fullmatch(str(k)) else self.value(v) for k, v in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(v) for v in value]
        return self.text(str(value))


class JsonLines(logging.Formatter):
    """A record as one JSON object: time (UTC), level, logger, message, the `extra` fields, and the exception if any."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({name: value for name, value in vars(record).items() if name not in _USUAL})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return self._redactor.line(entry)


class _Entrance(logging.Handler):
    """Makes a line of each record, and leaves it to the thread to write it."""

    def __init__(self, lines: queue.SimpleQueue[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - a handler's errors go where logging wants them
            self.handleError(record)


@contextmanager
def open_log(folder: RunFolder, secrets: Iterable[Secret] = (), *, level: int = logging.INFO) -> Iterator[Redactor]:
    """Adds what this package (and asyncio) logs to the run's log while the block runs; fields are given as `extra`.

    Yields the redactor, for secrets that become known on the way. Logging costs its caller the making of one line:
    writing is another thread's work, and all is written when the block ends. Raises UsageError where it cannot begin.
    """
    redactor = Redactor(secrets)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    entrance = _Entrance(lines)
    entrance.setFormatter(JsonLines(redactor))
    file = _opened(folder.log)
    ending = threading.Event()
    writer = threading.Thread(target=_write, args=(file, lines, ending), name="log", daemon=True)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = loggers[0].level
    loggers[0].setLevel(level)
    for logger in loggers:
        logger.addHandler(entrance)
    writer.start()
    try:
        yield redactor
    finally:
        for logger in loggers:
            logger.removeHandler(entrance)
        loggers[0].setLevel(before)
        ending.set()
        writer.join()
        entrance.close()
        with suppress(OSError):  # what a full disk did not take is given up, and keeps nobody from the reports
            file.close()


def _write(file: TextIO, lines: queue.SimpleQueue[str], ending: threading.Event) -> None:
    """The thread: what gathered in a moment is written together. What the disk does not take is lost; the journal is
    what counts."""
    more = True
    while more:
        more = not ending.wait(_GATHERING)
        pile = [lines.get() for _ in range(lines.qsize())]
        if pile:
            with suppress(OSError):
                file.write("".join(pile))
                file.flush()


def _opened(path: Path) -> TextIO:
    try:
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(path, flags, 0o600))  # its owner's only, from the first byte; never what a link leads to
        _end_the_last_line(path)
        # Half a surrogate pair becomes \ud83d, which is how JSON spells it.
        return path.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _end_the_last_line(path: Path) -> None:
    """A process that was killed may have left half a line; the next one starts on a line of its own."""
    with path.open("r+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
