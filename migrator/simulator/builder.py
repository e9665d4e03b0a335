"""Puts a tenant together piece by piece; ids come from the seed and the names, so they are the same each time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from migrator.model.assignment import VIRTUAL_ALL_DEVICES, VIRTUAL_ALL_USERS, TargetType
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator.chance import stable_id
from migrator.simulator.messages import Json
from migrator.simulator.state import AssignmentFilter, DirectoryGroup, Members, StoredConfiguration, TenantState
from migrator.simulator.stored import group_target, identity, stored_assignment

WHOLE_TENANT: Mapping[str, TargetType] = {
    "all users": TargetType.ALL_USERS,
    "all devices": TargetType.ALL_DEVICES,
    VIRTUAL_ALL_USERS: TargetType.ALL_USERS,
    VIRTUAL_ALL_DEVICES: TargetType.ALL_DEVICES,
}

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)
_LITERAL = "group:"
_USUAL = 10


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


@dataclass(slots=True)
class _Draft:
    """What a configuration is assigned to so far, with what must not come twice."""

    assignments: list[Json] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    direct: set[tuple[str, ...]] = field(default_factory=set)


class Builder:
    """A tenant in the making."""

    def __init__(self, seed: int, name: str = "Embedded tenant", id_: str = "") -> None:
        self.seed = seed
        self._name = name
        self._id = id_ or stable_id(seed, "tenant")
        self._made: Counter[tuple[str, str]] = Counter()
        self._groups: dict[str, DirectoryGroup] = {}
        self._known_as: dict[str, str] = {}
        self._deleted: list[DirectoryGroup] = []
        self._members: dict[str, Members] = {}
        self._objects_called: dict[tuple[str, str], str] = {}
        self._filters: dict[str, AssignmentFilter] = {}
        self._drafts: dict[StoredConfiguration, _Draft] = {}
        self._configured: dict[tuple[str, str], StoredConfiguration] = {}

    def group(self, name: str, id_: str = "", **rest: Any) -> DirectoryGroup:
        """A new group, also where there is one of that name. `rest` are DirectoryGroup's other fields.

        Raises ValueError where its id is taken.
        """
        made = DirectoryGroup(id=(id_ or self._new_id("group", name)).lower(), name=name, **rest)
        if self._groups.setdefault(made.id, made) is not made:
            raise ValueError(f"two groups have the id {made.id}")
        for known in (made.id, made.name, made.mail, made.nickname, made.sid):
            if known:
                self._known_as.setdefault(known.casefold(), made.id)
        return made

    def group_called(self, text: str, id_: str = "") -> DirectoryGroup:
        """The group that is meant by a name, a mail address, a SID or an id; made if it is not there yet."""
        name = text[len(_LITERAL) :].strip() if text.casefold().startswith(_LITERAL) else text
        known = self._known_as.get((id_ or name).casefold())
        if known:
            return self._groups[known]
        if not id_ and is_guid(name):
            return self.group(f"Group {name[:8]}", name)
        if not id_ and _SID.fullmatch(name):
            return self.group(f"Synchronised {name[-6:]}", sid=name)
        if not id_ and "@" in name and " " not in name:
            local = name.partition("@")[0]
            return self.group(f"Mail {local}", mail=name, nickname=local, mail_enabled=True)
        return self.group(name or f"Group {id_[:8]}", id_)

    @property
    def groups(self) -> tuple[DirectoryGroup, ...]:
        """All groups so far."""
        return tuple(self._groups.values())

    def populate(
        self,
        group: DirectoryGroup,
        users: Iterable[str | int] = (),
        devices: Iterable[str | int] = (),
        groups: Iterable[str] = (),
    ) -> None:
        """Who is in a group directly. Users and devices are known by an id, by any name, or by a number; groups as in
        `group_called`."""
        nested = [self.group_called(*(("", text) if is_guid(text) else (text,))).id for text in groups]
        self._members[group.id] = Members(
            self._objects("user", users), self._objects("device", devices), tuple(dict.fromkeys(nested))
        )

    def _objects(self, what: str, known: Iterable[str | int]) -> tuple[str, ...]:
        spelled = (str(one) for one in known)
        ids = (text.lower() if is_guid(text) else self._object_id(what, text) for text in spelled)
        return tuple(dict.fromkeys(ids))

    def _object_id(self, what: str, name: str) -> str:
        if (what, name) not in self._objects_called:
            self._objects_called[what, name] = stable_id(self.seed, what, name)
        return self._objects_called[what, name]

    def deleted_group(self, name: str, id_: str = "") -> DirectoryGroup:
        """A group that is gone, but may still be assigned."""
        gone = DirectoryGroup(id=(id_ or self._new_id("deleted", name)).lower(), name=name)
        self._deleted.append(gone)
        return gone

    def filter_called(
        self, name: str, id_: str = "", platform: str = "windows10AndLater", rule: str = ""
    ) -> AssignmentFilter:
        """The assignment filter with this id or name; made if it is not there yet."""
        key = (id_ or name).casefold()
        if key not in self._filters:
            new_id = id_ or (name if is_guid(name) else self._new_id("filter", name))
            self._filters[key] = AssignmentFilter(new_id.lower(), name or f"Filter {id_[:8]}", platform, rule)
        return self._filters[key]

    def configuration(
        self, kind: Kind, name: str | None, id_: str = "", properties: Json | None = None
    ) -> StoredConfiguration:
        """A new configuration, also where there is one of that name."""
        new_id = (id_ or self._new_id(kind.name, name or "")).lower()
        made = StoredConfiguration(kind, new_id, name, dict(properties or {}))
        self._drafts[made] = _Draft()
        for known in (new_id, name or ""):
            self._configured.setdefault((kind.name, known.casefold()), made)
        return made

    def configuration_called(self, kind: Kind, name: str, id_: str = "") -> StoredConfiguration:
        """The configuration of this kind with this id, or else with this name; made if it is not there yet."""
        if not id_ and is_guid(name):
            name, id_ = "", name
        known = self._configured.get((kind.name, (id_ or name).casefold()))
        return known or self.configuration(kind, name or f"Configuration {id_[:8]}", id_)

    def assign(self, configuration: StoredConfiguration, given: str | Json) -> bool:
        """One more assignment: Graph's JSON object, or whom it is for. False where that is assigned already, or where
        the kind cannot be assigned to it."""
        element = self._element(configuration.kind, given)
        if element is None:
            return False
        draft = self._drafts[configuration]
        stored = stored_assignment(configuration, element, draft.ids)
        key = identity(configuration.kind, stored)
        if stored.get("source") != "policySets":
            if key in draft.direct:
                return False
            draft.direct.add(key)
        draft.ids.add(stored["id"])
        draft.assignments.append(stored)
        return True

    def _element(self, kind: Kind, given: str | Json) -> Json | None:
        if kind.assignment is None:
            return None
        if not isinstance(given, str):
            return given
        type_ = WHOLE_TENANT.get(given.casefold())
        if type_ is None:
            target = group_target(kind, TargetType.GROUP, self.group_called(given).id)
        elif type_ in kind.targets or TargetType.EXCLUSION in kind.targets:
            target = group_target(kind, type_)
        else:
            return None
        return {"target": target, **({kind.intent_property: "required"} if kind.intent_property else {})}

    def build(self) -> TenantState:
        """The tenant. Raises ValueError where two things were given one id."""
        for configuration, draft in self._drafts.items():
            configuration.begin_with(draft.assignments)
        return TenantState(
            id_=self._id,
            name=self._name,
            groups=self._groups.values(),
            filters=self._filters.values(),
            configurations=self._drafts,
            deleted_groups=self._deleted,
            members=self._members,
            usual_members=Members(self._objects("user", range(1, 1 + _USUAL))),
        )

    def _new_id(self, what: str, name: str) -> str:
        self._made[what, name] += 1
        return stable_id(self.seed, what, name, self._made[what, name])


def kind_named(name: str) -> Kind:
    """The kind of this name in the table. Raises LookupError."""
    if name not in KINDS:
        raise LookupError(f"no kind of configuration is called {name!r}")
    return KINDS[name]
