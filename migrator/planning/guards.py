"""What a plan must not contain: asks a kind cannot fulfil, and configurations that would lose their last assignment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from migrator.model.assignment import TargetType
from migrator.model.finding import Finding, Level
from migrator.model.kind import Kind
from migrator.model.plan import Change, ConfigurationPlan, Effect, ResolvedRow, StatedFilter
from migrator.model.row import Action, Ref, Row


def unfit(kind: Kind, rows: Iterable[ResolvedRow]) -> Iterator[Finding]:
    """What these rows ask of a kind that it cannot do, told by the kind's table alone."""
    for row in rows:
        if kind.excluded:
            yield _error("kind_not_assignable", row.row, f"{kind.title}: {kind.excluded}")
            continue
        if row.audience.type not in kind.targets and row.action is not Action.REMOVE:
            yield _error(
                "target_not_served", row.row, _not_served(kind, row.audience.type), row.row.new or row.row.legacy
            )
        if row.exclude and TargetType.EXCLUSION not in kind.targets:
            yield _error("no_exclusions", row.row, f"{kind.title} cannot exclude groups; leave the direction out")
        if row.exclude and row.audience.type is not TargetType.GROUP:
            yield _error("only_groups_are_excluded", row.row, "only a group can be excluded; leave the direction out")
        if isinstance(row.filter, StatedFilter) and not kind.takes_filters:
            message = f"{kind.title} takes no filters; leave the filter out"
            yield _error("no_filters", row.row, message, filter_cell(row.row))
        if isinstance(row.filter, StatedFilter) and row.exclude:
            message = "an excluded group takes no filter; leave the filter out"
            yield _error("filter_on_exclusion", row.row, message, filter_cell(row.row))
        if row.intent and not kind.intent_property:
            message = f"{kind.title} has no install intent; leave the intent out"
            yield _error("no_intent", row.row, message, row.row.intent)


def _not_served(kind: Kind, target: TargetType) -> str:
    if kind.takes_virtual_groups and target is TargetType.ALL_DEVICES:
        return (
            f"{kind.title} is for users, whatever their device, so there is no All devices; name groups, or All users"
        )
    wanted = {TargetType.ALL_USERS: "All users", TargetType.ALL_DEVICES: "All devices"}
    return f"{kind.title} cannot be assigned to {wanted.get(target, 'this target')}; name groups instead"


def filters_on_exclusions(plan: ConfigurationPlan, rows: Iterable[ResolvedRow]) -> Iterator[Finding]:
    """Rows whose filter would come to stand on an exclusion that they do not state themselves."""
    excluding = {
        index
        for change in plan.changes
        if change.effect is not Effect.KEPT and change.after and change.after.target.excludes and change.after.filter
        for index in change.rows
    }
    for row in rows:
        if row.index in excluding and isinstance(row.filter, StatedFilter):
            message = (
                "the group is excluded, and an excluded group takes no filter; "
                "leave the filter out, or state the direction include"
            )
            yield _error("filter_on_exclusion", row.row, message, filter_cell(row.row))


def without_intent(kind: Kind, plan: ConfigurationPlan) -> Iterator[Finding]:
    """New assignments of an app that do not say what to do with it."""
    if not kind.intent_property:
        return
    for change in plan.changes:
        if change.effect is Effect.ADDED and change.after and not change.after.intent:
            yield _error(
                "intent_missing",
                _row_of(plan, change),
                f"{kind.title} {plan.configuration.name!r} needs an install intent for a new group: "
                "required, available, uninstall or availableWithoutEnrollment in a column Intent",
            )


def emptied(configurations: Iterable[ConfigurationPlan]) -> Iterator[Finding]:
    """Configurations that had assignments and would have none."""
    by_row: defaultdict[int, list[ConfigurationPlan]] = defaultdict(list)
    for plan in configurations:
        if plan.empties:
            by_row[plan.rows[0].index].append(plan)
    for those in by_row.values():
        name = those[0].configuration.name or those[0].configuration.id
        more = f" and {len(those) - 1:,} more" if len(those) > 1 else ""
        yield _error(
            "emptied",
            those[0].rows[0].row,
            f"{name!r}{more} would lose every assignment; if that is meant, say --allow-empty",
        )


def filter_cell(row: Row) -> Ref | None:
    """Where a row speaks of a filter."""
    return row.filter_id or row.filter or row.filter_mode


def _row_of(plan: ConfigurationPlan, change: Change) -> Row:
    return next(row.row for row in plan.rows if row.index in change.rows)


def _error(code: str, row: Row, message: str, ref: Ref | None = None) -> Finding:
    return Finding(Level.ERROR, code, message, row.sheet, row.number, ref.column if ref else "")
