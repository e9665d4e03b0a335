"""Asks a person whether a plan may be carried out."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from migrator.cli.answer import plan_lines, show_findings
from migrator.cli.interrupts import interrupts
from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.journal.folder import RunFolder
    from migrator.model.plan import Plan
    from migrator.operations.run import Approve


def asker(face: Face, *, yes: bool) -> Approve:
    """A function that shows a plan and asks; with `yes`, or where a plan changes nothing, it asks nothing."""

    async def approve(plan: Plan, folder: RunFolder) -> bool:
        if yes or not any(c.changes_anything for c in plan.configurations):
            return True
        if not sys.stdin.isatty():
            raise UsageError(
                f"there is nobody to ask; look at {folder.plan_xlsx}, then say: migrator apply {folder.id} --yes"
            )
        # Ctrl-C at the question is no answer but an end; nothing else is under way, so the loop may wait.
        with face.paused(), interrupts(signal.default_int_handler):
            return _ask(plan, folder)

    return approve


def _ask(plan: Plan, folder: RunFolder) -> bool:
    show_findings(plan.findings, as_json=False, notes=False, err=True)
    for line in plan_lines(plan.configurations):
        click.echo(line, err=True)
    click.echo(f"Plan          {folder.plan_xlsx}", err=True)
    click.echo(f"Fingerprint   {plan.fingerprint}", err=True)
    return click.confirm("Carry it out?", default=False, err=True)
