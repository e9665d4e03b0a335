"""migrator resume"""

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
@options.sending
@options.connecting
def command(run: str, **given: Any) -> int:
    """Goes on after a crash, an interrupt or failures; nothing that succeeded is sent again.

    RUN is a run's id, its folder, or `last`.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.ask import asker
    from migrator.cli.work import perform
    from migrator.journal.folder import find_run
    from migrator.journal.reader import read_header
    from migrator.operations.apply import resume
    from migrator.operations.configure import reports_folder
    from migrator.operations.open_run import as_approved

    folder = find_run(reports_folder(given), run)

    async def operation(settings: Settings, connection: Connection, face: Face, stop: Stop) -> Result | Declined:
        return await resume(
            folder, settings, connection, approve=asker(face, yes=given["yes"], again="the same"), stop=stop
        )

    result = perform(given, operation, approved=as_approved(read_header(folder)))
    return show_result(result, as_json=given["as_json"])
