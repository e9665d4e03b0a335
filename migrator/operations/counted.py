"""How many requests an operation makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.model.events import AttemptMade, Event

if TYPE_CHECKING:
    from migrator.operations.connect import Connection


class Requests:
    """Counts HTTP requests, tries included; what is inside a batch is no request of its own."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, AttemptMade) and not event.attempt.inner:
            self.count += 1


@contextmanager
def counted(connection: Connection) -> Iterator[Requests]:
    """Counts what is asked while the block runs."""
    requests = Requests()
    connection.events.add(requests)
    try:
        yield requests
    finally:
        connection.events.remove(requests)
