"""The table of kinds that people read is the table that the program goes by."""

from __future__ import annotations

from pathlib import Path

from migrator.model.assignment import TargetType
from migrator.model.kind import EVERY_TYPE, Kind
from migrator.model.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "kinds.md"
WHOM = {
    TargetType.GROUP: "groups",
    TargetType.EXCLUSION: "exclusions",
    TargetType.ALL_USERS: "all users",
    TargetType.ALL_DEVICES: "all devices",
}


def line(kind: Kind) -> str:
    whom = ", ".join(WHOM[target] for target in kind.targets) or "not by `assign`"
    if kind.takes_virtual_groups:
        whom = whom.replace("groups", "groups, all users", 1)
    filters = "yes" if kind.takes_filters else "no"
    if kind.takes_filters and kind.unfiltered == EVERY_TYPE:
        filters = "warned of"
    permission = kind.permission.removesuffix(".ReadWrite.All")
    return f"| {kind.title} | `{kind.name}` | {whom} | {filters} | {kind.version} | {permission} |"


def test_every_kind_stands_there_as_it_is() -> None:
    told = [text for text in PAGE.read_text(encoding="utf-8").splitlines() if "| `" in text]

    assert told == [line(kind) for kind in sorted(KINDS.values(), key=lambda kind: kind.title.casefold())]
