"""The heading row: which column holds what, whatever it is called and wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from migrator.mapping.cells import trimmed
from migrator.mapping.findings import Findings
from migrator.mapping.grid import Sheet
from migrator.model.columns import FIELD_OF_HEADING, HEADINGS, Field, fold_heading
from migrator.model.errors import UsageError
from migrator.model.finding import Level

LEGACY_SIDE = (Field.LEGACY, Field.LEGACY_ID)
NEW_SIDE = (Field.NEW, Field.NEW_ID)
CONFIGURATIONS = (Field.CONFIGURATION, Field.CONFIGURATION_ID)
_SIDES = {Field.GROUP: (Field.LEGACY, Field.NEW), Field.GROUP_ID: (Field.LEGACY_ID, Field.NEW_ID)}
_CLOSE = 85


@dataclass(frozen=True, slots=True)
class Headings:
    """A row read as headings. `at` says at which position each field stands; a group that does not say which side it
    is on has taken one (`neutral` holds such). `clashes` are columns that mean what another one means already."""

    row: int
    texts: tuple[str, ...]
    at: Mapping[Field, int]
    neutral: frozenset[Field]
    clashes: tuple[tuple[int, str], ...]
    unknown: tuple[int, ...]

    def has(self, fields: Sequence[Field]) -> bool:
        """Whether any of these fields has a column."""
        return any(field in self.at for field in fields)


class Vocabulary:
    """What headings mean: the table's, and a person's own on top of it."""

    def __init__(self, aliases: Sequence[tuple[str, str]] = ()) -> None:
        """UsageError where an alias stands for a field that there is not."""
        self._fields = dict(FIELD_OF_HEADING)
        for heading, name in aliases:
            field = FIELD_OF_HEADING.get(fold_heading(name))
            if field is None or not fold_heading(heading):
                raise UsageError(
                    f"the alias {heading!r} = {name!r} is not understood; a heading can stand for {', '.join(Field)}"
                )
            self._fields[fold_heading(heading)] = field

    def field(self, heading: str) -> Field | None:
        return self._fields.get(fold_heading(heading))

    def read(self, row: Sequence[str], number: int) -> Headings:
        """One row taken as headings, whether it is one or not."""
        at: dict[Field, int] = {}
        clashes: list[tuple[int, str]] = []
        unknown: list[int] = []
        neutral: list[Field] = []
        for position, text in enumerate(row):
            field = self.field(text)
            if field is None:
                if trimmed(text):
                    unknown.append(position)
            elif field not in at:
                at[field] = position
            elif field is not Field.COMMENT:
                clashes.append((position, trimmed(row[at[field]])))
        takes_legacy = any(f in at for f in NEW_SIDE) and not any(f in at for f in LEGACY_SIDE)
        for field, (legacy, new) in _SIDES.items():
            position = at.pop(field, -1)
            side = legacy if takes_legacy else new
            if position < 0:
                continue
            if side in at:
                clashes.append((position, trimmed(row[at[side]])))
            else:
                at[side] = position
                neutral.append(side)
        return Headings(number, tuple(map(trimmed, row)), at, frozenset(neutral), tuple(clashes), tuple(unknown))

    def find(self, sheet: Sheet, wanted: Callable[[Headings], bool]) -> Headings | None:
        """The first row among the first ones of a sheet that, read as headings, is what is wanted."""
        for number, row in enumerate(sheet.head, start=1):
            headings = self.read(row, number)
            if headings.at and wanted(headings):
                return headings
        return None


def is_list(headings: Headings) -> bool:
    """Whether rows below say of configurations which groups are meant."""
    return headings.has(CONFIGURATIONS) and headings.has(LEGACY_SIDE + NEW_SIDE)


def remark_on(headings: Headings, sheet: Sheet, findings: Findings, unread: Sequence[int] | None = None) -> None:
    """Findings about the headings themselves: two columns that mean the same, columns that are not read."""
    for position, other in headings.clashes:
        message = (
            f"{headings.texts[position]!r} means the same as the column {other!r}; "
            "keep one of the two, or rename the other so that it is not read"
        )
        findings.add(
            Level.ERROR, "repeated_heading", message, sheet=sheet.name, row=headings.row, column=sheet.letter(position)
        )
    for position in headings.unknown if unread is None else unread:
        text = headings.texts[position]
        close = near_heading(text)
        level = Level.WARNING if close else Level.NOTE
        message = f"the column {text!r} is not read" + (f"; did you mean {close!r}?" if close else "")
        findings.add(
            level, "unknown_heading", message, sheet=sheet.name, row=headings.row, column=sheet.letter(position)
        )


def near_heading(text: str) -> str:
    """The known heading that this one is a slip of, "" where it is like none."""
    from rapidfuzz import fuzz, process

    folded = fold_heading(text)
    if len(folded) < 4:
        return ""
    known = {h: fold_heading(h) for names in HEADINGS.values() for h in names}
    found = process.extractOne(folded, known, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return str(found[2]) if found else ""
