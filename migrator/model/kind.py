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


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind: where it is, how its `assign` body is spelled, what it can be assigned to, how it can be read.

    `path` is below the version; `versions` in order of preference; `body` the name of the list in the request and
    `assignment` its elements' type; `targets` the types it takes, with their spelling; `intent_property` the property
    that belongs to an assignment's identity, "" for kinds without; `keep` what must survive a swap; `drop` what the
    service adds and must not get back; `success` the documented status, though any 2xx is success; `area` the
    service that counts its calls; `assign_paths` the paths below the item to try in turn; `excluded` why it cannot be
    assigned this way, "" for all others.
    """

    name: str
    title: str
    path: str
    assignment: str | None
    versions: tuple[str, ...] = ("beta",)
    body: str = "assignments"
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

    @property
    def version(self) -> str:
        return self.versions[0]

    @property
    def takes_filters(self) -> bool:
        return self.targets is INTUNE
