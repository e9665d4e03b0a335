"""A run but for its workbooks, which for so many configurations would take four fifths of the time."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from migrator.journal.lock import locked
from migrator.model.settings import Settings
from migrator.operations.carry_out import Stop, carry_out
from migrator.operations.connect import Connection
from migrator.operations.draw_up import draw_up
from migrator.operations.finish import exit_status
from migrator.operations.open_run import open_run
from migrator.operations.run import read_mapping
from migrator.reporting.facts import facts
from tests.kinds.stories import HEADINGS, Story


class Came(NamedTuple):
    """What a run came to."""

    exit_code: int
    succeeded: int
    unchanged: int


async def carry(told: Sequence[Story], folder: Path, settings: Settings, connection: Connection) -> Came:
    """Loads a sheet of these stories, plans, applies and verifies."""
    sheet = folder / "stories.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *(line for story in told for line in story.lines)])
    drawing = await draw_up(read_mapping(sheet, settings, connection.watch), settings, connection)
    run = await open_run(drawing.plan, settings, connection, "run")
    approved = connection.clock.time()
    with locked(run, approved):
        carried = await carry_out(
            run,
            connection,
            settings=settings,
            stop=Stop(),
            approved=approved,
            plan=drawing.plan,
            readings=drawing.readings,
        )
    figures = facts(carried.record)
    status = exit_status(carried.record, figures, error=carried.error)
    return Came(status, figures.succeeded, figures.unchanged)
