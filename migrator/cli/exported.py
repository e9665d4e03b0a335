"""What an export came to, for people and for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from migrator.cli.answer import show_json
from migrator.cli.occurrences import coverage_object
from migrator.reporting.words import count

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.model.export import Export, Left


def show(made: Export, path: Path, *, as_json: bool) -> None:
    """Prints it."""
    written = made.written
    if as_json:
        show_json(
            {
                "file": str(path),
                "rows": len(written.rows),
                "left": [_left(one) for one in written.left],
                "groups": len(written.groups),
                "filters": len(written.filters),
                "coverage": [coverage_object(one) for one in made.coverage],
                "whole": made.is_whole,
                "requests": made.requests,
            }
        )
        return
    kinds = len({row.kind for row in written.rows})
    click.echo(f"{count(len(written.rows), 'row')} of {count(kinds, 'kind')}; unfilled they change nothing")
    for reason, number in Counter(one.reason for one in written.left).most_common():
        click.echo(f"{count(number, 'assignment')} left out: {reason}")
    if not made.is_whole:
        unread = [one.kind for one in made.coverage if one.reason]
        where = f" ({', '.join(unread)})" if unread else ""
        click.echo(f"Not everything could be read{where}: there may be more than this")
    click.echo(f"Mapping       {path}")
    click.echo(f"Fill it in, then look at what would happen: migrator plan {path}")


def _left(one: Left) -> dict[str, object]:
    return {
        "kind": one.configuration.kind,
        "configuration": one.configuration.name,
        "configurationId": one.configuration.id,
        "target": one.whom,
        "targetId": one.assignment.target.id,
        "direction": "exclude" if one.assignment.target.excludes else "include",
        "intent": one.assignment.intent,
        "reason": one.reason,
    }
