"""The names of everything that a plan speaks of, not only of what its mapping names; and which groups are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.configuration import FilterDefinition, Group, Whereabouts
from migrator.model.errors import GraphError, PermissionRefused
from migrator.model.lists import names_group
from migrator.model.plan import Names

if TYPE_CHECKING:
    from migrator.model.reading import Reading
    from migrator.operations.connect import Connection


@dataclass(frozen=True, slots=True)
class Named:
    """Names, and what became of the assigned groups that the directory does not list."""

    names: Names
    absent: Whereabouts


async def name_all(
    groups: Iterable[Group],
    filters: Sequence[FilterDefinition],
    readings: Iterable[Reading],
    connection: Connection,
) -> Named:
    """The groups and filters that are known, and those besides that are assigned. A plan holds without names, and shows
    ids: what cannot be looked up raises nothing."""
    known = {group.id: group for group in groups}
    assigned = [a for reading in readings for a in reading.assignments]
    unnamed = {a.target.id for a in assigned if names_group(a.target)} - known.keys()
    absent = Whereabouts()
    try:
        if unnamed:
            known |= {group.id: group for group in await connection.tenant.groups_by_id(sorted(unnamed))}
            absent = await whereabouts(unnamed - known.keys(), connection)
            known |= {group.id: group for group in absent.groups}
    except (PermissionRefused, GraphError) as error:
        absent = Whereabouts(doubt=str(error))
    with suppress(PermissionRefused, GraphError):
        if not filters and any(a.filter for a in assigned):
            filters = await connection.tenant.filters()
    return Named(Names(tuple(known.values()), tuple(filters)), absent)


async def whereabouts(ids: Iterable[str], connection: Connection) -> Whereabouts:
    """What became of groups that the directory does not list."""
    missing = sorted(ids)
    return await connection.tenant.deleted_groups(missing) if missing else Whereabouts()
