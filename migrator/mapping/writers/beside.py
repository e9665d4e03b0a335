"""The sheets beside an exported mapping: what it is, what another tenant needs for it, and what is no row of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from migrator.mapping.companions import ABOUT, EXPORTED, FILTERS, GROUPS, LEFT
from migrator.mapping.writers.canonical import MAPPING
from migrator.model.configuration import FilterDefinition, Group
from migrator.model.export import Export, Left
from migrator.model.kinds import KINDS
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import Figure
from migrator.workbook.style import Tone

_GROUPS = (
    Column("Needed group", Shape.WRAPPED, narrowest=28, widest=40),
    Column("Members", narrowest=12),
    Column("Mail nickname", narrowest=18, widest=30, optional=True),
    Column("What it is for", Shape.WRAPPED, narrowest=26, widest=44, optional=True),
    Column("Membership rule", Shape.WRAPPED, narrowest=30, widest=60, optional=True),
    Column("Rows", Shape.NUMBER),
    Column("Its id here", Shape.ID, narrowest=38, widest=42),
)
_FILTERS = (
    Column("Needed filter", Shape.WRAPPED, narrowest=28, widest=40),
    Column("Platform", narrowest=20, widest=28),
    Column("Rule", Shape.WRAPPED, narrowest=40, widest=70, optional=True),
    Column("Rows", Shape.NUMBER),
    Column("Its id here", Shape.ID, narrowest=38, widest=42),
)
_LEFT = (
    Column("Left out", Shape.WRAPPED, narrowest=26, widest=36),
    Column("How", narrowest=12),
    Column("Why it is no row", Shape.WRAPPED, narrowest=34, widest=56),
    Column("Assigned kind", Shape.WRAPPED, narrowest=22, widest=32),
    Column("Assigned item", Shape.WRAPPED, narrowest=28, widest=54),
    Column("With intent", narrowest=13, optional=True),
    Column("Its id", Shape.ID, narrowest=38, widest=42, printed=False),
    Column("Whose id", Shape.ID, narrowest=38, widest=42, optional=True, printed=False),
)
_STEPS = (
    "Unfilled, the mapping changes nothing: every row says what stands already. Delete the rows you do not need.",
    "Fill in New group to swap: the new group takes the legacy one's place, with its intent, filter and settings.",
    "Write remove in the column Action to take a group away; write further rows to add groups.",
    "Look at what would happen: migrator plan FILE. Carry it out: migrator run FILE.",
    "In another tenant the rows make the same assignments, by name; the sheets Groups and Filters say what that needs.",
)


def write_about(book: Book, export: Export) -> None:
    """The page that says what the mapping is and what to do with it."""
    written, page = export.written, book.page(ABOUT)
    told = f"{datetime.fromtimestamp(export.created, UTC):%Y-%m-%d %H:%M} UTC"
    page.title(EXPORTED, f"{export.tenant.name or 'Tenant'}, {told}")
    page.lead(*_verdict(export))
    page.figures(
        (
            Figure(len(written.rows), "rows"),
            Figure(
                len({(row.kind, row.configuration, row.configuration_id) for row in written.rows}), "configurations"
            ),
            Figure(len({row.kind for row in written.rows}), "kinds"),
            Figure(len(written.groups), "groups needed"),
            Figure(len(written.filters), "filters needed"),
            Figure(len(written.left), "not in the mapping", Tone.WARN),
            Figure(export.doubts, "could not be read", Tone.BAD),
        )
    )
    page.section("What to do with it")
    page.steps(_STEPS)
    remarks = tuple(_remarks(export))
    if remarks:
        page.section("What is not in it")
        page.steps(remarks)


def write_needed(book: Book, export: Export) -> None:
    """The sheets of the groups and the filters that another tenant has to have."""
    groups = (_group(group, rows) for group, rows in export.written.groups)
    book.table(GROUPS, _GROUPS, groups, empty="The rows name no group.")
    filters = (_filter(one, rows) for one, rows in export.written.filters)
    book.table(FILTERS, _FILTERS, filters, empty="The rows name no filter.")


def write_left(book: Book, export: Export) -> None:
    """The sheet of the assignments that are no rows."""
    book.table(LEFT, _LEFT, map(_left, export.written.left), empty="Everything that is assigned is a row.")


def _verdict(export: Export) -> tuple[Tag, str]:
    if not export.is_whole:
        return Tag(
            "NOT WHOLE", Tone.WARN
        ), "Not everything could be read (sheet Coverage): there may be more than this."
    if not export.written.rows:
        return Tag("EMPTY", Tone.QUIET), "Nothing is assigned that a row could speak of."
    return Tag(
        "WHOLE", Tone.GOOD
    ), f"Everything that is assigned to groups, users and devices is in the sheet {MAPPING}."


def _remarks(export: Export) -> Iterator[str]:
    reasons = Counter(left.reason for left in export.written.left)
    for reason, number in reasons.most_common():
        yield f"{'1 assignment' if number == 1 else f'{number:,} assignments'}: {reason} (sheet {LEFT})."
    if export.doubts:
        several = "1 configuration is" if export.doubts == 1 else f"{export.doubts:,} configurations are"
        yield f"What {several} assigned to could not be read."


def _group(group: Group, rows: int) -> tuple[Value, ...]:
    members = Tag("dynamic", Tone.ACCENT) if group.rule else Tag("assigned", Tone.QUIET)
    return group.name, members, group.nickname, group.description, group.rule, rows, group.id


def _filter(one: FilterDefinition, rows: int) -> tuple[Value, ...]:
    return one.name, one.platform, one.rule, rows, one.id


def _left(left: Left) -> tuple[Value, ...]:
    kind = KINDS.get(left.configuration.kind)
    return (
        left.whom,
        Tag("EXCLUDED", Tone.BAD) if left.assignment.target.excludes else Tag("included", Tone.GOOD),
        left.reason,
        kind.title if kind else left.configuration.kind,
        left.configuration.name or left.configuration.id,
        left.assignment.intent,
        left.configuration.id,
        left.assignment.target.id,
    )
