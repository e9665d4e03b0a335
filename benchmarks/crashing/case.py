"""A tenant, a mapping and what the tenant must hold afterwards, all made by chance from a seed.

The model in here is the campaign's own: it knows what a row means from the documentation, and nothing of the planning.
"""

from __future__ import annotations

import csv
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = {
    "officeClientConfigurations": "#microsoft.graph.officeConfigurationGroupAssignmentTarget",
    "configurationPolicies": "#microsoft.graph.groupAssignmentTarget",
    "deviceConfigurations": "#microsoft.graph.groupAssignmentTarget",
    "groupPolicyConfigurations": "#microsoft.graph.groupAssignmentTarget",
}
OFFICE = "officeClientConfigurations"
EXCLUSION = "#microsoft.graph.exclusionGroupAssignmentTarget"
FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"
HEADINGS = ("Configuration", "Kind", "Legacy group", "New group", "Action")
GROUPS = tuple(f"Group {letter}" for letter in "ABCDEFGHIJKLMNOP")
FILTERS = ("Corporate devices", "Pilot ring")
UNTOUCHED = 3  # configurations that the mapping does not name

Row = tuple[str, str, str]
"""A row of the mapping: legacy group, new group, action."""


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """One assignment: a group, whether it is excluded, and `include` or `exclude` with a filter's name."""

    group: str
    excluded: bool = False
    filter: str = ""

    def to(self, group: str) -> Held:
        """The same for another group."""
        return Held(group, self.excluded, self.filter)


Holding = frozenset[Held]


@dataclass(frozen=True, slots=True)
class Case:
    """What one round is about. `before` and `after` are by the names of configurations, those that no row names
    included; `rows` by the names of those that rows name."""

    kinds: Mapping[str, str]
    before: Mapping[str, Holding]
    rows: Mapping[str, tuple[Row, ...]]
    after: Mapping[str, Holding]

    def description(self) -> dict[str, Any]:
        """The tenant as `migrator simulate` takes it."""
        return {
            "groups": [{"displayName": name, "id": id_of(name)} for name in GROUPS],
            "assignmentFilters": [{"displayName": name, "id": id_of(name)} for name in FILTERS],
            "configurations": [
                {
                    "kind": self.kinds[name],
                    "id": id_of(name),
                    "name": name,
                    "assignments": [element(self.kinds[name], one) for one in sorted(holding)],
                }
                for name, holding in self.before.items()
            ],
        }

    def write_mapping(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = ((name, self.kinds[name], *row) for name, rows in self.rows.items() for row in rows)
            csv.writer(file).writerows([HEADINGS, *lines])

    @property
    def row_count(self) -> int:
        return sum(map(len, self.rows.values()))


def case(chance: random.Random, configurations: int) -> Case:
    """A tenant with so many configurations that the mapping names, and some that it does not."""
    names = [f"Policy {number:02}" for number in range(configurations + UNTOUCHED)]
    kinds = {name: chance.choice(tuple(KINDS)) for name in names}
    before = {name: _holding(chance, kinds[name]) for name in names}
    rows = {name: _rows(chance, before[name]) for name in names[:configurations]}
    after = {name: carried_out(before[name], rows.get(name, ())) for name in names}
    return Case(kinds, before, rows, after)


def carried_out(before: Holding, rows: Sequence[Row]) -> Holding:
    """What is assigned once these rows are carried out; they all speak of what stood before."""
    there = {one.group: one for one in before}
    if any(action == "replace" for _, _, action in rows):
        return frozenset(there.get(new) or Held(new) for _, new, _ in rows)
    after = dict(there)
    for legacy, new, action in rows:
        if action in ("remove", "swap"):
            after.pop(legacy or new, None)
    for legacy, new, action in rows:
        if action == "add":
            after.setdefault(new, Held(new))
        elif action == "swap" and (new not in there or new not in after):
            after[new] = there[legacy].to(new) if legacy in there else Held(new)
    return frozenset(after.values())


def element(kind: str, one: Held) -> dict[str, Any]:
    """An assignment as Graph spells it."""
    target: dict[str, Any] = {"@odata.type": EXCLUSION if one.excluded else KINDS[kind], "groupId": id_of(one.group)}
    if one.filter:
        how, _, name = one.filter.partition(" ")
        target |= {FILTER_ID: id_of(name), FILTER_TYPE: how}
    return {"target": target}


def holding(elements: Sequence[Mapping[str, Any]]) -> Holding:
    """Assignments as Graph spells them, in the model's words."""
    names = {id_of(name): name for name in (*GROUPS, *FILTERS)}
    found = []
    for target in (given["target"] for given in elements):
        applied = target.get(FILTER_ID)
        filter_ = f"{target[FILTER_TYPE]} {names[applied]}" if names.get(applied) else ""
        found.append(Held(names[target["groupId"]], target["@odata.type"] == EXCLUSION, filter_))
    if len(set(found)) != len(found):
        raise ValueError(f"the same is assigned twice: {found}")
    return frozenset(found)


def id_of(name: str) -> str:
    """The id of everything in the tenant, made from its name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"crash/{name}"))


def _holding(chance: random.Random, kind: str) -> Holding:
    found = []
    for group in chance.sample(GROUPS, chance.randint(2, 5)):
        if kind == OFFICE:
            found.append(Held(group))
            continue
        excluded = chance.random() < 0.2
        filtered = not excluded and chance.random() < 0.3
        filter_ = f"{chance.choice(('include', 'exclude'))} {chance.choice(FILTERS)}" if filtered else ""
        found.append(Held(group, excluded, filter_))
    return frozenset(found)


def _rows(chance: random.Random, before: Holding) -> tuple[Row, ...]:
    """Rows that do not contradict each other and leave something assigned."""
    there = [one.group for one in sorted(before)]
    chance.shuffle(there)
    absent = [name for name in GROUPS if name not in there]
    chance.shuffle(absent)
    style = chance.random()
    if style < 0.15:
        listed = chance.sample(absent, 1) + chance.sample(there, chance.randint(0, 2))
        return tuple(("", name, "replace") for name in listed)
    if style < 0.25:  # a chain: each takes the place of the one before it
        return ((there[0], there[1], "swap"), (there[1], absent[0], "swap"))
    if style < 0.32:  # there is nothing to do
        return (("", there[0], "add"), (absent[0], "", "remove"))
    rows: list[Row] = [(there.pop(), absent.pop(), "swap") for _ in range(chance.randint(0, len(there) - 1))]
    rows += [("", absent.pop(), "add") for _ in range(chance.randint(0 if rows else 1, 2))]
    if len(there) > 1 and chance.random() < 0.4:
        rows.append((there.pop(), "", "remove"))
    if chance.random() < 0.2:  # an absent one is swapped: its successor is assigned all the same
        rows.append((absent.pop(), absent.pop(), "swap"))
    return tuple(rows)
