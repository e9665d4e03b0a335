"""migrator plan"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.model.settings import Settings
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import Connection
    from migrator.operations.plan import Drawn


@click.command()
@click.argument("mapping", type=click.Path(path_type=Path), required=False)
@options.grouping
@options.planning
@options.counting
@options.bounds
@options.selecting
@options.connecting
def command(mapping: Path | None, **given: Any) -> int:
    """What would change in the tenant, as plan.xlsx; changes nothing."""
    from migrator.cli.answer import show_plan
    from migrator.cli.work import perform
    from migrator.operations.plan import plan

    groups = options.groups_of(given)
    options.something_to_do(mapping, groups)

    async def operation(settings: Settings, connection: Connection, _face: Face, _stop: Stop) -> Drawn:
        return await plan(mapping, settings, connection, selection=options.selection_of(given), groups=groups)

    return show_plan(perform(given, operation), as_json=given["as_json"])
