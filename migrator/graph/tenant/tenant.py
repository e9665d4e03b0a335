"""A Microsoft 365 tenant behind Graph: the port `migrator.model.ports.Tenant`, each call by the file that knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.tenant import (
    about,
    assign,
    configurations,
    deleted,
    filters,
    groups,
    members,
    reading,
    second_admin,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from migrator.graph.client import Client
    from migrator.model.assignment import Assignments
    from migrator.model.configuration import (
        Configuration,
        FilterDefinition,
        Group,
        Key,
        Listing,
        TenantInfo,
        Whereabouts,
    )
    from migrator.model.impact import Membership
    from migrator.model.kind import Kind
    from migrator.model.outcome import AssignAnswer
    from migrator.model.ports import Leaving
    from migrator.model.reading import Reading
    from migrator.model.second_admin import ApprovalRequest, Pending, Protection


class GraphTenant:
    """The tenant that a client is signed in to; what each call gives and raises is the port's to say."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def about(self) -> TenantInfo:
        return await about.about(self._client)

    async def list_configurations(
        self, kinds: Sequence[Kind], progress: Callable[[int], None] | None = None
    ) -> Listing:
        return await configurations.list_configurations(self._client, kinds, progress)

    async def read(
        self,
        configurations: Sequence[Configuration],
        known: Mapping[Key, Assignments | None] | None = None,
        *,
        purpose: str = "read",
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[Key, Reading]:
        return await reading.read(self._client, configurations, known, purpose=purpose, progress=progress)

    async def groups_by_id(self, ids: Iterable[str]) -> Sequence[Group]:
        return await groups.groups_by_id(self._client, ids)

    async def groups_by_name(self, names: Iterable[str]) -> Sequence[Group]:
        return await groups.groups_by_name(self._client, names)

    async def groups_by_other_names(self, names: Iterable[str]) -> Sequence[Group]:
        return await groups.groups_by_other_names(self._client, names)

    async def deleted_groups(self, ids: Iterable[str]) -> Whereabouts:
        return await deleted.deleted_groups(self._client, ids)

    async def members(
        self,
        groups: Iterable[str],
        compared: Iterable[tuple[str, str]] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[str, Membership]:
        return await members.members(self._client, groups, compared, progress)

    async def filters(self) -> Sequence[FilterDefinition]:
        return await filters.filters(self._client)

    async def assign(
        self,
        configuration: Configuration,
        assignments: Assignments,
        leaving: Leaving | None = None,
        justification: str = "",
    ) -> AssignAnswer:
        return await assign.assign(self._client, configuration, assignments, leaving, justification)

    async def assign_approved(
        self, configuration: Configuration, pending: Pending, leaving: Leaving | None = None
    ) -> AssignAnswer:
        return await assign.assign_approved(self._client, configuration, pending, leaving)

    async def approval_requests(self) -> Sequence[ApprovalRequest]:
        return await second_admin.requests(self._client)

    async def protections(self) -> Sequence[Protection]:
        return await second_admin.protections(self._client)
