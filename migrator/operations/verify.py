"""Compares the tenant with what was intended; changes nothing; writes the compliance reports."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from migrator.mapping.pairs import Pair
from migrator.model.outcome import Outcome, Status
from migrator.model.plan import ConfigurationPlan, Effect
from migrator.model.settings import Caution, Settings
from migrator.operations.draw_up import draw_up
from migrator.operations.finish import Result, finish
from migrator.operations.log import logged
from migrator.operations.open_run import open_run
from migrator.operations.run import read_mapping
from migrator.operations.tell_missing import missing_told
from migrator.reporting.facts import elapsed
from migrator.verification.read_back import read_back
from migrator.verification.verdict import verdict

if TYPE_CHECKING:
    import pandas

    from migrator.operations.connect import Connection


async def verify_run(folder: RunFolder, settings: Settings, connection: Connection) -> Result:
    """Reads back every configuration of a run and holds it against the plan's lists; what was left out of it is not."""
    record = read_record(folder)
    left_out = record.left_out()
    plans = [plan for plan in record.plan.configurations if not plan.blocked and plan.key not in left_out]
    began = connection.clock.time()
    with ExitStack() as stack:
        stack.enter_context(locked(folder, connection.clock.time()))
        stack.enter_context(logged(folder, settings, connection))
        async with JournalWriter(folder) as journal:
            worked = elapsed(record)
            await journal.mark(worked=worked, working=began)
            with connection.kept_in(journal):
                await read_back(
                    [plan.configuration for plan in plans],
                    {plan.key: plan.after for plan in plans},
                    connection.tenant,
                    journal=journal,
                    clock=connection.clock,
                    watch=connection.watch,
                    patience=(),
                )
            await journal.mark(worked=worked + connection.clock.time() - began, working=0.0)
        return finish(folder, read_record(folder, record.plan), connection.watch)


async def verify_mapping(
    source: Path | pandas.DataFrame | None, settings: Settings, connection: Connection, groups: Sequence[Pair] = ()
) -> Result:
    """Holds the tenant against what a mapping says: what it would still have to change is not as intended.

    `groups` are pairs of which the first shall be assigned nowhere any more, beside a mapping or in place of one.
    """
    mapping = read_mapping(source, settings, connection.watch, groups)
    freely = replace(settings, allow_empty=True, caution=Caution(), impact=False)  # nothing is written or refused
    with missing_told(mapping, settings, connection):
        plan = (await draw_up(mapping, freely, connection)).plan
    folder = await open_run(plan, settings, connection, "verify")
    with ExitStack() as stack:
        stack.enter_context(locked(folder, connection.clock.time()))
        stack.enter_context(logged(folder, settings, connection))
        async with JournalWriter(folder) as journal:
            for one in plan.configurations:
                await journal.conclude(_standing(one))
            now = connection.clock.time()
            await journal.verified([verdict(p.key, p.after, p.reading, now) for p in plan.configurations])
            await journal.mark(finished=now)
        return finish(folder, read_record(folder, plan), connection.watch)


def _standing(plan: ConfigurationPlan) -> Outcome:
    if plan.blocked:
        return Outcome(plan.key, Status.FAILED, plan.blocked, code="readingNotSettled")
    if not plan.changes_anything:
        return Outcome(plan.key, Status.UNCHANGED, "as the mapping says")
    verbs = ((Effect.ADDED, "add"), (Effect.REMOVED, "remove"), (Effect.SWAPPED, "swap"), (Effect.CHANGED, "change"))
    left = ", ".join(f"{plan.count(effect)} to {verb}" for effect, verb in verbs if plan.count(effect))
    return Outcome(plan.key, Status.FAILED, f"not as the mapping says: {left}", code="notAsIntended")
