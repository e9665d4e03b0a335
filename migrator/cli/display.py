"""Progress, on standard error: a live board on a terminal, plain lines elsewhere, nothing where quiet is wanted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol, TextIO

from migrator.cli.plain import Lines
from migrator.cli.tally import Tally, plain_name
from migrator.cli.tolerant import tolerant
from migrator.model.configuration import Key
from migrator.model.events import Event


class Face(Protocol):
    """A Watch that can step aside."""

    def __call__(self, event: Event) -> None: ...

    def paused(self) -> AbstractContextManager[None]:
        """Keeps off the terminal while the block runs, so that a person can be asked something."""
        ...


@contextmanager
def display(
    stderr: TextIO,
    *,
    quiet: bool = False,
    clock: Callable[[], float] = time.monotonic,
    name: Callable[[Key], str] = plain_name,
) -> Iterator[Face]:
    """Shows what happens while the block runs; what it yields is given on as the Watch.

    `clock` gives monotonic seconds; `name` gives a configuration's name for people. No stream, however it is encoded
    or broken, makes it raise.
    """
    if quiet:
        yield _Nothing()
    elif _can_draw(stderr):
        from migrator.cli.live import Board  # rich takes its time to import

        board = Board(tolerant(stderr), Tally(name), clock)
        board.open()
        try:
            yield board
        finally:
            board.close()
    else:
        yield Lines(tolerant(stderr), Tally(name), clock)


class _Nothing:
    def __call__(self, event: Event) -> None:
        pass

    def paused(self) -> AbstractContextManager[None]:
        return nullcontext()


def _can_draw(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM", "").casefold() not in ("dumb", "unknown")
    except ValueError:  # it is closed
        return False
