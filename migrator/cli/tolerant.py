"""A stream that progress can be written to without ever getting in the way of the work."""

from __future__ import annotations

from contextlib import suppress
from typing import TextIO, cast


class _Tolerant:
    """Writes what the stream's encoding has, `?` for the rest, and nothing any more once the stream is gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # the pipe's reader has gone, or the stream is closed
            self._stream.write(text.encode(self.encoding, "replace").decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def tolerant(stream: TextIO) -> TextIO:
    """The stream itself in a coat that raises nothing when it is written to."""
    return cast("TextIO", _Tolerant(stream))  # all of TextIO that anybody here uses
