"""A tenant made from a mapping: everything that the mapping names is there, among much that it does not name."""

from __future__ import annotations

import fnmatch
import random
import re
from dataclasses import replace

from migrator.model.assignment import TargetType
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.simulator.builder import WHOLE_TENANT, Builder
from migrator.simulator.checks import INTENTS
from migrator.simulator.decoration import extra_assignment, kept_properties, own_properties
from migrator.simulator.population import populate
from migrator.simulator.state import DirectoryGroup, StoredConfiguration, TenantState
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE, group_target

DEFAULT_KIND = "officeClientConfigurations"

_UNRELATED = (
    "Reception ", "Contractors", "Board", "Kiosk devices", "Pilot ring", "Field service", "Night shift", "Interns",
    "Warehouse tablets", "営業部 東京", "Équipe support", "Shared PCs", "Apprentices", "Front desk, Berlin",
)  # fmt: skip
_DUPLICATES = ("Everyone (old)", "Test group", "Migration 2019")
_FILTERS = ("Corporate devices", "Personal devices", "Windows 11 only")


def tenant_from_mapping(mapping: Mapping, seed: int = 1) -> TenantState:
    """A tenant in which the mapping makes sense, the same one for the same seed.

    Every configuration and group that the mapping names exists. The legacy groups of swaps and the groups of removes
    are assigned. By seed there is more on each configuration (other groups, and where the kind takes them exclusions,
    filters, all users, all devices, properties that nobody knows, policy sets, groups that are gone), there are
    configurations and groups that the mapping does not name, and groups that share a name. Groups have members
    (`population`).
    """
    return _Sample(mapping, seed).build()


class _Sample:
    """One tenant being made; its chance is drawn in the order of the rows."""

    def __init__(self, mapping: Mapping, seed: int) -> None:
        self._rows = [row for row in mapping.rows if not means_many(row)]
        self._for_many = [row for row in mapping.rows if means_many(row)]
        self._random = random.Random(seed)  # noqa: S311 - chance that is the same each time, not a secret # nosec B311
        self._builder = Builder(seed)
        self._kinds = self._kinds_by_name()
        self._used: dict[StoredConfiguration, None] = {}

    def build(self) -> TenantState:
        others = self._unrelated_groups()
        for name in _FILTERS:
            self._builder.filter_called(name)
        for row in self._rows:
            self._place(row)
        for row in self._for_many:
            self._place_somewhere(row)
        named = list(self._used)
        for configuration in [*named, *self._unrelated_configurations(named)]:
            for _ in range(self._random.choice((0, 1, 1, 2, 2, 3, 4))):
                self._builder.assign(
                    configuration, extra_assignment(configuration.kind, self._random, others, self._filter_ids)
                )
        populate(self._builder, [row for row in (*self._rows, *self._for_many) if len(row.groups) > 1], others)
        return self._builder.build()

    @property
    def _filter_ids(self) -> list[str]:
        return [self._builder.filter_called(name).id for name in _FILTERS]

    def _kinds_by_name(self) -> dict[str, Kind]:
        """What a row says of a configuration's kind holds for the rows that do not say it."""
        kinds: dict[str, Kind] = {}
        for row in self._rows:
            found = find_kinds(row.kind.text) if row.kind else ()
            if found:
                kinds.setdefault(_key(row), found[0])
        return kinds

    def _place_somewhere(self, row: Row) -> None:
        """A row that means many configurations applies to a few of those it may mean; where there is none they are
        made."""
        kinds = find_kinds(row.kind.text) if row.kind else ()
        meant = _text(row.configuration) or "*"
        fits = re.compile(fnmatch.translate(meant.casefold()))
        there = [c for c in self._used if fits.match((c.name or "").casefold()) and (not kinds or c.kind in kinds)]
        if not there:
            made = [meant.replace("*", f"policy {number}").replace("?", str(number)) for number in range(1, 4)]
            kind = kinds[0] if kinds else KINDS[DEFAULT_KIND]
            there = [self._builder.configuration_called(kind, name) for name in made]
        for configuration in self._random.sample(there, min(3, len(there))):
            self._place(replace(row, configuration=Ref(configuration.name or configuration.id)), configuration)

    def _place(self, row: Row, configuration: StoredConfiguration | None = None) -> None:
        stated = find_kinds(row.kind.text) if row.kind else ()
        kind = stated[0] if stated else self._kinds.get(_key(row), KINDS[DEFAULT_KIND])
        if configuration is None:
            names = _text(row.configuration), _text(row.configuration_id)
            configuration = self._builder.configuration_called(kind, *names)
        if configuration not in self._used:
            self._used[configuration] = None
            configuration.properties.update(own_properties(configuration.kind, len(self._used)))
        if row.filter or row.filter_id:
            self._builder.filter_called(_text(row.filter), _text(row.filter_id))
        for position, (name, id_) in enumerate(row.groups):
            stands = row.action is Action.REMOVE or (row.action is Action.SWAP and position == 0)
            self._group(configuration, row, _text(name), _text(id_), stands=stands)

    def _group(self, configuration: StoredConfiguration, row: Row, name: str, id_: str, *, stands: bool) -> None:
        whole_tenant = WHOLE_TENANT.get((id_ or name).casefold())
        group = None if whole_tenant else self._builder.group_called(name, id_)
        kind = configuration.kind
        if not stands or kind.assignment is None or (whole_tenant and TargetType.EXCLUSION not in kind.targets):
            return
        excluded = bool(row.exclude) and TargetType.EXCLUSION in kind.targets
        type_ = whole_tenant or (TargetType.EXCLUSION if excluded else TargetType.GROUP)
        target = group_target(kind, type_, group.id if group else "")
        if kind.takes_filters and not excluded and self._random.random() < 0.2:
            mode = self._random.choice(("include", "exclude"))
            target |= {FILTER_ID: self._random.choice(self._filter_ids), FILTER_TYPE: mode}
        said = _text(row.intent)
        intent = next((i for i in INTENTS if i.casefold() == said.casefold()), "required")
        kept = kept_properties(kind, self._random, intent, excluded=excluded)
        self._builder.assign(configuration, {**kept, "target": target})

    def _unrelated_groups(self) -> list[DirectoryGroup]:
        """Groups that no row names; some share a name, and some that are gone are among them."""
        rows = (*self._rows, *self._for_many)
        named = {_text(name).strip().casefold() for row in rows for name, _ in row.groups}
        free = [name for name in _UNRELATED if name.strip().casefold() not in named]
        others = [self._builder.group(name, sid=f"S-1-5-21-1-2-3-{1100 + n}") for n, name in enumerate(free)]
        for name in _DUPLICATES:
            if name.casefold() not in named:
                others.extend((self._builder.group(name), self._builder.group(name)))
        return [*others, self._builder.deleted_group("Project Falcon")]

    def _unrelated_configurations(self, named: list[StoredConfiguration]) -> list[StoredConfiguration]:
        kinds = list(dict.fromkeys(c.kind for c in named)) or [KINDS[DEFAULT_KIND]]
        taken = {(c.name or "").casefold() for c in named}
        made = []
        for number in range(max(3, len(named) // 10)):
            name, kind = f"Untouched policy {number + 1}", kinds[number % len(kinds)]
            if name.casefold() not in taken:
                properties = own_properties(kind, len(named) + number + 1)
                made.append(self._builder.configuration(kind, name, properties=properties))
        return made


def means_many(row: Row) -> bool:
    """Whether a row is about all configurations that a pattern matches, or about those where its group stands."""
    return row.configuration_id is None and (
        row.configuration is None or not {"*", "?"}.isdisjoint(_text(row.configuration))
    )


def _key(row: Row) -> str:
    return (_text(row.configuration_id) or _text(row.configuration)).casefold()


def _text(ref: Ref | None) -> str:
    return ref.text if ref else ""
