"""Reading configurations of any kind: the list, one of them, what it is assigned to. One code path for all kinds."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.kind import Kind
from migrator.simulator.messages import Answer, Call, Json, bad_request, not_found
from migrator.simulator.odata import MOST_PER_PAGE, expands_assignments, known, next_link, page, parse_filter, select
from migrator.simulator.sorts import sorts
from migrator.simulator.state import StoredConfiguration
from migrator.simulator.stored import known_to
from migrator.simulator.world import World


def list_configurations(world: World, call: Call, kind: Kind) -> Answer:
    """GET of a kind's list, with `$filter` (the name), `$select`, `$expand=assignments`, `$top` and pages."""
    known(call.options, "$filter", "$select", "$expand", "$top", "$skiptoken")
    expands = expands_assignments(call.options)
    if expands and kind.name in world.lies.list_expand_refused:
        raise _no_expand()

    def show(configuration: StoredConfiguration) -> Json:
        item = world.shown(configuration)
        if expands:
            item = {**item, **_expanded(world, call, configuration, world.lies.list_empty)}
        return select(item, call.options, always=("assignments",))

    found: Sequence[StoredConfiguration] = world.listed(kind)
    if "$filter" in call.options:
        found = _filtered(world, kind, call.options["$filter"])
    return world.page(call, found, show, world.habits.page_size)


def get_configuration(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """GET of one configuration, with `$select` and `$expand=assignments`."""
    known(call.options, "$select", "$expand")
    item = world.shown(configuration)
    if expands_assignments(call.options):
        if not world.lies.item_expand_refused.isdisjoint(sorts(configuration)):
            raise _no_expand()
        item = {**item, **_expanded(world, call, configuration, world.lies.item_empty)}
    return Answer(200, {**world.context(call), **select(item, call.options, always=("assignments",))})


def list_assignments(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """GET of what a configuration is assigned to, in pages."""
    known(call.options, "$select", "$top", "$skiptoken")
    _check_served(world, configuration)
    assignments = configuration.visible(world.clock.now())
    kind, most = configuration.kind, min(world.habits.assignments_page_size, MOST_PER_PAGE)
    return world.page(call, assignments, lambda a: select(known_to(kind, call.version, a), call.options), most)


def get_assignment(world: World, call: Call, configuration: StoredConfiguration) -> Answer:
    """GET of a single assignment by its id."""
    _check_served(world, configuration)
    wanted = call.segments[-1].lower()
    for assignment in configuration.visible(world.clock.now()):
        if assignment["id"].lower() == wanted:
            return Answer(200, {**world.context(call), **known_to(configuration.kind, call.version, assignment)})
    raise not_found(f"No assignment has the id '{call.segments[-1]}'.")


def _expanded(world: World, call: Call, configuration: StoredConfiguration, empty: frozenset[str]) -> Json:
    if empty and not empty.isdisjoint(sorts(configuration)):
        return {"assignments": []}
    assignments = configuration.visible(world.clock.now())
    first = page(len(assignments), {}, world.habits.assignments_page_size)
    shown = [known_to(configuration.kind, call.version, a) for a in assignments[: first.stop]]
    expanded: Json = {"assignments": shown}
    if first.token:
        path = f"{configuration.kind.path}/{configuration.id}/assignments"
        expanded["assignments@odata.nextLink"] = next_link(world.graph_url, call.version, path, {}, first.token)
    return expanded


def _filtered(world: World, kind: Kind, text: str) -> list[StoredConfiguration]:
    found: list[StoredConfiguration] = []
    for term in parse_filter(text):
        if term.property != kind.name_property or term.prefix or len(term.values) != 1:
            raise bad_request(f"The filter '{text}' is not supported on {kind.name}.")
        found.extend(c for c in world.tenant.named(kind.name, term.values[0]) if c not in found)
    return found


def _check_served(world: World, configuration: StoredConfiguration) -> None:
    if configuration.kind.name in world.lies.assignments_absent:
        raise not_found("Resource not found for the segment 'assignments'.")


def _no_expand() -> Exception:
    return bad_request("The query specified in the URI is not valid. The property 'assignments' cannot be expanded.")
