"""Pairs of groups given without a spreadsheet: each is a row that applies wherever its legacy group is assigned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from migrator.mapping.cells import trimmed
from migrator.mapping.layouts.wherever import note
from migrator.model.errors import UsageError
from migrator.model.finding import Finding, Level
from migrator.model.row import Action, Mapping, Ref, Row

OPTION = "--group"
Pair = tuple[str, str]
"""A legacy group and its successor, each by its name or its id."""


def parse(text: str) -> Pair:
    """`GPO-EMEA=SG-EMEA` as a pair. A name with `=` in it needs blanks around the one that stands between the two.

    UsageError where that cannot be told.
    """
    for between in (" = ", "="):
        if text.count(between) == 1:
            legacy, _, new = text.partition(between)
            return legacy, new
        if between in text:
            break
    what = "it has no =" if "=" not in text else "it cannot be told which = stands between the two groups"
    raise UsageError(
        f'{OPTION} {text!r}: {what}; write {OPTION} "LEGACY=NEW", with blanks around that = where a name has one too, '
        "or a group's id instead of its name"
    )


def pairs_mapping(pairs: Iterable[Pair]) -> Mapping:
    """The mapping that pairs come to, its rows counted from 1. UsageError for a side that is empty, and for no pair."""
    given = [(trimmed(legacy), trimmed(new)) for legacy, new in pairs]
    if not given:
        raise UsageError(f"there is nothing to do: name a mapping, or groups with {OPTION} LEGACY=NEW")
    for legacy, new in given:
        if not legacy or not new:
            raise UsageError(f'{OPTION} "{legacy}={new}" names one group only; write {OPTION} LEGACY=NEW')
    texts = [f"{legacy} = {new}" for legacy, new in given]
    rows = tuple(
        Row(OPTION, number, Action.SWAP, legacy=Ref(legacy, legacy), new=Ref(new, new))
        for number, (legacy, new) in enumerate(given, start=1)
    )
    more = f" and {len(texts) - 1:,} more" if len(texts) > 1 else ""
    return Mapping(
        f"{OPTION} {texts[0]}{more}",
        rows,
        (Finding(Level.NOTE, "wherever", note(len(rows)), OPTION),),
        hashlib.sha256("\n".join(texts).encode()).hexdigest(),
    )


def together(mapping: Mapping, pairs: Sequence[Pair]) -> Mapping:
    """The rows of both, as one mapping."""
    if not pairs:
        return mapping
    more = pairs_mapping(pairs)
    return Mapping(
        f"{mapping.source} and {more.source}",
        (*mapping.rows, *more.rows),
        (*mapping.findings, *more.findings),
        hashlib.sha256(f"{mapping.sha256}\n{more.sha256}".encode()).hexdigest(),
    )
