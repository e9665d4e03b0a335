"""Rows that cannot all be meant: found before anything is looked at, and again once names are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from migrator.model.finding import Finding, Level
from migrator.model.plan import FilterWish
from migrator.model.row import Action, Row
from migrator.planning.meaning import Meaning


def contradictions(meanings: Iterable[Meaning]) -> Iterator[Finding]:
    """Every contradiction among the rows of one configuration; the later row of a pair is where it is told."""
    by_configuration: defaultdict[Hashable, list[Meaning]] = defaultdict(list)
    for meaning in meanings:
        by_configuration[meaning.configuration].append(meaning)
    for together in by_configuration.values():
        yield from _replace_mixed(together)
        yield from _split_legacy(together)
        yield from _added_and_removed(together)
        yield from _conflicting_details(together)


def _replace_mixed(together: list[Meaning]) -> Iterator[Finding]:
    first = together[0]
    for meaning in together:
        if (meaning.action is Action.REPLACE) is not (first.action is Action.REPLACE):
            yield _error(
                "replace_mixed",
                meaning.row,
                f"{meaning.action} here and {first.action} in {_place(first.row)}: a configuration whose groups are "
                "replaced takes no other action; use one or the other for all of its rows",
            )
            return


def _split_legacy(together: list[Meaning]) -> Iterator[Finding]:
    successors: dict[Hashable, Meaning] = {}
    for meaning in together:
        if meaning.source is None:
            continue
        first = successors.setdefault(meaning.source, meaning)
        if first.audience != meaning.audience:
            yield _error(
                "legacy_goes_two_ways",
                meaning.row,
                f"this legacy group goes to another new group in {_place(first.row)}; "
                "swap it for one of them and add the other with a row of its own",
            )


def _added_and_removed(together: list[Meaning]) -> Iterator[Finding]:
    if all(meaning.action is Action.SWAP for meaning in together):
        return  # a chain of swaps, or a swap back and forth, is meant
    arriving: defaultdict[Hashable, list[Meaning]] = defaultdict(list)
    leaving: defaultdict[Hashable, list[Meaning]] = defaultdict(list)
    for meaning in together:
        if meaning.action is Action.REMOVE:
            leaving[meaning.audience].append(meaning)
        elif meaning.action is not Action.REPLACE:
            arriving[meaning.audience].append(meaning)
            if meaning.source is not None and meaning.source != meaning.audience:
                leaving[meaning.source].append(meaning)
    for audience, comes in arriving.items():
        for goes in leaving.get(audience, ()):
            clash = next((one for one in comes if _clash(one, goes)), None)
            if clash is not None:
                earlier, later = sorted((clash.row, goes.row), key=lambda row: row.number)
                yield _error(
                    "added_and_removed",
                    later,
                    f"this group is added by one of this row and {_place(earlier)} and removed by the other; keep one",
                )


def _clash(comes: Meaning, goes: Meaning) -> bool:
    if comes.action is Action.SWAP and goes.action is Action.SWAP:
        return False
    return all(
        one is None or other is None or one == other
        for one, other in zip(comes.details[:2], goes.details[:2], strict=True)
    )


def _conflicting_details(together: list[Meaning]) -> Iterator[Finding]:
    stated: dict[tuple[Hashable, str | None], list[Meaning]] = {}
    for meaning in together:
        if meaning.action is Action.REMOVE or meaning.details == (None, None, None):
            continue
        same = stated.setdefault((meaning.audience, meaning.details[1]), [])
        against = next((one for one in same if _differ(one, meaning)), None)
        if against is not None:
            yield _error(
                "conflicting_rows",
                meaning.row,
                f"this row and {_place(against.row)} want the same group in two ways (included and excluded, with two "
                "filters, or excluded and with a filter); keep one of them",
            )
        same.append(meaning)


def _differ(one: Meaning, other: Meaning) -> bool:
    if any(a.details[0] and b.details[2] not in (None, FilterWish.NONE) for a, b in ((one, other), (other, one))):
        return True  # an exclusion takes no filter
    return any(
        a is not None and b is not None and a != b
        for a, b in ((one.details[0], other.details[0]), (one.details[2], other.details[2]))
    )


def _place(row: Row) -> str:
    return f"row {row.number} of {row.sheet}" if row.sheet else f"row {row.number}"


def _error(code: str, row: Row, message: str) -> Finding:
    ref = row.new or row.new_id or row.legacy or row.legacy_id
    return Finding(Level.ERROR, code, message, row.sheet, row.number, ref.column if ref else "")
