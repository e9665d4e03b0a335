"""Rows and a tenant in, resolved rows out: every name looked up, everything unclear told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrator.model.configuration import Configuration, FilterDefinition, Group, Key, Listing
from migrator.model.finding import Finding, Level
from migrator.model.plan import ResolvedRow
from migrator.model.ports import Tenant
from migrator.model.row import Action, Row
from migrator.resolving.configurations import ConfigurationFinder
from migrator.resolving.filters import FilterFinder, names_filters
from migrator.resolving.groups import GroupFinder, look_up


@dataclass(frozen=True, slots=True)
class Resolution:
    """The rows that were understood whole, what they touch, and every finding (errors among them stop the run)."""

    rows: tuple[ResolvedRow, ...]
    configurations: dict[Key, Configuration]
    groups: tuple[Group, ...]
    filters: tuple[FilterDefinition, ...]
    findings: tuple[Finding, ...]


async def resolve(rows: Sequence[Row], listing: Listing, tenant: Tenant) -> Resolution:
    """Looks every name up. Rows with an error are left out; all rows are looked at, whatever the first ones say."""
    finder = ConfigurationFinder(listing)
    groups = await look_up(rows, tenant)
    filters = tuple(await tenant.filters()) if names_filters(rows) else ()
    desk = _Desk(finder, groups, FilterFinder(filters))
    resolved = [desk.resolve(index, row) for index, row in enumerate(rows)]
    return Resolution(
        tuple(r for r in resolved if r is not None),
        desk.configurations,
        tuple(groups.by_id.values()),
        filters,
        (*finder.doubts(), *desk.findings),
    )


class _Desk:
    """One row after the other; findings and configurations gather here."""

    def __init__(self, configurations: ConfigurationFinder, groups: GroupFinder, filters: FilterFinder) -> None:
        self._finder, self._groups, self._filters = configurations, groups, filters
        self.configurations: dict[Key, Configuration] = {}
        self.findings: list[Finding] = []

    def resolve(self, index: int, row: Row) -> ResolvedRow | None:
        configuration, finding = self._finder.find(row)
        self._note(row, finding)
        audiences = []
        for position, (name, identity) in enumerate(row.groups):
            leaving = row.action is Action.REMOVE or position < len(row.groups) - 1  # the legacy one of two
            audience, finding = self._groups.find(name, identity, leaving=leaving)
            self._note(row, finding)
            audiences.append(audience)
        filter_, finding = self._filters.find(row)
        self._note(row, finding)
        broken = finding is not None and finding.level is Level.ERROR
        audience = audiences[-1] if audiences else None
        source = audiences[0] if row.action is Action.SWAP and len(audiences) == 2 else None
        if configuration is None or audience is None or None in audiences or broken:
            return None
        self.configurations[configuration.key] = configuration
        intent = row.intent.text if row.intent else ""
        return ResolvedRow(
            index, row, configuration.key, row.action, audience, source, row.exclude, _intent(intent), filter_
        )

    def _note(self, row: Row, finding: Finding | None) -> None:
        if finding is not None:
            self.findings.append(replace(finding, sheet=row.sheet, row=row.number))


_INTENTS = {
    "required": "required",
    "available": "available",
    "uninstall": "uninstall",
    "availablewithoutenrollment": "availableWithoutEnrollment",
}


def _intent(text: str) -> str:
    """Graph's spelling of an install intent; an unknown one is left for Graph to judge."""
    return _INTENTS.get("".join(text.casefold().split()), text)
