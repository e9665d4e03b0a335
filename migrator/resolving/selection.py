"""Which configurations a person picked by name, id or pattern. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from migrator.model.choice import Selection
from migrator.model.configuration import Listing
from migrator.model.errors import UsageError
from migrator.model.finding import Finding, Level
from migrator.model.row import Mapping, Ref, Row
from migrator.resolving.configurations import ConfigurationFinder
from migrator.resolving.match import fold, guid, trim
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


def picked(mapping: Mapping, listing: Listing, selection: Selection) -> Mapping:
    """The mapping with the rows of the picked configurations only, what was found in these, and a note that says so.

    A row whose configuration cannot be told goes by what is written in it. UsageError for a text that matches nothing,
    and where no row is left.
    """
    if not selection:
        return mapping
    finder = ConfigurationFinder(listing)
    why = passed_over([_names(row, finder) for row in mapping.rows], selection, mapping.source)
    rows = tuple(row for row, reason in zip(mapping.rows, why, strict=True) if not reason)
    if not rows and mapping.rows:
        raise UsageError(f"--only and --except leave no row of {mapping.source} to plan")
    message = f"{len(rows):,} of {len(mapping.rows):,} rows are planned; the others were left out: {_told(selection)}"
    note = Finding(Level.NOTE, "rows_left_out", message)
    places = {(row.sheet, row.number) for row in rows}
    kept = (f for f in mapping.findings if f.level is Level.ERROR or not f.row or (f.sheet, f.row) in places)
    return replace(mapping, rows=rows, findings=(*kept, note))


def _names(row: Row, finder: ConfigurationFinder) -> tuple[str, ...]:
    found, _ = finder.find(row)
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
        pattern = _pattern(text, option)
        those = {index for index, names in enumerate(folded) if any(map(pattern.fullmatch, names))}
        if not those:
            close = Suggestions(name for names in things for name in names).did_you_mean(trim(text))
            raise UsageError(f"{option} {text!r} matches no configuration of {whole}{close}; nothing was sent")
        found |= those
    return found


def _pattern(text: str, option: str) -> re.Pattern[str]:
    """`*` stands for anything, `?` for one character, everything else for itself (brackets too)."""
    wanted = fold(guid(text) or trim(text))
    if not wanted:
        raise UsageError(f"{option} needs a name, an id, or a pattern with * and ?")
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in wanted), re.DOTALL)
