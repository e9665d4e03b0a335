"""What a mapping asks of a tenant: the picked part of it, every name looked up, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.events import Stage
from migrator.model.kinds import KINDS
from migrator.operations.anywhere import ground_of
from migrator.operations.survey import stage
from migrator.planning.anywhere import Apt, that_can_be, told_once
from migrator.planning.fitting import misfits
from migrator.planning.plan import merge_findings, objections
from migrator.planning.versions import told_of_versions
from migrator.resolving.configurations import coverage_findings, needed_kinds
from migrator.resolving.missing import what_is_missing
from migrator.resolving.resolve import resolve
from migrator.resolving.selection import picked

if TYPE_CHECKING:
    from migrator.model.choice import Selection
    from migrator.model.configuration import Configuration, Listing
    from migrator.model.finding import Finding
    from migrator.model.missing import Missing
    from migrator.model.plan import ResolvedRow
    from migrator.model.row import Mapping
    from migrator.model.settings import Settings
    from migrator.operations.connect import Connection
    from migrator.resolving.resolve import Resolution


@dataclass(frozen=True, slots=True)
class Asked:
    """The mapping as far as it is picked, its rows as they were understood and as far as their kinds can do them, every
    finding until here, and what they name that the tenant does not have."""

    mapping: Mapping
    resolution: Resolution
    rows: tuple[ResolvedRow, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]

    @property
    def touched(self) -> list[Configuration]:
        """What the rows are about, each once, in their order."""
        return [self.resolution.configurations[key] for key in dict.fromkeys(row.configuration for row in self.rows)]

    def idle(self, rows: Sequence[ResolvedRow]) -> int:
        """How many rows that mean many configurations came to none, where these are what is left of all."""
        return len(self.resolution.anywhere.difference(row.index for row in rows))


async def ask(
    mapping: Mapping, listing: Listing, selection: Selection, settings: Settings, connection: Connection
) -> Asked:
    """Picks and looks up. UsageError for a selection that matches nothing, GraphError where the service is down; what
    is wrong with the mapping is in the findings."""
    choice = picked(mapping, listing, selection, settings.kinds)
    rows = choice.mapping.rows
    ground = await ground_of(rows, listing, connection, settings.kinds, choice.left_out)
    with stage(connection, Stage.LOOK_UP) as progress:
        resolution = await resolve(rows, listing, connection.tenant, ground)
        progress(len(resolution.groups))
    possible = that_can_be(resolution.rows, resolution.configurations, KINDS)
    findings = merge_findings(
        choice.mapping.findings, _findings(choice.mapping, listing, resolution, possible, settings)
    )
    missing = await what_is_missing(rows, resolution, listing, connection.tenant)
    return Asked(choice.mapping, resolution, possible.rows, findings, missing)


def _findings(
    mapping: Mapping, listing: Listing, resolution: Resolution, possible: Apt, settings: Settings
) -> Iterator[Finding]:
    """What there is to say before anything is known of what is assigned."""
    yield from coverage_findings(listing.coverage, needed_kinds(mapping.rows, settings.kinds))
    yield from resolution.findings
    yield from possible.findings
    yield from objections(possible.rows, KINDS)
    unfitting = misfits(possible.rows, resolution.configurations, resolution.filters, KINDS)
    yield from told_once(possible.rows, unfitting)
    yield from told_of_versions((KINDS[c.kind] for c in listing.coverage), settings.api_version)
