"""What is in the tenant: groups, filters, configurations and their assignments; found by id or name, not by search."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator.messages import Json

if TYPE_CHECKING:
    from migrator.simulator.second_admin import Request

NameIndex = dict[str, list[str]]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=_HasId)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group as the directory knows it; `id` in lower case, the name with whatever blanks it has."""

    id: str
    name: str
    mail: str = ""
    nickname: str = ""
    sid: str = ""
    security_enabled: bool = True
    mail_enabled: bool = False
    description: str = ""
    rule: str = ""

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "displayName": self.name,
            "mail": self.mail or None,
            "mailNickname": self.nickname or None,
            "onPremisesSecurityIdentifier": self.sid or None,
            "securityEnabled": self.security_enabled,
            "mailEnabled": self.mail_enabled,
            "description": self.description or None,
            "membershipRule": self.rule or None,
        }


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in a group directly: the ids of users, of devices and of other groups, in lower case."""

    users: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


NOBODY = Members()


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    """A filter that assignments can carry; `id` in lower case."""

    id: str
    name: str
    platform: str = "windows10AndLater"
    rule: str = ""

    def to_json(self) -> Json:
        return {"id": self.id, "displayName": self.name, "platform": self.platform, "rule": self.rule or None}


class StoredConfiguration:
    """A configuration of any kind. Its assignments are a tuple of Graph's own JSON objects and are only ever replaced
    whole; `properties` is what it has beside id, name and assignments."""

    __slots__ = ("_before", "_initial", "_lags_until", "assignments", "id", "kind", "name", "properties", "writes")

    def __init__(
        self, kind: Kind, id_: str, name: str | None, properties: Json | None = None, assignments: Iterable[Json] = ()
    ) -> None:
        self.kind = kind
        self.id = id_
        self.name = name
        self.properties: Json = properties or {}
        self.assignments: tuple[Json, ...] = tuple(assignments)
        self.writes = 0
        self._initial = self.assignments
        self._before = self.assignments
        self._lags_until = 0.0

    def begin_with(self, assignments: Iterable[Json]) -> None:
        """What is assigned at first, and again after a reset."""
        self.assignments = self._before = self._initial = tuple(assignments)

    def replace(self, assignments: Iterable[Json]) -> None:
        """What is assigned from now on."""
        self._before, self._lags_until = self.assignments, 0.0
        self.assignments = tuple(assignments)
        self.writes += 1

    def show_from(self, at: float) -> None:
        """Reads show the list before the last write until the tenant's clock says so."""
        self._lags_until = at

    def visible(self, now: float) -> tuple[Json, ...]:
        """What reads show."""
        return self._before if now < self._lags_until else self.assignments

    def reset(self) -> None:
        """As it was at first."""
        self.assignments = self._before = self._initial
        self._lags_until = 0.0
        self.writes = 0

    def group_ids(self, *, excluded: bool = False) -> set[str]:
        """The ids of the groups it is assigned to (or that are excluded), in lower case."""
        targets = [a["target"] for a in self.assignments]
        return {
            t["groupId"].lower()
            for t in targets
            if "groupId" in t and ("exclusion" in str(t.get("@odata.type", ""))) is excluded
        }


class TenantState:
    """A whole tenant. Names need not be unique; ids are. A group that `members` does not tell of has the usual ones.

    Raises ValueError where two things have one id.
    """

    def __init__(
        self,
        *,
        id_: str,
        name: str,
        groups: Iterable[DirectoryGroup] = (),
        filters: Iterable[AssignmentFilter] = (),
        configurations: Iterable[StoredConfiguration] = (),
        deleted_groups: Iterable[DirectoryGroup] = (),
        members: Mapping[str, Members] | None = None,
        usual_members: Members = NOBODY,
    ) -> None:
        self.id = id_
        self.name = name
        self.members = dict(members or {})
        self._usual_members = usual_members
        self._whole: dict[str, Members] = {}
        self.groups = _by_id(groups)
        self.deleted_groups = _by_id(deleted_groups)
        self.filters = _by_id(filters)
        self._groups_by: dict[str, NameIndex] = {
            "id": {g: [g] for g in self.groups},
            "displayName": _index((g.name, g.id) for g in self.groups.values()),
            "mail": _index((g.mail, g.id) for g in self.groups.values()),
            "mailNickname": _index((g.nickname, g.id) for g in self.groups.values()),
            "onPremisesSecurityIdentifier": _index((g.sid, g.id) for g in self.groups.values()),
        }
        self.requests: dict[str, Request] = {}
        self._sorted = {property_: sorted(index) for property_, index in self._groups_by.items()}
        self.configurations = defaultdict[str, dict[str, StoredConfiguration]](dict, {kind: {} for kind in KINDS})
        for configuration in configurations:
            _add(self.configurations[configuration.kind.name], configuration.id.lower(), configuration)
        self._names: dict[str, NameIndex] = {
            kind: _index((c.name or "", id_) for id_, c in of_kind.items())
            for kind, of_kind in self.configurations.items()
        }

    def groups_where(self, property_: str, value: str, *, prefix: bool = False) -> list[DirectoryGroup]:
        """The groups whose property is this value, or begins with it, ignoring case."""
        wanted, index = value.casefold(), self._groups_by[property_]
        if not prefix:
            return [self.groups[id_] for id_ in index.get(wanted, ())]
        ordered = self._sorted[property_]
        found: list[DirectoryGroup] = []
        for position in range(bisect_left(ordered, wanted), len(ordered)):
            if not ordered[position].startswith(wanted):
                break
            found.extend(self.groups[id_] for id_ in index[ordered[position]])
        return found

    def named(self, kind: str, name: str) -> list[StoredConfiguration]:
        """The configurations of a kind with this name, ignoring case."""
        return [self.configurations[kind][id_] for id_ in self._names.get(kind, {}).get(name.casefold(), ())]

    def configuration(self, wanted: str, kind: str = "") -> StoredConfiguration:
        """The one configuration with this id or name, of this kind or any. Raises LookupError for none or several."""
        found = [
            c
            for k in ([kind] if kind else self.configurations)
            for c in (
                [self.configurations[k][wanted.lower()]]
                if wanted.lower() in self.configurations[k]
                else self.named(k, wanted)
            )
        ]
        return _only(found, "configuration", wanted)

    def group(self, wanted: str) -> DirectoryGroup:
        """The one group with this id or name. Raises LookupError for none or several."""
        by_id = self.groups.get(wanted.lower())
        return by_id or _only(self.groups_where("displayName", wanted), "group", wanted)

    def filter(self, wanted: str) -> AssignmentFilter:
        """The one filter with this id or name. Raises LookupError for none or several."""
        return _only(
            [f for f in self.filters.values() if wanted.casefold() in (f.id, f.name.casefold())], "filter", wanted
        )

    def members_of(self, group_id: str, *, transitive: bool) -> Members:
        """Who is in a group, directly or by the groups in it, of which each counts once, in circles too."""
        if not transitive:
            return self.members.get(group_id, self._usual_members)
        if group_id not in self._whole:
            self._whole[group_id] = self._gathered(group_id)
        return self._whole[group_id]

    def _gathered(self, group_id: str) -> Members:
        groups, users, devices = dict[str, None](), dict[str, None](), dict[str, None]()
        waiting = [group_id]
        while waiting:
            direct = self.members.get(waiting.pop(0), self._usual_members)
            users |= dict.fromkeys(direct.users)
            devices |= dict.fromkeys(direct.devices)
            waiting += [g for g in direct.groups if g not in groups]
            groups |= dict.fromkeys(direct.groups)
        return Members(tuple(users), tuple(devices), tuple(groups))

    def every_configuration(self) -> Iterable[StoredConfiguration]:
        return (c for of_kind in self.configurations.values() for c in of_kind.values())

    def reset(self) -> None:
        """Every configuration as it was at first, and nothing that waits for a second admin."""
        self.requests.clear()
        for configuration in self.every_configuration():
            configuration.reset()


def _add(into: dict[str, StoredConfiguration], id_: str, configuration: StoredConfiguration) -> None:
    if id_ in into:
        raise ValueError(f"two configurations have the id {id_}")
    into[id_] = configuration


def _by_id(things: Iterable[Identified]) -> dict[str, Identified]:
    found: dict[str, Identified] = {}
    for thing in things:
        if found.setdefault(thing.id.lower(), thing) is not thing:
            raise ValueError(f"two groups or filters have the id {thing.id}")
    return found


def _index(pairs: Iterable[tuple[str, str]]) -> NameIndex:
    index: NameIndex = {}
    for value, id_ in pairs:
        if value:
            index.setdefault(value.casefold(), []).append(id_)
    return index


def _only(found: Sequence[T], what: str, wanted: str) -> T:
    if len(found) != 1:
        raise LookupError(f"{len(found) or 'no'} {what}{'s are' if len(found) > 1 else ' is'} called {wanted!r}")
    return found[0]
