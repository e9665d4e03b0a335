"""migrator report"""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from migrator.cli import options


@click.command()
@click.argument("run")
@options.reports
@options.answering
def command(run: str, **given: Any) -> int:
    """Writes the reports of a run again, from its journal alone.

    RUN is a run's id, its folder, or `last`.
    """
    from migrator.cli.answer import show_result
    from migrator.cli.display import display
    from migrator.journal.folder import find_run
    from migrator.operations.configure import reports_folder
    from migrator.operations.runs import report

    folder = find_run(reports_folder(given), run)
    with display(sys.stderr, quiet=given["quiet"]) as face:
        result = report(folder, face, time.time())
    show_result(result, as_json=given["as_json"])
    return 1 if result.unwritten else 0
