"""migrator check"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli import options


@click.command()
@click.argument("mapping", type=click.Path(path_type=Path))
@click.option(
    "--annotate",
    "marked",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a copy of the mapping (.xlsx) with every finding marked in its cell.",
)
@options.mode
@options.answering
def command(mapping: Path, marked: Path | None, mode: str | None, as_json: bool, quiet: bool) -> int:
    """Every finding in a mapping, by sheet, row and column; offline, without signing in."""
    from migrator.cli.answer import show_findings
    from migrator.model.finding import errors
    from migrator.operations.check import check
    from migrator.operations.configure import offline

    mode, aliases = offline({"mode": mode})
    if marked:
        from migrator.mapping.writers.copying import check_target

        check_target(mapping, marked)
    found = check(mapping, mode=mode, aliases=aliases)
    if marked:
        from migrator.mapping.writers.annotate import annotate

        whole = annotate(mapping, found.findings, marked)
    figures = {"mapping": found.source, "rows": len(found.rows)}
    show_findings(found.findings, as_json=as_json, more=figures)
    wrong = errors(found.findings)
    if not as_json and not quiet:
        many = "1 error" if len(wrong) == 1 else f"{len(wrong):,} errors"
        what = f"{many}; a plan needs a mapping without" if wrong else "no errors"
        click.echo(f"{found.source}: {len(found.rows):,} rows, {what}")
    if marked and not quiet:
        made = "a copy of the workbook" if whole else "made from the mapping's cells"
        click.echo(f"Every finding is marked in {marked}, {made}", err=as_json)
    return 2 if wrong else 0
