"""One tenant, one folder of runs, one thing after the other; and what the promises demand, checked as it happens.

An operation is the package's own, from the mapping's file to the reports. It may meet a `Trouble` at any moment: before
or after a request, or at anything it tells its watchers. A crash is what a killed process leaves: the runs' folder is
kept as it is at that moment, whatever the operation still does while it is taken down reaches neither tenant nor disk.
"""

from __future__ import annotations

import asyncio
import csv
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from migrator.graph.auth.registry import token_source
from migrator.graph.client import Client
from migrator.graph.session import gates
from migrator.graph.tenant.tenant import GraphTenant
from migrator.graph.transport import Transport
from migrator.journal.folder import RunFolder, list_runs
from migrator.journal.reader import read_record
from migrator.model.configuration import Key
from migrator.model.errors import MappingError, MigratorError
from migrator.model.events import AttemptMade, Concluded, Event, ThrottleSeen
from migrator.model.outcome import Status
from migrator.model.plan import Plan
from migrator.model.settings import Auth, Limit, Secret, Settings, SignIn
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.connect import Attempts, Connection, Events
from migrator.operations.finish import Result
from migrator.operations.plan import plan
from migrator.operations.run import run
from migrator.operations.throttle import Throttle, throttle_of
from migrator.operations.verify import verify_run
from migrator.simulator.clock import Clock as ServiceClock
from migrator.simulator.server import Simulator
from migrator.simulator.settings import Lies, SimulatorSettings
from migrator.simulator.state import TenantState
from tests.stateful.demands import Demands, Known, lines_of
from tests.stateful.line import GRAPH_URL, Line
from tests.stateful.meaning import Row
from tests.stateful.tenant import CONFIGURATIONS, TOKEN, Spec, quiet, stored
from tests.stateful.watched import OTHERS, Watched
from tests.virtual_clock import VirtualClock

HEADINGS = (
    *("Configuration", "Legacy group", "New group", "Action"),
    *("Direction", "Intent", "Filter", "Filter mode"),
)

_DONE = (Status.SUCCEEDED, Status.UNCHANGED)


@dataclass(frozen=True)
class Trouble:
    """What happens at the so-many-th moment of an operation: "crash", "stop", or others make a configuration's list.

    `approved` counts the moments from when there is a plan.
    """

    moment: int
    what: str
    configuration: str = ""
    specs: tuple[Spec, ...] = ()
    approved: bool = False

    def __str__(self) -> str:
        change = f" {self.configuration} becomes [{', '.join(map(str, self.specs))}]" if self.configuration else ""
        return f"{self.what}{change} at moment {self.moment}{' of the approved' if self.approved else ''}"


class Killed(Exception):
    """The process of an operation is gone."""


class Story(Demands):
    """The state, and the operations. `told` is what happened, to be read by a person."""

    clock: _MortalClock

    def __init__(
        self,
        state: TenantState,
        settings: SimulatorSettings,
        folder: Path,
        *,
        workers: int,
        limit: int | None,
        over_http: bool = False,
    ) -> None:
        self.over_http = over_http
        self.clock = _MortalClock()
        self.told: list[str] = []
        self.ended = False
        self.folder = folder
        self.runner = asyncio.Runner()
        self.service = Watched(state, settings, ServiceClock(1.0, self.clock.monotonic, self.clock.sleep), GRAPH_URL)
        self.service.moment, self.service.writes = self._moment, self._checks_write
        self.settings = Settings(
            GRAPH_URL,
            SignIn(Auth.TOKEN, "https://127.0.0.1:9", tenant_id=state.id, token=Secret(TOKEN)),
            kinds=tuple(dict.fromkeys(CONFIGURATIONS.values())),
            reports=folder / "reports",
            concurrency=workers,
            limit=Limit(limit),
        )
        self.rows: Sequence[Row] = ()
        self.runs: dict[str, Known] = {}
        self.last: RunFolder | None = None
        self._now: Known | None = None
        self._restored: Known | None = None
        self._stop = Stop()
        self._troubles: Sequence[Trouble] = ()
        self._moments = self._approved_moments = 0
        self._began = 0
        self._task: asyncio.Task[Any] | None = None
        self._wrong: list[str] = []

    def close(self) -> None:
        self.runner.close()

    # What happens.

    def says(self, text: str) -> None:
        self.told.append(text)

    def writes_mapping(self, rows: Sequence[Row]) -> None:
        self.says("the mapping says " + ", ".join(map(str, rows)))
        self.rows = rows

    def others_make(self, name: str, specs: Sequence[Spec]) -> None:
        self.says(f"others make {name} [{', '.join(map(str, specs))}]")
        configuration = self.service.tenant.configuration(name)
        configuration.replace(stored(configuration, specs))
        self.service.note(configuration, OTHERS)

    def uses(self, settings: SimulatorSettings, shortened: Sequence[str] = ()) -> None:
        self.service.use(settings)
        self.service.shortened = frozenset(shortened)
        faults, lies = settings.faults, settings.lies or Lies()
        self.says(
            f"the service: writes {faults.planned_writes or ''} reads {faults.planned_reads or ''} "
            f"chance {sum(faults.writes.values()):.1f} limit {settings.writes} page {settings.assignments_page_size} "
            f"empty on list {bool(lies.list_empty)} on item {bool(lies.item_empty)} isAssigned {lies.is_assigned}, "
            f"short listings {list(shortened)}"
        )

    def waits(self, seconds: float) -> None:
        self.clock.now += seconds

    def plans(self, troubles: Sequence[Trouble]) -> None:
        async def do(connection: Connection) -> None:
            drawn = await plan(self._mapping(), self.settings, connection)
            self._knows(drawn.plan, drawn.folder)

        self._does("plan", do, troubles)

    def runs_mapping(self, troubles: Sequence[Trouble]) -> None:
        async def do(connection: Connection) -> Any:
            return await run(self._mapping(), self.settings, connection, approve=self._approve, stop=self._stop)

        self._does("run", do, troubles)

    def applies(self, troubles: Sequence[Trouble]) -> None:
        self._carries_on("apply", apply, self.last, troubles)

    def resumes(self, troubles: Sequence[Trouble], folder: RunFolder | None = None) -> Result | None:
        return self._carries_on("resume", resume, folder or self.last, troubles)

    def verifies(self, troubles: Sequence[Trouble], folder: RunFolder | None = None) -> Result | None:
        folder = folder or self.last

        async def do(connection: Connection) -> Any:
            assert folder is not None
            return await verify_run(folder, self.settings, connection)

        if folder is None:
            return None
        self._now = self.runs[folder.id]
        result = self._does("verify", do, troubles, folder)
        return result if isinstance(result, Result) else None

    def rolls_back(self, operation: Callable[..., Awaitable[Any]], troubles: Sequence[Trouble]) -> None:
        """Puts the last run back, which makes a run of its own."""
        folder = self.last

        async def do(connection: Connection) -> Any:
            return await operation(folder, self.settings, connection, approve=self._approve, stop=self._stop)

        if folder is not None:
            self._restored = self.runs[folder.id]
            try:
                self._does(f"rollback {folder.id}", do, troubles)
            finally:
                self._restored = None

    def ends(self) -> None:
        """All troubles over, every run that was begun is resumed to its end: then everything is as the model says."""
        self.uses(quiet(self.service.settings))
        self.waits(600.0)
        for folder in list_runs(self.settings.reports):
            known = self.runs.get(folder.id)
            if known is not None and not known.put_back and read_record(folder).header.approved:
                result = self.resumes((), folder)
                if result is not None and result.facts.unseen:  # `verify` could not see it, and is what looks again
                    result = self.verifies((), folder)
                assert result is not None, "a run that nothing disturbs does not come to its end"
                self._checks_end(known, result)
        self._checks_secrets()

    # How it happens.

    def _mapping(self) -> Path:
        path = self.folder / "mapping.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADINGS, *(row.cells for row in self.rows)])
        return path

    async def _approve(self, plan: Plan, folder: RunFolder) -> bool:
        self._knows(plan, folder)
        return True

    def _carries_on(
        self, name: str, operation: Callable[..., Awaitable[Any]], folder: RunFolder | None, troubles: Sequence[Trouble]
    ) -> Result | None:
        if folder is None:
            return None

        async def do(connection: Connection) -> Any:
            return await operation(folder, self.settings, connection, approve=self._approve, stop=self._stop)

        self._now = self.runs[folder.id]
        self.service.by = folder.id
        result = self._does(f"{name} {folder.id}", do, troubles, folder)
        return result if isinstance(result, Result) else None

    def _does(
        self,
        name: str,
        do: Callable[[Connection], Awaitable[Any]],
        troubles: Sequence[Trouble],
        folder: RunFolder | None = None,
    ) -> Any:
        try:
            return self._done(name, do, troubles, folder)
        except BaseException as error:
            self.tells(error)
            raise

    def tells(self, error: BaseException) -> None:
        """Adds the story to an error that ends it, once."""
        if not self.ended:
            self.ended = True
            error.add_note("\n".join(("The story:", *self.told)))

    def _done(
        self,
        name: str,
        do: Callable[[Connection], Awaitable[Any]],
        troubles: Sequence[Trouble],
        folder: RunFolder | None,
    ) -> Any:
        self.says(f"{name}" + "".join(f"; {trouble}" for trouble in troubles))
        self._stop, self._troubles, self._moments = Stop(), troubles, 0
        self._approved_moments = 0
        self._began, self._wrong = self.service.tick, []
        if folder is None:
            self._now = None
        else:
            record = read_record(folder)
            names = {p.key: p.configuration.name for p in record.plan.configurations}
            self.runs[folder.id].concluded = {names[o.key] for o in record.outcomes if o.status in _DONE}
        result, error = None, None
        try:
            result = self.runner.run(self._connected(do))
        except MappingError as refused:
            error = refused
        except MigratorError as failed:
            self.says(f"  it fails: {type(failed).__name__}: {failed}")
        except asyncio.CancelledError:
            if not self.clock.dead:
                raise
        if self.clock.dead:
            self._rises_again()
        self.service.by = OTHERS
        assert not self._wrong, self._wrong
        self._checks_mapping(name, error)
        if isinstance(result, Result):
            self.says(f"  exit {result.exit_code}: " + "; ".join(lines_of(result)))
            self._checks_result(result)
        return result

    async def _connected(self, do: Callable[[Connection], Awaitable[Any]]) -> Any:
        self._task = asyncio.current_task()
        events = Events(self._watch)
        attempts = Attempts(events)
        tokens = token_source(self.settings.sign_in, "127.0.0.1:9", None, self.says)
        gate = gates(self.settings, self.clock)
        async with self._line() as line, Client(line, tokens, gate, self.clock, attempts) as client:
            throttle = Throttle(lambda: throttle_of(client), events)
            async with throttle.ticking():
                tenant = GraphTenant(client)
                return await do(Connection(self.settings, tenant, client, self.clock, events, attempts, throttle, None))

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Transport]:
        """What carries the requests: the package's own transport and sockets, or what stands for them."""
        if not self.over_http:
            yield cast("Transport", Line(self.service, self.clock))
            return
        simulator = Simulator(self.service.tenant, self.service.settings, clock=self.service.clock)
        simulator.service = self.service
        async with simulator, Transport(simulator.graph_url, self.clock) as transport:
            yield transport

    def _watch(self, event: Event) -> None:
        if isinstance(event, ThrottleSeen | AttemptMade):
            return
        if isinstance(event, Concluded) and event.outcome.status in _DONE and self._now and not self.clock.dead:
            self._now.concluded.add(self._name(event.outcome.key))
        self._moment(str(event))

    def _moment(self, what: str) -> None:
        if self.clock.dead:
            raise asyncio.CancelledError
        self._moments += 1
        if self._now is not None:
            self._approved_moments += 1
        for trouble in self._troubles:
            if trouble.moment == (self._approved_moments if trouble.approved else self._moments):
                self._strikes(trouble, what)

    def _strikes(self, trouble: Trouble, what: str) -> None:
        self.says(f"  {trouble.what} at {what[:150]}")
        if trouble.what == "stop":
            self._stop.wished.set()
        elif trouble.what == "crash":
            kept = self.folder / "kept"
            if self.settings.reports.exists():
                shutil.copytree(self.settings.reports, kept)
            self.clock.dead = True
            assert self._task is not None
            self._task.cancel()
            raise asyncio.CancelledError
        else:
            self.others_make(trouble.configuration, trouble.specs)

    def _rises_again(self) -> None:
        """The disk as it was when the process died."""
        kept = self.folder / "kept"
        shutil.rmtree(self.settings.reports, ignore_errors=True)
        if kept.exists():
            kept.rename(self.settings.reports)
        self.clock.dead = False
        there = {folder.id for folder in list_runs(self.settings.reports)}
        self.runs = {id_: known for id_, known in self.runs.items() if id_ in there}
        if self.last is not None and self.last.id not in there:
            self.last = None

    def _knows(self, plan: Plan, folder: RunFolder) -> None:
        """A plan that was drawn up or approved: what it was made from is held against what stood."""
        self.last, self.service.by = folder, folder.id
        if folder.id in self.runs:
            self._now = self.runs[folder.id]
            return
        self._now = self.runs[folder.id] = Known(plan, self.rows, {}, self._began, set())
        if self._restored is not None:
            self._restored.put_back = True
            self._now.wanted, self._now.planned_at = self._restored.before, self._restored.planned_at
        for one in plan.configurations:
            self._takes(self._now, one, restores=self._restored is not None)

    def _name(self, key: Key) -> str:
        return next(n for n in CONFIGURATIONS if self.service.tenant.configuration(n).id == key.id)


class _MortalClock(VirtualClock):
    """Time that stands still for a process that is dead."""

    dead = False

    async def sleep(self, seconds: float) -> None:
        if self.dead:
            raise asyncio.CancelledError
        await super().sleep(seconds)
