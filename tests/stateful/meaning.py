"""What rows mean, said a second time and apart from the package: the model that the stories are held against.

It knows an assignment as an `Entry`, reads Graph's JSON by itself, and where the documentation leaves open what comes
of several rows together it says so (`Unclear`) instead of guessing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Json = Mapping[str, Any]

ALL_USERS, ALL_DEVICES = "All users", "All devices"
OFFICE, CATALOG, APPS = "officeClientConfigurations", "configurationPolicies", "mobileApps"
_WHOLE_TENANT = {"allLicensedUsersAssignmentTarget": ALL_USERS, "allDevicesAssignmentTarget": ALL_DEVICES}
_FILTER = "deviceAndAppManagementAssignmentFilter"


class Entry(NamedTuple):
    """One assignment: whom it is for (a group's id or a whole tenant's name), and everything else that it says."""

    audience: str
    excluded: bool = False
    intent: str = ""
    filter: tuple[str, str] | None = None
    rest: str = "{}"
    by_policy_set: bool = False

    @property
    def place(self) -> tuple[str, str]:
        return (self.audience, self.intent)


Entries = frozenset[Entry]


@dataclass(frozen=True)
class Row:
    """One line of a mapping, in names; "" where a cell is empty."""

    configuration: str
    legacy: str = ""
    new: str = ""
    action: str = ""
    direction: str = ""
    intent: str = ""
    filter: str = ""
    mode: str = ""

    def __str__(self) -> str:
        cells = ("configuration", "legacy", "new", "action", "direction", "intent", "filter", "mode")
        return "(" + ", ".join(f"{name} {value}" for name in cells if (value := getattr(self, name))) + ")"

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            *(self.configuration, self.legacy, self.new, self.action),
            *(self.direction, self.intent, self.filter, self.mode),
        )

    @property
    def does(self) -> str:
        return self.action or ("swap" if self.legacy and self.new else "add")

    @property
    def about(self) -> str:
        """The group the row is about: a swap's new one."""
        return self.new or self.legacy

    @property
    def filters(self) -> bool:
        """Whether the row wants a filter; the mode "none" wants none, whatever is named beside it."""
        return self.mode != "none" and bool(self.filter or self.mode)

    @property
    def plain(self) -> bool:
        return not (self.direction or self.intent or self.filter or self.mode)


class Unclear(Exception):
    """The documentation does not say what comes of these rows together."""


class Wrong(Exception):
    """These rows are an error, and nothing may be sent because of them."""


def entry_of(element: Json) -> Entry:
    """An assignment out of Graph's JSON. Nulls, annotations and what the service makes itself say nothing."""
    target = dict(element["target"])
    spelled = str(target.pop("@odata.type", "group")).rpartition(".")[2]
    filter_id, filter_type = target.pop(f"{_FILTER}Id", None), target.pop(f"{_FILTER}Type", None)
    said = {
        name: value for name, value in element.items() if name not in ("id", "source", "sourceId", "target", "intent")
    }
    rest = _telling({**said, "target": _telling(target, without=("groupId",))})
    return Entry(
        audience=_WHOLE_TENANT.get(spelled) or str(target["groupId"]).lower(),
        excluded="exclusion" in spelled.lower(),
        intent=str(element.get("intent") or ""),
        filter=(str(filter_id).lower(), str(filter_type)) if filter_id and filter_type not in (None, "none") else None,
        rest=json.dumps(rest, sort_keys=True),
        by_policy_set=element.get("source") == "policySets",
    )


def entries_of(elements: Iterable[Json]) -> Entries:
    return frozenset(map(entry_of, elements))


def direct(entries: Entries) -> Entries:
    """Without what policy sets made, which nobody sends."""
    return frozenset(e for e in entries if not e.by_policy_set)


def _telling(properties: Json, without: Sequence[str] = ()) -> dict[str, Any]:
    kept = {n: v for n, v in properties.items() if v is not None and n not in without and "@odata" not in n}
    return {n: _telling(v) if isinstance(v, dict) else v for n, v in kept.items() if v != {}}


class Directory(NamedTuple):
    """What names stand for; a name that several bear, or nobody, stands for nothing."""

    groups: Mapping[str, str]
    filters: Mapping[str, str]


def meant(kind: str, before: Entries, rows: Sequence[Row], directory: Directory) -> Entries:
    """The list after these rows of one configuration. Raises Wrong and Unclear."""
    distinct = list(dict.fromkeys(rows))
    _check(kind, distinct, directory)
    standing, sets = direct(before), before - direct(before)
    if len({(*e.place, e.excluded) for e in standing}) < len(standing):
        raise Unclear
    model = _Model(directory, standing)
    after = model.replaced(distinct) if distinct[0].does == "replace" else model.worked(distinct)
    if kind == APPS and any(not e.intent for e in after - standing):
        raise Wrong("an app's new group needs an intent")
    if len({e.place for e in after}) < len(after):
        raise Unclear
    if standing and not after:
        raise Wrong("emptied")
    return after | sets


def named(rows: Iterable[Row], directory: Directory) -> set[str]:
    """Every audience that some row names."""
    cells = {cell for row in rows for cell in (row.legacy, row.new) if cell}
    return {directory.groups.get(cell, cell) for cell in cells}


def _check(kind: str, rows: Sequence[Row], directory: Directory) -> None:
    for row in rows:
        _check_names(kind, row, directory)
        if row.does == "swap" and not (row.legacy and row.new):
            raise Wrong("half a swap")
        if row.does != "swap" and bool(row.legacy) == bool(row.new):
            raise Wrong("one group is wanted")
        if kind == OFFICE and (row.direction == "exclude" or row.filters):
            raise Wrong("not taken by this kind")
        if kind != APPS and row.intent:
            raise Wrong("no intent here")
        if row.direction == "exclude" and (row.about in (ALL_USERS, ALL_DEVICES) or row.filters):
            raise Wrong("only groups are excluded, and without a filter")
    _check_together(rows)


def _check_names(kind: str, row: Row, directory: Directory) -> None:
    known = {*directory.groups, ALL_USERS, ALL_DEVICES}
    if any(cell and cell not in known for cell in (row.legacy, row.new)):
        raise Wrong("a group that is unknown or ambiguous")
    if kind == OFFICE and row.does != "remove" and row.about in (ALL_USERS, ALL_DEVICES):
        raise Wrong("not taken by this kind")


def _check_together(rows: Sequence[Row]) -> None:
    does = {row.does for row in rows}
    if "replace" in does and len(does) > 1:
        raise Wrong("replace is mixed with something else")
    swaps = [row for row in rows if row.does == "swap"]
    if any(len({r.new for r in swaps if r.legacy == legacy}) > 1 for legacy in {r.legacy for r in swaps}):
        raise Wrong("a legacy group goes two ways")
    goes = {r.legacy for r in swaps if r.legacy != r.new} | {r.about for r in rows if r.does == "remove"}
    comes = {r.about for r in rows if r.does in ("swap", "add")}
    added = {r.about for r in rows if r.does == "add"}
    removed = {r.about for r in rows if r.does == "remove"}
    if (added & goes) or (removed & comes):
        if all(row.plain for row in rows):
            raise Wrong("added and removed")
        raise Unclear
    if any(number > 1 for number in Counter(r.about for r in rows if r.does != "remove").values()):
        raise Unclear  # several rows about one group: what they state has to be put together


@dataclass
class _Model:
    directory: Directory
    before: Entries

    def worked(self, rows: Sequence[Row]) -> Entries:
        moving = {row: self._matching(row.legacy, row) for row in rows if row.does == "swap" and row.legacy != row.new}
        leaving = {e for entries in moving.values() for e in entries}
        for row in rows:
            if row.does == "remove":
                leaving |= self._narrowed(self._id(row.about), row)
        after = set(self.before - leaving)
        for row, entries in moving.items():
            for old in entries:
                self._moves(after, old, row)
        for row, entries in moving.items():
            if not entries:
                self._absent(after, row, {e.audience for e in leaving})
        for row in rows:
            if row.does == "add" or (row.does == "swap" and row.legacy == row.new):
                self._added(after, row)
        return frozenset(after)

    def replaced(self, rows: Sequence[Row]) -> Entries:
        listed = {self._id(row.about) for row in rows}
        after = {e for e in self.before if e.audience in listed}
        for row in rows:
            self._added(after, row)
        return frozenset(after)

    def _id(self, name: str) -> str:
        return self.directory.groups.get(name, name)

    def _narrowed(self, audience: str, row: Row) -> set[Entry]:
        return {
            e
            for e in self.before
            if e.audience == audience
            and (not row.direction or e.excluded is (row.direction == "exclude"))
            and (not row.intent or e.intent == row.intent)
        }

    def _matching(self, name: str, row: Row) -> set[Entry]:
        audience = self._id(name)
        return self._narrowed(audience, row) or {e for e in self.before if e.audience == audience}

    def _moves(self, after: set[Entry], old: Entry, row: Row) -> None:
        """What stood for the legacy group stands for its successor, unless that stands already."""
        audience = self._id(row.new)
        if old.excluded and audience in (ALL_USERS, ALL_DEVICES) and row.direction != "include":
            raise Wrong("only groups are excluded")
        wanted = self._stated(old._replace(audience=audience), row)
        there = [e for e in after if e.place == wanted.place]
        if not there:
            if row.intent and any(e.audience == audience for e in after):
                raise Unclear
            after.add(wanted)
            return
        if any(e not in self.before for e in there):
            raise Unclear  # two legacy groups become one
        for entry in there:
            after.discard(entry)
            after.add(self._stated(entry, row))

    def _absent(self, after: set[Entry], row: Row, gone: set[str]) -> None:
        if self._id(row.new) in gone:
            raise Unclear  # the successor is itself moved on, or removed
        self._added(after, row)

    def _added(self, after: set[Entry], row: Row) -> None:
        audience = self._id(row.about)
        there = [e for e in after if e.audience == audience]
        if not there:
            new = Entry(audience, row.direction == "exclude", row.intent)
            after.add(self._stated(new, row))
            return
        if len(there) > 1 and not row.plain:
            raise Unclear
        for entry in there:
            after.discard(entry)
            after.add(self._stated(entry, row))

    def _stated(self, entry: Entry, row: Row) -> Entry:
        """What the row states wins, what it does not state stays."""
        if row.direction:
            turned = entry.excluded is not (row.direction == "exclude")
            entry = entry._replace(excluded=row.direction == "exclude")
            if turned and entry.excluded:
                entry = entry._replace(filter=None)
        if row.intent:
            entry = entry._replace(intent=row.intent)
        if row.mode == "none":
            return entry._replace(filter=None)
        if not row.filters:
            return entry
        if entry.excluded:
            raise Wrong("an excluded group takes no filter")
        if not row.filter:
            if entry.filter is None:
                raise Wrong("a mode without a filter")
            return entry._replace(filter=(entry.filter[0], row.mode))
        wanted = self.directory.filters[row.filter]
        kept = entry.filter[1] if entry.filter and entry.filter[0] == wanted else "include"
        return entry._replace(filter=(wanted, row.mode or kept))
