"""migrator verify"""

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


@click.command()
@click.argument("what", metavar="RUN|MAPPING")
@options.planning
@options.connecting
def command(what: str, **given: Any) -> int:
    """Compares the tenant with what a run or a mapping intended; changes nothing; writes the reports.

    RUN is a run's id, its folder, or `last`; MAPPING a spreadsheet.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.work import perform
    from migrator.journal.folder import find_run
    from migrator.model.errors import RunNotFound, UsageError
    from migrator.operations.verify import verify_mapping, verify_run

    is_file = Path(what).is_file()

    async def operation(settings: Settings, connection: Connection, _face: Face, _stop: Stop) -> Result:
        try:
            folder = find_run(settings.reports, what)
        except RunNotFound as error:
            if is_file:
                return await verify_mapping(Path(what), settings, connection)
            raise UsageError(f"{error}; and there is no file {what}") from error
        return await verify_run(folder, settings, connection)

    return show_result(perform(given, operation), as_json=given["as_json"])
