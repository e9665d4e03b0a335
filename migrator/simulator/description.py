"""A tenant as a JSON file, read and written.

    {
      "tenant": {"id": "…", "name": "Contoso"},
      "groups": ["Finance", {"id": "…", "displayName": "Sales ", "mail": "…", "mailNickname": "…",
                             "onPremisesSecurityIdentifier": "S-1-…", "securityEnabled": true, "mailEnabled": false,
                             "members": {"users": ["anna", "1-120"], "devices": 40, "groups": ["Finance"]}}],
      "deletedGroups": ["Gone last week"],
      "assignmentFilters": ["Corporate devices", {"id": "…", "displayName": "…", "platform": "iOS"}],
      "configurations": [
        {"kind": "officeClientConfigurations", "id": "…", "name": "Baseline",
         "properties": {"description": "…"},
         "assignments": ["Finance", "All devices", {"target": {"@odata.type": "…", "groupId": "…"}}]}
      ]
    }

Everything but a configuration's kind and name may be left out. A plain string names what it stands for: a group (by
name, mail address, SID or id; one that is not listed is made), `All users`, `All devices`, a filter. Everything else of
an assignment is Graph's own JSON, and what the service adds to it is filled in. Ids that are not given are made from
the names, and are the same each time. Members are users and devices by any name or by their id, `1-120` those with
these numbers, and 40 the first so many; the same name or number is the same user in every group. A group of which
nothing is said has the users 1 to 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from migrator.model.errors import UsageError
from migrator.simulator.builder import Builder, kind_named
from migrator.simulator.messages import Json
from migrator.simulator.state import DirectoryGroup, StoredConfiguration, TenantState

_GROUP_FIELDS = {
    "mail": "mail",
    "mailNickname": "nickname",
    "onPremisesSecurityIdentifier": "sid",
    "securityEnabled": "security_enabled",
    "mailEnabled": "mail_enabled",
    "description": "description",
    "membershipRule": "rule",
}
_MEMBERS = ("users", "devices", "groups")
_NUMBERS = re.compile(r"([0-9]{1,7})-([0-9]{1,7})")
_FILTER_FIELDS = {"displayName": "name", "id": "id_", "platform": "platform", "rule": "rule"}


def read_tenant(path: Path, seed: int = 0) -> TenantState:
    """The tenant that a JSON file describes. Raises UsageError for one that cannot be used."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the tenant in {path} cannot be read: {error}") from error
    return tenant_from_json(document, seed)


def tenant_from_json(document: Mapping[str, Any], seed: int = 0) -> TenantState:
    """The tenant that a JSON object describes. Raises UsageError for one that cannot be used."""
    try:
        return _built(document, seed)
    except LookupError as error:
        # A KeyError's text is the bare name of what is missing.
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"the description of the tenant cannot be used: {missing}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"the description of the tenant cannot be used: {error}") from error


def tenant_of(
    configurations: Mapping[str, Iterable[str | Json]],
    *,
    kind: str = "officeClientConfigurations",
    groups: Iterable[str] = (),
    filters: Iterable[str] = (),
) -> TenantState:
    """A small tenant in one line: configurations of one kind and whom each is assigned to, and more groups."""
    described = [{"kind": kind, "name": name, "assignments": [*given]} for name, given in configurations.items()]
    return tenant_from_json({"groups": [*groups], "assignmentFilters": [*filters], "configurations": described})


def tenant_to_json(tenant: TenantState) -> Json:
    """The description of a tenant as it is now; reading it gives the same tenant again."""
    return {
        "tenant": {"id": tenant.id, "name": tenant.name},
        "groups": [_group_to_json(tenant, g) for g in tenant.groups.values()],
        "deletedGroups": [g.to_json() for g in tenant.deleted_groups.values()],
        "assignmentFilters": [f.to_json() for f in tenant.filters.values()],
        "configurations": [configuration_to_json(c) for c in tenant.every_configuration()],
    }


def _group_to_json(tenant: TenantState, group: DirectoryGroup) -> Json:
    members = tenant.members.get(group.id)
    return {**group.to_json(), **({"members": msgspec.to_builtins(members)} if members else {})}


def configuration_to_json(configuration: StoredConfiguration) -> Json:
    """A configuration with everything that is assigned, as it is stored, whatever reads show."""
    return {
        "kind": configuration.kind.name,
        "id": configuration.id,
        "name": configuration.name,
        "properties": configuration.properties,
        "assignments": list(configuration.assignments),
    }


def write_tenant(tenant: TenantState, path: Path) -> None:
    """Writes the description of a tenant as it is now."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(tenant_to_json(tenant)), indent=2) + b"\n")


def _built(document: Mapping[str, Any], seed: int) -> TenantState:
    about = document.get("tenant", {})
    builder = Builder(seed, about.get("name", "Embedded tenant"), about.get("id", ""))
    described: list[tuple[DirectoryGroup, Any]] = []
    for given in document.get("groups", ()):
        group = {"displayName": given} if isinstance(given, str) else given
        fields = {field: group[name] for name, field in _GROUP_FIELDS.items() if group.get(name) is not None}
        described.append((builder.group(group["displayName"], group.get("id", ""), **fields), group.get("members")))
    for made, members in described:  # which may be in groups that come later
        if members is not None:
            builder.populate(made, **{what: _several(members[what]) for what in _MEMBERS if what in members})
    for given in document.get("deletedGroups", ()):
        gone = {"displayName": given} if isinstance(given, str) else given
        builder.deleted_group(gone["displayName"], gone.get("id", ""))
    for given in document.get("assignmentFilters", ()):
        named = {"displayName": given} if isinstance(given, str) else given
        builder.filter_called(**{_FILTER_FIELDS[n]: value for n, value in named.items() if value is not None})
    for given in document.get("configurations", ()):
        _configuration(builder, given)
    return builder.build()


def _several(given: int | Iterable[str]) -> list[str]:
    """The names of members: so many, or these, of which some may be stretches of numbers."""
    return [*map(str, range(1, given + 1))] if isinstance(given, int) else [n for one in given for n in _names(one)]


def _names(text: str) -> Iterator[str]:
    stretch = _NUMBERS.fullmatch(text)
    return map(str, range(int(stretch[1]), int(stretch[2]) + 1)) if stretch else iter((text,))


def _configuration(builder: Builder, given: Mapping[str, Any]) -> None:
    kind = kind_named(given["kind"])
    configuration = builder.configuration(kind, given.get("name"), given.get("id", ""), given.get("properties"))
    for element in given.get("assignments", ()):
        if not isinstance(element, str) and not isinstance(element["target"].get("@odata.type"), str):
            raise ValueError(f"an assignment of {given.get('name')!r} has a target without '@odata.type'")
        if not builder.assign(configuration, element):
            raise ValueError(f"{given.get('name')!r} cannot be assigned to {element!r}, or is twice")
