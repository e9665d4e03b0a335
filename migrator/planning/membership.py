"""What only the members of groups tell of a plan: that one is empty, that groups of two sorts are mixed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from migrator.model.assignment import TargetType
from migrator.model.finding import Finding, Level
from migrator.model.impact import Membership
from migrator.model.plan import Change, ConfigurationPlan, Effect
from migrator.model.row import Row
from migrator.planning.impact import Memberships, changing

Named = Mapping[str, str]
_OF_PEOPLE, _OF_DEVICES = "users", "devices"


def membership_findings(
    plans: Iterable[ConfigurationPlan], memberships: Memberships, names: Named
) -> Iterator[Finding]:
    """What to look at, for the configurations that the plan changes; `names` are the groups' by their ids."""
    held = tuple(changing(plans))
    yield from _empty(held, memberships, names)
    for plan in held:
        yield from _mixed(plan, memberships, names)


def _empty(plans: Iterable[ConfigurationPlan], memberships: Memberships, names: Named) -> Iterator[Finding]:
    """Groups that come to be assigned and have no members: each once, at the first row that names it."""
    coming: defaultdict[str, list[tuple[ConfigurationPlan, Change]]] = defaultdict(list)
    for plan in plans:
        for change in plan.changes:
            if change.effect in (Effect.ADDED, Effect.SWAPPED) and change.after and change.after.target.id:
                coming[change.after.target.id].append((plan, change))
    for group, places in coming.items():
        if _kinds(memberships.get(group)) == frozenset():
            plan, change = places[0]
            excluded = bool(change.after and change.after.target.excludes)
            yield _finding(
                "empty_group",
                f"the group {names.get(group, group)!r} has no members, so "
                f"{'it excludes nobody' if excluded else 'nobody gets by it what it is assigned'} "
                f"({len(places):,} configuration{'s' if len(places) > 1 else ''} in this plan); "
                "see whether its members are still to come, are hidden (which takes Member.Read.Hidden to see), or "
                "another group is meant",
                _row(plan, change.rows),
            )


def _mixed(plan: ConfigurationPlan, memberships: Memberships, names: Named) -> Iterator[Finding]:
    """Users included while devices are excluded, or the reverse."""
    sides: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for assignment in plan.after:
        of, name = _of_one_kind(assignment.target.type, assignment.target.id, memberships, names)
        if of:
            sides[assignment.target.excludes].setdefault(of, name)
    for included, excluded in ((_OF_PEOPLE, _OF_DEVICES), (_OF_DEVICES, _OF_PEOPLE)):
        if included in sides[False] and excluded in sides[True]:
            yield _finding(
                "mixed_groups",
                f"{plan.configuration.name or plan.configuration.id!r} would include {included} "
                f"({sides[False][included]}) and exclude {excluded} ({sides[True][excluded]}); Intune does not "
                "support that, and the exclusion may have no effect: exclude a group of the same sort, or use a filter",
                _row(plan, [index for change in plan.changes for index in change.rows]),
            )


def _of_one_kind(type_: TargetType, group: str, memberships: Memberships, names: Named) -> tuple[str, str]:
    """Whether a target is only of users, or only of devices, and what it is called; ("", "") where it is neither."""
    if type_ is TargetType.ALL_USERS:
        return _OF_PEOPLE, "All users"
    if type_ is TargetType.ALL_DEVICES:
        return _OF_DEVICES, "All devices"
    found = _kinds(memberships.get(group))
    return (next(iter(found)), names.get(group, group)) if found and len(found) == 1 else ("", "")


def _kinds(membership: Membership | None) -> frozenset[str] | None:
    """Which sorts of members a group has; None where that is not known."""
    if membership is None or membership.reason or membership.users.count is None or membership.devices.count is None:
        return None
    counts = ((_OF_PEOPLE, membership.users.count), (_OF_DEVICES, membership.devices.count))
    return frozenset(sort for sort, number in counts if number)


def _row(plan: ConfigurationPlan, indexes: Iterable[int]) -> Row:
    wanted = set(indexes)
    return next((row.row for row in plan.rows if row.index in wanted), plan.rows[0].row)


def _finding(code: str, message: str, row: Row) -> Finding:
    ref = (row.new or row.new_id or row.legacy or row.legacy_id) if code == "empty_group" else None
    return Finding(Level.WARNING, code, message, row.sheet, row.number, ref.column if ref else "")
