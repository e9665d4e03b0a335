"""The directory's routes: groups by filter and by id, deleted groups, the organization."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from migrator.simulator.messages import Answer, Call, Json, bad_request, not_found
from migrator.simulator.odata import (
    MOST_PER_PAGE,
    Term,
    known,
    needs_eventual,
    parse_filter,
    select,
)
from migrator.simulator.state import DirectoryGroup
from migrator.simulator.world import World

DIRECTORY = frozenset({"groups", "directoryobjects", "directory", "organization"})
MOST_IDS = 1000

_FILTERABLE = ("id", "displayName", "mail", "mailNickname", "onPremisesSecurityIdentifier")
_BY_PREFIX = ("displayName", "mail", "mailNickname")
_PROPERTIES = frozenset(DirectoryGroup("", "").to_json()) | {
    "classification", "createdDateTime", "deletedDateTime", "description", "groupTypes", "membershipRule",
    "onPremisesSamAccountName", "onPremisesSyncEnabled", "proxyAddresses", "securityIdentifier", "visibility",
}  # fmt: skip


def units(call: Call) -> int:
    """What a call costs in the directory's resource units; 0 for calls that go elsewhere."""
    if not call.segments or call.segments[0].lower() not in DIRECTORY:
        return 0
    if call.segments[0].lower() == "directoryobjects":
        return 3
    return 5 if call.segments[2:3] and call.segments[2].lower() == "transitivemembers" else 1


def organization(world: World, call: Call) -> Answer:
    known(call.options, "$select")
    tenant = {"id": world.tenant.id, "displayName": world.tenant.name, "verifiedDomains": []}
    return Answer(200, {**world.context(call), "value": [select(tenant, call.options)]})


def list_groups(world: World, call: Call) -> Answer:
    """GET /groups, all of them or those that a filter or search finds."""
    known(call.options, "$filter", "$select", "$top", "$count", "$search", "$orderby", "$skiptoken")
    needs_eventual(call.options, call.headers)
    _check_selected(call)
    asked = call.options.get("$filter")
    groups = list(world.tenant.groups.values()) if asked is None else _filtered(world, parse_filter(asked))
    if "$search" in call.options:
        groups = _searched(groups, call.options["$search"])
    if "$orderby" in call.options:
        groups = _ordered(groups, call.options["$orderby"])
    else:
        groups = world.habits.order(groups, "groups")
    count = call.options.get("$count", "").lower() == "true"
    most = 100 if "$top" not in call.options else MOST_PER_PAGE
    return world.page(call, groups, lambda g: _show(g, call), most, count=count)


def get_group(world: World, call: Call) -> Answer:
    known(call.options, "$select")
    _check_selected(call)
    return _single(world, call, world.tenant.groups)


def get_deleted_group(world: World, call: Call) -> Answer:
    known(call.options, "$select")
    return _single(world, call, world.tenant.deleted_groups)


def groups_by_id(world: World, call: Call) -> Answer:
    """POST /directoryObjects/getByIds: those that exist; nothing is said of the others."""
    known(call.options, "$select")
    asked = call.json()
    ids = asked.get("ids") if isinstance(asked, dict) else None
    if not isinstance(ids, list) or not ids or not all(isinstance(i, str) for i in ids):
        raise bad_request("Required parameter not specified: 'ids'.", "Request_BadRequest")
    if len(ids) > MOST_IDS:
        raise bad_request(f"The number of ids exceeds the limit of {MOST_IDS}.", "Directory_ResultSizeLimitExceeded")
    for id_ in ids:
        _check_id(id_)
    types = asked.get("types") or ["directoryObject"]
    if not isinstance(types, list):
        raise bad_request("The parameter 'types' must be a list.", "Request_BadRequest")
    wanted = dict.fromkeys(i.lower() for i in ids) if "group" in types or "directoryObject" in types else {}
    found = [world.tenant.groups[i] for i in wanted if i in world.tenant.groups]
    shown = [{"@odata.type": "#microsoft.graph.group", **_show(g, call)} for g in world.habits.order(found, "by id")]
    return Answer(200, {**world.context(call), "value": shown})


def _single(world: World, call: Call, groups: dict[str, DirectoryGroup]) -> Answer:
    return Answer(200, {**world.context(call), **_show(existing(call.segments[-1], groups), call)})


def existing(id_: str, groups: Mapping[str, DirectoryGroup]) -> DirectoryGroup:
    """The group with this id. Raises Refused where there is none."""
    _check_id(id_)
    group = groups.get(id_.lower())
    if group is None:
        raise not_found(
            f"Resource '{id_}' does not exist or one of its queried reference-property objects are not present.",
            "Request_ResourceNotFound",
        )
    return group


def _show(group: DirectoryGroup, call: Call) -> Json:
    return select(group.to_json(), call.options)


def _filtered(world: World, terms: tuple[Term, ...]) -> list[DirectoryGroup]:
    found: dict[str, DirectoryGroup] = {}
    for term in terms:
        if term.property not in (_BY_PREFIX if term.prefix else _FILTERABLE):
            raise bad_request(f"Unsupported property filter clause: '{term.property}'.", "Request_UnsupportedQuery")
        for value in term.values:
            for group in world.tenant.groups_where(term.property, value, prefix=term.prefix):
                found[group.id] = group
    return list(found.values())


def _searched(groups: list[DirectoryGroup], text: str) -> list[DirectoryGroup]:
    property_, colon, wanted = text.strip().strip('"').partition(":")
    if not colon or property_ != "displayName":
        raise bad_request('$search is written like "displayName:words".', "Request_BadRequest")
    return [g for g in groups if wanted.casefold() in g.name.casefold()]


def _ordered(groups: list[DirectoryGroup], text: str) -> list[DirectoryGroup]:
    property_, _, direction = text.partition(" ")
    if property_ != "displayName" or direction.strip() not in ("", "asc", "desc"):
        raise bad_request(f"Sorting by '{text}' is not supported.", "Request_UnsupportedQuery")
    return sorted(groups, key=lambda g: g.name.casefold(), reverse=direction.strip() == "desc")


def _check_selected(call: Call) -> None:
    for name in filter(None, (n.strip() for n in call.options.get("$select", "").split(","))):
        if name not in _PROPERTIES:
            raise bad_request(f"Could not find a property named '{name}' on type 'microsoft.graph.group'.")


def _check_id(id_: str) -> None:
    try:
        UUID(id_)
    except ValueError:
        raise bad_request(f"Invalid object identifier '{id_}'.", "Request_BadRequest") from None
