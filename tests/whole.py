"""Whole runs against the embedded tenant, over real HTTP and a real sign-in, without a terminal."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrator.journal.folder import RunFolder
from migrator.model.choice import EVERYTHING, WHOLE, Approval, Selection
from migrator.model.events import Concluded, Event
from migrator.model.plan import Plan
from migrator.model.ports import Clock
from migrator.model.settings import Limit, Settings
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import Connection, connect
from migrator.operations.finish import Result
from migrator.operations.plan import Drawn, plan
from migrator.operations.run import run
from migrator.simulator.clock import Clock as ServiceClock
from migrator.simulator.server import Simulator
from migrator.simulator.settings import Lies, SimulatorSettings
from migrator.simulator.state import TenantState
from tests.virtual_clock import VirtualClock

HEADINGS = ("Configuration", "Legacy group", "New group", "Action")
FREE = Limit(None)
HONEST = Lies()


class Hurried:
    """A clock whose seconds are short, so that patience costs a test next to nothing."""

    def __init__(self, speed: float = 40.0) -> None:
        self._speed = speed

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


@dataclass
class World:
    """A tenant that is being served, the settings that lead to it, a folder for runs, and the client's clock."""

    simulator: Simulator
    settings: Settings
    folder: Path
    clock: Clock | None = None

    def mapping(self, rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> Path:
        path = self.folder / "mapping.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        return path

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with connect(self.settings, clock=self.clock) as connection:
            yield connection

    async def run(self, rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> Result:
        """A whole run, approved."""
        async with self.connection() as connection:
            result = await run(self.mapping(rows, headings), self.settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, Result)
        return result

    async def plan(
        self,
        rows: Iterable[Sequence[str]],
        headings: Sequence[str] = HEADINGS,
        *,
        selection: Selection = EVERYTHING,
    ) -> Drawn:
        async with self.connection() as connection:
            return await plan(self.mapping(rows, headings), self.settings, connection, selection=selection)

    async def apply(self, folder: RunFolder, stop: Stop | None = None, *, approval: Approval = WHOLE) -> Result:
        async with self.connection() as connection:
            result = await apply(
                folder, self.settings, connection, approve=approved, stop=stop or Stop(), approval=approval
            )
        assert isinstance(result, Result)
        return result

    async def resume(self, folder: RunFolder) -> Result:
        async with self.connection() as connection:
            result = await resume(folder, self.settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, Result)
        return result

    async def stop_and_resume(self, rows: Iterable[Sequence[str]], after: int) -> tuple[Result, Result]:
        """A run that is stopped once so many configurations are concluded, and what comes of going on with it."""
        stop, concluded = Stop(), list[Event]()

        def watch(event: Event) -> None:
            if isinstance(event, Concluded):
                concluded.append(event)
                if len(concluded) == after:
                    stop.wished.set()

        async with connect(self.settings, clock=self.clock, watch=watch) as connection:
            drawn = await plan(self.mapping(rows), self.settings, connection)
            stopped = await apply(drawn.folder, self.settings, connection, approve=approved, stop=stop)
        assert isinstance(stopped, Result)
        return stopped, await self.resume(drawn.folder)

    def names(self, configuration: str, *, excluded: bool = False) -> set[str]:
        """The names of the groups a configuration is assigned to."""
        state = self.simulator.state
        ids = state.configuration(configuration).group_ids(excluded=excluded)
        return {state.groups[i].name for i in ids}

    def assignments(self, configuration: str) -> list[dict[str, Any]]:
        return list(self.simulator.state.configuration(configuration).assignments)


async def approved(_plan: Plan, _folder: RunFolder) -> bool:
    return True


HURRIED = Hurried()


@asynccontextmanager
async def world(
    tenant: TenantState, folder: Path, *, clock: Clock | None = HURRIED, **settings: Any
) -> AsyncIterator[World]:
    """A tenant served without limits and without lies, unless said otherwise; None takes the time there is."""
    chosen = {"writes": FREE, "requests": FREE, "directory": FREE, "lies": HONEST, "vary": False, **settings}
    async with Simulator(tenant, SimulatorSettings(**chosen)) as simulator:
        found = configure({"reports": folder / "reports"}, environ=simulator.environment, folder=folder)
        yield World(simulator, found, folder, clock)


@asynccontextmanager
async def world_without_waiting(
    tenant: TenantState, folder: Path, limit: Limit | None = None, **settings: Any
) -> AsyncIterator[World]:
    """A tenant under its limits, where client and tenant share a clock that nobody waits for."""
    clock = VirtualClock()
    chosen = SimulatorSettings(lies=HONEST, vary=False, token_lifetime=1e9, **settings)
    async with Simulator(tenant, chosen, clock=ServiceClock(1.0, clock.monotonic, clock.sleep)) as simulator:
        found = configure({"reports": folder / "reports"}, environ=simulator.environment, folder=folder)
        yield World(simulator, replace(found, limit=limit), folder, clock)


async def until(condition: Callable[[], bool]) -> None:
    """Waits, never for longer than half a minute, until something is so that nobody announces."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another process or the tenant's counts, which set no event
            await asyncio.sleep(0.002)


def plain(element: dict[str, Any]) -> dict[str, Any]:
    """An assignment without what the service makes anew each time."""
    return {k: v for k, v in element.items() if k not in ("id", "source", "sourceId") and v is not None}
