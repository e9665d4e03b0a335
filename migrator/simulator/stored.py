"""An assignment as the tenant keeps it: Graph's own JSON object, with what the service adds."""

from __future__ import annotations

from collections.abc import Container

from migrator.model.assignment import VIRTUAL_ALL_DEVICES, VIRTUAL_ALL_USERS, TargetType
from migrator.model.kind import OFFICE, Kind
from migrator.simulator.messages import Json
from migrator.simulator.state import StoredConfiguration

COLLECTION = "#microsoft.graph.configurationManagerCollectionAssignmentTarget"
FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"
SERVER_MADE = frozenset({"@odata.type", "id", "source", "sourceId", "target"})

_STAND_INS = {TargetType.ALL_USERS: VIRTUAL_ALL_USERS, TargetType.ALL_DEVICES: VIRTUAL_ALL_DEVICES}
_LAST_MODIFIED = "2026-01-15T09:30:00Z"


def target_type(kind: Kind, target: Json) -> TargetType:
    """What a target is, by this kind's spelling of it; OTHER for what the kind's table does not know."""
    spelled = target.get("@odata.type")
    return next((type_ for type_, spelling in kind.targets.items() if spelling == spelled), TargetType.OTHER)


def stand_in(kind: Kind, target: Json) -> str:
    """The id that stands for a target inside an assignment's id: the group's, or one for the whole tenant."""
    for name in ("groupId", "collectionId"):
        if isinstance(target.get(name), str):
            return str(target[name]).lower()
    return _STAND_INS.get(target_type(kind, target), "")


def identity(kind: Kind, assignment: Json) -> tuple[str, ...]:
    """What makes two assignments of one configuration the same one: the target, and an app's intent."""
    target = assignment["target"]
    intent = str(assignment.get(kind.intent_property, "")) if kind.intent_property else ""
    return (str(target.get("@odata.type")), stand_in(kind, target), intent)


def stored_assignment(configuration: StoredConfiguration, given: Json, taken: Container[str] = ()) -> Json:
    """What the tenant keeps of an assignment that was given: everything, and what the service makes itself.

    `taken` are the ids that other assignments of this configuration have already. An assignment that a policy set
    made keeps its source.
    """
    kind = configuration.kind
    target = dict(given["target"])
    kept = {name: value for name, value in given.items() if name not in SERVER_MADE}
    assignment: Json = {
        "@odata.type": given.get("@odata.type") or kind.assignment,
        "id": _id(configuration, target, taken),
    }
    if kind.targets is not OFFICE:
        from_policy_set = given.get("source") == "policySets"
        assignment["source"] = "policySets" if from_policy_set else "direct"
        assignment["sourceId"] = str(given.get("sourceId") or "") if from_policy_set else configuration.id
    assignment.update({name: _LAST_MODIFIED if name.endswith("DateTime") else [] for name in kind.drop})
    if kind.takes_filters:
        target.setdefault(FILTER_ID, None)
        target.setdefault(FILTER_TYPE, "none")
    return {**assignment, **kind.implied, **kept, "target": target}


def known_to(kind: Kind, version: str, assignment: Json) -> Json:
    """An assignment as a version shows it: without what it knows nothing of."""
    unknown = kind.unknown_in(version)
    if not unknown:
        return assignment
    shown = {name: value for name, value in assignment.items() if name not in unknown}
    return {**shown, "target": {name: value for name, value in assignment["target"].items() if name not in unknown}}


def group_target(kind: Kind, type_: TargetType, group_id: str = "") -> Json:
    """A target of this kind; kinds without one for the whole tenant spell it as a group with a virtual id."""
    if type_ not in kind.targets:
        return {"@odata.type": kind.targets[TargetType.GROUP], "groupId": _STAND_INS.get(type_, group_id)}
    return {"@odata.type": kind.targets[type_], **({"groupId": group_id} if group_id else {})}


def _id(configuration: StoredConfiguration, target: Json, taken: Container[str]) -> str:
    plain = f"{configuration.id}_{stand_in(configuration.kind, target)}"
    candidate, number = plain, 1
    while candidate in taken:
        candidate, number = f"{plain}_{number}", number + 1
    return candidate
