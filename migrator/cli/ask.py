"""Asks a person whether a plan may be carried out."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from migrator.cli.answer import IN_PLAN, plan_details, plan_lines, show_findings
from migrator.cli.interrupts import interrupts
from migrator.cli.words import run_word
from migrator.model.errors import Interrupted, UsageError
from migrator.model.finding import Level

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.journal.folder import RunFolder
    from migrator.model.plan import Plan
    from migrator.operations.run import Approve


def asker(face: Face, *, yes: bool, again: str = "") -> Approve:
    """A function that shows a plan and asks; with `yes`, or where a plan changes nothing, it shows its warnings only.

    `again` is what a person says with --yes where there is nobody to ask; "": `apply` of what was planned.
    """

    async def approve(plan: Plan, folder: RunFolder) -> bool:
        if yes or not any(c.changes_anything and not c.reading.assumed for c in plan.configurations):
            warnings = [finding for finding in plan.findings if finding.level is Level.WARNING]
            with face.paused():
                show_findings(warnings, as_json=False, err=True, listed=IN_PLAN)
            return True
        if not sys.stdin.isatty():
            how = f"{again} with --yes" if again else f"migrator apply {run_word(folder)} --yes"
            raise UsageError(f"there is nobody to ask; look at {folder.plan_xlsx}, then say: {how}")
        # Ctrl-C at the question is no answer but an end; nothing else is under way, so the loop may wait.
        with face.paused(), interrupts(signal.default_int_handler):
            try:
                return _ask(plan, folder)
            except (KeyboardInterrupt, click.Abort):
                kept = f"the plan is kept, and `migrator apply {run_word(folder)}` asks again"
                raise Interrupted(f"interrupted; nothing was sent; {kept}") from None

    return approve


def _ask(plan: Plan, folder: RunFolder) -> bool:
    from migrator.reporting.impact import impact_lines

    show_findings(plan.findings, as_json=False, notes=False, err=True, listed=IN_PLAN)
    concerns = impact_lines(plan.impact)
    for line in (*plan_lines(plan.configurations), *concerns, *plan_details(plan.configurations)):
        click.echo(line, err=True)
    click.echo(f"Plan          {folder.plan_xlsx}", err=True)
    click.echo(f"Fingerprint   {plan.fingerprint}", err=True)
    return click.confirm("Carry it out?", default=False, err=True)
