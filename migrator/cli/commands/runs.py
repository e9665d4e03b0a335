"""migrator runs"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options

if TYPE_CHECKING:
    from migrator.model.record import RunHeader
    from migrator.operations.runs import Listed


@click.command()
@options.reports
@options.answering
def command(**given: Any) -> int:
    """The runs so far, the oldest first."""
    from migrator.cli.answer import show_json
    from migrator.operations.configure import reports_folder
    from migrator.operations.runs import runs

    folder = reports_folder(given)
    listed = runs(folder)
    if given["as_json"]:
        show_json({"runs": [_as_json(one) for one in listed]})
        return 0
    if not listed:
        click.echo(f"There is no run in {folder} yet.")
    for one in listed:
        click.echo(_line(one))
    return 0


def _line(one: Listed) -> str:
    if one.header is None:
        return f"{one.folder.id:40}  {one.problem}"
    started = datetime.fromtimestamp(one.header.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{one.folder.id:40}  {started}  {one.header.command:8} {_standing(one)}{_bound_to(one.header)}"


def _standing(one: Listed) -> str:
    """How far a run came: planned only, or its configurations by status."""
    if one.header is not None and not one.header.approved and one.header.command != "verify":
        return f"planned, not carried out: {sum(one.counts.values()):,} configurations"
    counts = [(status.value if status else "open", count) for status, count in one.counts.items() if count]
    return ", ".join(f"{count:,} {status}" for status, count in sorted(counts))


def _bound_to(header: RunHeader) -> str:
    """Which run it puts back, or was put back by."""
    back = f", puts back {header.of}" if header.of else ""
    return back + (f", put back by {header.put_back}" if header.put_back else "")


def _as_json(one: Listed) -> dict[str, object]:
    header = one.header
    counts = {(status.value if status else "open"): count for status, count in one.counts.items()}
    known: dict[str, object] = {}
    if header:
        known = {"command": header.command, "tenant": header.tenant_name, "started": header.started}
        bound = {"of": header.of, "put_back": header.put_back}
        known |= {name: run for name, run in bound.items() if run}
    return {"run": one.folder.id, "folder": str(one.folder.path), **known, **counts, "problem": one.problem}
