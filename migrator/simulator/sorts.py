"""What a configuration is beside its kind (a type that derives from it, the family of its template), and what the
service does otherwise for such sorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.simulator.state import StoredConfiguration

ENDPOINT_SECURITY = tuple(
    f"endpointSecurity{what}"
    for what in (
        "AccountProtection",
        "Antivirus",
        "ApplicationControl",
        "AttackSurfaceReduction",
        "DiskEncryption",
        "EndpointDetectionAndResponse",
        "EndpointPrivilegeManagement",
        "Firewall",
    )
)
"""Families of templates."""
SORTS_EMPTY_ON_THE_ITEM: Mapping[str, tuple[str, ...]] = {"configurationPolicies": ENDPOINT_SECURITY}
"""Kinds of which not all answer an empty list to `$expand` on the item, and the sorts that do."""
SORTS_WITHOUT_EXPAND = ("deviceEnrollmentNotificationConfiguration",)
"""Sorts that refuse `$expand` on the item though their kind does not."""

_WITHOUT_FILTERS = ("windowsMicrosoftEdgeApp",)


def sorts(configuration: StoredConfiguration) -> tuple[str, ...]:
    """Everything by which a lie can name a configuration: its kind, id, name, type and template family."""
    template = configuration.properties.get("templateReference")
    family = template.get("templateFamily") if isinstance(template, dict) else None
    kind = configuration.kind.name
    return (kind, configuration.id, configuration.name or "", type_of(configuration), str(family or ""))


def type_of(configuration: StoredConfiguration) -> str:
    """The type that it says it is, without its namespace; "" where it says none."""
    return str(configuration.properties.get("@odata.type") or "").removeprefix("#microsoft.graph.")


def takes_filters(configuration: StoredConfiguration) -> bool:
    return configuration.kind.takes_filters and type_of(configuration) not in _WITHOUT_FILTERS


def unassignable(configuration: StoredConfiguration) -> str:
    """Why it cannot be assigned to anything, "" for nearly all."""
    properties, default = configuration.properties, configuration.kind.default_priority
    if default is not None and properties.get("priority") == default:
        return "The default configuration is for everybody and cannot be assigned."
    if configuration.kind.built_in and properties.get(configuration.kind.built_in) is True:
        return "What is built in cannot be assigned."
    if type_of(configuration) == "winGetApp" and properties.get("publishingState", "published") != "published":
        return "An app that is not published cannot be assigned."
    return ""
