"""What a row does to a list of assignments, for every kind: the list before, the rows, and the list after, as JSON that
is put together here, from the documentation, with nothing of the package."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.foreign_kinds import (
    ALL_DEVICES,
    ALL_USERS,
    EVERYBODY,
    EXCLUSION,
    FACTS,
    FILTER_ID,
    FILTER_TYPE,
    GRAPH,
    GROUP,
    ONLY_GROUPS,
    Fact,
)

Json = dict[str, Any]
HEADINGS = (
    "Kind",
    "Configuration",
    "Action",
    "Legacy group",
    "New group",
    "Direction",
    "Intent",
    "Filter",
    "Filter type",
)

NAMES = ("Old", "Kept", "Out", "New", "Out 2", "Twice", "In a set")
GROUPS = {name: f"{n:08d}-0000-4000-8000-00000000000a" for n, name in enumerate(NAMES)}
GONE = "99999999-0000-4000-8000-00000000000a"
SCOPE = "77777777-0000-4000-8000-00000000000a"
FILTERS = {"Corporate": "f1111111-0000-4000-8000-000000000001", "Kiosks": "f2222222-0000-4000-8000-000000000002"}
UNKNOWN = ("notYetKnown", "alsoNotYetKnown")  # a property of an assignment, and one of a target
NOBODY_KNOWS: Json = {"writtenBy": {"tomorrow": [1, {"deeper": "kept"}, "x"]}}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet; what is empty is not stated."""

    action: str
    legacy: str = ""
    new: str = ""
    direction: str = ""
    intent: str = ""
    filter: str = ""
    filter_type: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A configuration of a kind, with what is assigned before, the rows about it, and what is assigned after.

    `properties` is what it has beside its name; `again` whether the same rows, once more, find nothing to do.
    """

    fact: Fact
    title: str
    before: list[Json]
    rows: tuple[Row, ...]
    after: list[Json]
    properties: Json = field(default_factory=dict)
    again: bool = True

    @property
    def name(self) -> str:
        return f"{self.fact.word} {self.title}"

    @property
    def lines(self) -> list[tuple[str, ...]]:
        return [
            (self.fact.word, self.name, r.action, r.legacy, r.new, r.direction, r.intent, r.filter, r.filter_type)
            for r in self.rows
        ]


def group_type(fact: Fact) -> str:
    return GROUP if GROUP in fact.targets else fact.targets[0]


def assigned(fact: Fact, type_: str, group: str = "", **more: Any) -> Json:
    """An assignment in full; `more` is what its target says beside."""
    target = {"@odata.type": GRAPH + type_, **({"groupId": GROUPS.get(group, group)} if group else {}), **more}
    return {"@odata.type": GRAPH + fact.element, "target": target}


def new(fact: Fact, group: str, type_: str = "", **more: Any) -> Json:
    """A group that was not assigned before, as the sheet's rows name it: an app has the intent that they state."""
    return {
        **assigned(fact, type_ or group_type(fact), group, **more),
        **({"intent": "available"} if fact.is_app else {}),
    }


def rich(fact: Fact) -> list[Json]:
    """Everything that a configuration of this kind can be assigned to, with everything that has to survive."""
    filtered = {FILTER_ID: FILTERS["Corporate"], FILTER_TYPE: "exclude"} if fact.takes_filters else {}
    odd = {UNKNOWN[0]: NOBODY_KNOWS}
    old = assigned(fact, group_type(fact), "Old", **filtered, **fact.of_target, **{UNKNOWN[1]: NOBODY_KNOWS})
    found = [
        {**old, **fact.keep, **odd},
        {**assigned(fact, group_type(fact), "Kept", **fact.of_target), **fact.keep},
        {**assigned(fact, group_type(fact), GONE), **fact.keep},
    ]
    intent = {"intent": "required"} if fact.is_app else {}
    if EXCLUSION in fact.targets:
        found.append({**assigned(fact, EXCLUSION, "Out"), **intent})
    if fact.targets is ONLY_GROUPS:
        found += [assigned(fact, GROUP, everybody) for everybody in EVERYBODY]
    if ALL_USERS in fact.targets:
        found.append({**assigned(fact, ALL_USERS, **filtered), **fact.keep})
        found.append({**assigned(fact, ALL_DEVICES), **fact.keep})
        found.append(
            {**assigned(fact, "scopeTagGroupAssignmentTarget", targetType="user", entraObjectId=SCOPE), **intent}
        )
    if EXCLUSION in fact.targets:
        found.append({**assigned(fact, GROUP, "In a set"), **intent, "source": "policySets", "sourceId": "one"})
    if fact.is_app:
        found.append({**assigned(fact, EXCLUSION, "Twice"), "intent": "required"})
        found.append({**assigned(fact, GROUP, "Twice"), **fact.keep, "intent": "uninstall"})
    return found


def stories() -> list[Story]:
    """All of them, of every kind."""
    return [story for fact in FACTS for story in stories_of(fact)]


def stories_of(fact: Fact) -> Iterator[Story]:
    """Those of one kind."""
    intent = "available" if fact.is_app else ""
    group = group_type(fact)
    yield _story(fact, "swap", [Row("swap", "Old", "New")], lambda a: _moved(a, "Old", "New"))
    yield _story(fact, "swap onto one that is there", [Row("swap", "Old", "Kept")], lambda a: _without(a, group, "Old"))
    yield _story(
        fact,
        "one that is absent and one that is gone",
        [Row("swap", "Out 2", "New", intent=intent), Row("remove", GONE)],
        lambda a: [*_without(a, group, GONE), new(fact, "New")],
    )
    yield _story(fact, "add", [Row("add", "", "New", intent=intent)], lambda a: [*a, new(fact, "New")])
    yield _story(fact, "remove", [Row("remove", "Old")], lambda a: _without(a, group, "Old"))
    yield _story(
        fact,
        "replace",
        [Row("replace", "", "Kept"), Row("replace", "", "New", intent=intent)],
        lambda a: [*_only(a, "Kept"), new(fact, "New")],
    )
    if EXCLUSION in fact.targets:
        yield from _with_exclusions(fact, intent)
    if fact.targets is ONLY_GROUPS:
        yield from _with_virtual_groups(fact)
    if fact.takes_filters:
        yield from _with_filters(fact, intent)
        yield from _with_everybody(fact)
    if fact.is_app:
        yield from _with_intents(fact)
    if fact.word in _SPECIAL:
        title, type_of_element, properties = _SPECIAL[fact.word]
        swap = _story(fact, title, [Row("swap", "Old", "New")], lambda a: _moved(a, "Old", "New"))
        before, after = ([_of_type(e, type_of_element) for e in list_] for list_ in (swap.before, swap.after))
        yield replace(swap, before=before, after=after, properties=properties)


_SPECIAL: dict[str, tuple[str, str, Json]] = {
    "configurationPolicies": (
        "of endpoint security",
        "",
        {"templateReference": {"templateId": "t", "templateFamily": "endpointSecurityFirewall"}, "isAssigned": True},
    ),
    "deviceEnrollmentConfigurations": (
        "of notifications",
        "",
        {"@odata.type": f"{GRAPH}deviceEnrollmentNotificationConfiguration", "priority": 1},
    ),
    "managedEBooks": ("bought by volume", "iosVppEBookAssignment", {"@odata.type": f"{GRAPH}iosVppEBook"}),
}


def _of_type(element: Json, name: str) -> Json:
    return {**element, "@odata.type": GRAPH + name} if name else element


def _with_exclusions(fact: Fact, intent: str) -> Iterator[Story]:
    yield _story(fact, "swap of an exclusion", [Row("swap", "Out", "Out 2")], lambda a: _moved(a, "Out", "Out 2"))
    yield _story(
        fact,
        "exclude one more and one less",
        [Row("add", "", "New", "exclude", intent), Row("remove", "Out")],
        lambda a: [*_without(a, EXCLUSION, "Out"), new(fact, "New", EXCLUSION)],
    )
    yield _story(fact, "exclude one that is included", [Row("add", "", "Old", "exclude")], _turned)


def _with_filters(fact: Fact, intent: str) -> Iterator[Story]:
    kiosks = {FILTER_ID: FILTERS["Kiosks"], FILTER_TYPE: "include"}
    yield _story(
        fact,
        "another filter",
        [
            Row("add", "", "Old", filter="Kiosks", filter_type="include"),
            Row("add", "", "New", intent=intent, filter="Kiosks", filter_type="include"),
        ],
        lambda a: [*_targeted(a, "Old", kiosks), new(fact, "New", **kiosks)],
    )
    yield _story(
        fact,
        "no filter",
        [Row("add", "", "Old", filter_type="none")],
        lambda a: _targeted(a, "Old", {FILTER_ID: None, FILTER_TYPE: None}),
    )
    yield _story(
        fact,
        "swap with another mode",
        [Row("swap", "Old", "New", filter_type="include")],
        lambda a: _targeted(_moved(a, "Old", "New"), "New", {FILTER_TYPE: "include"}),
    )


def _with_everybody(fact: Fact) -> Iterator[Story]:
    yield _story(fact, "remove all users", [Row("remove", "All users")], lambda a: _without(a, ALL_USERS))
    yield _story(fact, "remove all devices", [Row("remove", "", "All devices")], lambda a: _without(a, ALL_DEVICES))
    yield _story(
        fact, "swap all users", [Row("swap", "All users", "New")], lambda a: _aimed(a, ALL_USERS, GROUP, "New")
    )


def _with_virtual_groups(fact: Fact) -> Iterator[Story]:
    users = EVERYBODY[0]
    yield _story(fact, "remove all users", [Row("remove", "All users")], lambda a: _without(a, GROUP, users))
    yield _story(
        fact, "swap all users", [Row("swap", "All users", "New")], lambda a: _aimed(a, GROUP, GROUP, "New", users)
    )
    yield _story(
        fact,
        "all users once more",
        [Row("swap", "Old", "All users"), Row("add", "", "New")],
        lambda a: [*_without(a, GROUP, "Old"), new(fact, "New")],
    )


def _with_intents(fact: Fact) -> Iterator[Story]:
    yield _story(fact, "swap under two intents", [Row("swap", "Twice", "New")], lambda a: _moved(a, "Twice", "New"))
    one = _story(
        fact,
        "swap under one of two intents",
        [Row("swap", "Twice", "New", intent="uninstall")],
        lambda a: _moved(a, "Twice", "New", intent="uninstall"),
    )
    yield replace(one, again=False)  # the other place, where it is still excluded, would be the only one that it has
    yield _story(
        fact,
        "remove one of two",
        [Row("remove", "Twice", direction="exclude")],
        lambda a: _without(a, EXCLUSION, "Twice"),
    )
    yield _story(
        fact,
        "a third intent",
        [Row("add", "", "Twice", intent="available")],
        lambda a: [*a, new(fact, "Twice")],
    )


def _story(fact: Fact, title: str, rows: Sequence[Row], change: Callable[[list[Json]], list[Json]]) -> Story:
    before = rich(fact)
    return Story(fact, title, before, tuple(rows), change(copy.deepcopy(before)))


def _is(element: Json, type_: str, group: str = "") -> bool:
    target = element["target"]
    points_at: tuple[str, str] = (target["@odata.type"], target.get("groupId", ""))
    return points_at == (GRAPH + type_, GROUPS.get(group, group)) and "source" not in element


def _names(element: Json, group: str) -> bool:
    return bool(element["target"].get("groupId") == GROUPS[group])


def _without(elements: list[Json], type_: str, group: str = "") -> list[Json]:
    return [e for e in elements if not _is(e, type_, group)]


def _only(elements: list[Json], group: str) -> list[Json]:
    return [e for e in elements if _names(e, group) or "source" in e]


def _moved(elements: list[Json], old: str, to: str, intent: str = "") -> list[Json]:
    return [
        {**e, "target": {**e["target"], "groupId": GROUPS[to]}}
        if _names(e, old) and intent in ("", e.get("intent"))
        else e
        for e in elements
    ]


def _targeted(elements: list[Json], group: str, change: Json) -> list[Json]:
    return [{**e, "target": {**e["target"], **change}} if _names(e, group) else e for e in elements]


def _aimed(elements: list[Json], before: str, type_: str, group: str, of: str = "") -> list[Json]:
    aim = {"@odata.type": GRAPH + type_, "groupId": GROUPS[group]}
    return [{**e, "target": {**e["target"], **aim}} if _is(e, before, of) else e for e in elements]


def _turned(elements: list[Json]) -> list[Json]:
    """Old excluded instead of included: an exclusion has neither a filter nor an app's settings."""
    turned = []
    for element in elements:
        if _names(element, "Old"):
            target = {n: v for n, v in element["target"].items() if n not in (FILTER_ID, FILTER_TYPE)}
            rest = {n: v for n, v in element.items() if n != "settings"}
            turned.append({**rest, "target": {**target, "@odata.type": GRAPH + EXCLUSION}})
        else:
            turned.append(element)
    return turned


def known(fact: Fact, elements: Sequence[Json]) -> list[Json]:
    """A list without what no documentation of today tells of, which is in every story."""
    named = [e for e in elements if "scopeTag" not in e["target"]["@odata.type"]]
    return [
        {
            n: {m: w for m, w in v.items() if m != UNKNOWN[1]} if n == "target" else v
            for n, v in e.items()
            if n != UNKNOWN[0]
        }
        for e in named
    ]


def telling(fact: Fact, elements: Sequence[Json]) -> list[str]:
    """A list of assignments as it is compared: property by property, in no order, less what the service makes itself.

    A filter that is none, and the type of an element where it is the one that is declared, may be said or not.
    """
    return sorted(json.dumps(_telling(fact, element), sort_keys=True, indent=1) for element in elements)


def _telling(fact: Fact, element: Json) -> Json:
    from_set = element.get("source") == "policySets"
    left_out = {"id", *fact.read_only, *(() if from_set else ("source", "sourceId"))}
    told = {n: without_nulls(v) for n, v in element.items() if n not in left_out and v is not None}
    told = {"@odata.type": GRAPH + fact.element, **fact.implied, **told}
    if told["target"].get(FILTER_TYPE) == "none":
        del told["target"][FILTER_TYPE]
    return told


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: without_nulls(v) for n, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value
