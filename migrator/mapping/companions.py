"""The sheets that stand beside a mapping in the workbooks made here: they explain it, and are no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INSTRUCTIONS, KINDS, ABOUT, GROUPS, FILTERS, LEFT, COVERAGE = (
    "Instructions",
    "Kinds",
    "About",
    "Groups",
    "Filters",
    "Not in the mapping",
    "Coverage",
)
HOW_TO = "How to fill in this mapping"
EXPORTED = "A tenant's assignments as a mapping"
_FIRST_TEXTS = {
    INSTRUCTIONS: HOW_TO,
    KINDS: "Kind",
    ABOUT: EXPORTED,
    GROUPS: "Needed group",
    FILTERS: "Needed filter",
    LEFT: "Left out",
    COVERAGE: "Kind",
}


def is_companion(name: str, head: Sequence[Sequence[str]]) -> bool:
    """Whether a sheet is one of them: by its name and the first text in it."""
    first = next((text.strip() for row in head for text in row if text.strip()), "")
    return bool(first) and _FIRST_TEXTS.get(name) == first
