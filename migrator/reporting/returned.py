"""A plan.xlsx that came back from a reviewer, held against the one that was sent out. Pure.

What is compared is what the cells say: the lines of a table in any order and its columns in any order, the overview
cell by cell. How they look, what is hidden, and sheets that were added say nothing of the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from migrator.model.columns import letter
from migrator.reporting.formats.plan import APPROVED, CONFIGURATIONS, OVERVIEW, REMARK

Texts = Sequence[Sequence[str]]
"""The cells of a sheet as texts, from A1 on; rows may end where their last text does."""
Sheets = Mapping[str, Texts]

_OPEN = frozenset({(CONFIGURATIONS, APPROVED), (CONFIGURATIONS, REMARK)})  # (sheet, heading): the reviewer's own
_TRIED = 200  # lines that a line nobody sent out is held against, to tell which one it was


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell, line or column that is not as it was sent out. `place` is where in the file that came back."""

    place: str
    told: str

    def __str__(self) -> str:
        return f"{self.place} {self.told}"


class Word(NamedTuple):
    """What a reviewer wrote beside one configuration: where, as it stands there."""

    cell: str
    text: str


def missing_sheets(sent: Sheets, back: Sheets) -> tuple[str, ...]:
    """The sheets that did not come back."""
    return tuple(name for name in sent if name not in back)


def run_of(back: Sheets) -> str:
    """Which run a plan says it is of; "" where it does not."""
    for row in back.get(OVERVIEW, ()):
        told = [text for text in row if text]
        if told[:1] == ["Run"] and len(told) > 1:
            return told[1]
    return ""


def differences(sent: Sheets, back: Sheets) -> Iterator[Difference]:
    """Every cell that says something else than it did, in the order of the sheets."""
    for name, rows in sent.items():
        if name == OVERVIEW:
            yield from _by_place(name, rows, back[name])
        else:
            yield from _by_line(name, rows, back[name])


def words(sent: Sheets, back: Sheets) -> list[Word]:
    """What stands in the column Approved, one for each line that was sent out, in that order.

    Only for files without a difference: then every line is there.
    """
    there, _ = _lines(CONFIGURATIONS, back[CONFIGURATIONS], _headings(sent[CONFIGURATIONS]))
    at = _column(back[CONFIGURATIONS], APPROVED)
    found: dict[tuple[str, ...], list[Word]] = {}
    for line in there:
        found.setdefault(line.texts, []).append(Word(f"{letter(at)}{line.number}", _cell(line.row, at)))
    lines, _ = _lines(CONFIGURATIONS, sent[CONFIGURATIONS], _headings(sent[CONFIGURATIONS]))
    return [found[line.texts].pop(0) for line in lines]


def stray_words(sent: Sheets, back: Sheets) -> Iterator[Word]:
    """What stands in the column Approved where there is no configuration."""
    at = _column(back[CONFIGURATIONS], APPROVED)
    headings = _headings(sent[CONFIGURATIONS])
    lines, _ = _lines(CONFIGURATIONS, back[CONFIGURATIONS], headings)
    taken = {1, *(line.number for line in lines)}
    for number, row in enumerate(back[CONFIGURATIONS], start=1):
        if number not in taken and _cell(row, at).strip():
            yield Word(f"{letter(at)}{number}", _cell(row, at))


class _Line(NamedTuple):
    """A line of a table: its row counted from 1, its texts in the order of the headings, and the row as it stands."""

    number: int
    texts: tuple[str, ...]
    row: Sequence[str]


def _by_place(name: str, sent: Texts, back: Texts) -> Iterator[Difference]:
    for number, (was, now) in enumerate(zip_longest(sent, back, fillvalue=()), start=1):
        for column, (old, new) in enumerate(zip_longest(was, now, fillvalue="")):
            if old != new:
                yield _edited(name, f"{letter(column)}{number}", old, new)


def _by_line(name: str, sent: Texts, back: Texts) -> Iterator[Difference]:
    headings = _headings(sent)
    lost = [heading for heading in headings if heading not in _headings(back)]
    if lost:
        yield from (Difference(f"sheet {name}", f"has no column {heading}") for heading in lost)
        return
    lines, _ = _lines(name, sent, headings)
    there, strays = _lines(name, back, headings)
    yield from strays
    wanted, found = Counter(line.texts for line in lines), Counter(line.texts for line in there)
    gone = [texts for texts, number in (wanted - found).items() for _ in range(number)]
    unknown = found - wanted
    for line in there:
        if not unknown[line.texts]:
            continue
        unknown[line.texts] -= 1
        was = _nearest(line.texts, gone)
        if was is None:
            yield Difference(f"{name} row {line.number}", f"was added ({_told(line.texts)})")
            continue
        gone.remove(was)
        for heading, old, new in zip(_compared(name, headings), was, line.texts, strict=True):
            if old != new:
                yield _edited(name, f"{letter(_column(back, heading))}{line.number}", old, new)
    yield from (Difference(f"sheet {name}", f"lacks the line of {_told(texts)}") for texts in gone)


def _lines(name: str, rows: Texts, headings: Sequence[str]) -> tuple[list[_Line], list[Difference]]:
    """The lines of a table that say anything, and the cells beside its columns that do."""
    places = [_column(rows, heading) for heading in _compared(name, headings)]
    known = {_column(rows, heading) for heading in headings}
    lines, strays = [], []
    for number, row in enumerate(rows, start=1):
        strays += [
            _edited(name, f"{letter(at)}{number}", "", text) for at, text in enumerate(row) if text and at not in known
        ]
        texts = tuple(_cell(row, at) for at in places)
        if number > 1 and any(texts):
            lines.append(_Line(number, texts, row))
    return lines, strays


def _edited(name: str, cell: str, was: str, now: str) -> Difference:
    return Difference(f"{name}!{cell}", f"was {_quoted(was)}, is {_quoted(now)}")


def _nearest(texts: tuple[str, ...], among: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The line that was most likely changed into this one; None where more than half of it would be new."""
    scored = [(sum(map(str.__eq__, texts, old)), old) for old, _ in zip(among, range(_TRIED), strict=False)]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best[1] if 2 * best[0] >= len(texts) else None


def _compared(name: str, headings: Sequence[str]) -> list[str]:
    return [heading for heading in headings if (name, heading) not in _OPEN]


def _headings(rows: Texts) -> list[str]:
    return [text for text in rows[0] if text] if rows else []


def _column(rows: Texts, heading: str) -> int:
    return list(rows[0]).index(heading)


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _told(texts: Sequence[str]) -> str:
    return _quoted(next((text for text in texts if text), ""))


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else f"{flat[:59]}…") if flat else "empty"
