"""A run's log: one JSON object a line, written by a thread of its own, and no secret in it."""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.model.errors import UsageError
from migrator.model.settings import Secret

HIDDEN = "***"

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


class Redactor:
    """Takes out of what is logged everything that looks like a secret, and every secret it was told of."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets: tuple[Secret, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """From now on this value is hidden as well."""
        if secret:  # the longest first, since one may be a part of another
            self._secrets = tuple(sorted({*self._secrets, secret}, key=lambda s: len(s.reveal()), reverse=True))

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
        return json.dumps(self._redactor.value(entry), ensure_ascii=False)


@contextmanager
def open_log(folder: RunFolder, secrets: Iterable[Secret] = (), *, level: int = logging.INFO) -> Iterator[Redactor]:
    """Adds what this package (and asyncio) logs to the run's log while the block runs; fields are given as `extra`.

    Yields the redactor, for secrets that become known on the way. Logging costs its caller the making of one line:
    writing is another thread's work, and all is written when the block ends. Raises UsageError where it cannot begin.
    """
    redactor = Redactor(secrets)
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    entrance = QueueHandler(waiting)
    entrance.setFormatter(JsonLines(redactor))
    exit_ = _file_handler(folder.log)
    listener = QueueListener(waiting, exit_)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = loggers[0].level
    loggers[0].setLevel(level)
    for logger in loggers:
        logger.addHandler(entrance)
    listener.start()
    try:
        yield redactor
    finally:
        for logger in loggers:
            logger.removeHandler(entrance)
        loggers[0].setLevel(before)
        listener.stop()
        entrance.close()
        exit_.close()


def _file_handler(path: Path) -> logging.Handler:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))  # its owner's only, from the first byte
        _end_the_last_line(path)
        # Half a surrogate pair becomes \ud83d, which is how JSON spells it.
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


def _end_the_last_line(path: Path) -> None:
    """A process that was killed may have left half a line; the next one starts on a line of its own."""
    with path.open("r+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
