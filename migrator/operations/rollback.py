"""Puts back what stood before a run: a plan of its own, shown, approved, carried out, verified and reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder, check_room, find_run, list_runs
from migrator.journal.lock import locked
from migrator.journal.reader import read_header, read_record
from migrator.model.choice import EVERYTHING, Selection
from migrator.model.configuration import Coverage, Group, Served, TenantInfo
from migrator.model.errors import GraphError, PermissionRefused, UsageError
from migrator.model.events import Said
from migrator.model.lists import names_group
from migrator.model.outcome import Status
from migrator.model.plan import ConfigurationPlan, Names, Plan
from migrator.model.record import RunRecord
from migrator.model.settings import Settings
from migrator.operations.apply import check_reach, same_tenant
from migrator.operations.carry_out import Stop
from migrator.operations.draw_up import Drawing, Readings, read
from migrator.operations.finish import Result
from migrator.operations.naming import whereabouts
from migrator.operations.open_run import open_run
from migrator.operations.put_back import mark
from migrator.operations.run import Approve, Declined, go_on
from migrator.planning.fingerprint import fingerprint
from migrator.planning.orphans import without_restored
from migrator.planning.plan import merge_findings
from migrator.planning.rollback import groups_gone, may_lag, plan_rollback, restored, touched
from migrator.resolving.selection import passed_over

if TYPE_CHECKING:
    from migrator.operations.connect import Connection

PATIENCE = (1.0, 2.0, 4.0)
"""Seconds between readings of those whose call may have been applied and does not show."""


async def rollback(
    folder: RunFolder,
    settings: Settings,
    connection: Connection,
    *,
    approve: Approve,
    stop: Stop,
    selection: Selection = EVERYTHING,
) -> Result | Declined:
    """Puts back what a run sent, or what is selected of that, and leaves alone what somebody changed since.

    The run is held meanwhile, and once anything of it is put back it cannot be gone on with. Raises UsageError where it
    sent nothing, belongs to another tenant, or has nothing of that name, and for a part of a run that is not finished;
    RunBusy where another process is at work on it.
    """
    check_room(settings.reports)
    with locked(folder, connection.clock.time()):
        record = to_put_back(folder)
        meant = _selected(record, selection)
        await same_tenant(record, connection)
        drawing = await _draw_up(meant, connection, drop_orphans=settings.drop_orphans)
        plan = drawing.plan
        connection.watch(Said(f"To be put back: what stood before run {folder.id}"))
        made = await open_run(plan, settings, connection, "rollback")
        check_reach(plan, settings.caution)
        if not await approve(plan, made):
            return Declined(made, plan)
        await mark(folder, record, plan, made.id, connection.clock.time())
        return await go_on(made, settings, connection, stop, plan, drawing.readings)


def find_to_put_back(reports: Path, text: str) -> RunFolder:
    """The run a person means; `last` is the newest that is no rollback, so that saying it twice does not do again what
    was put back. Raises RunNotFound."""
    if text.strip().casefold() == "last":
        for folder in reversed(list_runs(reports)):
            if read_header(folder).command not in ("rollback", "verify"):
                return folder
    return find_run(reports, text)


def to_put_back(folder: RunFolder) -> RunRecord:
    """The record of a run that sent something; UsageError, saying why, for any other."""
    record = read_record(folder)
    if record.header.command == "verify":
        raise UsageError(f"run {folder.id} only verified: it sent nothing, so there is nothing to put back")
    if not record.header.approved:
        raise UsageError(f"run {folder.id} was only planned: it sent nothing, so there is nothing to put back")
    if not record.intended:
        raise UsageError(f"run {folder.id} sent nothing, so there is nothing to put back")
    return record


def _selected(record: RunRecord, selection: Selection) -> RunRecord:
    """The record as if only those had been sent."""
    sent = [plan for plan in record.plan.configurations if plan.key in record.intended]
    names = [(plan.configuration.name, plan.configuration.id) for plan in sent]
    why = passed_over(names, selection, f"what run {record.header.id} sent")
    meant = frozenset(plan.key for plan, reason in zip(sent, why, strict=True) if not reason)
    if not meant:
        raise UsageError(f"--only and --except leave nothing of run {record.header.id} to put back")
    finished = {o.key for o in record.outcomes if o.status in (Status.SUCCEEDED, Status.UNCHANGED, Status.DRIFTED)}
    if selection and not meant <= finished:
        raise UsageError(
            f"{len(meant - finished):,} of what --only and --except leave is not finished in run {record.header.id}, "
            "which would send it again when it is resumed; put the whole run back, or resume it first"
        )
    return replace(record, intended=meant)


async def _draw_up(record: RunRecord, connection: Connection, *, drop_orphans: bool) -> Drawing:
    """The plan that puts a run back, against the tenant as it is now; without what points at groups that are gone,
    where a person wants that."""
    created = connection.clock.time()
    about = await connection.tenant.about()
    readings = await _read(record, connection)
    planned = plan_rollback(record, readings.found)
    names, gone = await _names(record.plan.names, planned.configurations, readings, connection)
    deleted = _deleted(names)
    drop = gone & deleted.keys() if drop_orphans else frozenset[str]()
    plans = tuple(without_restored(plan, drop) for plan in planned.configurations)
    plan = Plan(
        mapping=record.plan.mapping,
        mapping_sha256=record.plan.mapping_sha256,
        tenant=TenantInfo(about.id, about.name),
        created=created,
        configurations=plans,
        names=names,
        coverage=_coverage(readings),
        findings=merge_findings(planned.findings, groups_gone(planned.configurations, gone, deleted, drop)),
        fingerprint=fingerprint(plans),
        of=record.header.id,
    )
    return Drawing(plan, readings)


async def _read(record: RunRecord, connection: Connection) -> Readings:
    """What is assigned now to what the run touched. One whose call may have been applied is given time to show it."""
    readings = await read(touched(record), connection)
    for pause in PATIENCE:
        behind = may_lag(record, readings.found)
        if not behind:
            break
        await connection.clock.sleep(pause)
        again = await connection.tenant.read(behind)
        readings = Readings({**readings.found, **again}, readings.at)
    return readings


async def _names(
    known: Names, plans: Iterable[ConfigurationPlan], readings: Readings, connection: Connection
) -> tuple[Names, frozenset[str]]:
    """The names of everything the plan speaks of, and the ids of groups to put back that are not there any more."""
    again = restored(plans)
    now = [a for reading in readings.found.values() for a in reading.assignments]
    told = {a.target.id for a in now if names_group(a.target)}
    groups = {group.id: group for group in known.groups}
    filters = known.filters
    found: dict[str, Group] = {}
    gone: frozenset[str] = frozenset()
    with suppress(PermissionRefused, GraphError):  # the plan holds without names, and shows ids
        asked = again | (told - groups.keys())
        found = {g.id: g for g in await connection.tenant.groups_by_id(sorted(asked))}
        found |= {g.id: g for g in (await whereabouts(asked - found.keys(), connection)).groups}
        gone = frozenset(one for one in again if one not in found or found[one].deleted)
    with suppress(PermissionRefused, GraphError):
        if {a.filter.id for a in now if a.filter} - {f.id for f in filters}:
            filters = tuple(await connection.tenant.filters())
    return Names(tuple((groups | found).values()), filters), gone


def _deleted(names: Names) -> dict[str, str]:
    """What deleted groups were called, by their ids."""
    return {group.id: group.name for group in names.groups if group.deleted}


def _coverage(readings: Readings) -> tuple[Coverage, ...]:
    """How far each kind could be read: one by one, for nothing is listed."""
    asked = Counter(key.kind for key in readings.found)
    seen = Counter(key.kind for key, reading in readings.found.items() if reading.settled)
    return tuple(
        Coverage(
            kind,
            Served.READ if seen[kind] else Served.FAILED,
            seen[kind],
            f"{seen[kind]:,} of {number:,} could be read, one by one" if seen[kind] < number else "",
        )
        for kind, number in asked.items()
    )
