"""Everything that is assigned, over any number of kinds: the listing, and a second route where it proves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.configuration import Coverage, Key, Listed, Listing, Served
from migrator.model.errors import GraphError, PermissionRefused
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted
from migrator.model.kinds import KINDS
from migrator.model.lists import direct
from migrator.model.reading import Reading, Route, RouteAnswer
from migrator.resolving.configurations import told, why_unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.operations.connect import Connection

_FEW = 2
"""So many kinds that cannot be read are told one by one."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Every configuration of the kinds asked for, and what each is assigned to, as far as could be read."""

    listing: Listing
    readings: Mapping[Key, Reading]


async def survey(kinds: Iterable[str], connection: Connection) -> Survey:
    """Reads what all configurations of these kinds are assigned to.

    A list that is not empty is believed as the listing gave it; an empty one, and one that the listing did not carry,
    is read by other routes. Raises PermissionRefused or GraphError where nothing at all can be read.
    """
    return await look_closer(await list_kinds(kinds, connection), connection)


async def look_closer(listing: Listing, connection: Connection) -> Survey:
    """What a listing shows to be assigned, and what other routes say where it shows nothing."""
    known = {one.configuration.key: one.assignments for one in listing.listed}
    shown = {one.configuration.key: _shown(one) for one in listing.listed if direct(one.assignments or ())}
    rest = [one.configuration for one in listing.listed if one.configuration.key not in shown]
    with stage(connection, Stage.READ, len(rest)) as progress:
        read = await connection.tenant.read(rest, known, progress=progress) if rest else {}
    return Survey(listing, {key: shown.get(key) or read[key] for key in known})


async def list_kinds(kinds: Iterable[str], connection: Connection) -> Listing:
    """All configurations of these kinds; PermissionRefused or GraphError where none of the kinds can be read."""
    with stage(connection, Stage.LIST) as progress:
        listing = await connection.tenant.list_configurations([KINDS[name] for name in kinds], progress)
    unread = unread_of(listing)
    if len(unread) == len(listing.coverage) > 0:
        why = _why_nothing(unread)
        if any(c.served is Served.FORBIDDEN for c in unread):
            raise PermissionRefused(f"No configuration can be read: {why}")
        raise GraphError(f"No configuration can be read: {why}")
    return listing


def _why_nothing(unread: Sequence[Coverage]) -> str:
    """Why nothing can be read, with what was answered: of many kinds the first stands for all."""
    if len(unread) > _FEW:
        return f"{why_unread(unread)}. At first: {unread[0].reason}"
    return "; ".join(one.reason if one.served is Served.NOT_SERVED else told(one) for one in unread)


def unread_of(listing: Listing) -> tuple[Coverage, ...]:
    """The kinds that could not be read."""
    return tuple(one for one in listing.coverage if one.served is not Served.READ)


@contextmanager
def stage(connection: Connection, what: Stage, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Tells whoever watches that a stage begins and ends; gives what tells how far it is."""
    connection.watch(StageStarted(what, total))
    yield lambda by: connection.watch(StageAdvanced(what, by))
    connection.watch(StageFinished(what))


def _shown(listed: Listed) -> Reading:
    assignments = listed.assignments or ()
    return Reading(assignments, settled=True, answers=(RouteAnswer(Route.LIST, assignments),))
