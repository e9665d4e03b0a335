"""migrator where"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.model.occurrences import Occurrences
    from migrator.model.settings import Settings
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import Connection


@click.command()
@click.argument("groups", metavar="GROUP...", nargs=-1, required=True)
@options.kind
@click.option(
    "--xlsx",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The workbook to write; where-<time>-<tenant>.xlsx among the reports unless said.",
)
@options.connecting
def command(groups: tuple[str, ...], xlsx: Path | None, **given: Any) -> int:
    """Everything that groups are assigned to, or excluded from, over all kinds; changes nothing.

    GROUP is a name, an id, `All users` or `All devices`; a real group of such a name is written `group:All users`.
    """
    from migrator.cli.occurrences import show
    from migrator.cli.work import perform
    from migrator.operations.where import check_place, keep, where

    async def operation(
        settings: Settings, connection: Connection, _face: Face, _stop: Stop
    ) -> tuple[Occurrences, Path]:
        check_place(settings.reports, xlsx)
        found = await where(groups, connection, settings.kinds)
        return found, keep(found, settings.reports, xlsx, connection.watch)

    found, path = perform(given, operation)
    show(found, path, as_json=given["as_json"])
    return 0 if found.is_whole else 1
