"""migrator template"""

from __future__ import annotations

import time
from pathlib import Path

import click

from migrator.cli import options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@options.answering
def command(file: Path, force: bool, as_json: bool, quiet: bool) -> int:
    """A blank mapping (.xlsx) with instructions and drop-downs; offline, without signing in."""
    from migrator.cli.answer import show_json
    from migrator.operations.template import template

    template(file, time.time(), force=force)
    if as_json:
        show_json({"file": str(file)})
    elif not quiet:
        click.echo(f"Mapping       {file}")
        click.echo(f"Fill it in, then: migrator check {file}")
    return 0
