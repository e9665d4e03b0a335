"""All users and all devices, as each kind spells them. Pure."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.assignment import VIRTUAL_TYPES, Audience, TargetType
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.model.plan import ResolvedRow
from migrator.model.row import Action

_VIRTUAL = {type_: group_id for group_id, type_ in VIRTUAL_TYPES.items()}


def as_kind_has_it(row: ResolvedRow) -> ResolvedRow:
    """The row with everybody as the kind of its configuration spells it.

    All devices are left as they are where they would come to a kind that has groups only: there is nothing that could
    be assigned so.
    """
    kind = KINDS[row.configuration.kind]
    if not kind.takes_virtual_groups:
        return row
    comes = row.audience if row.action is not Action.REMOVE else None
    audience = row.audience if comes and comes.type is TargetType.ALL_DEVICES else where_it_stands(row.audience, kind)
    return replace(row, audience=audience, source=row.source and where_it_stands(row.source, kind))


def where_it_stands(audience: Audience, kind: Kind) -> Audience:
    """An audience as an assignment of this kind points at it: everybody is a virtual group where it has groups only."""
    virtual = _VIRTUAL.get(audience.type) if kind.takes_virtual_groups else None
    return Audience(TargetType.GROUP, virtual) if virtual else audience


def spellings(audience: Audience) -> tuple[Audience, ...]:
    """Every way in which some kind points at an audience."""
    virtual = _VIRTUAL.get(audience.type)
    return (audience, Audience(TargetType.GROUP, virtual)) if virtual else (audience,)
