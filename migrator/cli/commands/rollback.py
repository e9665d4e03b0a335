"""migrator rollback"""

from __future__ import annotations

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
@click.argument("run")
@options.orphans
@options.selecting
@options.sending
@options.connecting
def command(run: str, **given: Any) -> int:
    """Puts back what stood before a run; what somebody changed since is left alone.

    It is a run of its own: planned, shown, asked about, verified and reported.

    RUN is a run's id, its folder, or `last`: the newest that is not itself a rollback.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.ask import asker
    from migrator.cli.work import perform
    from migrator.operations.configure import reports_folder
    from migrator.operations.rollback import find_to_put_back, rollback

    folder = find_to_put_back(reports_folder(given), run)

    async def operation(settings: Settings, connection: Connection, face: Face, stop: Stop) -> Result | Declined:
        approve, selection = asker(face, yes=given["yes"]), options.selection_of(given)
        return await rollback(folder, settings, connection, approve=approve, stop=stop, selection=selection)

    return show_result(perform(given, operation), as_json=given["as_json"])
