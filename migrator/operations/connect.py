"""Turns settings into a tenant: the only place where things are wired together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.events import AttemptMade, Event, Watch, ignore
from migrator.model.outcome import Attempt

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
    """A tenant, the settings that lead to it, and what an operation needs besides: time, whoever watches, attempts."""

    settings: Settings
    tenant: Tenant
    client: Client
    clock: Clock
    events: Events
    attempts: Attempts

    @property
    def watch(self) -> Watch:
        return self.events

    def throttle(self) -> str:
        """What holds the calls up just now, in a few words for a display."""
        parts = []
        for what, gate in (("writes", self.client.writes), ("reads", self.client.reads)):
            status = gate.status()
            if status.used:
                parts.append(f"{what} {status.used} of {status.limit}")
            if status.waiting_until is not None:
                seconds = max(0.0, status.waiting_until - self.clock.monotonic())
                parts[-1:] = [f"{parts[-1] if parts else what}, {status.why}, {seconds:.1f} s"]
        return " · ".join(parts)


@asynccontextmanager
async def connect(
    settings: Settings,
    *,
    watch: Watch = ignore,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> AsyncIterator[Connection]:
    """A connection to the tenant of these settings; no request is made until something is asked.

    `say` shows a person what a sign-in wants of them (a device code). Raises UsageError for settings that cannot work.
    """
    from migrator.graph.clock import SystemClock
    from migrator.graph.session import open_client
    from migrator.graph.tenant.tenant import GraphTenant

    clock = clock or SystemClock()
    events = Events(watch)
    attempts = Attempts(events)
    async with open_client(settings, clock, attempts, say) as client:
        yield Connection(settings, GraphTenant(client), client, clock, events, attempts)
