"""Services that are down for long, and configurations that look like it: bounded, reported, and gone on with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from migrator.graph.tenant import reading
from migrator.journal.folder import RunFolder
from migrator.model.errors import GraphError
from migrator.model.events import Event, Said
from migrator.model.settings import Settings
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import Connection, connect
from migrator.operations.finish import Result
from migrator.operations.plan import plan
from migrator.operations.run import Declined, run
from tests.foreign_graph import TOKEN, ForeignGraph
from tests.hostile import troubles
from tests.hostile.server import Asked, Exchange, HostileGraph, Place, Trouble, answer, serving
from tests.virtual_clock import VirtualClock
from tests.whole import approved

OLD, NEW, KEPT = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))
EVER = 10**9
WATCHDOG = 60  # real seconds


LONGEST = 1500.0  # of the client's seconds that a service that is down is waited for in all


@dataclass
class Tenant:
    """So many configurations, and everything that leads to them; `said` is what a person was told last."""

    graph: HostileGraph
    settings: Settings
    mapping: Path
    said: list[str] = field(default_factory=list)
    clock: VirtualClock = field(default_factory=VirtualClock)
    stop: Stop = field(default_factory=Stop)

    async def run(self) -> Result:
        return await self._within(lambda c: run(self.mapping, self.settings, c, approve=approved, stop=self.stop))

    async def apply(self, folder: RunFolder) -> Result:
        return await self._within(lambda c: apply(folder, self.settings, c, approve=approved, stop=self.stop))

    async def resume(self, done: Result) -> Result:
        return await self._within(lambda c: resume(done.folder, self.settings, c, approve=approved, stop=self.stop))

    async def _within(self, work: Callable[[Connection], Awaitable[Result | Declined]]) -> Result:
        self.said.clear()
        self.clock = VirtualClock()
        async with asyncio.timeout(WATCHDOG), connect(self.settings, clock=self.clock, watch=self.watch) as connection:
            result = await work(connection)
        assert isinstance(result, Result)
        return result

    def watch(self, event: Event) -> None:
        if isinstance(event, Said):
            self.said.append(event.text)


@asynccontextmanager
async def tenant(
    folder: Path, number: int, place: Place | None = None, trouble: Trouble | None = None
) -> AsyncIterator[Tenant]:
    """`trouble` meets whatever comes to the place, for ever."""
    policies = {f"{n:08d}-0000-4000-9000-000000000000": f"Policy {n:05d}" for n in range(number)}
    foreign = ForeignGraph({OLD: "Old", NEW: "New", KEPT: "Kept"}, policies, {p: [OLD, KEPT] for p in policies})
    mapping = folder / "mapping.csv"
    mapping.write_text("Policy,Legacy group,New group\n" + "".join(f"{name},Old,New\n" for name in policies.values()))
    async with serving(HostileGraph(foreign, place, trouble, EVER)) as graph:
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
        settings = configure({"reports": folder / "reports"}, environ=environ, folder=folder)
        yield Tenant(graph, replace(settings, kinds=("officeClientConfigurations",)), mapping)


def broken_from(first: int, status: int) -> Trouble:
    """The calls of all configurations from this number on come to an error; the others are carried out."""

    async def trouble(exchange: Exchange) -> None:
        number = int(exchange.asked.target.split("/")[-2].split("-")[0])
        if number >= first:
            await troubles.error(status)(exchange)
        else:
            await exchange.write(answer(*exchange.carry_out()))

    return trouble


@pytest.mark.parametrize(("status", "seconds"), [(500, 120.0), (503, 1500.0)])
async def test_some_that_are_broken_for_ever_keep_nothing_from_being_verified(
    tmp_path: Path, status: int, seconds: float
) -> None:
    """A 500 each time is about that configuration. A 503 is waited for, which ends, and the others are read back."""
    good, bad = 20, 6
    async with tenant(tmp_path, good + bad, Place.ASSIGN, broken_from(good, status)) as there:
        result = await there.run()
        for _ in range(2):
            facts = result.facts
            assert (result.exit_code, facts.succeeded, facts.failed, facts.unverified) == (1, good, bad, 0)
            assert there.clock.now < seconds
            assert bool(there.said) is (status == 503)
            result = await there.resume(result)


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small tenant is read in as many parts as a large one."""
    monkeypatch.setattr(reading, "_AT_ONCE", 2)


SLOW = troubles.error(503, headers="request-id: r1\r\nRetry-After: 60\r\n")


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("trouble", [troubles.error(503), SLOW], ids=["503", "Retry-After"])
async def test_a_service_that_is_down_while_planning_is_one_message(tmp_path: Path, trouble: Trouble) -> None:
    async with tenant(tmp_path, 60, Place.READ, trouble) as there:
        with pytest.raises(GraphError, match=r"the service is down: .* nobody answered for ten minutes") as raised:
            await there.run()
        assert "\n" not in str(raised.value)
        assert there.clock.now < LONGEST
        assert not there.graph.graph.assigns


@pytest.mark.usefixtures("few_at_once")
async def test_a_service_that_is_down_before_the_sending_is_one_message(tmp_path: Path) -> None:
    """The reading right before the sending, of a plan that was made earlier; later the plan is carried out."""
    number = 60
    async with tenant(tmp_path, number, Place.READ, troubles.error(503)) as there:
        there.graph.times = 0
        async with connect(there.settings, clock=there.clock) as connection:
            drawn = await plan(there.mapping, there.settings, connection)
        there.graph.times = EVER
        with pytest.raises(GraphError, match="the service is down"):
            await there.apply(drawn.folder)
        assert there.clock.now < LONGEST
        assert not there.graph.graph.assigns
        there.graph.times = 0
        result = await there.apply(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, number)


@pytest.mark.usefixtures("few_at_once")
async def test_a_service_that_is_down_while_verifying_is_given_up_and_read_later(tmp_path: Path) -> None:
    number = 60
    async with tenant(tmp_path, number, Place.VERIFY, troubles.error(503)) as there:
        result = await there.run()
        facts = result.facts
        assert (result.exit_code, facts.succeeded, facts.unverified) == (1, number, number)
        assert there.clock.now < LONGEST
        there.graph.times = 0
        result = await there.resume(result)
        assert (result.exit_code, result.facts.unverified) == (0, 0)


@pytest.mark.usefixtures("few_at_once")
async def test_some_that_cannot_be_read_are_no_service_that_is_down(tmp_path: Path) -> None:
    """However long they take to say so: one that was answered before is asked again."""
    number, bad = 30, 24
    async with tenant(tmp_path, number) as there:
        honest = there.graph.graph._respond

        def respond(method: str, target: str, body: Any) -> tuple[int, Any]:
            status, content = honest(method, target, body)
            found = re.search(r"clientConfigurations/(\d{8})-", target)
            broken = method == "GET" and found is not None and int(found[1]) >= number - bad
            return (503, {"error": {"code": "Broken", "message": "always"}}) if broken else (status, content)

        there.graph.graph._respond = respond  # type: ignore[method-assign]
        result = await there.run()
        assert (result.facts.succeeded, result.facts.failed) == (number - bad, bad)
        assert there.clock.now > reading.ENOUGH


@pytest.mark.parametrize(("pause", "most"), [(0, 240.0), (60, 600.0), (300, 700.0)])
async def test_stopping_in_an_outage_takes_no_longer_than_a_minute(tmp_path: Path, pause: int, most: float) -> None:
    """Once half of the calls were answered nobody answers anything, and a person stops when that is told. The minute is
    longer here, for while an answer is on its way the virtual clock goes on to the end of a pause that was begun."""
    number = 60
    headers = "request-id: r1\r\n" + (f"Retry-After: {pause}\r\n" if pause else "")
    async with tenant(tmp_path, number) as there:
        graph, half = there.graph, Half(there.graph, number // 2)
        graph.trouble, graph.place = troubles.error(503, headers=headers), Place.ASSIGN
        graph._place_of = half.place_of  # type: ignore[assignment, method-assign]
        stopped = list[float]()

        def watch(event: Event) -> None:
            if isinstance(event, Said) and "The service is down" in event.text and not stopped:
                stopped.append(there.clock.now)
                there.stop.wished.set()

        there.watch = watch  # type: ignore[method-assign]
        result = await there.run()
        assert stopped
        assert result.exit_code == 130
        assert there.clock.now - stopped[0] <= most
        graph.times, there.stop = 0, Stop()
        resumed = await there.resume(result)
        assert (resumed.exit_code, resumed.facts.succeeded, resumed.facts.unverified) == (0, number, 0)
        assert [set(groups) for groups in graph.graph.assigned.values()] == [{NEW, KEPT}] * number


@dataclass
class Half:
    """Everything meets trouble after so many assign calls."""

    graph: HostileGraph
    well: int

    def place_of(self, _asked: Asked) -> Place:
        came = sum(one.target.endswith("/assign") for one in self.graph.asked)
        return Place.ASSIGN if came > self.well else Place.READ
