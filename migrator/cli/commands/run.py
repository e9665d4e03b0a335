"""migrator run"""

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
    from migrator.operations.finish import Result
    from migrator.operations.run import Declined


@click.command()
@click.argument("mapping", type=click.Path(path_type=Path), required=False)
@options.grouping
@options.planning
@options.counting
@options.selecting
@options.sending
@options.connecting
def command(mapping: Path | None, **given: Any) -> int:
    """Plans, asks, applies, verifies and reports: from a spreadsheet to proof."""
    from migrator.cli.answer import show_result
    from migrator.cli.ask import asker
    from migrator.cli.work import perform
    from migrator.operations.run import run

    groups = options.groups_of(given)
    options.something_to_do(mapping, groups)

    async def operation(settings: Settings, connection: Connection, face: Face, stop: Stop) -> Result | Declined:
        return await run(
            mapping,
            settings,
            connection,
            approve=asker(face, yes=given["yes"]),
            stop=stop,
            selection=options.selection_of(given),
            groups=groups,
        )

    return show_result(perform(given, operation), as_json=given["as_json"])
