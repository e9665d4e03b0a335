"""The assign action: strict about what it is given, and it replaces everything that was assigned directly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrator.model.kind import OFFICE, Kind
from migrator.simulator.checks import check_assignments
from migrator.simulator.messages import Answer, Call, Json, Refused, bad_request, failure, not_found
from migrator.simulator.second_admin import gate, used
from migrator.simulator.state import StoredConfiguration
from migrator.simulator.stored import identity, known_to, stored_assignment
from migrator.simulator.world import World


def assign(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """POST …/assign: afterwards exactly these are assigned, beside what policy sets assign.

    The same target twice (for an app: with the same intent) counts once, the first time. Raises Refused.
    """
    kind = configuration.kind
    request = gate(world, call, configuration)
    elements = _elements(kind, call.json())
    if kind.assignment is not None:
        kept = [a for a in configuration.assignments if a.get("source") == "policySets"]
        given = check_assignments(world.tenant, configuration, elements, call.version)
        _replace(world, configuration, [*kept, *_built(world, configuration, given)])
    used(world, request)
    status = world.habits.success(kind, configuration.id)
    if status == 204:
        return Answer(204)
    shown = [known_to(kind, call.version, a) for a in configuration.assignments]
    return Answer(status, {**world.context(call), "value": shown})


def add_assignment(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """POST …/assignments: one more, the others stay. Served where it is documented. Raises Refused."""
    _check_additive(configuration.kind)
    request = gate(world, call, configuration)
    element = call.json()
    if not isinstance(element, dict):
        raise bad_request("An assignment is a JSON object.")
    added = _built(world, configuration, check_assignments(world.tenant, configuration, [element], call.version))
    if identity(configuration.kind, added[0]) in {identity(configuration.kind, a) for a in configuration.assignments}:
        raise Refused(failure(409, "Conflict", "The target is assigned already."))
    _replace(world, configuration, [*configuration.assignments, *added])
    used(world, request)
    return Answer(201, {**world.context(call), **added[0]})


def remove_assignment(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """DELETE …/assignments/{id}: this one goes, the others stay. Served where it is documented. Raises Refused."""
    _check_additive(configuration.kind)
    request = gate(world, call, configuration)
    wanted = call.segments[-1].lower()
    kept = [a for a in configuration.assignments if a["id"].lower() != wanted]
    if len(kept) == len(configuration.assignments):
        raise not_found(f"No assignment has the id '{call.segments[-1]}'.")
    configuration.replace(kept)
    used(world, request)
    return Answer(204)


def _elements(kind: Kind, body: object) -> Sequence[Json]:
    if not isinstance(body, dict):
        raise bad_request("The request body must be a JSON object.")
    for name in body:
        if name in kind.other_body and not body[name]:
            continue
        if name != kind.body and not name.startswith("@"):
            raise bad_request(
                f"The parameter '{name}' in the request payload is not a valid parameter for the operation 'assign'."
            )
    elements = body.get(kind.body)
    if not isinstance(elements, list):
        raise bad_request(f"The parameter '{kind.body}' must be a list.")
    wanted = str if kind.assignment is None else dict
    if not all(isinstance(element, wanted) for element in elements):
        raise bad_request(f"An element of '{kind.body}' is not of the expected type.")
    return elements


def _built(world: World, configuration: StoredConfiguration, elements: Iterable[Json]) -> list[Json]:
    kind = configuration.kind
    unique: dict[tuple[str, ...], Json] = {}
    for element in elements:
        unique.setdefault(identity(kind, element), element)
    taken = {a["id"] for a in configuration.assignments if a.get("source") == "policySets"}
    built = []
    for element in unique.values():
        assignment = stored_assignment(configuration, element, taken)
        taken.add(assignment["id"])
        built.append(world.habits.assignment(kind, assignment))
    return built


def _replace(world: World, configuration: StoredConfiguration, assignments: list[Json]) -> None:
    about = ("assignments", configuration.id, configuration.writes)
    configuration.replace(world.habits.order(assignments, *about))


def _check_additive(kind: Kind) -> None:
    if kind.targets is not OFFICE:
        raise Refused(failure(405, "MethodNotAllowed", f"Single assignments of {kind.name} cannot be written."))
