"""migrator demo"""

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
@options.reports
@options.answering
def command(**given: Any) -> int:
    """The whole story on an embedded tenant: nothing to sign in to, nothing to set up.

    Starts a tenant made from the sample mapping, signs in, plans, applies under throttling and faults, verifies, and
    writes every report.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.ask import asker
    from migrator.cli.work import perform_in
    from migrator.operations.configure import reports_folder
    from migrator.operations.demo import demo_tenant
    from migrator.operations.run import run
    from migrator.operations.simulate import sample

    reports = reports_folder(given)

    async def operation(settings: Settings, connection: Connection, face: Face, stop: Stop) -> Result | Declined:
        return await run(sample(), settings, connection, approve=asker(face, yes=True), stop=stop)

    result = perform_in(lambda: demo_tenant(reports), operation, quiet=given["quiet"])
    status = show_result(result, as_json=given["as_json"])
    if not given["as_json"]:
        click.echo(f"One workbook per configuration is in {result.folder.configurations}")
        click.echo("Next, with a tenant of your own: migrator doctor")
    return status
