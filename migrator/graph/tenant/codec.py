"""Graph's JSON of an assignment, read and written: the one place that knows how it is spelled. Pure.

An assignment that was read is sent again as it was, with only the changed parts replaced; so a property that nobody
here has heard of survives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from migrator.graph import documents
from migrator.model.assignment import Assignment, Assignments, Filter, FilterMode, Target, TargetType
from migrator.model.kind import CLOUD_PC, INTUNE, OFFICE, Kind
from migrator.model.lists import direct

JsonObject = dict[str, Any]

_TYPE = "@odata.type"
_FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
_FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"
_NO_FILTER = ("", "00000000-0000-0000-0000-000000000000")
_NO_MODE = ("", "none")
_MODES = {mode.value: mode for mode in FilterMode}
_DEEPEST = 100  # levels; Graph's own go to five
_SERVER_MADE = ("id", "source", "sourceId")
_COLLECTION = "#microsoft.graph.configurationManagerCollectionAssignmentTarget"
_ID_PROPERTY = {
    TargetType.GROUP: "groupId",
    TargetType.EXCLUSION: "groupId",
    TargetType.COLLECTION: "collectionId",
}


def parse(kind: Kind, element: Mapping[str, Any]) -> Assignment:
    """One assignment as Graph sent it. What cannot be understood is kept and compared, never dropped.

    ValueError for one that is nested too deeply.
    """
    _check_depth(element)
    properties = _properties_of_target(element)
    target, filter_, residue = _read_target(kind, properties)
    outer = {kind.intent_property, "target", *_SERVER_MADE, *kind.drop}
    rest = _telling({name: value for name, value in element.items() if name not in outer})
    if residue and target.type is not TargetType.OTHER:
        rest["target"] = residue
    return Assignment(
        target=target,
        intent=_intent(kind, element),
        filter=filter_,
        rest=_canonical(rest) if rest else "{}",
        from_policy_set=str(element.get("source") or "").casefold() == "policysets",
        raw=documents.written(element),
    )


def _check_depth(value: object, left: int = _DEEPEST) -> None:
    if left == 0:
        raise ValueError("nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        if isinstance(one, (dict, list)):
            _check_depth(one, left - 1)


def parse_list(kind: Kind, elements: object) -> Assignments | None:
    """A whole list; None where this is not a list of JSON objects, or one of them is nested deeper than any that can
    be sent again."""
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        return None
    try:
        return tuple(parse(kind, element) for element in elements)
    except ValueError:
        return None


def render(kind: Kind, assignment: Assignment) -> JsonObject:
    """The JSON object to send. Raises ValueError for a target that this kind cannot spell."""
    if not assignment.raw:
        return _new(kind, assignment)
    element: JsonObject = documents.read(assignment.raw)
    before, filter_before, _ = _read_target(kind, _properties_of_target(element))
    unwanted = {*_SERVER_MADE, *kind.drop}
    if kind.sends_ids and assignment.target == before:
        unwanted.discard("id")
    sent: JsonObject = _without_annotations({name: v for name, v in element.items() if name not in unwanted})
    if assignment.target.excludes and not before.excludes:
        sent = _less_what_is_gone(kind, sent, assignment)
    if kind.assignment:
        sent.setdefault(_TYPE, kind.assignment)
    target: JsonObject = sent.get("target") or {}
    if before.type in kind.targets:
        # Targets are of an abstract type: without its name the service could not know which one is meant.
        target.setdefault(_TYPE, kind.targets[before.type])
    if assignment.target != before:
        target = _aimed(kind, target, before, assignment.target)
    if assignment.filter != filter_before:
        target |= _filter_properties(assignment.filter)
    if target:
        sent["target"] = target
    if assignment.intent != _intent(kind, element):
        sent |= _intent_property(kind, assignment.intent)
    return sent


def body(kind: Kind, assignments: Iterable[Assignment], version: str = "") -> bytes:
    """The body of an assign call: the whole list that shall hold, less what policy sets made, and less what this
    version of Graph does not know. ValueError: `render`."""
    rendered = [_known_in(kind, version, render(kind, a)) for a in direct(assignments)]
    return documents.written({kind.body: rendered}).encode("ascii")


def _known_in(kind: Kind, version: str, element: JsonObject) -> JsonObject:
    """An element as a version takes it, which refuses names that it does not know, even where they say nothing."""
    unknown = kind.unknown_in(version)
    if not unknown:
        return element
    kept = {name: value for name, value in element.items() if name not in unknown}
    target: JsonObject = element.get("target", {})
    return kept | {"target": {name: value for name, value in target.items() if name not in unknown}}


def _less_what_is_gone(kind: Kind, sent: JsonObject, assignment: Assignment) -> JsonObject:
    """Without the properties that an assignment had and shall not have any more."""
    kept = {"target", kind.intent_property, *json.loads(assignment.rest)}
    gone = _telling(sent).keys() - kept
    return {name: value for name, value in sent.items() if name not in gone}


def _new(kind: Kind, assignment: Assignment) -> JsonObject:
    target: JsonObject = {_TYPE: _spelling(kind, assignment.target.type)} | _id_property(assignment.target)
    if assignment.filter is not None:
        target |= _filter_properties(assignment.filter)
    sent: JsonObject = {_TYPE: kind.assignment} if kind.assignment else {}
    sent["target"] = target
    if assignment.intent:
        sent |= _intent_property(kind, assignment.intent)
    rest: JsonObject = json.loads(assignment.rest)
    target |= rest.pop("target", {})
    return sent | rest


def _properties_of_target(element: Mapping[str, Any]) -> Mapping[str, Any]:
    target = element.get("target")
    return target if isinstance(target, dict) else {}


def _read_target(kind: Kind, properties: Mapping[str, Any]) -> tuple[Target, Filter | None, JsonObject]:
    """Where it points, its filter, and what else it says."""
    target_type = _target_type(kind, properties)
    known = {_TYPE, _ID_PROPERTY.get(target_type, _TYPE)}
    filter_, understood = _filter(properties)
    if understood:
        known |= {_FILTER_ID, _FILTER_TYPE}
    residue = _telling({name: value for name, value in properties.items() if name not in known})
    return Target(target_type, _target_id(target_type, properties, residue)), filter_, residue


def _intent(kind: Kind, element: Mapping[str, Any]) -> str:
    return str(element.get(kind.intent_property) or "") if kind.intent_property else ""


def _target_type(kind: Kind, target: Mapping[str, Any]) -> TargetType:
    """What a target is; OTHER where its type is unknown, or its group or collection is missing."""
    spelling = target.get(_TYPE)
    if spelling is None and target.get("groupId") and TargetType.GROUP in kind.targets:
        return TargetType.GROUP  # some services leave the type out where a target can only be a group
    # The mark may be left out, and `cloudPc` be `cloudPC`.
    known = _target_types(kind).get(f"#{str(spelling).removeprefix('#')}".casefold(), TargetType.OTHER)
    if known in _ID_PROPERTY and not target.get(_ID_PROPERTY[known]):
        return TargetType.OTHER
    return known


@lru_cache(maxsize=256)
def _target_types(kind: Kind) -> Mapping[str, TargetType]:
    """What targets are by how they are spelled: in every family, and in this kind's own way."""
    families = (INTUNE, OFFICE, CLOUD_PC, kind.targets)
    return {spelling.casefold(): type_ for family in families for type_, spelling in family.items()} | {
        _COLLECTION.casefold(): TargetType.COLLECTION
    }


def _target_id(target_type: TargetType, target: Mapping[str, Any], residue: JsonObject) -> str:
    if target_type in _ID_PROPERTY:
        return str(target[_ID_PROPERTY[target_type]]).lower()
    if target_type is TargetType.OTHER:
        spelled = str(target.get(_TYPE) or "").rpartition(".")[2] or "unknown"
        return f"{spelled} {_canonical(residue)}" if residue else spelled
    return ""


def _filter(target: Mapping[str, Any]) -> tuple[Filter | None, bool]:
    """The filter, None where there is none; and whether what the target says of it was understood."""
    identity, mode = str(target.get(_FILTER_ID) or "").lower(), str(target.get(_FILTER_TYPE) or "").lower()
    if identity in _NO_FILTER:
        return None, True
    if mode in _MODES:
        return Filter(identity, _MODES[mode]), True
    return None, mode in _NO_MODE


def _filter_properties(wanted: Filter | None) -> JsonObject:
    return {_FILTER_ID: wanted.id if wanted else None, _FILTER_TYPE: str(wanted.mode) if wanted else "none"}


def _intent_property(kind: Kind, intent: str) -> JsonObject:
    if not kind.intent_property:
        raise ValueError(f"{kind.title} has no intent, so {intent!r} cannot be sent")
    return {kind.intent_property: intent or None}


def _aimed(kind: Kind, target: JsonObject, before: Target, after: Target) -> JsonObject:
    """A target turned to another group or audience; everything else in it stays."""
    if after.type is not before.type or after.type is TargetType.OTHER:
        target = target | {_TYPE: _spelling(kind, after.type)}
    stale = {_ID_PROPERTY.get(before.type)} - {_ID_PROPERTY.get(after.type)}
    return {name: value for name, value in target.items() if name not in stale} | _id_property(after)


def _id_property(target: Target) -> JsonObject:
    name = _ID_PROPERTY.get(target.type)
    return {name: target.id} if name else {}


def _spelling(kind: Kind, target_type: TargetType) -> str:
    spelling = kind.targets.get(target_type)
    if spelling is None:
        raise ValueError(f"{kind.title} cannot be assigned to a target of type {target_type}")
    return spelling


def _telling(properties: Mapping[str, Any]) -> JsonObject:
    """Properties that say something: no nulls, no annotations, at any depth."""
    return {name: _told(v) for name, v in properties.items() if v is not None and "@odata." not in name}


def _told(value: object) -> object:
    if isinstance(value, dict):
        return _telling(value)
    return [_told(v) for v in value] if isinstance(value, list) else value


def _without_annotations(value: Any) -> Any:
    """A copy that may be sent: what a reading adds about itself (contexts, links, etags) gone, types kept."""
    if isinstance(value, dict):
        return {
            name: _without_annotations(v) for name, v in value.items() if "@odata." not in name or name.endswith(_TYPE)
        }
    return [_without_annotations(v) for v in value] if isinstance(value, list) else value


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
