"""What there is to know of a kind of configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from migrator.model import limits
from migrator.model.assignment import TargetType


class Trust(StrEnum):
    """How far one way of reading a kind's assignments can be relied on."""

    WORKS = "works"
    UNKNOWN = "unknown"
    LIES = "answers empty though assigned"
    ABSENT = "not served"


INTUNE: Mapping[TargetType, str] = {
    TargetType.GROUP: "#microsoft.graph.groupAssignmentTarget",
    TargetType.EXCLUSION: "#microsoft.graph.exclusionGroupAssignmentTarget",
    TargetType.ALL_USERS: "#microsoft.graph.allLicensedUsersAssignmentTarget",
    TargetType.ALL_DEVICES: "#microsoft.graph.allDevicesAssignmentTarget",
}
GROUPS: Mapping[TargetType, str] = {t: INTUNE[t] for t in (TargetType.GROUP, TargetType.EXCLUSION)}
OFFICE: Mapping[TargetType, str] = {
    TargetType.GROUP: "#microsoft.graph.officeConfigurationGroupAssignmentTarget",
}
CLOUD_PC: Mapping[TargetType, str] = {
    TargetType.GROUP: "#microsoft.graph.cloudPcManagementGroupAssignmentTarget",
}

BETA, V1 = VERSIONS = ("beta", "v1.0")
# Of the models of Microsoft's clients for both versions: v1.0 has no filter in a target and, but for a few kinds, no
# word of where an assignment comes from. A list that was read there and sent again would lose the one and repeat the
# other. So beta comes first wherever v1.0 shows less, and v1.0 where it shows the same.
FILTER = ("deviceAndAppManagementAssignmentFilterId", "deviceAndAppManagementAssignmentFilterType")
SOURCE = ("source", "sourceId")
EVERY_TYPE = ("*",)
WIDE = (TargetType.ALL_USERS, TargetType.ALL_DEVICES)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind: where it is, how its `assign` body is spelled, what it can be assigned to, how it can be read.

    `path` is below the version; `versions` in order of preference, the first of which shows everything; `not_in_v1`
    what v1.0 knows nothing of in an assignment or its target; `implied` what a property comes to that is not said;
    `body` the name of the list in the request,
    `assignment` its elements' type, and `other_body` further lists that the action takes, which are never sent;
    `targets` the types it takes, with their spelling; `intent_property` the property that belongs to an assignment's
    identity, "" for kinds without; `keep` what must survive a swap; `drop` what the service adds and must not get
    back; `success` the documented status, though any 2xx is success; `area` the service that counts its calls;
    `assign_paths` the paths below the item to try in turn; `excluded` why it cannot be assigned this way, "" for all
    others.

    `platform` is that of all its configurations, where a kind has one, as filters name it; `unfiltered` are the types
    of configurations that Microsoft does not list among those that filters work for (EVERY_TYPE: all of them);
    `default_priority` is the priority that marks the configuration everybody has, which cannot be assigned, and
    `built_in` the property that is true of one the service made, which cannot either; `of_every_tenant` is the
    property, and its value, of configurations that each tenant has whether or not anybody there wants them;
    `not_offered` the targets that Microsoft's portal has no place for, so that the service may refuse them;
    `published_by` the property that says `published` once a configuration can be assigned; `approval` the type of the
    tenant's policies by which a second admin is asked for, as documented (Multi Admin Approval), "" where none is.
    """

    name: str
    title: str
    path: str
    assignment: str | None
    versions: tuple[str, ...] = (BETA,)
    not_in_v1: tuple[str, ...] = (*FILTER, *SOURCE)
    implied: Mapping[str, str] = field(default_factory=dict)
    body: str = "assignments"
    other_body: tuple[str, ...] = ()
    name_property: str = "displayName"
    targets: Mapping[TargetType, str] = field(default_factory=lambda: INTUNE)
    intent_property: str = ""
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    success: int = 200
    list_expand: Trust = Trust.WORKS
    item_expand: Trust = Trust.UNKNOWN
    assignments: Trust = Trust.WORKS
    permission: str = "DeviceManagementConfiguration.ReadWrite.All"
    area: limits.Area = limits.INTUNE
    assign_paths: tuple[str, ...] = ("assign",)
    excluded: str = ""
    category: str = "profile"
    platform: str = ""
    unfiltered: tuple[str, ...] = ()
    default_priority: int | None = None
    built_in: str = ""
    of_every_tenant: tuple[str, str] = ("", "")
    not_offered: tuple[str, ...] = ()
    published_by: str = ""
    approval: str = ""

    @property
    def version(self) -> str:
        """The version to use where nobody asks for another: the first that shows everything there is."""
        return self.versions[0]

    def version_for(self, asked: str) -> str:
        """The version to list and write in where a person asked for one ("": nobody did)."""
        return asked if asked in self.versions else self.version

    def unknown_in(self, version: str) -> tuple[str, ...]:
        """The properties of an assignment or its target that a version knows nothing of."""
        return self.not_in_v1 if version == V1 else ()

    def version_to_read(self, asked: str) -> str:
        """The version to read assignments in: a list that hides a filter would wipe it, were it sent again."""
        version = self.version_for(asked)
        return self.version if self.unknown_in(version) else version

    @property
    def takes_filters(self) -> bool:
        """Whether its targets have a place for a filter."""
        return self.targets.get(TargetType.GROUP) == INTUNE[TargetType.GROUP]

    @property
    def sends_ids(self) -> bool:
        """Whether an assignment that stays brings its id along, as Microsoft's portal has it for Cloud PCs: one without
        may be taken for another, and what was provisioned for the old one be given back."""
        return self.targets is CLOUD_PC

    @property
    def takes_virtual_groups(self) -> bool:
        """Whether everybody is a group with an id of its own there, in place of a target of its own type."""
        return TargetType.EXCLUSION in self.targets and TargetType.ALL_USERS not in self.targets
