"""A blank mapping with instructions and drop-downs, for a person who begins with none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from migrator.mapping.companions import HOW_TO, INSTRUCTIONS, KINDS
from migrator.mapping.writers.canonical import MAPPING, columns, heading
from migrator.model.assignment import TargetType
from migrator.model.columns import Field
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS as TABLE
from migrator.workbook.book import About, Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import Page
from migrator.workbook.style import Tone

BLANK_ROWS = 1_000
"""So many rows are laid out; more can be written below them."""

_HINTS: Mapping[Field, str] = {
    Field.KIND: "Its kind, from the list. Needed only where several configurations have one name.",
    Field.CONFIGURATION: "The configuration's name as Intune shows it. Example: Win - Firewall",
    Field.ACTION: "Empty: both groups are a swap, one group is added. Or: swap, add, remove, replace.",
    Field.LEGACY: "The group that stands now: name, object id, All users or All devices. Example: GPO-EMEA",
    Field.NEW: "The group that shall stand: name, object id, All users or All devices. Example: SG-EMEA",
    Field.DIRECTION: "include or exclude. Empty: as it stands; for a group that is new, include.",
    Field.INTENT: "Apps only. Empty: as it stands. A group that is new to an app needs one.",
    Field.FILTER: "An assignment filter's name or id; none takes it away. Empty: as it stands.",
    Field.FILTER_MODE: "include: only what matches the filter. exclude: all but that.",
    Field.COMMENT: "For people; it is shown in the reports.",
    Field.CONFIGURATION_ID: "Only where the name is not unique.",
    Field.LEGACY_ID: "Only where the name is not unique: the group's object id.",
    Field.FILTER_ID: "Only where the name is not unique.",
}
_STEPS = (
    f"Write a row into the sheet {MAPPING} for each configuration and group. Columns that you do not need stay empty.",
    "Check it, offline: migrator check FILE",
    "See what would happen, without changing anything: migrator plan FILE",
    "Carry it out: migrator run FILE. It asks before it sends, and verifies afterwards.",
)
_WAYS = (
    (
        "Swap",
        "Legacy GPO-EMEA, new SG-EMEA",
        "SG-EMEA takes GPO-EMEA's place, its intent, its filter and its settings.",
    ),
    ("Add", "New SG-EMEA", "SG-EMEA is assigned as well; everything else stays as it is."),
    ("Remove", "Legacy GPO-EMEA, action remove", "GPO-EMEA is not assigned any more."),
    ("Replace", "New SG-EMEA, action replace", "Exactly the groups of these rows are assigned, no others."),
    ("Exclude", "New SG-Kiosks, direction exclude", "SG-Kiosks is kept out."),
    ("An app", "New SG-EMEA, intent required", "An app has an intent for each group; the same group may have several."),
    ("Filter", "New SG-EMEA, filter Corporate, type include", "Of SG-EMEA's devices only the corporate ones."),
    ("Everybody", "New All users, or All devices", "A real group of that name is written group:All users."),
)


def write_template(path: Path, created: float) -> None:
    """Writes the workbook; `created` is seconds since 1970. OSError where it cannot be written."""
    kinds = [kind for kind in TABLE.values() if not kind.excluded]
    about = About("Mapping", created, subject="to be filled in")
    with Book(path, about) as book:
        _instruct(book.page(INSTRUCTIONS))
        blank = ((None,) * len(columns()) for _ in range(BLANK_ROWS))
        laid_out = columns(_HINTS, f"'{KINDS}'!$A$2:$A${1 + len(kinds)}", whole=True)
        book.table(MAPPING, laid_out, blank, frozen=2)
        book.table(KINDS, _KINDS, map(_kind, kinds))


def _instruct(page: Page) -> None:
    page.title(HOW_TO, f"Into the sheet {MAPPING}: which groups shall stand where")
    page.section("In four steps")
    page.steps(_STEPS)
    page.section("What a row can say")
    written, happens = (Column(told, Shape.WRAPPED) for told in ("What is written", "What happens"))
    page.grid(((Column("Wish"), 2), (written, 5), (happens, 7)), _WAYS)
    page.section("The columns")
    rows = [(heading(field), hint) for field, hint in _HINTS.items()]
    page.grid(((Column("In the column"), 3), (Column("Stands", Shape.WRAPPED), 11)), rows)


_KINDS = (
    Column("Kind", narrowest=40, widest=50),
    Column("Excludes", narrowest=12),
    Column("Everybody", narrowest=12),
    Column("Takes filters", narrowest=14),
    Column("Has intents", narrowest=13),
    Column("Name in Graph", Shape.MUTED, narrowest=40, widest=50),
)
_YES, _NO = Tag("yes", Tone.GOOD), Tag("no", Tone.QUIET)


def _kind(kind: Kind) -> tuple[Value, ...]:
    can = (
        TargetType.EXCLUSION in kind.targets,
        TargetType.ALL_USERS in kind.targets or kind.takes_virtual_groups,
        kind.takes_filters,
        bool(kind.intent_property),
    )
    return (kind.title, *(_YES if one else _NO for one in can), kind.name)
