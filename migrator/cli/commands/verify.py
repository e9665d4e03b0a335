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
@click.argument("what", metavar="RUN|MAPPING", required=False)
@options.grouping
@options.planning
@options.connecting
def command(what: str | None, **given: Any) -> int:
    """Compares the tenant with what a run or a mapping intended; changes nothing; writes the reports.

    RUN is a run's id, its folder, or `last`; MAPPING a spreadsheet.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.work import perform
    from migrator.journal.folder import find_run
    from migrator.model.errors import RunNotFound, UsageError
    from migrator.operations.verify import verify_mapping, verify_run

    groups = options.groups_of(given)
    options.something_to_do(what, groups)
    is_file = what is not None and Path(what).is_file()

    async def operation(settings: Settings, connection: Connection, _face: Face, _stop: Stop) -> Result:
        if what is None:
            return await verify_mapping(None, settings, connection, groups)
        try:
            folder = find_run(settings.reports, what)
        except RunNotFound as error:
            if is_file:
                return await verify_mapping(Path(what), settings, connection, groups)
            raise UsageError(f"{error}; and there is no file {what}") from error
        if groups:
            raise UsageError("--group goes with a mapping or alone; what a run intended is in its journal")
        return await verify_run(folder, settings, connection)

    return show_result(perform(given, operation), as_json=given["as_json"])
