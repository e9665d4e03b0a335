"""Which request goes where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.simulator.assign import add_assignment, assign, remove_assignment
from migrator.simulator.configurations import get_assignment, get_configuration, list_assignments, list_configurations
from migrator.simulator.directory import get_deleted_group, get_group, groups_by_id, list_groups, organization
from migrator.simulator.members import is_members, members
from migrator.simulator.messages import Answer, Call, Refused, bad_request, failure, not_found
from migrator.simulator.odata import known
from migrator.simulator.second_admin import get_request, list_policies, list_requests
from migrator.simulator.state import StoredConfiguration
from migrator.simulator.world import World

VERSIONS = ("v1.0", "beta")

Handler = Callable[[World, Call], Answer]


@dataclass(frozen=True, slots=True)
class Destination:
    """What serves a request, and the configuration it is about (None: a list, or something else)."""

    serve: Callable[[], Answer]
    configuration: StoredConfiguration | None = None


def find(world: World, call: Call) -> Destination:
    """Where a request goes. Raises Refused for a path that nothing serves."""
    if call.version not in VERSIONS:
        raise bad_request(f"Invalid version: {call.version}")
    path = tuple(segment.lower() for segment in call.segments)
    kind = _kind_at(path)
    if kind is not None and call.version in kind.versions:
        return _configuration(world, call, kind, path[kind.path.count("/") :])
    handlers = _FIXED.get(path) or _FIXED.get((*path[:-1], "{id}")) or ({"GET": members} if is_members(path) else None)
    if handlers is None:
        raise not_found(f"Resource not found for the segment '{call.segments[-1] if call.segments else ''}'.")
    return Destination(partial(_method(handlers, call), world, call))


def _configuration(world: World, call: Call, kind: Kind, below: tuple[str, ...]) -> Destination:
    if kind.name in world.lies.refused:
        raise Refused(_refusal(world.lies.refused[kind.name], kind))
    if not below:
        return Destination(partial(_method({"GET": list_configurations}, call), world, call, kind))
    configuration = world.tenant.configurations[kind.name].get(below[0])
    if configuration is None:
        raise not_found(f"The resource '{below[0]}' does not exist among {kind.name}.")
    handler = _method(_below(world, kind, below[1:], call), call)
    return Destination(partial(handler, world, call, configuration), configuration)


ItemHandler = Callable[[World, Call, StoredConfiguration], Answer]


def _below(world: World, kind: Kind, rest: tuple[str, ...], call: Call) -> Mapping[str, ItemHandler]:
    if not rest:
        return {"GET": get_configuration}
    if rest[0] == "assignments":
        if len(rest) == 1:
            return {"GET": list_assignments, "POST": add_assignment}
        if len(rest) == 2:
            return {"GET": get_assignment, "DELETE": remove_assignment}
    if "/".join(rest) in _assign_paths(world, kind):
        return {"POST": assign}
    if rest == ("assign",):
        raise bad_request("No method match route template", "No method match route template")
    raise not_found(f"Resource not found for the segment '{call.segments[-1]}'.")


def _assign_paths(world: World, kind: Kind) -> set[str]:
    first, *others = (path.lower() for path in kind.assign_paths)
    return {first, *others} if world.habits.serves_plain_assign else {first}


def _method(handlers: Mapping[str, Callable[..., Answer]], call: Call) -> Callable[..., Answer]:
    handler = handlers.get(call.method)
    if handler is None:
        allowed = (("Allow", ", ".join(sorted(handlers))),)
        message = f"The method {call.method} is not allowed for this resource."
        raise Refused(failure(405, "MethodNotAllowed", message, allowed))
    return handler


def _refusal(status: int, kind: Kind) -> Answer:
    if status in (400, 404):  # the former is what Graph itself says of a path that it no longer has
        code = "ResourceNotFound" if status == 404 else "BadRequest"
        return failure(status, code, f"Resource not found for the segment '{kind.path.split('/')[1]}'.")
    message = f"Application is not authorized to perform this operation. It must have the scope {kind.permission}."
    return failure(status, "Forbidden", message)


def _filters(world: World, call: Call) -> Answer:
    known(call.options, "$select", "$top", "$skiptoken")
    filters = world.habits.order(world.tenant.filters.values(), "filters")
    return world.page(call, filters, lambda f: f.to_json(), world.habits.page_size)


def _kind_at(path: tuple[str, ...]) -> Kind | None:
    kinds = _by_path(tuple(KINDS.values()))
    return next((kinds[path[:n]] for n in range(2, len(path) + 1) if path[:n] in kinds), None)


@lru_cache(maxsize=2)
def _by_path(kinds: tuple[Kind, ...]) -> Mapping[tuple[str, ...], Kind]:
    return {tuple(kind.path.lower().strip("/").split("/")): kind for kind in kinds}


_FIXED: Mapping[tuple[str, ...], Mapping[str, Handler]] = {
    ("organization",): {"GET": organization},
    ("groups",): {"GET": list_groups},
    ("groups", "{id}"): {"GET": get_group},
    ("directory", "deleteditems", "microsoft.graph.group", "{id}"): {"GET": get_deleted_group},
    ("directoryobjects", "getbyids"): {"POST": groups_by_id},
    ("devicemanagement", "assignmentfilters"): {"GET": _filters},
    ("devicemanagement", "operationapprovalrequests"): {"GET": list_requests},
    ("devicemanagement", "operationapprovalrequests", "{id}"): {"GET": get_request},
    ("devicemanagement", "operationapprovalpolicies"): {"GET": list_policies},
}
