"""Configurations, the groups and filters they are assigned with, and what is known of the tenant itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from migrator.model.assignment import Assignments


class Key(NamedTuple):
    """What a configuration is known by: its kind's name in the table and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """A policy that can be assigned. `is_assigned` is Graph's own word, which proves something only where True;
    `platform` what it is for (`Windows, macOS`), "" where that is not known; `unpublished` the state of one that cannot
    be assigned yet, "" for all others; `built_in` whether the service made it for everybody, so that it cannot be
    assigned; `of_every_tenant` whether every tenant has it, wanted or not."""

    kind: str
    id: str
    name: str
    description: str = ""
    type: str = ""
    priority: int | None = None
    modified: str = ""
    is_assigned: bool | None = None
    platform: str = ""
    unpublished: str = ""
    built_in: bool = False
    of_every_tenant: bool = False

    @property
    def key(self) -> Key:
        return Key(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Group:
    """A directory group; `id` in lower case. One that was `deleted` has the name that the recycle bin knows it by, ""
    where it does not. `rule` is by which a dynamic one has its members; it and `description` are known of those that
    were looked up by id."""

    id: str
    name: str
    mail: str = ""
    nickname: str = ""
    sid: str = ""
    security_enabled: bool | None = None
    deleted: bool = False
    description: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What became of groups that a lookup of many did not bring.

    `groups` are those of which that is certain: there all the same, or deleted. `doubt` is why it is not certain of the
    others, `unnamed` why the names of deleted ones could not be read; "" where there is nothing to say.
    """

    groups: tuple[Group, ...] = ()
    doubt: str = ""
    unnamed: str = ""


@dataclass(frozen=True, slots=True)
class FilterDefinition:
    """An assignment filter of the tenant; `id` in lower case. `rule` says which devices match it."""

    id: str
    name: str
    platform: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """Which tenant answers; both empty where it does not say."""

    id: str = ""
    name: str = ""


class Served(StrEnum):
    """What became of reading one kind."""

    READ = "read"
    NOT_SERVED = "not served"
    FORBIDDEN = "forbidden"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one kind could be read, with the reason where it could not; `licence` is what Graph says of one that is
    missing."""

    kind: str
    served: Served
    count: int = 0
    reason: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A configuration as the listing gave it; `assignments` is None where the listing did not carry them whole."""

    configuration: Configuration
    assignments: Assignments | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All configurations of the kinds asked for, and how far each kind could be read."""

    listed: tuple[Listed, ...]
    coverage: tuple[Coverage, ...]
