"""A tenant in memory: the port without a network, for what the stages decide. It tells no lies unless told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from migrator.model.assignment import Assignment, Assignments, Target, TargetType
from migrator.model.configuration import (
    Configuration,
    Coverage,
    FilterDefinition,
    Group,
    Key,
    Listed,
    Listing,
    Served,
    TenantInfo,
    Whereabouts,
)
from migrator.model.impact import Membership
from migrator.model.kind import Kind
from migrator.model.outcome import AssignAnswer, AssignState, Attempt, Outcome, Verification
from migrator.model.ports import Leaving
from migrator.model.reading import Reading
from migrator.model.second_admin import ApprovalRequest, Pending, Protection
from migrator.model.throttle import ThrottleState


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def assigned(*groups: int) -> Assignments:
    return tuple(Assignment(Target(TargetType.GROUP, guid(g))) for g in groups)


@dataclass
class MemoryTenant:
    """Configurations with their lists, groups and filters; `answers` are what assign calls come to, in turn.

    An answer is given as it is; where it is None, the call is applied and confirmed. A function is asked.
    """

    configurations: list[Configuration] = field(default_factory=list)
    lists: dict[Key, Assignments] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    definitions: list[FilterDefinition] = field(default_factory=list)
    answers: list[Callable[[Configuration, Assignments], AssignAnswer] | None] = field(default_factory=list)
    unsettled: set[Key] = field(default_factory=set)
    coverage: dict[str, Served] = field(default_factory=dict)
    sent: list[tuple[Key, Assignments]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def about(self) -> TenantInfo:
        return TenantInfo("t", "Contoso")

    async def list_configurations(
        self, kinds: Sequence[Kind], progress: Callable[[int], None] | None = None
    ) -> Listing:
        served = {kind.name: self.coverage.get(kind.name, Served.READ) for kind in kinds}
        listed = [Listed(c, self.lists.get(c.key)) for c in self.configurations if served.get(c.kind) is Served.READ]
        return Listing(tuple(listed), tuple(Coverage(name, how) for name, how in served.items()))

    async def read(
        self,
        configurations: Sequence[Configuration],
        known: Mapping[Key, Assignments | None] | None = None,
        *,
        purpose: str = "read",
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[Key, Reading]:
        return {c.key: Reading(self.lists.get(c.key, ()), c.key not in self.unsettled) for c in configurations}

    async def groups_by_id(self, ids: Iterable[str]) -> Sequence[Group]:
        wanted = set(ids)
        self.asked += [f"id {i}" for i in sorted(wanted)]
        return [g for g in self.groups if g.id in wanted]

    async def members(
        self,
        groups: Iterable[str],
        compared: Iterable[tuple[str, str]] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Mapping[str, Membership]:
        return {}

    async def groups_by_name(self, names: Iterable[str]) -> Sequence[Group]:
        wanted = {name.casefold() for name in names}
        self.asked += [f"name {n}" for n in sorted(wanted)]
        return [g for g in self.groups if g.name.casefold() in wanted]

    async def groups_by_other_names(self, names: Iterable[str]) -> Sequence[Group]:
        wanted = {name.casefold() for name in names}
        self.asked += [f"other {n}" for n in sorted(wanted)]
        return [
            g
            for g in self.groups
            if {g.mail.casefold(), g.nickname.casefold(), g.sid.casefold()} & wanted
            or any(g.name.casefold().startswith(name) for name in wanted)
        ]

    async def deleted_groups(self, ids: Iterable[str]) -> Whereabouts:
        known = {g.id for g in self.groups}
        return Whereabouts(tuple(Group(i, "", deleted=True) for i in ids if i not in known))

    async def filters(self) -> Sequence[FilterDefinition]:
        return self.definitions

    async def assign(
        self,
        configuration: Configuration,
        assignments: Assignments,
        leaving: Leaving | None = None,
        justification: str = "",
    ) -> AssignAnswer:
        if leaving is not None:
            await leaving()
        self.sent.append((configuration.key, assignments))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            return answer(configuration, assignments)
        self.lists[configuration.key] = assignments
        return AssignAnswer(AssignState.CONFIRMED, 200, confirmed=assignments)

    async def assign_approved(
        self, configuration: Configuration, pending: Pending, leaving: Leaving | None = None
    ) -> AssignAnswer:
        return await self.assign(configuration, (), leaving)

    async def approval_requests(self) -> Sequence[ApprovalRequest]:
        return ()

    async def protections(self) -> Sequence[Protection]:
        return ()


@dataclass
class MemoryJournal:
    """Keeps what it is told, in order."""

    told: list[object] = field(default_factory=list)

    async def intend(self, key: Key) -> None:
        self.told.append(key)

    def attempted(self, attempt: Attempt) -> None:
        self.told.append(attempt)

    def throttle(self, state: ThrottleState) -> None:
        self.told.append(state)

    async def conclude(self, outcome: Outcome) -> None:
        self.told.append(outcome)

    def concluded(self, outcome: Outcome) -> None:
        self.told.append(outcome)

    async def kept(self) -> None:
        pass

    async def verified(self, verifications: Sequence[Verification]) -> None:
        self.told += verifications
