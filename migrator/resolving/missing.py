"""What rows name and a tenant does not have, taken from what was found of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from migrator.model.configuration import FilterDefinition, Group, Listing, Served
from migrator.model.errors import GraphError, PermissionRefused
from migrator.model.finding import Finding
from migrator.model.kinds import find_kinds
from migrator.model.missing import Missing, What
from migrator.model.row import Action, Ref, Row
from migrator.resolving.groups import group_name
from migrator.resolving.match import fold, guid, trim
from migrator.resolving.suggest import MANY, Suggestions

if TYPE_CHECKING:
    from migrator.model.ports import Tenant
    from migrator.resolving.resolve import Resolution

_CODES: Mapping[str, What] = {
    "unknown_group": What.GROUP,
    "unknown_filter": What.FILTER,
    "unknown_configuration": What.CONFIGURATION,
}

_BEGINNING, _LOOKED_FOR = 6, 45
"""Groups are near that share the beginning of a name, four fifths of it and at least so many letters, or all groups of
a tenant would be; and that of so many names is looked for, in one call."""


async def what_is_missing(
    rows: Iterable[Row], resolution: Resolution, listing: Listing, tenant: Tenant
) -> tuple[Missing, ...]:
    """Everything that the findings call unknown, in their order, each place once, with near names that do exist."""
    absent = [finding for finding in resolution.findings if finding.code in _CODES]
    if not absent:
        return ()
    at: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        at[row.sheet, row.number].append(row)
    places = [(row, finding) for finding in absent for row in at[finding.sheet, finding.row]]
    unknown = dict.fromkeys(named for row, finding in places for named in _meant(row, finding))
    groups = [*resolution.groups, *await _nearby(unknown, tenant)]
    desk = _Desk(listing, groups, resolution.filters)
    return tuple(dict.fromkeys(one for row, finding in places for one in desk.told(row, finding)))


async def _nearby(unknown: Iterable[_Named], tenant: Tenant) -> Sequence[Group]:
    """Groups whose names begin as these do: some were meant. None where they cannot be looked up."""
    names = [name for what, name, _, _ in unknown if what is What.GROUP and len(name) > _BEGINNING]
    beginnings = dict.fromkeys(name[: max(_BEGINNING, len(name) * 4 // 5)] for name in names)
    with suppress(PermissionRefused, GraphError):
        if beginnings:
            return await tenant.groups_by_other_names(list(beginnings)[:_LOOKED_FOR])
    return ()


class _Named(NamedTuple):
    """Something that a row names in vain: by its name or its id ("" each: not given), perhaps only to take it away."""

    what: What
    name: str
    id: str
    leaving: bool


class _Desk:
    """One finding after the other, with what the tenant does have."""

    def __init__(self, listing: Listing, groups: Sequence[Group], filters: Sequence[FilterDefinition]) -> None:
        self._names = {
            What.GROUP: Suggestions(g.name for g in groups),
            What.FILTER: Suggestions(f.name for f in filters),
            What.CONFIGURATION: Suggestions(one.configuration.name for one in listing.listed),
        }
        self._near: dict[tuple[What, str], tuple[str, ...]] = {}
        self._unread = {c.kind for c in listing.coverage if c.served is not Served.READ}
        self._kinds: defaultdict[str, set[str]] = defaultdict(set)
        for one in listing.listed:
            self._kinds[fold(trim(one.configuration.name))].add(one.configuration.kind)

    def told(self, row: Row, finding: Finding) -> Iterator[Missing]:
        """What this finding says of this row."""
        for what, name, identity, leaving in _meant(row, finding):
            unread = what is What.CONFIGURATION and self._may_be_unread(row)
            kind = self._kind(row, what)
            near = self._like(what, name)
            yield Missing(what, name, identity, row.sheet, row.number, kind, leaving, unread, near)

    def _like(self, what: What, name: str) -> tuple[str, ...]:
        """Near names of a name; where very many are missing, of the first of them."""
        if name and (what, name) not in self._near and len(self._near) < MANY:
            self._near[what, name] = tuple(self._names[what].near(name))
        return self._near.get((what, name), ())

    def _kind(self, row: Row, what: What) -> str:
        kinds = _stated(row)
        if not kinds and what is not What.CONFIGURATION and row.configuration:
            kinds = self._kinds.get(fold(row.configuration.text), set())
        return next(iter(kinds)) if len(kinds) == 1 else ""

    def _may_be_unread(self, row: Row) -> bool:
        kinds = _stated(row)
        return bool(self._unread & kinds if kinds else self._unread)


def _stated(row: Row) -> set[str]:
    return {kind.name for kind in find_kinds(row.kind.text)} if row.kind else set()


def _meant(row: Row, finding: Finding) -> Iterator[_Named]:
    """What of a row a finding is about: only that stands in its column, and is spelled in its message."""
    what = _CODES[finding.code]
    for name, identity, leaving in _names(row, what):
        asked = identity or name
        if asked is None or asked.column != finding.column or repr(asked.text) not in finding.message:
            continue
        is_id = name is None or bool(guid(name.text))
        called = "" if name is None or is_id else name.text
        yield _Named(what, called, guid(asked.text) or (asked.text if is_id else ""), leaving)


def _names(row: Row, what: What) -> Iterator[tuple[Ref | None, Ref | None, bool]]:
    """What a row names of this sort: its name, its id, and whether it is a group that only goes."""
    match what:
        case What.CONFIGURATION:
            yield row.configuration, row.configuration_id, False
        case What.FILTER:
            yield row.filter, row.filter_id, False
        case What.GROUP:
            for position, (name, identity) in enumerate(row.groups):
                leaving = row.action is Action.REMOVE or position < len(row.groups) - 1
                yield (group_name(name) if name else None), identity, leaving
