"""A plan becomes a run: its folder, its journal with the plan inside, and plan.xlsx for whoever has to approve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder, make_folder, new_run_id
from migrator.journal.schema import create
from migrator.journal.writer import JournalWriter
from migrator.model.plan import Plan
from migrator.model.record import RunHeader
from migrator.model.settings import Settings
from migrator.model.version import VERSION
from migrator.reporting.write import write_plan

if TYPE_CHECKING:
    from migrator.operations.connect import Connection


async def open_run(plan: Plan, settings: Settings, connection: Connection, command: str) -> RunFolder:
    """The run of a plan, with every request made for it so far in its journal. It exists once this returns."""
    folder = make_folder(settings.reports, new_run_id(plan.created, plan.tenant.name))
    header = RunHeader(
        id=folder.id,
        command=command,
        version=VERSION,
        started=plan.created,
        tenant_id=plan.tenant.id or settings.sign_in.tenant_id,
        tenant_name=plan.tenant.name,
        graph_url=settings.graph_url,
        options=options_of(settings),
        worked=connection.clock.time() - plan.created,
        of=plan.of,
    )
    create(folder, header, plan)
    async with JournalWriter(folder) as journal:
        with connection.kept_in(journal):
            pass  # what was made so far is all there is
    write_plan(plan, folder.path, folder.id)
    folder.protect()
    return folder


def options_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The options that a run was approved with, for its header."""
    options = {
        "concurrency": str(settings.concurrency),
        "limit": "" if settings.limit is None else str(settings.limit),
        "mode": settings.mode,
        "kinds": ",".join(settings.kinds),
        "allow_empty": "yes" if settings.allow_empty else "",
        "drop_orphans": "yes" if settings.drop_orphans else "",
        "guard": settings.caution.guard,
        "canary": str(settings.caution.canary),
        "api_version": settings.api_version,
        "justification": "none" if settings.justification == "" else settings.justification or "",
    }
    return tuple((name, value) for name, value in options.items() if value)


_OF_SENDING = ("concurrency", "limit", "guard", "canary", "api_version", "justification")


def options_now(header: RunHeader, settings: Settings) -> tuple[tuple[str, str], ...]:
    """What it was approved with, and with which speed it is gone on with."""
    approved = {name: value for name, value in header.options if name not in _OF_SENDING}
    now = dict(options_of(settings))
    return tuple((approved | {name: now[name] for name in _OF_SENDING if name in now}).items())


def as_approved(header: RunHeader) -> dict[str, str]:
    """The options to resume a run with, where a person does not state others."""
    options = dict(header.options)
    return {name: options[name] for name in _OF_SENDING if name in options}
