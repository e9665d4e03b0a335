"""Three lists decide what holds: the one before, the one after, and the one that is there now. Pure."""

from __future__ import annotations

from enum import StrEnum

from migrator.model.assignment import Assignments
from migrator.model.lists import holds, same
from migrator.model.reading import Reading


class Standing(StrEnum):
    """Where a configuration stands."""

    AFTER = "after"
    BEFORE = "before"
    NEITHER = "neither"
    UNKNOWN = "unknown"


def standing(before: Assignments, after: Assignments, now: Reading) -> Standing:
    """Whether what is there now is what was intended, what stood before, or something else.

    A plan that changes nothing stands BEFORE; a reading that is not settled says nothing.
    """
    if not now.settled:
        return Standing.UNKNOWN
    if same(before, now.assignments):
        return Standing.BEFORE
    if holds(after, now.assignments):
        return Standing.AFTER
    return Standing.NEITHER
