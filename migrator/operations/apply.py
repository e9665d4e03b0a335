"""Carries out a saved plan, or goes on with a run that was interrupted or had failures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.journal.reader import read_record
from migrator.model.choice import WHOLE, Approval
from migrator.model.errors import UsageError
from migrator.model.events import Said
from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.model.settings import Caution, Settings
from migrator.operations.approval import left_out
from migrator.operations.carry_out import Stop
from migrator.operations.finish import Result
from migrator.operations.put_back import check_not_put_back, putting_back
from migrator.operations.run import Approve, Declined, go_on
from migrator.planning.caution import beyond
from migrator.reporting.facts import facts
from migrator.reporting.words import moment
from migrator.reporting.write import write_plan

if TYPE_CHECKING:
    from migrator.operations.connect import Connection


async def apply(
    folder: RunFolder,
    settings: Settings,
    connection: Connection,
    *,
    approve: Approve,
    stop: Stop,
    approval: Approval = WHOLE,
) -> Result | Declined:
    """Reads again what the plan touches, and carries out what of it is approved and has not drifted.

    UsageError, before anything is asked of the tenant, where the approval is not one of this plan.
    """
    record = to_carry_out(folder)
    without = left_out(record, approval)
    _tell(record, approval, len(without), connection)
    keys = {one.key for one in without}
    meant = replace(
        record.plan,
        configurations=tuple(c for c in record.plan.configurations if c.key not in keys),
        impact=None if keys else record.plan.impact,  # was counted for the whole
    )
    check_reach(meant, settings.caution)
    await same_tenant(record, connection)
    _complete(folder, record, connection)
    if not await approve(meant, folder):
        return Declined(folder, record.plan)
    async with putting_back(folder, record, connection.clock.time()):
        return await go_on(folder, settings, connection, stop, record.plan, left_out=without)


async def resume(
    folder: RunFolder, settings: Settings, connection: Connection, *, approve: Approve, stop: Stop
) -> Result | Declined:
    """Goes on from the journal alone. Nothing that succeeded is sent again.

    How fast is the connection's and the settings' to say: whoever makes them knows `as_approved`. A run that was never
    approved is asked about, as `apply` would, but for one that was only planned: UsageError. One of which nothing is
    left says so, and has its reports written again.
    """
    record = to_carry_out(folder)
    if not record.header.approved:
        if record.header.command == "plan" and not record.intended:
            raise UsageError(f"run {folder.id} was only planned; carry it out with: migrator apply {folder.id}")
        check_reach(record.plan, settings.caution)
    await same_tenant(record, connection)
    _complete(folder, record, connection)
    if is_done(record):
        on = moment(record.header.finished)
        connection.watch(Said(f"Run {folder.id} was carried out already, by {on}; its reports are written again."))
    if not record.header.approved and not await approve(record.plan, folder):
        return Declined(folder, record.plan)
    async with putting_back(folder, record, connection.clock.time()):
        return await go_on(folder, settings, connection, stop, record.plan)


def to_carry_out(folder: RunFolder) -> RunRecord:
    """The record of a run that may change something; UsageError for one that only looked, and for one that was put
    back."""
    record = read_record(folder)
    if record.header.command == "verify":
        raise UsageError(f"run {folder.id} only verified; there is nothing to carry out. Use `migrator run` instead")
    check_not_put_back(record.header)
    return record


def check_reach(plan: Plan, caution: Caution) -> None:
    """Raises UsageError where the plan changes more than a person allows."""
    found = tuple(beyond(plan.configurations, caution))
    if found:
        raise UsageError("; ".join(finding.message for finding in found))


def _tell(record: RunRecord, approval: Approval, left: int, connection: Connection) -> None:
    """What the approval comes to, for whoever watches."""
    if approval.fingerprint is not None:
        connection.watch(Said(f"The plan is the one that was approved: {record.plan.fingerprint}"))
    if left:
        whole = len(record.plan.configurations)
        connection.watch(Said(f"{whole - left:,} of {whole:,} configurations to be carried out, {left:,} left out"))


def is_done(record: RunRecord) -> bool:
    """Whether going on with it has nothing left to do."""
    if not record.header.finished:
        return False
    figures = facts(record)
    return not (figures.failed or figures.waiting or figures.unverified)


def _complete(folder: RunFolder, record: RunRecord, connection: Connection) -> None:
    """A run whose command was killed while it made plan.xlsx gets it now: there must be something to approve."""
    if not folder.plan_xlsx.exists():
        with locked(folder, connection.clock.time()):
            write_plan(record.plan, folder.path, folder.id)
            folder.protect()


async def same_tenant(record: RunRecord, connection: Connection) -> None:
    """A plan is carried out in the tenant it was made for; one that does not say which it is cannot be told apart."""
    now = await connection.tenant.about()
    if now.id and record.header.tenant_id and now.id != record.header.tenant_id and record.plan.tenant.id:
        raise UsageError(
            f"run {record.header.id} was planned for {record.plan.tenant.name or record.plan.tenant.id}, "
            f"but this sign-in leads to {now.name or now.id}"
        )
