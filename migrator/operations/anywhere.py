"""What rows that mean many configurations go by: everything that is assigned in their reach, where that decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from migrator.model.configuration import Listing
from migrator.model.errors import GraphError
from migrator.model.kinds import KINDS
from migrator.model.row import Action
from migrator.operations.survey import look_closer
from migrator.resolving.anywhere import Ground
from migrator.resolving.configurations import ConfigurationFinder

if TYPE_CHECKING:
    from migrator.model.configuration import Key
    from migrator.model.row import Row
    from migrator.operations.connect import Connection


async def ground_of(
    rows: Sequence[Row],
    listing: Listing,
    connection: Connection,
    kinds: Collection[str],
    left_out: Collection[Key],
) -> Ground:
    """For rows that swap or remove wherever their group stands, what is assigned there; nothing is read for others.

    `kinds` are those such rows are about where they name none. GraphError where the service is down.
    """
    finder = ConfigurationFinder(listing, kinds)
    reaches = {
        id(reach): reach
        for row in rows
        if row.action in (Action.SWAP, Action.REMOVE) and (reach := finder.reach(row)) is not None
    }.values()
    wanted = {key for reach in reaches for key in reach}.difference(left_out)
    if not reaches:
        return Ground(kinds, {}, left_out)
    whole = any(row.configuration is None and row.configuration_id is None and row.kind is None for row in rows)
    some = tuple(
        one
        for one in listing.listed
        if one.configuration.key in wanted or (whole and KINDS[one.configuration.kind].excluded)
    )
    survey = await look_closer(Listing(some, listing.coverage), connection)
    given_up = [reading.given_up for reading in survey.readings.values() if reading.given_up]
    if given_up:
        raise GraphError(
            f"the service is down: of {len(given_up)} configurations it could not be read what they are assigned to, "
            f"so nothing is sent; {given_up[0]}"
        )
    return Ground(kinds, survey.readings, left_out)
