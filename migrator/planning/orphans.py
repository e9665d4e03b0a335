"""Assignments to groups that were deleted: told, and dropped where a person wants that. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from migrator.model.assignment import Assignment
from migrator.model.configuration import Whereabouts
from migrator.model.finding import Finding, Level
from migrator.model.lists import names_group
from migrator.model.plan import Change, ConfigurationPlan, Effect, Names
from migrator.planning.actions import Worked

DROPPED = "points at a group that was deleted"
_STAYING = (Effect.KEPT, Effect.CHANGED)


def gone(absent: Whereabouts) -> frozenset[str]:
    """The ids of the groups that surely are not there any more."""
    return frozenset(group.id for group in absent.groups if group.deleted)


def without(worked: Worked, drop: frozenset[str]) -> Worked:
    """What the rows came to, less the assignments that point at these groups; those of policy sets stay."""
    if not drop:
        return worked
    changes = tuple(_dropped(change) if _stays_for(change, drop) else change for change in worked.changes)
    if changes == worked.changes:
        return worked
    return replace(worked, after=tuple(a for a in worked.after if not _points_at(a, drop)), changes=changes)


def without_restored(plan: ConfigurationPlan, drop: frozenset[str]) -> ConfigurationPlan:
    """What puts a configuration back, less the assignments that point at these groups: none of them comes back, and
    what took the place of one goes all the same."""
    if not any(_points_at(a, drop) for a in plan.after):
        return plan
    after = tuple(a for a in plan.after if not _points_at(a, drop))
    changes = (_not_restored(c) if c.after and _points_at(c.after, drop) else c for c in plan.changes)
    return replace(plan, after=after, changes=tuple(c for c in changes if c is not None))


def _not_restored(change: Change) -> Change | None:
    return None if change.before is None else _dropped(change)


def orphans(
    plans: Sequence[ConfigurationPlan], names: Names, absent: Whereabouts, *, drop: bool = False
) -> Iterator[Finding]:
    """A warning for each group that was deleted and is still assigned, and what could not be told of others."""
    deleted = {group.id: group.name for group in names.groups if group.deleted}
    changes = [change for plan in plans for change in plan.changes]
    kept = _count(c.before for c in changes if _stays_for(c, deleted.keys()))
    dropped = _count(c.before for c in changes if c.note == DROPPED)
    for identity, name in deleted.items():
        called = f"{name!r}" if name else identity
        if dropped[identity]:
            message = f"{_point(dropped[identity])} at {called}, a group that was deleted; {_they(dropped[identity])}"
            yield Finding(Level.WARNING, "deleted_group_dropped", f"{message} dropped, as --drop-orphans says")
        if kept[identity]:
            message = f"{_point(kept[identity])} at {called}, a group that was deleted; {_they(kept[identity])} kept, "
            why = "for the configuration is left alone" if drop else "unless --drop-orphans is said"
            yield Finding(Level.WARNING, "deleted_group_assigned", message + why)
    if absent.unnamed:
        message = f"deleted groups are shown by their ids: {absent.unnamed}"
        yield Finding(Level.WARNING, "deleted_group_unnamed", message)
    if absent.doubt:
        yield _in_doubt(changes, names, absent.doubt, drop)


def _in_doubt(changes: Sequence[Change], names: Names, doubt: str, drop: bool) -> Finding:
    known = {group.id for group in names.groups}
    doubtful = sum(bool(c.before and names_group(c.before.target) and c.before.target.id not in known) for c in changes)
    message = (
        f"{_point(doubtful)} at groups that the directory does not list, and whether those were deleted could not be "
        f"told: {doubt}; what points at them is kept as it is"
    )
    return Finding(Level.WARNING if drop else Level.NOTE, "group_in_doubt", message)


def _stays_for(change: Change, groups: Iterable[str]) -> bool:
    before = change.before
    return change.effect in _STAYING and before is not None and _points_at(before, groups)


def _points_at(assignment: Assignment, groups: Iterable[str]) -> bool:
    return names_group(assignment.target) and assignment.target.id in groups and not assignment.from_policy_set


def _dropped(change: Change) -> Change:
    return Change(Effect.REMOVED, change.before, None, change.rows, DROPPED)


def _count(assignments: Iterable[Assignment | None]) -> Counter[str]:
    return Counter(a.target.id for a in assignments if a is not None)


def _point(number: int) -> str:
    if number == 1:
        return "1 assignment of the plan's configurations points"
    return f"{number:,} assignments of the plan's configurations point"


def _they(number: int) -> str:
    return "it is" if number == 1 else "they are"
