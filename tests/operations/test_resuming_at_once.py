"""A run that is resumed at once does not overrun the window that it had filled itself."""

from __future__ import annotations

from pathlib import Path

from migrator.model.events import Concluded, Event
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.plan import plan
from migrator.simulator.clock import Clock
from migrator.simulator.description import tenant_from_json
from migrator.simulator.server import Simulator
from migrator.simulator.settings import Lies, SimulatorSettings
from tests.virtual_clock import VirtualClock
from tests.whole import World, approved

OFFICE = "officeClientConfigurations"
CONFIGURATIONS = [{"kind": OFFICE, "name": f"Policy {n}", "assignments": ["Old"]} for n in range(150)]


async def test_a_run_that_is_resumed_at_once_does_not_overrun_the_window_that_it_had_filled(tmp_path: Path) -> None:
    clock, stop = VirtualClock(), Stop()
    tenant = tenant_from_json({"groups": ["Old", "New"], "configurations": CONFIGURATIONS})
    wishes = SimulatorSettings(lies=Lies(), vary=False, token_lifetime=1e9)
    concluded: list[Event] = []

    def watch(event: Event) -> None:
        if isinstance(event, Concluded):
            concluded.append(event)
            if len(concluded) == 60:
                stop.wished.set()

    async with Simulator(tenant, wishes, clock=Clock(1.0, clock.monotonic, clock.sleep)) as simulator:
        settings = configure({"reports": tmp_path / "reports"}, environ=simulator.environment, folder=tmp_path)
        there = World(simulator, settings, tmp_path, clock)
        mapping = there.mapping([(f"Policy {n}", "Old", "New", "") for n in range(150)])
        async with connect(settings, clock=clock, watch=watch) as connection:
            drawn = await plan(mapping, settings, connection)
            stopped = await apply(drawn.folder, settings, connection, approve=approved, stop=stop)
        async with connect(settings, clock=clock) as connection:
            result = await resume(drawn.folder, settings, connection, approve=approved, stop=Stop())
    assert isinstance(stopped, Result)
    assert isinstance(result, Result)
    assert (stopped.exit_code, result.exit_code) == (130, 0)
    assert result.facts.throttled == 0
