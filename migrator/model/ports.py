"""The doors to the world, as the stages see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration, FilterDefinition, Group, Key, Listing, TenantInfo, Whereabouts
from migrator.model.impact import Membership
from migrator.model.kind import Kind
from migrator.model.outcome import AssignAnswer, Attempt, Outcome, Verification
from migrator.model.reading import Reading
from migrator.model.second_admin import ApprovalRequest, Pending, Protection
from migrator.model.throttle import ThrottleState

Leaving = Callable[[], Awaitable[None]]
"""Awaited before a call goes, once it may: what must be known before it is under way."""


class Clock(Protocol):
    """Time, so that tests and faster tenants can have their own."""

    def time(self) -> float:
        """Seconds since 1970, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Tenant(Protocol):
    """A Microsoft 365 tenant. Every call may raise SignInError, PermissionRefused or GraphError."""

    async def about(self) -> TenantInfo:
        """Which tenant it is; empty where it does not say."""
        ...

    async def list_configurations(
        self, kinds: Sequence[Kind], progress: Callable[[int], None] | None = None
    ) -> Listing:
        """All configurations of these kinds, all pages. A kind that cannot be read is told in the coverage."""
        ...

    async def read(
        self,
        configurations: Sequence[Configuration],
        known: Mapping[Key, Assignments | None] | None = None,
        *,
        purpose: str = "read",
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[Key, Reading]:
        """What is assigned, by a second route and as many more as settling it takes.

        `known` is what the listing said. One that cannot be settled comes back as such, and `given_up` where a service
        that is down was not asked any more; this does not raise for a single configuration.
        """
        ...

    async def groups_by_id(self, ids: Iterable[str]) -> Sequence[Group]:
        """Those that exist, in any order."""
        ...

    async def groups_by_name(self, names: Iterable[str]) -> Sequence[Group]:
        """Every group whose display name is one of these, ignoring case."""
        ...

    async def groups_by_other_names(self, names: Iterable[str]) -> Sequence[Group]:
        """Every group whose mail, mail nickname or on-premises SID is one of these, or whose name starts with one."""
        ...

    async def deleted_groups(self, ids: Iterable[str]) -> Whereabouts:
        """What became of groups that `groups_by_id` did not bring. What cannot be told is in the answer, not raised."""
        ...

    async def members(
        self,
        groups: Iterable[str],
        compared: Iterable[tuple[str, str]] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[str, Membership]:
        """Who is in each of these groups, and in those that are `compared` in pairs, by id.

        How many is known of all, and who of those with few members; of larger ones only where both of a pair have
        members, and not too many. What cannot be counted is told in its membership; this does not raise for it.
        """
        ...

    async def filters(self) -> Sequence[FilterDefinition]: ...

    async def assign(
        self,
        configuration: Configuration,
        assignments: Assignments,
        leaving: Leaving | None = None,
        justification: str = "",
    ) -> AssignAnswer:
        """Replace all assignments of a configuration by these. Tries again where that is safe and worth it.

        `leaving` is awaited before each try, once it may go and before it goes; `justification` is for the second admin
        whom the tenant may ask ("": none is sent). Raises only what stops a whole run
        (SignInError, Stopped); everything about this one call is in the answer.
        """
        ...

    async def assign_approved(
        self, configuration: Configuration, pending: Pending, leaving: Leaving | None = None
    ) -> AssignAnswer:
        """The same by a call that waited for a second admin, sent once more to the byte with its request's code."""
        ...

    async def approval_requests(self) -> Sequence[ApprovalRequest]:
        """What waits for a second admin in the tenant, and what was decided."""
        ...

    async def protections(self) -> Sequence[Protection]:
        """The policies by which the tenant asks for a second admin."""
        ...


class Journal(Protocol):
    """A run's memory. What was awaited is on disk when the call returns."""

    async def intend(self, key: Key) -> None:
        """This configuration's call is about to leave."""
        ...

    def attempted(self, attempt: Attempt) -> None:
        """Kept with the next commit; not waited for."""
        ...

    def throttle(self, state: ThrottleState) -> None:
        """The same for how the throttle stands, with what was lost since the last one that was kept."""
        ...

    async def conclude(self, outcome: Outcome) -> None: ...

    def concluded(self, outcome: Outcome) -> None:
        """The same, not waited for: the commit begins at once, and keeps it before anything that is given later."""
        ...

    async def kept(self) -> None:
        """Returns once everything that was given until now is on disk."""
        ...

    async def verified(self, verifications: Sequence[Verification]) -> None: ...
