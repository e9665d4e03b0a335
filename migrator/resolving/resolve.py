"""Rows and a tenant in, resolved rows out: every name looked up, everything unclear told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.model.configuration import Configuration, FilterDefinition, Group, Key, Listing
from migrator.model.finding import Finding, Level
from migrator.model.plan import ResolvedRow
from migrator.model.ports import Tenant
from migrator.model.row import Action, Row
from migrator.resolving.anywhere import UNKNOWN, Ground, Standing, spread
from migrator.resolving.configurations import ConfigurationFinder
from migrator.resolving.everybody import as_kind_has_it
from migrator.resolving.filters import FilterFinder, names_filters
from migrator.resolving.groups import GroupFinder, look_up


@dataclass(frozen=True, slots=True)
class Resolution:
    """The rows that were understood whole, what they touch, and every finding (errors among them stop the run).

    `anywhere` are the places in the mapping of the rows that mean many configurations, whatever they came to.
    """

    rows: tuple[ResolvedRow, ...]
    configurations: dict[Key, Configuration]
    groups: tuple[Group, ...]
    filters: tuple[FilterDefinition, ...]
    findings: tuple[Finding, ...]
    anywhere: frozenset[int] = frozenset()


async def resolve(rows: Sequence[Row], listing: Listing, tenant: Tenant, ground: Ground = UNKNOWN) -> Resolution:
    """Looks every name up. Rows with an error are left out; all rows are looked at, whatever the first ones say.

    `ground` is what rows that mean many configurations go by.
    """
    finder = ConfigurationFinder(listing, ground.kinds)
    groups = await look_up(rows, tenant)
    filters = tuple(await tenant.filters()) if names_filters(rows) else ()
    desk = _Desk(finder, groups, FilterFinder(filters), Standing(ground))
    resolved = [one for index, row in enumerate(rows) for one in desk.resolve(index, row)]
    return Resolution(
        tuple(resolved),
        desk.configurations,
        tuple(groups.by_id.values()),
        filters,
        (*finder.doubts(), *finder.gaps(), *desk.findings),
        frozenset(desk.anywhere),
    )


class _Desk:
    """One row after the other; findings and configurations gather here."""

    def __init__(
        self, configurations: ConfigurationFinder, groups: GroupFinder, filters: FilterFinder, standing: Standing
    ) -> None:
        self._finder, self._groups, self._filters, self._standing = configurations, groups, filters, standing
        self.anywhere: set[int] = set()
        self.configurations: dict[Key, Configuration] = {}
        self.findings: list[Finding] = []

    def resolve(self, index: int, row: Row) -> Iterable[ResolvedRow]:
        """The row with all that it names looked up: once, or once for each of the configurations that it means."""
        reach = self._finder.reach(row)
        if reach is None:
            configuration, finding = self._finder.find(row)
            self._note(row, finding)
            asked = self._read(index, row)
            if configuration is None or asked is None:
                return ()
            self.configurations[configuration.key] = configuration
            return (as_kind_has_it(replace(asked, configuration=configuration.key)),)
        self.anywhere.add(index)
        if not reach and row.configuration is not None:
            self._note(row, self._finder.matches_nothing(row))
        asked = self._read(index, row)
        return () if asked is None else self._spread(asked, reach)

    def _spread(self, asked: ResolvedRow, reach: Mapping[Key, Configuration]) -> Iterator[ResolvedRow]:
        places = self._standing.places(asked, reach)
        self.findings += self._standing.remarks(asked, reach, bool(places))
        self.configurations |= {key: reach[key] for key in places}
        return map(as_kind_has_it, spread(asked, (reach[key] for key in places)))

    def _read(self, index: int, row: Row) -> ResolvedRow | None:
        """What a row says beyond its configuration, which is still open."""
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
        if audience is None or None in audiences or broken:
            return None
        intent = row.intent.text if row.intent else ""
        return ResolvedRow(index, row, _OPEN, row.action, audience, source, row.exclude, _intent(intent), filter_)

    def _note(self, row: Row, finding: Finding | None) -> None:
        if finding is not None:
            self.findings.append(replace(finding, sheet=row.sheet, row=row.number))


_OPEN = Key("", "")
_INTENTS = {
    "required": "required",
    "available": "available",
    "uninstall": "uninstall",
    "availablewithoutenrollment": "availableWithoutEnrollment",
}


def _intent(text: str) -> str:
    """Graph's spelling of an install intent; an unknown one is left for Graph to judge."""
    return _INTENTS.get("".join(text.casefold().split()), text)
