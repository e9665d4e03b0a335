"""What a row states of an assignment, and the assignment with that in place of what it had."""

from __future__ import annotations

import json
from dataclasses import replace

from migrator.model.assignment import Assignment, Audience, Filter, FilterMode, Target, TargetType
from migrator.model.plan import FilterWish, ResolvedRow, StatedFilter


def target(audience: Audience, exclude: bool) -> Target:
    """Where an assignment points that includes or excludes an audience; only groups can be excluded."""
    if audience.type is TargetType.GROUP and exclude:
        return Target(TargetType.EXCLUSION, audience.id)
    return Target(audience.type, audience.id)


def as_stated(row: ResolvedRow, assignment: Assignment) -> Assignment:
    """The assignment with what the row states in place of what it had."""
    if row.exclude is not None:
        aimed = target(assignment.target.audience, row.exclude)
        turned = aimed.excludes and not assignment.target.excludes
        assignment = replace(
            assignment, target=aimed, rest=_of_an_exclusion(assignment.rest) if turned else assignment.rest
        )
    if row.intent:
        assignment = replace(assignment, intent=row.intent)
    return replace(assignment, filter=_filter(row, assignment))


def is_as_stated(row: ResolvedRow, assignment: Assignment) -> bool:
    """Whether the row leaves this assignment nothing to be changed in. A mode alone asks for a filter that has it."""
    return as_stated(row, assignment) == assignment and (mode_alone(row) is None or assignment.filter is not None)


def mode_alone(row: ResolvedRow) -> FilterMode | None:
    """The filter mode of a row that states one and leaves the filter as it stands; None for all others."""
    return row.filter.mode if isinstance(row.filter, StatedFilter) and not row.filter.id else None


def _of_an_exclusion(rest: str) -> str:
    """What is left of an included group's properties once it is excluded: how to install an app for it goes."""
    told = json.loads(rest)
    if told.pop("settings", None) is None:
        return rest
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def _filter(row: ResolvedRow, assignment: Assignment) -> Filter | None:
    standing, stated = assignment.filter, row.filter
    if stated is FilterWish.NONE:
        return None
    if not isinstance(stated, StatedFilter):
        turned = assignment.target.excludes and row.exclude is not None
        return None if turned else standing  # an exclusion takes no filter
    if not stated.id:
        return Filter(standing.id, stated.mode or standing.mode) if standing else None
    kept = standing.mode if standing and standing.id == stated.id else FilterMode.INCLUDE
    return Filter(stated.id, stated.mode or kept)
