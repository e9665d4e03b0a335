"""From a mapping to a plan: list, look up, read by a second route, plan. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from migrator.operations.asked import Asked, ask
from migrator.operations.count import NOT_COUNTED, Counted, count
from migrator.operations.naming import Named, name_all
from migrator.operations.survey import list_kinds, stage
from migrator.planning.anywhere import Apt, came_to, that_stands, told_once
from migrator.planning.caution import beyond
from migrator.planning.fingerprint import fingerprint
from migrator.planning.fitting import defaults, unpublished, without_service_plan
from migrator.planning.guards import emptied
from migrator.planning.orphans import gone, orphans
from migrator.planning.plan import Planned, merge_findings, plan_configurations
from migrator.planning.versions import beyond_version
from migrator.resolving.configurations import kinds_of

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
    created = connection.clock.time()
    about = await connection.tenant.about()
    listing = await list_kinds(kinds_of(mapping.rows, settings.kinds), connection)
    asked = await ask(mapping, listing, selection, settings, connection)
    refuse(asked.findings, mapping.source, asked.missing)
    readings = await read(asked.touched, connection, known=_known(listing))
    there = that_stands(asked.rows, asked.resolution.configurations, readings.found, KINDS)
    named = await name_all(asked.resolution.groups, asked.resolution.filters, readings.found.values(), connection)
    planned = _planned(asked, there, readings, named, settings)
    findings = merge_findings(asked.findings, _findings(asked, there, planned, named, settings, beyond_is))
    refuse(findings, mapping.source, ())
    counted = await _counted(planned, there, named, settings, connection)
    plan = Plan(
        mapping=mapping.source,
        mapping_sha256=mapping.sha256,
        tenant=TenantInfo(about.id, about.name),
        created=created,
        configurations=planned.configurations,
        names=named.names,
        coverage=listing.coverage,
        findings=merge_findings(findings, told_once(there.rows, counted.findings)),
        fingerprint=fingerprint(planned.configurations),
        idle=asked.idle(there.rows),
        impact=counted.impact,
    )
    return Drawing(plan, readings)


def _planned(asked: Asked, there: Apt, readings: Readings, named: Named, settings: Settings) -> Planned:
    """What the rows that are left come to, and what points at deleted groups dropped where a person wants that."""
    drop = gone(named.absent) if settings.drop_orphans else frozenset[str]()
    return plan_configurations(there.rows, asked.resolution.configurations, readings.found, KINDS, drop)


def _findings(
    asked: Asked, there: Apt, planned: Planned, named: Named, settings: Settings, beyond_is: Level
) -> Iterator[Finding]:
    """What there is to say once it is known what is assigned."""
    plans = planned.configurations
    if not settings.allow_empty:
        yield from emptied(plans)
    yield from there.findings
    yield from told_once(there.rows, planned.findings)
    yield from came_to(there.rows, asked.resolution.configurations)
    yield from told_once(there.rows, defaults(plans, KINDS))
    yield from told_once(there.rows, unpublished(plans, KINDS))
    yield from told_once(there.rows, without_service_plan(plans))
    yield from beyond(plans, settings.caution, beyond_is)
    yield from told_once(there.rows, beyond_version(plans, KINDS, settings.api_version))
    yield from orphans(plans, named.names, named.absent, drop=settings.drop_orphans)


async def _counted(planned: Planned, there: Apt, named: Named, settings: Settings, connection: Connection) -> Counted:
    if not settings.impact:
        return NOT_COUNTED
    return await count(planned.configurations, there.rows, named.names, connection)


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
