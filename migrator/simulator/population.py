"""Who is in the groups of a made tenant: people, or devices where the group's name says so, the same for the same seed.

The group that takes another one's place has most of its members: some are missing yet, and some are new. With devices
go a few people who look after them. Of the groups that no mapping names one is empty, one holds other groups, and one
has devices alone, which Intune does not let anybody exclude from what people get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from migrator.model.row import Ref, Row
from migrator.simulator.builder import WHOLE_TENANT, Builder
from migrator.simulator.chance import roll
from migrator.simulator.state import DirectoryGroup

_ROSTER = 400
"""So many people and so many devices there are."""
_DEVICES = re.compile(r"\b(devices?|kiosks?|tablets?|pcs?|laptops?|ring)\b", re.IGNORECASE)
_KEEPERS = 3
_EMPTY, _NESTING, _DEVICES_ALONE = "Interns", "Board", "Kiosk devices"


def populate(builder: Builder, swaps: Iterable[Row], others: Sequence[DirectoryGroup]) -> None:
    """Gives every group its members: successors first, so that they resemble what they replace."""
    stretches: dict[str, tuple[str, range]] = {}
    for row in swaps:
        legacy, new = (_called(builder, *group) for group in row.groups[:2])
        if legacy and new:
            what, numbers = stretches.setdefault(legacy.id, _stretch(builder.seed, legacy))
            stretches.setdefault(new.id, (what, _moved(builder.seed, new, numbers)))
    for group in builder.groups:
        what, numbers = stretches.get(group.id) or _stretch(builder.seed, group)
        if group.name == _NESTING and len(others) > 1:
            builder.populate(group, users=numbers, groups=[others[0].id, others[1].id])
        elif group.name == _EMPTY and group in others:
            builder.populate(group)
        elif what == "devices":
            alone = group.name == _DEVICES_ALONE and group in others
            builder.populate(group, devices=numbers, users=() if alone else numbers[:_KEEPERS])
        else:
            builder.populate(group, users=numbers)


def _called(builder: Builder, name: Ref | None, id_: Ref | None) -> DirectoryGroup | None:
    text = name.text if name else ""
    whole = not id_ and text.casefold() in WHOLE_TENANT
    return None if whole else builder.group_called(text, id_.text if id_ else "")


def _stretch(seed: int, group: DirectoryGroup) -> tuple[str, range]:
    """A stretch of the roster."""
    first, size = int(roll(seed, "first", group.id) * _ROSTER), 5 + int(roll(seed, "size", group.id) ** 2 * 90)
    return "devices" if _DEVICES.search(group.name) else "users", range(first, first + size)


def _moved(seed: int, group: DirectoryGroup, numbers: range) -> range:
    """Mostly the same stretch: up to a tenth is left behind, and up to a fifth is new."""
    left = int(roll(seed, "left", group.id) * 0.1 * len(numbers))
    new = int(roll(seed, "new", group.id) * 0.2 * len(numbers))
    return range(numbers.start + left, numbers.stop + new)
