"""migrator doctor"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.model.settings import Settings
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import Connection
    from migrator.operations.doctor import Symptom

_COLOURS = {"ok": "green", "look": "yellow", "bad": "red"}


@click.command()
@options.kind
@options.connecting
def command(**given: Any) -> int:
    """Looks at sign-in, permissions, reachability, clock and limits; changes nothing."""
    from migrator.cli.answer import show_json
    from migrator.cli.work import perform
    from migrator.operations.doctor import examine

    as_json = bool(given["as_json"])

    async def operation(settings: Settings, connection: Connection, face: Face, _stop: Stop) -> list[Symptom]:
        found = []
        async for symptom in examine(settings, connection):
            found.append(symptom)
            if not as_json:
                with face.paused():
                    _show(symptom)
        return found

    found = perform(given, operation)
    if as_json:
        symptoms = [{"subject": s.subject, "health": s.health.value, "message": s.said} for s in found]
        show_json({"symptoms": symptoms})
    codes = {symptom.exit_code for symptom in found}
    return 3 if 3 in codes else max(codes, default=0)


def _show(symptom: Symptom) -> None:
    health = click.style(f"{symptom.health.value:5}", fg=_COLOURS[symptom.health.value])
    click.echo(f"{health} {symptom.subject}: {symptom.said}")
