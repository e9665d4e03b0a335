"""What rows ask of a configuration that does not fit it, though its kind could do it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migrator.model.assignment import Assignment, TargetType
from migrator.model.configuration import Configuration, FilterDefinition, Key
from migrator.model.finding import Finding, Level
from migrator.model.kind import EVERY_TYPE, Kind
from migrator.model.plan import ConfigurationPlan, Effect, ResolvedRow, StatedFilter
from migrator.model.platforms import as_listed, fits, listed, platforms
from migrator.model.row import Action, Row
from migrator.planning.guards import filter_cell


def misfits(
    rows: Iterable[ResolvedRow],
    configurations: Mapping[Key, Configuration],
    filters: Sequence[FilterDefinition],
    kinds: Mapping[str, Kind],
) -> Iterator[Finding]:
    """Warnings at rows whose filter can match nothing there, or is said to be left out of account, and at those that
    ask for a target that is not offered there."""
    by_id = {one.id: one for one in filters}
    for row in rows:
        if reason := not_offered(row, kinds[row.configuration.kind]):
            message = f"{_name(configurations[row.configuration])}: {reason}, and the service may refuse it"
            yield Finding(Level.WARNING, "target_not_offered", message, row.row.sheet, row.row.number)
        if not isinstance(row.filter, StatedFilter) or row.action is Action.REMOVE:
            continue
        kind, configuration = kinds[row.configuration.kind], configurations[row.configuration]
        if _is_unfiltered(kind, configuration):
            message = (
                f"{kind.title} {_name(configuration)} is not among what Microsoft says filters work for: the service "
                "may refuse this one, or take no account of it"
            )
            yield _warning("filter_not_supported", row.row, message)
        meant = by_id.get(row.filter.id)
        there, wanted = as_listed(configuration.platform), platforms(meant.platform) if meant else frozenset()
        if meant and not fits(there, wanted):
            message = (
                f"the filter {meant.name!r} is for {listed(wanted)}, and {kind.title} {_name(configuration)} is for "
                f"{listed(there)}: no device can match it"
            )
            yield _warning("filter_of_another_platform", row.row, message)


def not_offered(row: ResolvedRow, kind: Kind) -> str:
    """What a row asks that Microsoft's own portal has no place for in a kind, in a clause; "" for nearly all."""
    asked = TargetType.EXCLUSION if row.exclude else row.audience.type
    if row.action is Action.REMOVE or asked not in kind.not_offered:
        return ""
    if asked is TargetType.EXCLUSION:
        return f"Microsoft's portal excludes nobody from {kind.title}"
    return f"Microsoft's portal assigns {kind.title} to groups only"


def defaults(plans: Iterable[ConfigurationPlan], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """Errors at rows that would change what the configuration is assigned to that everybody has who has no other."""
    for plan in plans:
        kind = kinds[plan.key.kind]
        if not is_default(kind, plan.configuration) or not plan.changes_anything:
            continue
        for planned in plan.rows:
            if planned.applies:
                row = planned.row
                priority = "" if plan.configuration.built_in else f" (priority {kind.default_priority})"
                message = (
                    f"{kind.title} {_name(plan.configuration)} is the default{priority}, "
                    "which holds for everybody without another one and cannot be assigned; take this row out"
                )
                cell = row.configuration_id or row.configuration
                column = cell.column if cell else ""
                yield Finding(Level.ERROR, "default_not_assignable", message, row.sheet, row.number, column)


def is_default(kind: Kind, configuration: Configuration) -> bool:
    """Whether it is the configuration of its kind that everybody has who has no other."""
    by_priority = kind.default_priority is not None and configuration.priority == kind.default_priority
    return by_priority or configuration.built_in


def unpublished(plans: Iterable[ConfigurationPlan], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """A warning per configuration that shall be changed while the service may not take assignments of it yet."""
    for plan in plans:
        if plan.configuration.unpublished and plan.changes_anything:
            message = (
                f"{kinds[plan.key.kind].title} {_name(plan.configuration)} is not published yet "
                f"({plan.configuration.unpublished}), and may not be assigned before it is"
            )
            row = plan.rows[0].row
            yield Finding(Level.WARNING, "not_published", message, row.sheet, row.number)


def without_service_plan(plans: Iterable[ConfigurationPlan]) -> Iterator[Finding]:
    """A warning per configuration where a group is added without a size of Cloud PC, and the others have one each."""
    for plan in plans:
        added = [c for c in plan.changes if c.effect is Effect.ADDED and c.after and not _has_service_plan(c.after)]
        if added and any(map(_has_service_plan, plan.before)):
            message = (
                f"in {_name(plan.configuration)} each group has a service plan (Windows 365 Frontline), which a row "
                "cannot state: the service may refuse the group that is added; assign that one in Intune"
            )
            row = next((planned.row for planned in plan.rows if planned.index in added[0].rows), plan.rows[0].row)
            yield Finding(Level.WARNING, "no_service_plan", message, row.sheet, row.number)


def _has_service_plan(assignment: Assignment) -> bool:
    if "servicePlanId" not in assignment.rest:
        return False
    target = json.loads(assignment.rest).get("target")
    return isinstance(target, dict) and bool(target.get("servicePlanId"))


def _is_unfiltered(kind: Kind, configuration: Configuration) -> bool:
    if kind.unfiltered == EVERY_TYPE:
        return True
    return configuration.type.casefold() in {name.casefold() for name in kind.unfiltered}


def _name(configuration: Configuration) -> str:
    return repr(configuration.name or configuration.id)


def _warning(code: str, row: Row, message: str) -> Finding:
    cell = filter_cell(row)
    return Finding(Level.WARNING, code, message, row.sheet, row.number, cell.column if cell else "")
