"""missing-….xlsx: what a mapping names and the tenant does not have, to create it from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from migrator.model.kinds import KINDS
from migrator.model.missing import Missing, What
from migrator.model.version import VERSION
from migrator.reporting.filenames import file_names
from migrator.reporting.power_shell import LONGEST_NAME, can_be_written, new_filter, new_group, nicknames
from migrator.reporting.words import count, kind_title
from migrator.workbook.book import LARGE, About, Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import Figure, Page
from migrator.workbook.style import Tone

_MOST_PLACES = 40  # ranges of rows that are told of one thing
_SID = re.compile(r"S-1-[0-9]+(-[0-9]+)+", re.IGNORECASE)
_NAME = Column("Display name", Shape.WRAPPED, narrowest=28, widest=44)
_ROWS = Column("Named in", Shape.WRAPPED, narrowest=16, widest=28)
_NEAR = Column("Names that do exist", Shape.WRAPPED, narrowest=22, widest=34)
_TO_DO = Column("What to do", Shape.WRAPPED, narrowest=34, widest=48)


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing that is missing, with every place that names it."""

    name: str
    id: str
    places: tuple[Missing, ...]

    @property
    def called(self) -> str:
        return self.name or self.id

    @property
    def near(self) -> str:
        return "\n".join(dict.fromkeys(name for place in self.places for name in place.near))

    @property
    def kind(self) -> str:
        """The kind that all places agree on, by its name in the table; "" where they do not."""
        kinds = {place.kind for place in self.places if place.kind}
        return kinds.pop() if len(kinds) == 1 else ""

    @property
    def leaving(self) -> bool:
        return all(place.leaving for place in self.places)


def file_name(source: str, folder: Path) -> str:
    """What the workbook of a mapping of this name is called, safely for every system."""
    stem = source.removeprefix("--") if source.startswith("--group") else PurePath(source).stem
    return file_names([f"missing-{stem}"], folder)[0]


def write_missing(missing: Sequence[Missing], source: str, now: float, path: Path) -> None:
    """Writes the workbook of what the mapping `source` names in vain. `now` is seconds since 1970, UTC. OSError where
    it cannot be written."""
    things = {what: _things(missing, what) for what in What}
    made = tuple(nicknames(thing.name for thing in things[What.GROUP] if _can_be_created(thing)))
    groups = dict(zip((t for t in things[What.GROUP] if _can_be_created(t)), made, strict=True))
    about = About("What is missing in the tenant", now, subject=source, author=f"migrator {VERSION}")
    longest = max(map(len, things.values()))
    with Book(path, about, large=longest > LARGE) as book:
        _overview(book.page("Missing"), things, source, now)
        _groups(book, things[What.GROUP], groups)
        _filters(book, things[What.FILTER])
        _configurations(book, things[What.CONFIGURATION])
        _script(book, groups, things[What.FILTER])


def _things(missing: Iterable[Missing], what: What) -> tuple[_Thing, ...]:
    """Each thing once, in the order in which the mapping names them."""
    by_name: defaultdict[tuple[str, str, str], list[Missing]] = defaultdict(list)
    for one in missing:
        if one.what is what:
            kind = one.kind if what is What.CONFIGURATION else ""
            by_name[one.name.casefold(), "" if one.name else one.id, kind].append(one)
    return tuple(_Thing(places[0].name, places[0].id, tuple(places)) for places in by_name.values())


def _can_be_created(thing: _Thing) -> bool:
    """Whether a command can create this group, and somebody is to be assigned to it."""
    return not thing.leaving and can_be_written(thing.name) and not _SID.fullmatch(thing.name)


def _overview(page: Page, things: dict[What, tuple[_Thing, ...]], source: str, now: float) -> None:
    numbers = {what: len(those) for what, those in things.items()}
    page.title("What is missing in the tenant", f"{source}: it was not planned, and nothing was sent")
    said = [count(number, what.value) for what, number in numbers.items() if number]
    are = "is" if sum(numbers.values()) == 1 else "are"
    named = " and ".join(filter(None, (", ".join(said[:-1]), said[-1]))) if said else "Nothing"
    page.lead(Tag("MISSING", Tone.WARN), f"{named} that the mapping names {are} not in this tenant.")
    page.figures([Figure(number, f"{what}s", Tone.WARN) for what, number in numbers.items()])
    page.section("How to go on")
    page.steps(
        (
            "Look at the names that do exist first: where one of them was meant, correct the mapping, and create "
            "nothing.",
            "Groups: read the sheet PowerShell, and paste what you want of it, or create them by hand. They begin "
            "without members. A mail nickname is a suggestion; Graph refuses one that is taken in the tenant.",
            "Filters: the commands ask for each rule (and for the platform where the mapping does not tell it). Copy "
            "the rule from the tenant that the mapping comes from.",
            "Configurations: no name tells what is in them. Bring them over with the tool that you import policies "
            "with, under the same names, or take their rows out of the mapping.",
            "Then plan again. This file is written anew each time, and goes once nothing is missing.",
        )
    )
    rows = {(one.sheet, one.row) for those in things.values() for thing in those for one in thing.places}
    page.section("What this was made from")
    page.pairs(
        (
            ("Mapping", source, "value"),
            ("Rows concerned", len(rows), "value.number"),
            ("Made at", float(round(now)), "value.time"),
        )
    )


def _groups(book: Book, things: Sequence[_Thing], nickname: dict[_Thing, str]) -> None:
    columns = (
        _NAME,
        Column("Mail nickname", narrowest=18, widest=36),
        Column("Mail enabled", narrowest=10),
        Column("Security enabled", narrowest=10),
        _ROWS,
        _NEAR,
        _TO_DO,
    )
    rows = (
        (
            thing.called,
            nickname.get(thing, ""),
            "false" if thing in nickname else "",
            "true" if thing in nickname else "",
            _places(thing.places),
            thing.near,
            _advice_on_group(thing),
        )
        for thing in things
    )
    book.table("Groups", columns, rows, empty="No group is missing.")


def _advice_on_group(thing: _Thing) -> str:
    if thing.leaving:
        return "It is only to go: correct the name, or take these rows out. Nothing needs to be created."
    if not thing.name:
        return "No new group can have this id. Write the group's name into the mapping instead."
    if _SID.fullmatch(thing.name):
        return "This is a SID: synchronise the group from the local directory, or write another group's name."
    if not can_be_written(thing.name):
        long = len(thing.name) > LONGEST_NAME
        why = "is longer than a group's name may be" if long else "holds characters that do not show"
        return f"The name {why}: correct it in the mapping."
    without_id = " and take the id out of the mapping" if thing.id else ""
    return f"Create it (sheet PowerShell){without_id}, or correct the name."


def _filters(book: Book, things: Sequence[_Thing]) -> None:
    rule = Column(
        "Rule", Shape.REMARK, narrowest=28, widest=44, hint="As the other tenant has it; the command asks for it."
    )
    columns = (_NAME, Column("Platform", narrowest=16), rule, _ROWS, _NEAR, _TO_DO)
    rows = ((t.called, _platform(t), "", _places(t.places), t.near, _advice_on_filter(t)) for t in things)
    book.table("Filters", columns, rows, empty="No filter is missing.")


def _platform(thing: _Thing) -> str:
    """That of the configurations it is for, where their kind has only one: a filter is for one."""
    kind = KINDS.get(thing.kind)
    return kind.platform if kind and "," not in kind.platform else ""


def _advice_on_filter(thing: _Thing) -> str:
    if not thing.name:
        return "No new filter can have this id. Write the filter's name into the mapping instead."
    if not can_be_written(thing.name):
        return "The name holds characters that do not show, or is too long: correct it in the mapping."
    return "Create it with its rule (sheet PowerShell), or correct the name."


def _configurations(book: Book, things: Sequence[_Thing]) -> None:
    columns = (
        Column("Kind", Shape.WRAPPED, narrowest=20, widest=30),
        Column("Name", Shape.WRAPPED, narrowest=28, widest=44),
        _ROWS,
        _NEAR,
        _TO_DO,
    )
    rows = (
        (kind_title(t.kind) if t.kind else "", t.called, _places(t.places), t.near, _advice_on_configuration(t))
        for t in things
    )
    book.table("Configurations", columns, rows, empty="No configuration is missing.")


def _advice_on_configuration(thing: _Thing) -> str:
    if any(place.unread for place in thing.places):
        return "It may be there all the same, in a kind that could not be read: see to that first."
    if not thing.name:
        return "Ids are another tenant's own. Write the configuration's name and kind into the mapping instead."
    return "Bring it over from the tenant that has it, under this name, or take these rows out."


def _script(book: Book, groups: dict[_Thing, str], filters: Sequence[_Thing]) -> None:
    """A command a line, to be copied."""
    new = [new_group(thing.name, nickname) for thing, nickname in groups.items()]
    new_filters = [new_filter(t.name, _platform(t)) for t in filters if can_be_written(t.name)]
    lines: list[tuple[Value, ...]] = []
    if new or new_filters:
        scopes = ["'Group.ReadWrite.All'"] * bool(new)
        scopes += ["'DeviceManagementConfiguration.ReadWrite.All'"] * bool(new_filters)
        lines += [
            ("# Read this before you run it. It creates what is missing, and assigns nothing.",),
            (f"Connect-MgGraph -Scopes {', '.join(scopes)}",),
        ]
    lines += [(line,) for line in (*new, *new_filters)]
    column = Column("PowerShell", Shape.ID, narrowest=120, widest=160)
    book.table("PowerShell", (column,), lines, empty="Nothing can be created by a command.")


def _places(places: Iterable[Missing]) -> str:
    """`Sheet1: 2-4, 9`, a line a sheet."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for place in places:
        numbers[place.sheet].add(place.row)
    return "\n".join(f"{sheet}: {_ranges(rows)}" if sheet else _ranges(rows) for sheet, rows in numbers.items())


def _ranges(numbers: Iterable[int]) -> str:
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    told = [f"{first}" if first == last else f"{first}-{last}" for first, last in found[:_MOST_PLACES]]
    return ", ".join(told) + (" …" if len(found) > _MOST_PLACES else "")
