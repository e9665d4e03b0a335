"""What a row means, reduced to what can contradict another row: the same for looked-up rows and for mere text."""

from __future__ import annotations

from collections.abc import Hashable
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


def of_text(row: Row) -> Meaning | None:
    """The meaning of a row whose names were not looked up; None where it names no configuration or group."""
    configuration = row.configuration_id or row.configuration
    groups = row.groups
    if configuration is None or not groups:
        return None
    source = _fold(*groups[0]) if row.action is Action.SWAP else None
    details = (row.exclude, _text(row.intent), _filter(row))
    kind = _text(row.kind)
    return Meaning(row, (configuration.text.casefold(), kind), row.action, source, _fold(*groups[-1]), details)


def of_resolved(resolved: ResolvedRow) -> Meaning:
    """The meaning of a row whose names were looked up."""
    stated = None if resolved.filter is FilterWish.UNSTATED else resolved.filter
    details = (resolved.exclude, resolved.intent or None, stated)
    return Meaning(resolved.row, resolved.configuration, resolved.action, resolved.source, resolved.audience, details)


def _fold(name: Ref | None, identity: Ref | None) -> str:
    ref = identity or name
    return ref.text.casefold() if ref else ""


def _text(ref: Ref | None) -> str | None:
    return ref.text.casefold() if ref else None


def _filter(row: Row) -> Hashable:
    ref = row.filter_id or row.filter
    if ref is None:
        return None
    return ref.text.casefold(), _text(row.filter_mode)
