"""Whom a plan concerns, in words, in big numbers and as sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from migrator.model.impact import Certainty, ConfigurationImpact, Everybody, Impact, Moved, PairImpact
from migrator.model.plan import Names, Plan
from migrator.reporting.names import Directory
from migrator.reporting.tables import ID_COLUMN, KIND_COLUMN, NAME_COLUMN, called
from migrator.reporting.words import count, kind_title
from migrator.workbook.book import Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import COLUMNS, Figure, Page
from migrator.workbook.style import Tone

SHEET, BY_CONFIGURATION, MEMBERS = "Impact", "Impact by configuration", "Group members"
_HOW_COUNTED = (
    "Of those in the groups that come or go, some gain at least one configuration, some lose at least one, and the "
    "others keep what they have. Everyone counts once, whether in a group directly or by a group in it; filters are "
    "not looked at."
)
_NOBODY = Tag("not assigned", Tone.QUIET)
_COMES, _GOES, _STAYS = Tag("comes", Tone.GOOD), Tag("goes", Tone.BAD), Tag("stays", Tone.QUIET)
_BOTH = Tag("comes and goes", Tone.ACCENT)
_CERTAINTY: Mapping[Certainty, Tag] = {
    Certainty.EXACT: Tag("exact", Tone.GOOD),
    Certainty.AT_MOST: Tag("at most", Tone.HOLD),
    Certainty.SIZES: Tag("sizes only", Tone.HOLD),
    Certainty.UNKNOWN: Tag("not counted", Tone.WARN),
}
_WORTH: Mapping[Certainty, str] = {
    Certainty.EXACT: "",
    Certainty.AT_MOST: "at most so many: some may be in another group that is assigned as well",
    Certainty.SIZES: "at most so many: a group has too many members to compare, so its size counts",
    Certainty.UNKNOWN: "not all: the members of a group could not be counted",
}
_ELSE: Mapping[Everybody, str] = {
    Everybody.GAINS: "everybody else gains it",
    Everybody.LOSES: "everybody else loses it",
}
_ALL_OTHERS = "everybody else"
"""What stands for a number where “All users” or “All devices” comes or goes: nobody knows how many that are."""
_NOT_COUNTED: tuple[Value, ...] = ("not counted", "not counted", None)
_NO_COUNT = "Graph does not say how many they are"
_BEFORE: Mapping[Certainty, str] = {
    Certainty.EXACT: "",
    Certainty.AT_MOST: "At most ",
    Certainty.SIZES: "At most ",
    Certainty.UNKNOWN: "As far as could be counted, ",
}
_COMPARED = (Certainty.EXACT, Certainty.AT_MOST)
"""Where it is known who the members are, so that those who keep something can be told."""
_RANKS = {certainty: rank for rank, certainty in enumerate(Certainty)}
_PEOPLE, _DEVICES = ("person", "people", "All users"), ("device", "devices", "All devices")
_WORDS = ("gain", "lose", "keep")
_NUMBERS = (
    *(Column(f"{noun} {word}", Shape.NUMBER, narrowest=16) for noun in ("People", "Devices") for word in _WORDS),
    Column("Numbers are", narrowest=14),
)


def impact_lines(impact: Impact | None) -> list[str]:
    """Whom it concerns, in two lines for a person who is about to approve it; none where nobody counted."""
    if impact is None or not impact.pairs:
        return []
    return [f"{noun}: {told(moved)}" for noun, moved in (("people", impact.users), ("devices", impact.devices))]


def told(moved: Moved) -> str:
    """`120 gain, 45 lose, 1,039 keep`, and what that is worth."""
    if _uncounted(moved):
        return f"not counted ({_WORTH[moved.certainty].removeprefix('not all: ')})"
    numbers = ((moved.gain, Everybody.GAINS), (moved.lose, Everybody.LOSES))
    parts = [f"{number:,} {word}" for number, word in numbers if word not in moved.everybody]
    parts += [f"{moved.keep:,} keep"] if moved.certainty in _COMPARED else []
    parts += [_ELSE[word].removesuffix(" it") for word in moved.everybody]
    worth = _WORTH[moved.certainty]
    return ", ".join(parts) + (f" ({worth})" if worth else "")


def impact_figures(page: Page, impact: Impact | None) -> None:
    """The big numbers, in a section of their own; nothing where nobody counted."""
    if impact is None or not impact.pairs:
        return
    page.section("Whom it concerns")
    figures = (*_figures(impact.users, "people"), *_figures(impact.devices, "devices"))
    if figures:
        page.figures(figures)
    page.sentence(" ".join((_HOW_COUNTED, *_bounds(impact), *_everybody(impact), f"By group: sheet {SHEET}.")))


def impact_grid(page: Page, impact: Impact | None, *, at: int) -> None:
    """The same as a small table, in half a page."""
    if impact is None or not impact.pairs:
        return
    page.section("Whom it concerns", at=at, span=COLUMNS - at)
    page.grid(
        (
            (Column("Who"), 2),
            *((Column(word.capitalize(), Shape.NUMBER), span) for word, span in zip(_WORDS, (2, 2, 1), strict=True)),
        ),
        [
            (noun, *(_cells(moved) if moved.certainty is not Certainty.UNKNOWN else _NOT_COUNTED))
            for noun, moved in (("People", impact.users), ("Devices", impact.devices))
        ],
        at=at,
    )
    page.sentence(" ".join(("As planned.", *_bounds(impact), f"By group: sheet {SHEET}.")), at=at, span=COLUMNS - at)


def impact_warnings(impact: Impact | None) -> Iterator[str]:
    """What a reviewer should not overlook of it."""
    if impact is None:
        return
    for (noun, plural, everybody), moved in ((_PEOPLE, impact.users), (_DEVICES, impact.devices)):
        if Everybody.LOSES in moved.everybody:
            yield f"Nearly all {plural} lose at least one configuration: “{everybody}” goes somewhere (sheet {SHEET})."
        elif moved.lose:
            number = count(moved.lose, noun, plural)
            lose = "loses" if moved.lose == 1 else "lose"
            where = f"sheets {SHEET} and {BY_CONFIGURATION}"
            yield f"{_BEFORE[moved.certainty]}{number} {lose} at least one configuration ({where})."
    uncounted = [size for size in impact.groups if size.users is None or size.devices is None]
    if uncounted:
        why = uncounted[0].reason or _NO_COUNT
        yield f"The members of {count(len(uncounted), 'group')} could not be counted: {why}."


def write_impact(book: Book, plan: Plan) -> None:
    """The sheets: what takes whose place, and how many gain, lose and keep something by that; nothing where nobody
    counted."""
    if plan.impact is None:
        return
    columns = (
        Column("Before", Shape.WRAPPED, narrowest=26, widest=38),
        Column("After", Shape.WRAPPED, narrowest=26, widest=38),
        Column("Configurations", Shape.NUMBER, narrowest=15),
        *_NUMBERS,
        Column("Note", Shape.WRAPPED, narrowest=30, widest=48, optional=True),
        Column("Group ID before", Shape.ID, narrowest=38, widest=42, printed=False),
        Column("Group ID after", Shape.ID, narrowest=38, widest=42, printed=False),
    )
    book.table(SHEET, columns, _pairs(plan.impact, plan.names), frozen=2, empty="No group comes or goes.")
    columns = (
        NAME_COLUMN,
        Column("Intent", narrowest=11, optional=True),
        *_NUMBERS,
        Column("Note", Shape.WRAPPED, narrowest=30, widest=48, optional=True),
        KIND_COLUMN,
        ID_COLUMN,
    )
    book.table(BY_CONFIGURATION, columns, _configurations(plan), empty="No configuration changes whom it is for.")
    columns = (
        Column("Group", Shape.WRAPPED, narrowest=30, widest=44),
        Column("In this plan", narrowest=14),
        Column("People", Shape.NUMBER, narrowest=11),
        Column("Devices", Shape.NUMBER, narrowest=11),
        Column("Note", Shape.WRAPPED, narrowest=30, widest=60, optional=True),
        Column("Group ID", Shape.ID, narrowest=38, widest=42),
    )
    book.table(MEMBERS, columns, _groups(plan.impact, plan.names), empty="No group was counted.")


def _pairs(impact: Impact, names: Names) -> Iterator[tuple[Value, ...]]:
    directory = Directory.of(names)
    reasons = {size.id: size.reason for size in impact.groups}
    for pair in sorted(impact.pairs, key=_most_first):
        ids = [target.id if target else "" for target in (pair.before, pair.after)]
        yield (
            directory.target(pair.before) if pair.before else _NOBODY,
            directory.target(pair.after) if pair.after else _NOBODY,
            pair.configurations,
            *_numbers(pair),
            _note(pair, (reasons.get(i, "") for i in ids)),
            *ids,
        )


def _configurations(plan: Plan) -> Iterator[tuple[Value, ...]]:
    by_key = {one.key: one for one in plan.configurations}
    told_of = (one for one in (plan.impact.configurations if plan.impact else ()) if one.key in by_key)
    for one in sorted(told_of, key=_most_first):
        yield (
            called(by_key[one.key]),
            one.intent,
            *_numbers(one),
            _note(one),
            kind_title(one.key.kind),
            one.key.id,
        )


def _groups(impact: Impact, names: Names) -> Iterator[tuple[Value, ...]]:
    """Every group that was counted, those that come or go first."""
    directory = Directory.of(names)
    comes = {pair.after.id for pair in impact.pairs if pair.after}
    goes = {pair.before.id for pair in impact.pairs if pair.before}
    for size in sorted(impact.groups, key=lambda g: (g.id not in comes | goes, directory.group(g.id).casefold())):
        role = (_BOTH if size.id in goes else _COMES) if size.id in comes else _GOES if size.id in goes else _STAYS
        empty = "no members" if (size.users, size.devices) == (0, 0) else ""
        yield (directory.group(size.id), role, size.users, size.devices, size.reason or empty, size.id)


def _most_first(one: PairImpact | ConfigurationImpact) -> tuple[int, int]:
    return (-one.users.lose - one.devices.lose, -one.users.gain - one.devices.gain)


def _numbers(one: PairImpact | ConfigurationImpact) -> tuple[Value, ...]:
    return (*_cells(one.users), *_cells(one.devices), _CERTAINTY[_worse(one.users, one.devices)])


def _cells(moved: Moved) -> tuple[Value, ...]:
    """Gain, lose, keep: in words where it is everybody, empty where no number is known."""
    if moved.certainty is Certainty.UNKNOWN:
        return (None, None, None)
    return (
        _ALL_OTHERS if Everybody.GAINS in moved.everybody else moved.gain,
        _ALL_OTHERS if Everybody.LOSES in moved.everybody else moved.lose,
        moved.keep if moved.certainty in _COMPARED else None,
    )


def _note(one: PairImpact | ConfigurationImpact, reasons: Iterable[str] = ()) -> str:
    parts = [_exclusion(one) or _WORTH[_worse(one.users, one.devices)]]
    parts += dict.fromkeys(reason for reason in reasons if reason)
    return "; ".join(part for part in parts if part)


def _exclusion(one: PairImpact | ConfigurationImpact) -> str:
    """What the numbers of an exclusion are worth by themselves."""
    if not isinstance(one, PairImpact) or _worse(one.users, one.devices) is not Certainty.AT_MOST:
        return ""
    excludes = any(target and target.excludes for target in (one.before, one.after))
    return "at most so many: an exclusion is about those only to whom another group brings it" if excludes else ""


def _figures(moved: Moved, plural: str) -> Iterator[Figure]:
    if _uncounted(moved):
        return
    for number, word, everybody, tone in (
        (moved.gain, "gain", Everybody.GAINS, Tone.GOOD),
        (moved.lose, "lose", Everybody.LOSES, Tone.BAD),
    ):
        if everybody in moved.everybody:
            yield Figure("all", f"other {plural} {word}", tone)
        else:
            yield Figure(number, f"{plural} {word}", tone)
    if moved.certainty in _COMPARED:
        yield Figure(moved.keep, f"{plural} keep", Tone.ACCENT)


def _uncounted(moved: Moved) -> bool:
    """Whether nothing at all is known."""
    return moved.certainty is Certainty.UNKNOWN and not (moved.gain or moved.lose or moved.everybody)


def _bounds(impact: Impact) -> Iterator[str]:
    """What the numbers are worth, where they are not exact."""
    worst = _worse(impact.users, impact.devices)
    if worst is not Certainty.EXACT:
        bound = "too low" if worst is Certainty.UNKNOWN else "the most that may be"
        yield f"Some of these numbers are {bound}: {_WORTH[worst].partition(': ')[2]}."


def _everybody(impact: Impact) -> Iterator[str]:
    """Whom no number tells of."""
    for (_, plural, everybody), moved in ((_PEOPLE, impact.users), (_DEVICES, impact.devices)):
        for word in moved.everybody:
            comes = "comes" if word is Everybody.GAINS else "goes"
            yield f"All other {plural} {word} something, for “{everybody}” {comes} somewhere."


def _worse(one: Moved, other: Moved) -> Certainty:
    return max(one.certainty, other.certainty, key=_RANKS.__getitem__)
