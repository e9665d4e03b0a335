"""From a spreadsheet to verified reports: the line of data, as `design.md` draws it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.mapping.load import load
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.plan import Plan
from migrator.model.row import Mapping
from migrator.model.settings import Settings
from migrator.operations.carry_out import Stop, carry_out
from migrator.operations.draw_up import draw_up
from migrator.operations.finish import Result, finish
from migrator.operations.log import logged
from migrator.operations.open_run import open_run

if TYPE_CHECKING:
    import pandas

    from migrator.operations.connect import Connection

FRESH = 30.0
"""Seconds for which the reading a plan was made from may stand as the guard's own; a person who took longer to
approve it waits for another."""

Approve = Callable[[Plan, RunFolder], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Declined:
    """A person said no; the plan is kept."""

    folder: RunFolder
    plan: Plan


async def run(
    source: Path | pandas.DataFrame, settings: Settings, connection: Connection, *, approve: Approve, stop: Stop
) -> Result | Declined:
    """Loads, plans, asks, applies, verifies and reports. Raises MappingError before anything is sent."""
    mapping = read_mapping(source, settings, connection.watch)
    plan = await draw_up(mapping, connection, kinds=settings.kinds, allow_empty=settings.allow_empty)
    folder = await open_run(plan, settings, connection, "run")
    if not await approve(plan, folder):
        return Declined(folder, plan)
    return await go_on(folder, settings, connection, stop, plan)


async def go_on(
    folder: RunFolder, settings: Settings, connection: Connection, stop: Stop, plan: Plan | None = None
) -> Result:
    """Everything that is left of a run once it is approved. `plan` given: its readings are recent."""
    approved = connection.clock.time()
    readings = None
    if plan is not None and approved - plan.created < FRESH:
        readings = {c.key: c.reading for c in plan.configurations}
    with ExitStack() as stack:
        stack.enter_context(locked(folder, approved))
        stack.enter_context(logged(folder, settings, connection))
        record = await carry_out(
            folder, connection, workers=settings.concurrency, stop=stop, approved=approved, readings=readings
        )
        return finish(folder, record, connection.watch, stopped=stop.wished.is_set())


def read_mapping(source: Path | pandas.DataFrame, settings: Settings, watch: Watch) -> Mapping:
    """The rows and findings of a spreadsheet or a frame."""
    watch(StageStarted(Stage.LOAD))
    mapping = load(
        source,
        mode=settings.mode,
        aliases=settings.aliases,
        progress=lambda by: watch(StageAdvanced(Stage.LOAD, by)),
    )
    watch(StageFinished(Stage.LOAD))
    return mapping
