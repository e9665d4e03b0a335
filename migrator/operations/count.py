"""Counts whom a plan concerns. What cannot be counted is told in the plan; it is no reason to have none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.errors import GraphError, PermissionRefused
from migrator.model.events import Stage
from migrator.model.finding import Finding
from migrator.model.impact import Impact, Membership
from migrator.operations.survey import stage
from migrator.planning.impact import Memberships, impact, wanted
from migrator.planning.membership import membership_findings

if TYPE_CHECKING:
    from migrator.model.plan import ConfigurationPlan, Names, ResolvedRow
    from migrator.operations.connect import Connection
    from migrator.planning.impact import Wanted


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom a plan concerns, and what to look at in it."""

    impact: Impact | None = None
    findings: tuple[Finding, ...] = ()


NOT_COUNTED = Counted()


async def count(
    plans: Sequence[ConfigurationPlan], rows: Iterable[ResolvedRow], names: Names, connection: Connection
) -> Counted:
    """Asks the directory for the members of the groups that come and go, many at a time."""
    by_index = {row.index: row for row in rows}
    asked = wanted(plans, by_index)
    memberships = await _memberships(asked, connection) if asked.groups else {}
    called = {group.id: group.name for group in names.groups}
    return Counted(impact(plans, by_index, memberships), tuple(membership_findings(plans, memberships, called)))


async def _memberships(asked: Wanted, connection: Connection) -> Memberships:
    with stage(connection, Stage.COUNT, len(asked.groups)) as progress:
        try:
            return await connection.tenant.members(asked.groups, asked.compared, progress)
        except (PermissionRefused, GraphError) as error:
            return {group: Membership(reason=str(error)) for group in asked.groups}
