"""Resolves and compares, writes plan.xlsx, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.mapping.pairs import Pair
from migrator.model.choice import EVERYTHING, Selection
from migrator.model.finding import Level
from migrator.model.plan import Plan
from migrator.model.settings import Settings
from migrator.operations.draw_up import draw_up
from migrator.operations.open_run import open_run
from migrator.operations.run import read_mapping
from migrator.operations.tell_missing import missing_told

if TYPE_CHECKING:
    import pandas

    from migrator.operations.connect import Connection


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan that can be carried out later, and the run it is kept in."""

    folder: RunFolder
    plan: Plan = field(repr=False)


async def plan(
    source: Path | pandas.DataFrame | None,
    settings: Settings,
    connection: Connection,
    *,
    selection: Selection = EVERYTHING,
    groups: Sequence[Pair] = (),
) -> Drawn:
    """The plan of a mapping, or of what is selected of it, kept as a run. MappingError where that has an error.

    `groups` are pairs to swap wherever the first of each is assigned, beside a mapping or in place of one.

    That it reaches further than is allowed is a warning here: it is to be looked at, and nothing is sent.
    """
    mapping = read_mapping(source, settings, connection.watch, groups)
    with missing_told(mapping, settings, connection, selection):
        drawing = await draw_up(mapping, settings, connection, selection=selection, beyond_is=Level.WARNING)
    return Drawn(await open_run(drawing.plan, settings, connection, "plan"), drawing.plan)
