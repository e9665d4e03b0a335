"""A run that is resumed at once does not overrun the window that it had filled itself."""

from __future__ import annotations

from pathlib import Path

from migrator.simulator.description import tenant_from_json
from tests.whole import world_without_waiting

OFFICE = "officeClientConfigurations"
CONFIGURATIONS = [{"kind": OFFICE, "name": f"Policy {n}", "assignments": ["Old"]} for n in range(150)]


async def test_a_run_that_is_resumed_at_once_does_not_overrun_the_window_that_it_had_filled(tmp_path: Path) -> None:
    tenant = tenant_from_json({"groups": ["Old", "New"], "configurations": CONFIGURATIONS})
    async with world_without_waiting(tenant, tmp_path) as there:
        stopped, result = await there.stop_and_resume([(f"Policy {n}", "Old", "New", "") for n in range(150)], after=60)
    assert (stopped.exit_code, result.exit_code) == (130, 0)
    assert result.facts.throttled == 0
