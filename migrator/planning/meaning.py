"""What a row means, reduced to what can contradict another row: the same for looked-up rows and for mere text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from migrator.model.plan import FilterWish, ResolvedRow
from migrator.model.row import Action, Ref, Row


class Meaning(NamedTuple):
    """One row's meaning. Keys compare by equality only: ids where names were looked up, folded text where not.

    `details` is what the row states beyond the group: (exclude, intent, filter), each None where it is unstated.
    """

    row: Row
    configuration: Hashable
    action: Action
    source: Hashable
    audience: Hashable
    details: tuple[bool | None, str | None, Hashable]


def of_text(rows: Iterable[Row]) -> Iterator[Meaning]:
    """The meanings of rows whose names were not looked up, as far as they could contradict each other.

    Rows that name no configuration are about all of them, and are held against each other. Left out are rows that name
    no group, and configurations of which no two rows name the same group,
    or none but plain swaps that each go one way: that is most of a large mapping, and looking at each of its rows would
    take half as long as reading it.
    """
    everything = list(rows)
    legacy = _folded([row.legacy_id or row.legacy for row in everything])
    new = _folded([row.new_id or row.new for row in everything])
    by_configuration: defaultdict[str | None, list[int]] = defaultdict(list)
    for index, text in enumerate(_folded([row.configuration_id or row.configuration for row in everything])):
        by_configuration[text].append(index)
    for configuration, indexes in by_configuration.items():
        together = [everything[i] for i in indexes]
        sources, successors = [legacy[i] for i in indexes], [new[i] for i in indexes]
        if not _is_harmless(together, sources, successors):
            for row, source, successor in zip(together, sources, successors, strict=True):
                if source is not None or successor is not None:
                    yield _meaning(row, configuration, source, successor)


def _folded(refs: Sequence[Ref | None]) -> list[str | None]:
    """Texts without case. Loading shares one Ref among all cells that say the same, so there are few to fold."""
    distinct = {id(ref): ref for ref in refs}
    texts = {key: None if ref is None else ref.text.casefold() for key, ref in distinct.items()}
    return [texts[key] for key in map(id, refs)]


def _meaning(row: Row, configuration: str | None, source: str | None, successor: str | None) -> Meaning:
    kind, intent = _folded((row.kind, row.intent))
    return Meaning(
        row,
        (configuration, kind),
        row.action,
        source if row.action is Action.SWAP else None,
        successor or source,
        (row.exclude, intent, _filter(row)),
    )


def _filter(row: Row) -> Hashable:
    """What a row says of the filter; all ways to say that there shall be none are one."""
    said = _folded((row.filter_id or row.filter, row.filter_mode))
    if said == [None, None]:
        return None
    return FilterWish.NONE if FilterWish.NONE in said else tuple(said)


def _is_harmless(together: Sequence[Row], sources: Sequence[str | None], successors: Sequence[str | None]) -> bool:
    """Whether the rows of one configuration cannot contradict each other."""
    distinct = set(sources)
    groups = distinct.union(successors)
    groups.discard(None)
    if len(groups) == 2 * len(together) - sources.count(None) - successors.count(None):
        replaces = sum(row.action is Action.REPLACE for row in together)
        return replaces in (0, len(together))
    one_way = len(distinct) == len(set(zip(sources, successors, strict=True)))
    return one_way and all(map(_is_plain_swap, together))


def _is_plain_swap(row: Row) -> bool:
    return (
        row.action is Action.SWAP
        and row.exclude is None
        and row.intent is None
        and row.filter is None
        and row.filter_id is None
        and row.filter_mode is None
    )


def of_resolved(resolved: ResolvedRow) -> Meaning:
    """The meaning of a row whose names were looked up."""
    stated = None if resolved.filter is FilterWish.UNSTATED else resolved.filter
    details = (resolved.exclude, resolved.intent or None, stated)
    return Meaning(resolved.row, resolved.configuration, resolved.action, resolved.source, resolved.audience, details)
