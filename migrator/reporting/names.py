"""Ids turned into the names that people know, with the truth about those that have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrator.model.assignment import (
    VIRTUAL_GROUPS,
    Assignment,
    Filter,
    FilterMode,
    Target,
    TargetType,
)
from migrator.model.configuration import Group
from migrator.model.plan import Names

UNKNOWN_GROUP = "unknown group (not in the plan, or not readable)"
UNKNOWN_FILTER = "unknown filter (deleted, or not readable)"

_SHORT_ID = 8  # characters that tell one id from another on paper
_WITHOUT_NAME = {
    TargetType.ALL_USERS: "All users",
    TargetType.ALL_DEVICES: "All devices",
    TargetType.COLLECTION: "Configuration Manager collection",
    TargetType.OTHER: "a target of another type",
}
_MODES = {FilterMode.INCLUDE: "only devices in", FilterMode.EXCLUDE: "all devices but those in"}


@dataclass(frozen=True, slots=True)
class Directory:
    """What the groups and filters of a plan are called, by their ids."""

    groups: Mapping[str, str]
    filters: Mapping[str, str]

    @classmethod
    def of(cls, names: Names) -> Directory:
        """Those that share a name have the beginning of their id beside it, to be told apart on paper."""
        return cls(
            _told_apart({g.id: _called(g) for g in names.groups}),
            _told_apart({f.id: f.name for f in names.filters}),
        )

    def only(self, assignments: Iterable[Assignment]) -> Directory:
        """As much of it as these assignments need."""
        held = tuple(assignments)
        groups = {a.target.id for a in held} & self.groups.keys()
        filters = {a.filter.id for a in held if a.filter} & self.filters.keys()
        return Directory({i: self.groups[i] for i in groups}, {i: self.filters[i] for i in filters})

    def group(self, group_id: str) -> str:
        """A group's name; of one that is not known, that."""
        if group_id in VIRTUAL_GROUPS:
            return VIRTUAL_GROUPS[group_id]
        return self.groups.get(group_id, UNKNOWN_GROUP)

    def target(self, target: Target) -> str:
        """`Included: Sales`, `Excluded: Kiosks`, `All users`, …"""
        if target.type in _WITHOUT_NAME:
            return _WITHOUT_NAME[target.type]
        name = self.group(target.id)
        if target.excludes:
            return f"Excluded: {name}"
        return name if target.id in VIRTUAL_GROUPS else f"Included: {name}"

    def filter(self, applied: Filter | None) -> str:
        """`only devices in Corporate`, `all devices but those in Corporate`, "" for none."""
        if applied is None:
            return ""
        return f"{_MODES[applied.mode]} {self.filters.get(applied.id) or f'{UNKNOWN_FILTER} {applied.id}'}"

    def assignment(self, assignment: Assignment | None) -> str:
        """One assignment in words, with its intent and filter; "" for none."""
        if assignment is None:
            return ""
        parts = [self.target(assignment.target), assignment.intent, self.filter(assignment.filter)]
        return ", ".join(part for part in parts if part)


def _called(group: Group) -> str:
    """A group's name, with the mark that it was deleted."""
    return f"{group.name or group.mail or group.id}{' (deleted)' if group.deleted else ''}"


def _told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The names by their ids; `Sales (4f2a91c3)` where another has the same name, or one that differs in case only."""
    shared = Counter(name.casefold() for name in names.values())
    return {id_: f"{name} ({id_[:_SHORT_ID]})" if shared[name.casefold()] > 1 else name for id_, name in names.items()}
