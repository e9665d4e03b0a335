"""From a spreadsheet to verified reports: the line of data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder, check_room
from migrator.journal.lock import locked
from migrator.mapping.load import load
from migrator.mapping.pairs import Pair, pairs_mapping, together
from migrator.model.choice import EVERYTHING, LeftOut, Selection
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.plan import Plan
from migrator.model.row import Mapping
from migrator.model.settings import Settings
from migrator.operations.carry_out import Stop, carry_out
from migrator.operations.draw_up import Readings, draw_up
from migrator.operations.finish import Result, finish
from migrator.operations.log import logged
from migrator.operations.open_run import open_run
from migrator.operations.tell_missing import missing_told

if TYPE_CHECKING:
    import pandas

    from migrator.operations.connect import Connection

Approve = Callable[[Plan, RunFolder], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Declined:
    """A person said no; the plan is kept."""

    folder: RunFolder
    plan: Plan = field(repr=False)


async def run(
    source: Path | pandas.DataFrame | None,
    settings: Settings,
    connection: Connection,
    *,
    approve: Approve,
    stop: Stop,
    selection: Selection = EVERYTHING,
    groups: Sequence[Pair] = (),
) -> Result | Declined:
    """Loads, plans, asks, applies, verifies and reports. Raises MappingError before anything is sent.

    `groups` are pairs to swap wherever the first of each is assigned, beside a mapping or in place of one.
    """
    mapping = read_mapping(source, settings, connection.watch, groups)
    with missing_told(mapping, settings, connection, selection):
        drawing = await draw_up(mapping, settings, connection, selection=selection)
    folder = await open_run(drawing.plan, settings, connection, "run")
    if not await approve(drawing.plan, folder):
        return Declined(folder, drawing.plan)
    return await go_on(folder, settings, connection, stop, drawing.plan, drawing.readings)


async def go_on(
    folder: RunFolder,
    settings: Settings,
    connection: Connection,
    stop: Stop,
    plan: Plan,
    readings: Readings | None = None,
    left_out: tuple[LeftOut, ...] | None = None,
) -> Result:
    """Everything that is left of a run once its plan is approved; `readings` are those the plan was just made from.

    `left_out` is what is not to be carried out of it; None keeps what was chosen before.
    """
    approved = connection.clock.time()
    stop.run = folder.id
    with locked(folder, approved), logged(folder, settings, connection):
        carried = await carry_out(
            folder,
            connection,
            settings=settings,
            stop=stop,
            approved=approved,
            plan=plan,
            readings=readings,
            left_out=left_out,
        )
        stopped = stop.wished.is_set()
        return finish(folder, carried.record, connection.watch, stopped=stopped, error=carried.error)


def read_mapping(
    source: Path | pandas.DataFrame | None, settings: Settings, watch: Watch, groups: Sequence[Pair] = ()
) -> Mapping:
    """The rows and findings of a spreadsheet or a frame, of pairs of groups, or of both.

    UsageError where there is neither, and where there would be no room for a run.
    """
    check_room(settings.reports)
    if source is None:
        return pairs_mapping(groups)
    watch(StageStarted(Stage.LOAD))
    mapping = load(
        source,
        mode=settings.mode,
        aliases=settings.aliases,
        progress=lambda by: watch(StageAdvanced(Stage.LOAD, by)),
    )
    watch(StageFinished(Stage.LOAD))
    return together(mapping, groups)
