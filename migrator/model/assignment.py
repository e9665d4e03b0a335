"""An assignment: a target, an app's intent, and the rest of what Graph sent, kept as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

VIRTUAL_ALL_USERS = "acacacac-9df4-4c7d-9d50-4ef0226f57a9"
VIRTUAL_ALL_DEVICES = "adadadad-808e-44e2-905a-0b7873a8a531"
VIRTUAL_GROUPS = {VIRTUAL_ALL_USERS: "All users", VIRTUAL_ALL_DEVICES: "All devices"}
"""Groups that stand for everybody where a kind has groups only; the directory does not know them."""


class TargetType(StrEnum):
    """What an assignment points at; how a kind spells it is the table's and the codec's business."""

    GROUP = "group"
    EXCLUSION = "exclusion"
    ALL_USERS = "allUsers"
    ALL_DEVICES = "allDevices"
    COLLECTION = "collection"
    OTHER = "other"


VIRTUAL_TYPES = {VIRTUAL_ALL_USERS: TargetType.ALL_USERS, VIRTUAL_ALL_DEVICES: TargetType.ALL_DEVICES}
"""Whom each of the virtual groups stands for."""


class FilterMode(StrEnum):
    """Whether devices that match the filter are in or out."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class Audience(NamedTuple):
    """Whom a target is about, whether included or excluded: ("group", id), ("allUsers", ""), ("allDevices", ""), ..."""

    type: TargetType
    id: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Where an assignment points. `id` is a group's or collection's id in lower case, "" for the whole tenant."""

    type: TargetType
    id: str = ""

    @property
    def audience(self) -> Audience:
        """The same for a group that is included and for one that is excluded."""
        return Audience(TargetType.GROUP if self.type is TargetType.EXCLUSION else self.type, self.id)

    @property
    def excludes(self) -> bool:
        return self.type is TargetType.EXCLUSION


@dataclass(frozen=True, slots=True)
class Filter:
    """An assignment filter as applied: its id in lower case and its mode."""

    id: str
    mode: FilterMode = FilterMode.INCLUDE


class Identity(NamedTuple):
    """What makes two assignments of one configuration the same one; never Graph's id of it."""

    target: Target
    intent: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment of one configuration.

    `intent` is an app's install intent ("" for kinds without). `rest` is every other property that says something,
    as canonical JSON (sorted keys, no nulls, no server-made ids): what is compared. `raw` is the JSON object as Graph
    sent it, "" for one that is new: what is sent again, with only the changed parts replaced. An assignment that a
    policy set made is shown and compared nowhere, and never sent.
    """

    target: Target
    intent: str = ""
    filter: Filter | None = None
    rest: str = "{}"
    from_policy_set: bool = False
    raw: str = field(default="", compare=False, repr=False)

    @property
    def anew(self) -> Assignment:
        """The same to be made once more: without the id of the one that is gone."""
        element = json.loads(self.raw) if self.raw else {}
        if "id" not in element:
            return self
        return replace(self, raw=json.dumps({n: v for n, v in element.items() if n != "id"}, separators=(",", ":")))

    @property
    def identity(self) -> Identity:
        return Identity(self.target, self.intent)


Assignments = tuple[Assignment, ...]
