"""migrator export"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.model.export import Export
    from migrator.model.settings import Settings
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import Connection


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.kind
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@options.connecting
def command(file: Path, force: bool, **given: Any) -> int:
    """The tenant's assignments as a mapping to fill in: a workbook (.xlsx) or a delimited file (.csv); changes nothing.

    Loaded as it is it changes nothing; with New group filled in it swaps; in another tenant it makes the same
    assignments by name.
    """
    from migrator.cli.exported import show
    from migrator.cli.work import perform
    from migrator.operations.export import export

    async def operation(settings: Settings, connection: Connection, _face: Face, _stop: Stop) -> Export:
        return await export(file, connection, settings.kinds, force=force)

    made = perform(given, operation)
    show(made, file, as_json=given["as_json"])
    return 0 if made.is_whole else 1
