"""Turns settings into a tenant: the only place where things are wired together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.model.events import AttemptMade, Event, Watch, ignore
from migrator.model.outcome import Attempt
from migrator.operations.memory import Memory, memory_of
from migrator.operations.throttle import Throttle, throttle_of

if TYPE_CHECKING:
    from migrator.graph.client import Client
    from migrator.model.ports import Clock, Journal, Tenant
    from migrator.model.settings import Settings


class Events:
    """One Watch that gives on to several: a display, and a run's log while it is open."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = list(watches)

    def __call__(self, event: Event) -> None:
        for watch in self._watches:
            watch(event)

    def add(self, watch: Watch) -> None:
        self._watches.append(watch)

    def remove(self, watch: Watch) -> None:
        self._watches.remove(watch)


class Attempts:
    """Every request goes to whoever watches, and into the journal; those made before there is one wait for it."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._waiting: list[Attempt] = []
        self._journal: Journal | None = None

    def __call__(self, attempt: Attempt) -> None:
        self._watch(AttemptMade(attempt))
        if self._journal is None:
            self._waiting.append(attempt)
        else:
            self._journal.attempted(attempt)

    def keep_in(self, journal: Journal | None) -> None:
        """From now on they are kept there, with all that waited; None: they wait again."""
        self._journal = journal
        if journal is not None:
            for attempt in self._waiting:
                journal.attempted(attempt)
            self._waiting.clear()


@dataclass(frozen=True, slots=True)
class Connection:
    """A tenant, the settings that lead to it, and what an operation needs besides: time, whoever watches, what is kept.

    `memory` holds what earlier commands learned of the tenant's limits; None: nothing is remembered.
    """

    settings: Settings
    tenant: Tenant
    client: Client
    clock: Clock
    events: Events
    attempts: Attempts
    throttle: Throttle
    memory: Memory | None

    @property
    def watch(self) -> Watch:
        return self.events

    @contextmanager
    def kept_in(self, journal: Journal) -> Iterator[None]:
        """While the block runs every request, and how the throttle stands, goes into this journal; first what was made
        while there was none."""
        self.attempts.keep_in(journal)
        self.throttle.keep_in(journal)
        try:
            yield
        finally:
            self.throttle.keep_in(None)
            self.attempts.keep_in(None)


@asynccontextmanager
async def connect(
    settings: Settings,
    *,
    watch: Watch = ignore,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
    memory: Path | None = None,
) -> AsyncIterator[Connection]:
    """A connection to the tenant of these settings; no request is made until something is asked.

    `say` shows a person what a sign-in wants of them (a device code). `memory` is the folder for what is learned of
    limits; None: where the system keeps such things, and nowhere for an embedded tenant. It is kept however the block
    ends. Raises UsageError for settings that cannot work.
    """
    from migrator.graph.clock import SystemClock
    from migrator.graph.session import open_client
    from migrator.graph.tenant.tenant import GraphTenant

    clock = clock or SystemClock()
    events = Events(watch)
    attempts = Attempts(events)
    known = memory_of(settings, memory)
    states = known.states(clock.time()) if known else {}
    async with open_client(settings, clock, attempts, say, states) as client:
        throttle = Throttle(lambda: throttle_of(client), events)
        try:
            async with throttle.ticking():
                yield Connection(settings, GraphTenant(client), client, clock, events, attempts, throttle, known)
        finally:
            if known:
                known.keep(clock.time(), client.gates.snapshots())
