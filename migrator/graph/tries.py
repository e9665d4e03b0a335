"""One try of a call, and what is kept of it."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.graph.protocol import Call, Meaning, Reply, in_words
from migrator.model.outcome import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.model.configuration import Key


@dataclass(frozen=True)
class Tried:
    """What came back, what it means, how long it took, and how long the service asks to wait (both in seconds)."""

    reply: Reply
    meaning: Meaning
    seconds: float = 0.0
    retry_after: float | None = None

    @property
    def worth_another(self) -> bool:
        return self.meaning in (Meaning.TRANSIENT, Meaning.THROTTLED)


def attempt_of(
    call: Call, tried: Tried, number: int, started: float, client_request_id: str, *, inner: bool = False
) -> Attempt:
    """The line that the journal and the reports get; `number` counts the tries of this call from 1."""
    subject: Key | None = call.subject
    return Attempt(
        purpose=call.purpose,
        method=call.method,
        path=call.path,
        number=number,
        started=started,
        seconds=tried.seconds,
        status=tried.reply.status,
        request_id=tried.reply.request_id,
        client_request_id=client_request_id,
        error="" if tried.meaning is Meaning.OK else in_words(tried.reply),
        retry_after=tried.retry_after,
        subject=subject,
        inner=inner,
    )


def client_request_ids() -> Iterator[str]:
    """Names for our requests, without end: GUIDs, as Graph wants them, that nobody gives a second time.

    The chance in one of them, 74 bits, is enough for a process; a GUID of its own for each would ask the system for
    more of it every time.
    """
    first = uuid.uuid4()
    ours, last = str(first)[:-12], 2**48 - 1
    return (f"{ours}{number & last:012x}" for number in itertools.count(first.node))
