"""Who works on a run holds it: a second command on it is told so, and sends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.journal.folder import RunFolder
from migrator.model.errors import RunBusy
from migrator.model.settings import Limit
from migrator.operations.carry_out import Stop
from migrator.operations.runs import report
from migrator.operations.verify import verify_run
from migrator.simulator.description import tenant_of
from tests.whole import World, until, world

Command = Callable[[World, RunFolder], Coroutine[Any, Any, object]]


async def write_reports(there: World, folder: RunFolder) -> object:
    return report(folder, lambda _: None, 0.0)


async def verify(there: World, folder: RunFolder) -> object:
    async with there.connection() as connection:
        return await verify_run(folder, there.settings, connection)


@pytest.mark.parametrize(
    "second", [World.apply, World.resume, verify, write_reports], ids=["apply", "resume", "verify", "report"]
)
async def test_a_run_that_is_worked_on_is_busy_for_everybody_else(tmp_path: Path, second: Command) -> None:
    tenant = tenant_of({"One": ["Old"], "Two": ["Old"]}, groups=["New"])
    async with world(tenant, tmp_path, clock=None) as there:
        there.settings = replace(there.settings, limit=Limit(1, 600.0))  # it waits there until it is told to stop
        drawn = await there.plan([("One", "Old", "New", ""), ("Two", "Old", "New", "")])
        stop = Stop()
        first = asyncio.create_task(there.apply(drawn.folder, stop))
        await until(lambda: there.simulator.record.writes > 0)
        with pytest.raises(RunBusy):
            await asyncio.wait_for(second(there, drawn.folder), 20)
        assert there.simulator.record.assigns == 1
        stop.wished.set()
        assert (await first).exit_code == 130
