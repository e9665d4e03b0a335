"""What someone else does to a configuration while a run is under way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from migrator.model.assignment import TargetType
from migrator.simulator.builder import WHOLE_TENANT
from migrator.simulator.messages import Json
from migrator.simulator.state import StoredConfiguration, TenantState
from migrator.simulator.stored import group_target, identity, stored_assignment


def change(tenant: TenantState, wanted: Mapping[str, Any]) -> None:
    """Edits the assignments of one configuration, as another admin would.

    `configuration` is its id or name, `kind` its kind where the name is not enough. `assignments` replaces them all,
    `add` and `remove` change some; each lists groups by name or id, `All users`, `All devices` or Graph's JSON objects.
    Raises LookupError for what is not there, ValueError for what cannot be done.
    """
    unknown = set(wanted) - {"configuration", "kind", "assignments", "add", "remove"}
    if unknown or "configuration" not in wanted:
        raise ValueError("a change names a 'configuration', and 'assignments', 'add' or 'remove'")
    configuration = tenant.configuration(wanted["configuration"], wanted.get("kind", ""))
    kept: list[Json] = list(configuration.assignments)
    if "assignments" in wanted:
        kept = _added(tenant, configuration, [], wanted["assignments"])
    gone = {
        identity(configuration.kind, element) for element in _elements(tenant, configuration, wanted.get("remove", ()))
    }
    kept = [a for a in kept if identity(configuration.kind, a) not in gone]
    configuration.replace(_added(tenant, configuration, kept, wanted.get("add", ())))


def _added(
    tenant: TenantState, configuration: StoredConfiguration, kept: list[Json], given: Iterable[str | Json]
) -> list[Json]:
    there = {identity(configuration.kind, a) for a in kept}
    ids = {a["id"] for a in kept}
    for element in _elements(tenant, configuration, given):
        if identity(configuration.kind, element) not in there:
            stored = stored_assignment(configuration, element, ids)
            ids.add(stored["id"])
            kept = [*kept, stored]
    return kept


def _elements(tenant: TenantState, configuration: StoredConfiguration, given: Iterable[str | Json]) -> Iterable[Json]:
    kind = configuration.kind
    for element in given:
        if not isinstance(element, str):
            if not isinstance(element.get("target"), dict):
                raise ValueError("an assignment has a 'target'")
            yield element
            continue
        type_ = WHOLE_TENANT.get(element.casefold(), TargetType.GROUP)
        if type_ is not TargetType.GROUP and TargetType.EXCLUSION not in kind.targets:
            raise ValueError(f"{kind.name} cannot be assigned to {element}")
        group_id = tenant.group(element).id if type_ is TargetType.GROUP else ""
        intent = {kind.intent_property: "required"} if kind.intent_property else {}
        yield {"target": group_target(kind, type_, group_id), **intent}
