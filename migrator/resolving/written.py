"""What is assigned, written as the rows that find it again: names for ids, the inverse of resolving. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from migrator.model.assignment import VIRTUAL_TYPES, Assignment, TargetType
from migrator.model.configuration import Configuration, FilterDefinition, Group, Key
from migrator.model.export import Left, Written
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.model.lists import by_identity
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.resolving.groups import tenant_wide
from migrator.resolving.match import fold, guid, trim

T = TypeVar("T")

ALL_USERS, ALL_DEVICES = "All users", "All devices"
_GROUP_MARK = "group:"
_WIDE = {TargetType.ALL_USERS: ALL_USERS, TargetType.ALL_DEVICES: ALL_DEVICES}
_INTENTS = ("", "required", "available", "uninstall", "availableWithoutEnrollment")
_PATTERN = "*?"
_ID = re.compile(r"([A-Z]+_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_\w+)?", re.IGNORECASE)
_OTHER_TARGETS = {
    TargetType.COLLECTION: "a Configuration Manager collection",
    TargetType.OTHER: "a target of another type",
}

Suits = Callable[[str], bool]
"""Whether a cell can hold a text so that it comes back as it is."""


def written(
    configurations: Sequence[Configuration],
    readings: Mapping[Key, Reading],
    groups: Iterable[Group],
    filters: Iterable[FilterDefinition],
    suits: Suits = lambda _: True,
) -> Written:
    """A row for each assignment that rows can speak of: the group that stands, how, and with which filter.

    `configurations` are all there are, in the order of the rows; `groups` all that bear the name of one that is
    assigned, deleted ones among them. A name stands alone where it means one thing only and `suits` says that a cell
    can hold it; else the id does, or both.
    """
    desk = _Desk(configurations, groups, filters, suits)
    rows: list[Row] = []
    left: list[Left] = []
    for configuration in configurations:
        for entry in desk.entries(configuration, readings[configuration.key]):
            if isinstance(entry, Left):
                left.append(entry)
            else:
                rows.append(entry)
    return Written(tuple(rows), tuple(left), *desk.needed())


class _Desk:
    """Names, and which of them mean one thing only."""

    def __init__(
        self,
        configurations: Sequence[Configuration],
        groups: Iterable[Group],
        filters: Iterable[FilterDefinition],
        suits: Suits,
    ) -> None:
        self._suits = suits
        self._groups = {group.id: group for group in groups}
        self._filters = {one.id: one for one in filters}
        self._group_names = _names((g for g in self._groups.values() if not g.deleted), lambda g: g.name)
        self._filter_names = _names(self._filters.values(), lambda f: f.name)
        self._needed: Counter[str] = Counter()
        self._names = Counter((c.kind, fold(trim(c.name))) for c in configurations)
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        for one in configurations:
            self._ids[one.kind].add(one.id.lower())

    def needed(self) -> tuple[tuple[tuple[Group, int], ...], tuple[tuple[FilterDefinition, int], ...]]:
        """The groups and the filters of the rows so far, with how many rows need each, by their names."""
        groups = [(g, self._needed[g.id]) for g in self._groups.values() if self._needed[g.id]]
        filters = [(f, self._needed[f.id]) for f in self._filters.values() if self._needed[f.id]]
        groups.sort(key=lambda pair: pair[0].name.casefold())
        filters.sort(key=lambda pair: pair[0].name.casefold())
        return tuple(groups), tuple(filters)

    def entries(self, configuration: Configuration, reading: Reading) -> Iterator[Row | Left]:
        """A row, or why there is none, for each assignment of a configuration."""
        told: set[object] = set()
        first = by_identity(reading.assignments)
        for assignment in reading.assignments:
            reason = self._why_not(configuration, assignment)
            said = (_wide(assignment) or assignment.target.id, assignment.intent)
            if not reason and said in told:
                same = first[assignment.identity] is not assignment
                reason = "it is there twice" if same else "a row before includes or excludes the same group"
            if reason:
                yield Left(configuration, assignment, self._whom(assignment), reason)
                continue
            told.add(said)
            yield self._row(configuration, assignment, reading)

    def _why_not(self, configuration: Configuration, assignment: Assignment) -> str:
        """Why an assignment is no row, "" where it is one."""
        target, kind = assignment.target, KINDS[configuration.kind]
        if assignment.from_policy_set:
            return "a policy set made it, which is where to change it"
        if target.type in _OTHER_TARGETS:
            return f"it is for {_OTHER_TARGETS[target.type]}, which rows do not know"
        if _wide(assignment) is TargetType.ALL_DEVICES and TargetType.ALL_DEVICES not in kind.targets:
            return f"{kind.title} cannot be assigned to All devices by a row"
        if assignment.intent not in _INTENTS:
            return f"the intent {assignment.intent!r} is none that rows know"
        if _wide(assignment) is None and self._is_gone(target.id):
            return "the group was deleted, or cannot be read"
        return ""

    def _whom(self, assignment: Assignment) -> str:
        target, wide = assignment.target, _wide(assignment)
        group = self._groups.get(target.id)
        return _WIDE[wide] if wide else (group.name if group else "") or target.id or str(target.type)

    def _is_gone(self, group_id: str) -> bool:
        group = self._groups.get(group_id)
        return group is None or group.deleted

    def _row(self, configuration: Configuration, assignment: Assignment, reading: Reading) -> Row:
        name, config_id = self._configuration(configuration)
        group, group_id = self._group(assignment)
        remarks = [] if reading.settled else [f"not beyond doubt: {reading.note}"]
        filter_, filter_id = self._filter(KINDS[configuration.kind], assignment, remarks)
        states_filter = filter_ or filter_id
        return Row(
            sheet="",
            number=0,
            action=Action.ADD,
            configuration=_ref(name),
            configuration_id=_ref(config_id),
            kind=Ref(KINDS[configuration.kind].title),
            legacy=_ref(group),
            legacy_id=_ref(group_id),
            exclude=assignment.target.excludes if TargetType.EXCLUSION in KINDS[configuration.kind].targets else None,
            intent=_ref(assignment.intent),
            filter=_ref(filter_),
            filter_id=_ref(filter_id),
            filter_mode=_ref(assignment.filter.mode.value) if states_filter and assignment.filter else None,
            comment="; ".join(remarks),
        )

    def _configuration(self, one: Configuration) -> tuple[str, str]:
        """The name, and the id where the name does not do; an id that is none in its column stands for the name."""
        named = self._holds(one.name) and not any(mark in one.name for mark in _PATTERN)
        shared = self._names[one.kind, fold(trim(one.name))] > 1 or trim(one.name).lower() in self._ids[one.kind]
        if named and (not shared or trim(one.name).lower() == one.id.lower()):
            return one.name, ""
        if not _is_id(one.id):
            return one.id, ""
        return (one.name if named else ""), one.id

    def _group(self, assignment: Assignment) -> tuple[str, str]:
        wide = _wide(assignment)
        if wide is not None:
            return _WIDE[wide], ""
        group = self._groups[assignment.target.id]
        self._needed[group.id] += 1
        named = self._holds(group.name)
        if named and self._group_names[fold(trim(group.name))] == 1:
            marked = tenant_wide(group.name) or trim(group.name).casefold().startswith(_GROUP_MARK)
            return f"{_GROUP_MARK}{group.name}" if marked else group.name, ""
        return (group.name if named and not tenant_wide(group.name) else ""), group.id

    def _filter(self, kind: Kind, assignment: Assignment, remarks: list[str]) -> tuple[str, str]:
        """The filter's name or id; both "" for none, and with a remark where a row cannot state it."""
        applied = assignment.filter
        if applied is None:
            return "", ""
        known = self._filters.get(applied.id)
        takes = kind.takes_filters and not assignment.target.excludes
        if known is None or not takes:
            why = "none is to be stated there" if known else "it was deleted, or cannot be read"
            remarks.append(f"with the filter {applied.id} ({applied.mode}), which the row does not state: {why}")
            return "", ""
        self._needed[known.id] += 1
        if self._holds(known.name) and self._filter_names[fold(trim(known.name))] == 1:
            return known.name, ""
        return (known.name if self._holds(known.name) else ""), known.id

    def _holds(self, name: str) -> bool:
        """Whether a name can stand in a cell and is taken for a name there."""
        return bool(trim(name)) and not guid(name) and self._suits(name)


def _names(things: Iterable[T], name: Callable[[T], str]) -> Counter[str]:
    return Counter(fold(trim(name(thing))) for thing in things)


def _wide(assignment: Assignment) -> TargetType | None:
    """Whom an assignment is for where that is the whole tenant, as app protection's virtual groups are too."""
    target = assignment.target
    return target.type if target.type in _WIDE else VIRTUAL_TYPES.get(target.id)


def _ref(text: str) -> Ref | None:
    return Ref(text) if text else None


def _is_id(text: str) -> bool:
    """Whether the column of ids takes it: a GUID, with a word before or after it at most."""
    return _ID.fullmatch(text) is not None
