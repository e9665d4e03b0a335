"""Which configurations a person picked by name, id or pattern. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from migrator.model.choice import Selection
from migrator.model.configuration import Configuration, Key, Listing
from migrator.model.errors import UsageError
from migrator.model.finding import Finding, Level
from migrator.model.row import Mapping, Ref, Row
from migrator.resolving.configurations import ConfigurationFinder
from migrator.resolving.match import fold, guid, pattern, trim
from migrator.resolving.suggest import Suggestions

_ONLY, _EXCEPT = "--only", "--except"


def passed_over(things: Sequence[Sequence[str]], selection: Selection, whole: str = "the plan") -> list[str]:
    """For each thing, given by all its names and ids, the option that passes it over; "" where it is picked.

    UsageError with near names where a text matches none of them; `whole` is what that calls all of them together.
    """
    only = _matches(things, selection.only, _ONLY, whole)
    without = _matches(things, selection.without, _EXCEPT, whole)
    return [
        _EXCEPT if index in without else _ONLY if selection.only and index not in only else ""
        for index in range(len(things))
    ]


@dataclass(frozen=True, slots=True)
class Picked:
    """What is left of a mapping, and which configurations its rows that mean many must leave alone."""

    mapping: Mapping
    left_out: frozenset[Key] = frozenset()


def picked(mapping: Mapping, listing: Listing, selection: Selection, kinds: Sequence[str] = ()) -> Picked:
    """The mapping with the rows of the picked configurations only, what was found in these, and a note that says so.

    A row whose configuration cannot be told goes by what is written in it; one that means many stays as long as one of
    these is picked. `kinds` are what such rows are about where they name none. UsageError for a text that matches
    nothing, and where no row is left.
    """
    if not selection:
        return Picked(mapping)
    finder = ConfigurationFinder(listing, kinds)
    reaches = [finder.reach(row) for row in mapping.rows]
    distinct = {id(reach): reach for reach in reaches if reach is not None}.values()
    reached = {key: one for reach in distinct for key, one in reach.items()}
    alone = [row for row, reach in zip(mapping.rows, reaches, strict=True) if reach is None]
    found = [finder.find(row)[0] for row in alone]
    names = [
        *(_names(row, one) for row, one in zip(alone, found, strict=True)),
        *((one.name, one.id) for one in reached.values()),
    ]
    why = passed_over(names, selection, mapping.source)
    left_out = frozenset(
        key
        for key, reason in zip((*(one.key if one else None for one in found), *reached), why, strict=True)
        if key and reason
    )
    reasons = iter(why)
    rows = tuple(
        row
        for row, reach in zip(mapping.rows, reaches, strict=True)
        if (not next(reasons) if reach is None else not reach or not left_out.issuperset(reach))
    )
    if not rows and mapping.rows:
        raise UsageError(f"--only and --except leave no row of {mapping.source} to plan")
    message = f"{len(rows):,} of {len(mapping.rows):,} rows are planned; the others were left out: {_told(selection)}"
    note = Finding(Level.NOTE, "rows_left_out", message)
    places = {(row.sheet, row.number) for row in rows}
    kept = (f for f in mapping.findings if f.level is Level.ERROR or not f.row or (f.sheet, f.row) in places)
    return Picked(replace(mapping, rows=rows, findings=(*kept, note)), left_out)


def _names(row: Row, found: Configuration | None) -> tuple[str, ...]:
    known = (found.name, found.id) if found else ()
    return (*known, *_written((row.configuration, row.configuration_id)))


def _written(refs: Iterable[Ref | None]) -> Iterator[str]:
    for ref in refs:
        if ref is not None:
            yield guid(ref.text) or ref.text


def _told(selection: Selection) -> str:
    parts = [f"{_ONLY} {text}" for text in selection.only] + [f"{_EXCEPT} {text}" for text in selection.without]
    return ", ".join(parts[:5]) + (" …" if len(parts) > 5 else "")


def _matches(things: Sequence[Sequence[str]], wanted: Sequence[str], option: str, whole: str) -> set[int]:
    """The places of the things that any of the texts matches."""
    folded = [{fold(trim(name)) for name in names} for names in things] if wanted else []
    found: set[int] = set()
    for text in wanted:
        if not trim(text):
            raise UsageError(f"{option} needs a name, an id, or a pattern with * and ?")
        wanting = pattern(guid(text) or text)
        those = {index for index, names in enumerate(folded) if any(map(wanting.fullmatch, names))}
        if not those:
            close = Suggestions(name for names in things for name in names).did_you_mean(trim(text))
            raise UsageError(f"{option} {text!r} matches no configuration of {whole}{close}; nothing was sent")
        found |= those
    return found
