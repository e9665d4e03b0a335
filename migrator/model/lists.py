"""Lists of assignments: when two are the same, and how they differ."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.assignment import (
    VIRTUAL_TYPES,
    Assignment,
    Assignments,
    Audience,
    Identity,
    Target,
    TargetType,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a list that was found differs from the one expected; `changed` holds (expected, found) pairs."""

    missing: Assignments = ()
    extra: Assignments = ()
    changed: tuple[tuple[Assignment, Assignment], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.changed)


def direct(assignments: Iterable[Assignment]) -> Assignments:
    """Those that can be sent: everything but what policy sets made."""
    return tuple(a for a in assignments if not a.from_policy_set)


def names_group(target: Target) -> bool:
    """Whether it points at a group of the directory; those of all users and all devices are none, and in no
    directory."""
    return target.audience.type is TargetType.GROUP and target.id not in VIRTUAL_TYPES


def by_identity(assignments: Iterable[Assignment]) -> dict[Identity, Assignment]:
    """The direct ones by identity, in their order; of two with one identity the first counts, as it does for Graph."""
    index: dict[Identity, Assignment] = {}
    for assignment in assignments:
        if not assignment.from_policy_set:
            index.setdefault(assignment.identity, assignment)
    return index


def standing(
    assignments: Iterable[Assignment], audience: Audience, exclude: bool | None, intent: str
) -> tuple[Assignment, ...]:
    """The direct ones for an audience, of the side and the intent that are stated (None and "": of any)."""
    return tuple(
        a
        for a in direct(assignments)
        if a.target.audience == audience
        and (exclude is None or a.target.excludes is exclude)
        and (not intent or a.intent == intent)
    )


def same(one: Iterable[Assignment], other: Iterable[Assignment]) -> bool:
    """Whether two readings say the same, in any order, to the property; what is told twice alike counts once."""
    return frozenset(direct(one)) == frozenset(direct(other))


def difference(expected: Iterable[Assignment], found: Iterable[Assignment]) -> Difference:
    """What is missing, extra or changed in `found`; properties the service added by itself are no change."""
    seen = dict.fromkeys(direct(found))
    wanted, there = by_identity(expected), by_identity(seen)
    return Difference(
        missing=tuple(a for identity, a in wanted.items() if identity not in there),
        extra=tuple(a for a in seen if a.identity not in wanted or a != there[a.identity]),
        changed=tuple(
            (a, there[identity])
            for identity, a in wanted.items()
            if identity in there and not _satisfied(a, there[identity])
        ),
    )


def holds(intended: Iterable[Assignment], found: Iterable[Assignment]) -> bool:
    """Whether what was intended is what was found, no more and no less."""
    wanted, seen = by_identity(intended), direct(found)
    if tuple(wanted.values()) == seen:  # most services keep the order, and then this is all
        return True
    return not difference(wanted.values(), seen)


def _satisfied(wanted: Assignment, found: Assignment) -> bool:
    if wanted.filter != found.filter:
        return False
    return wanted.rest == found.rest or _within(json.loads(wanted.rest), json.loads(found.rest))


def _within(wanted: object, found: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(k in found and _within(v, found[k]) for k, v in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(_within(w, f) for w, f in zip(wanted, found, strict=True))
        )
    return wanted == found
