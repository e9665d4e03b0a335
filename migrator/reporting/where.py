"""The workbook that says where groups are assigned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from migrator.model.assignment import Filter, FilterMode
from migrator.model.configuration import Configuration, Served
from migrator.model.kinds import KINDS
from migrator.model.occurrences import Doubt, Found, Occurrences, Sought
from migrator.reporting.names import UNKNOWN_FILTER, Directory
from migrator.reporting.tables import ID_COLUMN, KIND_COLUMN, NAME_COLUMN, write_coverage
from migrator.reporting.words import count, either, kind_title, moment
from migrator.workbook.book import LARGE, About, Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import Figure, Page
from migrator.workbook.style import Tone

INCLUDED, EXCLUDED = Tag("included", Tone.GOOD), Tag("EXCLUDED", Tone.BAD)
NOWHERE = Tag("nowhere", Tone.QUIET)
_DOUBTFUL = "not beyond doubt: "
_MODES = {FilterMode.INCLUDE: "include", FilterMode.EXCLUDE: "exclude"}
_ASSIGNMENTS = (
    Column("Group", Shape.WRAPPED, narrowest=26, widest=36),
    Column("How", narrowest=12),
    KIND_COLUMN,
    NAME_COLUMN,
    Column("Intent", narrowest=11, optional=True),
    Column("Filter", Shape.WRAPPED, narrowest=16, widest=28, optional=True),
    Column("Filter type", narrowest=12, optional=True),
    Column("Set by", narrowest=12, optional=True),
    Column("What was odd", Shape.WRAPPED, narrowest=28, widest=44, optional=True),
    ID_COLUMN,
    Column("Group ID", Shape.ID, narrowest=38, widest=42, optional=True, printed=False),
)
_GROUPS = (
    Column("Group", Shape.WRAPPED, narrowest=30, widest=44),
    Column("Assigned", narrowest=12),
    Column("Assignments", Shape.NUMBER, narrowest=14),
    Column("Included", Shape.NUMBER),
    Column("Excluded", Shape.NUMBER),
    Column("Kinds", Shape.NUMBER),
    Column("What was odd", Shape.WRAPPED, narrowest=28, widest=50, optional=True),
    Column("Asked for as", Shape.WRAPPED, narrowest=22, widest=40),
    Column("Group ID", Shape.ID, narrowest=38, widest=42, optional=True),
)
_DOUBTS = (KIND_COLUMN, NAME_COLUMN, Column("Why", Shape.WRAPPED, narrowest=50, widest=80), ID_COLUMN)


def write(occurrences: Occurrences, path: Path) -> None:
    """Writes the workbook; OSError where it cannot be written."""
    tenant = occurrences.tenant.name
    about = About("Where groups are assigned", occurrences.created, subject=_asked(occurrences), company=tenant)
    directory = Directory.of(occurrences.names)
    with Book(path, about, large=len(occurrences.found) > LARGE) as book:
        _overview(book.page("Overview"), occurrences)
        rows = (_assignment(one, directory) for one in occurrences.found)
        book.table("Assignments", _ASSIGNMENTS, rows, empty="None of these groups is assigned anywhere.")
        book.table("Groups", _GROUPS, (_group(one, occurrences) for one in occurrences.sought))
        if occurrences.doubts:
            book.table("Not beyond doubt", _DOUBTS, map(_doubt, occurrences.doubts))
        write_coverage(book, occurrences.coverage)


def filter_name(applied: Filter | None, directory: Directory) -> str:
    """What a filter is called, "" for none."""
    return directory.filters.get(applied.id) or f"{UNKNOWN_FILTER} {applied.id}" if applied else ""


def filter_mode(applied: Filter | None) -> str:
    """`include` or `exclude`, "" for none."""
    return _MODES[applied.mode] if applied else ""


def oddness(one: Found) -> str:
    """What was odd about reading an assignment, in a sentence; "" for nothing."""
    return f"{_DOUBTFUL}{one.note}" if one.doubtful else one.note


def verdict(occurrences: Occurrences) -> tuple[Tag, str]:
    """The one sentence that matters."""
    kinds = len({one.configuration.kind for one in occurrences.found})
    places = len({one.configuration.key for one in occurrences.found})
    groups = count(len(occurrences.sought), "group")
    told = (
        f"{count(len(occurrences.found), 'assignment')} of {groups}, "
        f"in {count(places, 'configuration')} of {count(kinds, 'kind')}."
    )
    if not occurrences.is_whole:
        return Tag("NOT WHOLE", Tone.WARN), f"{told} Not everything could be read: there may be more."
    if not occurrences.found:
        return Tag("NOWHERE", Tone.QUIET), f"{groups} looked for, and assigned nowhere."
    return Tag("FOUND", Tone.GOOD), told


def remarks(occurrences: Occurrences) -> Iterator[str]:
    """What a reader should know of it, in plain words."""
    nowhere = [one.name for one in occurrences.sought if not occurrences.of(one)]
    if nowhere and occurrences.found:
        yield f"Assigned nowhere: {', '.join(nowhere[:10])}{', …' if len(nowhere) > 10 else ''}."
    excluded = sum(one.excluded for one in occurrences.found)
    if excluded:
        yield (
            f"{count(excluded, 'assignment')} {either(excluded, 'is an exclusion', 'are exclusions')}: "
            "there the group is kept out."
        )
    sets = sum(one.assignment.from_policy_set for one in occurrences.found)
    if sets:
        yield (
            f"{count(sets, 'assignment')} {either(sets, 'comes', 'come')} from a policy set, which is where to change "
            f"{either(sets, 'it', 'them')}."
        )
    yield from _doubts(occurrences)
    yield from skipped(occurrences)
    yield from (f"{one.asked}: {one.note}." for one in occurrences.sought if one.note)


def _doubts(occurrences: Occurrences) -> Iterator[str]:
    slight = sum(doubt.slight for doubt in occurrences.doubts)
    if grave := len(occurrences.doubts) - slight:
        yield f"What {count(grave, 'configuration')} {either(grave, 'is', 'are')} assigned to could not be read."
    if slight:
        yield (
            f"That {count(slight, 'configuration')} {either(slight, 'is', 'are')} assigned to nobody says one route "
            "only, and no other confirms it."
        )


def skipped(occurrences: Occurrences) -> Iterator[str]:
    """A line for the kinds that were not read, by why."""
    for served in (Served.NOT_SERVED, Served.FORBIDDEN, Served.FAILED):
        kinds = [kind_title(c.kind) for c in occurrences.coverage if c.served is served]
        if kinds:
            yield f"{count(len(kinds), 'kind')} {served.value}: {', '.join(kinds)} (Coverage says why)."
    excluded = [kind for kind in KINDS.values() if kind.excluded]
    if not occurrences.wanted:
        yield from (f"Not looked in: {kind.title} ({kind.excluded})." for kind in excluded)


def _overview(page: Page, occurrences: Occurrences) -> None:
    found = occurrences.found
    excluded = sum(one.excluded for one in found)
    page.title("Where groups are assigned", f"{occurrences.tenant.name or 'Tenant'}, {moment(occurrences.created)}")
    page.lead(*verdict(occurrences))
    page.figures(
        (
            Figure(len(occurrences.sought), "groups looked for"),
            Figure(len(found), "assignments"),
            Figure(len(found) - excluded, "included", Tone.GOOD),
            Figure(excluded, "excluded", Tone.BAD),
            Figure(len({one.configuration.key for one in found}), "configurations"),
            Figure(len({one.configuration.kind for one in found}), "kinds"),
            Figure(len(occurrences.doubts), "not beyond doubt", Tone.WARN),
        )
    )
    page.section("What to know")
    page.steps(tuple(remarks(occurrences)) or ("Nothing stands out.",))
    if not found:
        return
    page.section("By kind")
    figures = (Column(word, Shape.NUMBER) for word in ("Assignments", "Included", "Excluded"))
    columns = ((Column("Kind"), 8), *((column, 2) for column in figures))
    there = {one.configuration.kind for one in found}
    page.grid(columns, [_by_kind(kind, found) for kind in KINDS if kind in there])


def _by_kind(kind: str, found: tuple[Found, ...]) -> tuple[Value, ...]:
    those = [one for one in found if one.configuration.kind == kind]
    excluded = sum(one.excluded for one in those)
    return kind_title(kind), len(those), len(those) - excluded, excluded


def _assignment(one: Found, directory: Directory) -> tuple[Value, ...]:
    applied = one.assignment.filter
    return (
        one.sought.name,
        EXCLUDED if one.excluded else INCLUDED,
        kind_title(one.configuration.kind),
        called(one.configuration),
        one.assignment.intent,
        filter_name(applied, directory),
        filter_mode(applied),
        "policy set" if one.assignment.from_policy_set else "",
        oddness(one),
        one.configuration.id,
        one.sought.audience.id,
    )


def _group(sought: Sought, occurrences: Occurrences) -> tuple[Value, ...]:
    those = occurrences.of(sought)
    excluded = sum(one.excluded for one in those)
    return (
        sought.name,
        Tag("assigned", Tone.GOOD) if those else NOWHERE,
        len(those),
        len(those) - excluded,
        excluded,
        len({one.configuration.kind for one in those}),
        sought.note,
        sought.asked,
        sought.audience.id,
    )


def _doubt(doubt: Doubt) -> tuple[Value, ...]:
    configuration = doubt.configuration
    return kind_title(configuration.kind), called(configuration), doubt.reason, configuration.id


def called(configuration: Configuration) -> str:
    """What a configuration is called; its id where it has no name."""
    return configuration.name or configuration.id


def _asked(occurrences: Occurrences) -> str:
    return ", ".join(one.name for one in occurrences.sought)[:200]
