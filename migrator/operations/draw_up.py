"""From a mapping to a plan: list, look up, read by a second route, plan. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.assignment import Assignments
from migrator.model.choice import EVERYTHING, Selection
from migrator.model.configuration import Configuration, Key, Listing, TenantInfo
from migrator.model.errors import GraphError, MappingError
from migrator.model.events import Stage
from migrator.model.finding import Finding, Level, errors
from migrator.model.kinds import KINDS
from migrator.model.plan import Plan
from migrator.operations.anywhere import ground_of
from migrator.operations.count import NOT_COUNTED, count
from migrator.operations.naming import name_all
from migrator.operations.survey import list_kinds, stage
from migrator.planning.anywhere import came_to, that_can_be, that_stands, told_once
from migrator.planning.caution import beyond
from migrator.planning.fingerprint import fingerprint
from migrator.planning.fitting import defaults, misfits, unpublished, without_service_plan
from migrator.planning.guards import emptied
from migrator.planning.orphans import gone, orphans
from migrator.planning.plan import merge_findings, objections, plan_configurations
from migrator.planning.versions import beyond_version, told_of_versions
from migrator.resolving.configurations import coverage_findings, kinds_of, needed_kinds
from migrator.resolving.missing import what_is_missing
from migrator.resolving.resolve import resolve
from migrator.resolving.selection import picked

if TYPE_CHECKING:
    from migrator.model.missing import Missing
    from migrator.model.reading import Reading
    from migrator.model.row import Mapping
    from migrator.model.settings import Settings
    from migrator.operations.connect import Connection


async def draw_up(
    mapping: Mapping,
    settings: Settings,
    connection: Connection,
    *,
    selection: Selection = EVERYTHING,
    beyond_is: Level = Level.ERROR,
) -> Drawing:
    """The plan of a mapping against a tenant as it is now, or of those of its configurations that are selected.

    `beyond_is` is what it weighs that the plan reaches further than the settings' caution allows.

    Raises UsageError for a selection that matches nothing; MappingError with every finding where one of them is an
    error; PermissionRefused and GraphError where nothing at all can be read.
    """
    refuse(mapping.findings, mapping.source)
    tenant = connection.tenant
    created = connection.clock.time()
    about = await tenant.about()
    listing = await list_kinds(kinds_of(mapping.rows, settings.kinds), connection)
    choice = picked(mapping, listing, selection, settings.kinds)
    mapping = choice.mapping
    ground = await ground_of(mapping.rows, listing, connection, settings.kinds, choice.left_out)
    with stage(connection, Stage.LOOK_UP) as progress:
        resolution = await resolve(mapping.rows, listing, tenant, ground)
        progress(len(resolution.groups))
    asked = that_can_be(resolution.rows, resolution.configurations, KINDS)
    findings = merge_findings(
        mapping.findings,
        coverage_findings(listing.coverage, needed_kinds(mapping.rows, settings.kinds)),
        resolution.findings,
        asked.findings,
        objections(asked.rows, KINDS),
        told_once(asked.rows, misfits(asked.rows, resolution.configurations, resolution.filters, KINDS)),
        told_of_versions((KINDS[c.kind] for c in listing.coverage), settings.api_version),
    )
    absent = await what_is_missing(mapping.rows, resolution, listing, tenant)
    refuse(findings, mapping.source, absent)
    touched = dict.fromkeys(row.configuration for row in asked.rows)
    readings = await read([resolution.configurations[k] for k in touched], connection, known=_known(listing))
    standing = that_stands(asked.rows, resolution.configurations, readings.found, KINDS)
    named = await name_all(resolution.groups, resolution.filters, readings.found.values(), connection)
    drop = gone(named.absent) if settings.drop_orphans else frozenset[str]()
    planned = plan_configurations(standing.rows, resolution.configurations, readings.found, KINDS, drop)
    if not settings.allow_empty:
        findings = merge_findings(findings, emptied(planned.configurations))
    findings = merge_findings(
        findings,
        standing.findings,
        told_once(standing.rows, planned.findings),
        came_to(standing.rows, resolution.configurations),
        defaults(planned.configurations, KINDS),
        unpublished(planned.configurations, KINDS),
        without_service_plan(planned.configurations),
        beyond(planned.configurations, settings.caution, beyond_is),
        beyond_version(planned.configurations, KINDS, settings.api_version),
        orphans(planned.configurations, named.names, named.absent, drop=settings.drop_orphans),
    )
    refuse(findings, mapping.source, ())
    counted = (
        await count(planned.configurations, standing.rows, named.names, connection) if settings.impact else NOT_COUNTED
    )
    plan = Plan(
        mapping=mapping.source,
        mapping_sha256=mapping.sha256,
        tenant=TenantInfo(about.id, about.name),
        created=created,
        configurations=planned.configurations,
        names=named.names,
        coverage=listing.coverage,
        findings=merge_findings(findings, counted.findings),
        fingerprint=fingerprint(planned.configurations),
        idle=len(resolution.anywhere.difference(row.index for row in standing.rows)),
        impact=counted.impact,
    )
    return Drawing(plan, readings)


def refuse(findings: Iterable[Finding], source: str, missing: Sequence[Missing] | None = None) -> None:
    """Raises MappingError where a finding is an error; all findings travel with it, and what is `missing` in the
    tenant."""
    found = tuple(findings)
    wrong = errors(found)
    if wrong:
        many = f"{len(wrong)} errors" if len(wrong) > 1 else "an error"
        raise MappingError(f"{source} has {many}; nothing was sent", found, missing)


@dataclass(frozen=True, slots=True)
class Readings:
    """What was found to be assigned; `at` is when the reading began, in monotonic seconds."""

    found: Dictionary[Key, Reading]
    at: float


async def read(
    configurations: Iterable[Configuration],
    connection: Connection,
    known: Dictionary[Key, Assignments | None] | None = None,
) -> Readings:
    """What is assigned now, by a second route; GraphError where the service is down and was given up."""
    asked, at = list(configurations), connection.clock.monotonic()
    with stage(connection, Stage.READ, len(asked)) as progress:
        found = await connection.tenant.read(asked, known, progress=progress)
    given_up = [reading.given_up for reading in found.values() if reading.given_up]
    if given_up:
        raise GraphError(
            f"the service is down: {len(given_up)} of {len(asked)} configurations could not be read, so nothing is "
            f"sent; {given_up[0]}"
        )
    return Readings(found, at)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan, and the readings it was made from."""

    plan: Plan
    readings: Readings


def _known(listing: Listing) -> Dictionary[Key, Assignments | None]:
    return {listed.configuration.key: listed.assignments for listed in listing.listed}
