"""What the answer to a call means that a second admin approved, or that was submitted before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from migrator.model.configuration import Configuration
from migrator.model.errors import MigratorError, PermissionRefused
from migrator.model.events import ignore
from migrator.model.outcome import AssignAnswer, AssignState, Outcome, Settled, Status
from migrator.model.plan import Change, ConfigurationPlan, Effect
from migrator.model.ports import Leaving
from migrator.model.reading import Reading
from migrator.model.second_admin import LAPSED, LIFETIME, ApprovalRequest, Pending, RequestStatus
from migrator.sending.asking import SecondAdmin
from migrator.sending.dispatch import Dispatcher
from migrator.sending.guard import Checked
from tests.memory import MemoryJournal, MemoryTenant, assigned
from tests.virtual_clock import VirtualClock

POLICY = Configuration("configurationPolicies", "p", "Policy")
BEFORE, AFTER = assigned(1), assigned(1, 2)
CHANGES = (Change(Effect.KEPT, BEFORE[0], BEFORE[0]), Change(Effect.ADDED, None, AFTER[1]))
PLAN = ConfigurationPlan(POLICY, Reading(BEFORE, True), AFTER, CHANGES, ())
MARK = "p; 0123456789ab)"


@dataclass
class Guarded(MemoryTenant):
    """A tenant with a second admin: what its requests say, what it answers to calls with a code, how often it was
    asked."""

    requests: list[ApprovalRequest] = field(default_factory=list)
    refuses: MigratorError | None = None
    approved: list[AssignAnswer] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    listed: int = 0
    applies: bool = False

    async def assign_approved(
        self, configuration: Configuration, pending: Pending, leaving: Leaving | None = None
    ) -> AssignAnswer:
        if leaving is not None:
            await leaving()
        self.codes.append(pending.code)
        if self.applies:
            self.lists[configuration.key] = AFTER
        return self.approved.pop(0) if self.approved else AssignAnswer(AssignState.CONFIRMED, 204)

    async def approval_requests(self) -> Sequence[ApprovalRequest]:
        self.listed += 1
        if self.refuses is not None:
            raise self.refuses
        return self.requests


def pending(now: float, code: str = "code-1") -> Pending:
    return Pending(POLICY.key, "POST", "/x", b"{}", code, MARK, now, now + LIFETIME)


def request(status: RequestStatus, made: float) -> ApprovalRequest:
    return ApprovalRequest("code-1", status, made, made + LIFETIME, f"x ({MARK}")


async def sent(there: Guarded, waits: Pending, clock: VirtualClock) -> Outcome:
    """What becomes of the plan when it is gone on with."""
    admin = SecondAdmin(there, clock, "because", {POLICY.key: waits})
    await admin.look_up([POLICY.key])
    checked = admin.judge(Checked(PLAN, Reading(BEFORE, True), None))
    if checked.outcome is not None:
        return checked.outcome
    return await Dispatcher(there, MemoryJournal(), clock, ignore, second_admin=admin).dispatch(PLAN)


def tenant(*requests: ApprovalRequest, approved: Sequence[AssignAnswer] = (), applies: bool = False) -> Guarded:
    return Guarded([POLICY], {POLICY.key: BEFORE}, requests=list(requests), approved=list(approved), applies=applies)


REFUSED = AssignAnswer(AssignState.REFUSED, 409, "Conflict", "it is used up")


async def test_a_refusal_of_an_approved_call_is_settled_by_reading() -> None:
    clock = VirtualClock()
    there = tenant(request(RequestStatus.APPROVED, clock.time()), approved=[REFUSED], applies=True)
    outcome = await sent(there, pending(clock.time()), clock)
    assert (outcome.status, outcome.settled) == (Status.SUCCEEDED, Settled.READING)


async def test_one_that_was_not_applied_fails_with_what_was_said_and_keeps_its_request() -> None:
    clock = VirtualClock()
    there = tenant(request(RequestStatus.APPROVED, clock.time()), approved=[REFUSED])
    outcome = await sent(there, pending(clock.time()), clock)
    assert (outcome.status, outcome.code, there.codes) == (Status.FAILED, "Conflict", ["code-1"])
    assert "it is used up" in outcome.reason


@pytest.mark.parametrize(
    ("age", "status", "code"), [(0.0, Status.WAITING, "code-1"), (LIFETIME, Status.FAILED, LAPSED)]
)
async def test_where_nobody_may_look_a_refusal_means_waiting_until_it_must_have_lapsed(
    age: float, status: Status, code: str
) -> None:
    clock = VirtualClock()
    there = tenant(approved=[REFUSED])
    there.refuses = PermissionRefused("not allowed")
    outcome = await sent(there, pending(clock.time() - age), clock)
    assert (outcome.status, outcome.code) == (status, code)
    assert (outcome.pending is not None) is (status is Status.WAITING)


async def test_a_service_that_still_wants_it_approved_is_waited_for_under_the_code_it_names() -> None:
    clock = VirtualClock()
    waits = AssignAnswer(AssignState.WAITING, 412, "code-2", pending=pending(clock.time(), "code-2"))
    there = tenant(request(RequestStatus.APPROVED, clock.time()), approved=[waits])
    outcome = await sent(there, pending(clock.time()), clock)
    assert (outcome.status, outcome.pending and outcome.pending.code) == (Status.WAITING, "code-2")


async def test_a_call_in_doubt_is_sent_again_as_it_was_approved_and_by_nothing_else() -> None:
    clock = VirtualClock()
    unknown = AssignAnswer(AssignState.UNKNOWN, 0, message="reset")
    there = tenant(request(RequestStatus.APPROVED, clock.time()), approved=[unknown])
    outcome = await sent(there, pending(clock.time()), clock)
    assert (outcome.status, there.codes, there.sent) == (Status.SUCCEEDED, ["code-1", "code-1"], [])


@pytest.mark.parametrize("status", [RequestStatus.NEEDS_APPROVAL, RequestStatus.APPROVED])
async def test_what_was_submitted_before_is_found_by_its_mark_and_sent_if_it_is_approved_already(
    status: RequestStatus,
) -> None:
    clock = VirtualClock()
    there = tenant(request(status, clock.time()))
    conflict = AssignAnswer(AssignState.WAITING, 409, "Conflict", pending=pending(clock.time(), ""))
    there.answers = [lambda _configuration, _assignments: conflict]
    admin = SecondAdmin(there, clock, "because")
    outcome = await Dispatcher(there, MemoryJournal(), clock, ignore, second_admin=admin).dispatch(PLAN)
    ends = {RequestStatus.NEEDS_APPROVAL: (Status.WAITING, []), RequestStatus.APPROVED: (Status.SUCCEEDED, ["code-1"])}
    assert (outcome.status, there.codes) == ends[status]


async def test_many_that_were_submitted_before_share_one_look() -> None:
    clock = VirtualClock()
    there = tenant()
    admin = SecondAdmin(there, clock, "because")
    conflict = AssignAnswer(AssignState.WAITING, 409, "Conflict", pending=pending(clock.time(), ""))

    async def nothing() -> None:
        pass

    for _ in range(3):
        there.answers = [lambda _configuration, _assignments: replace(conflict)]
        answer = await admin.send(PLAN, nothing)
        assert "could not be found" in answer.message
    assert there.listed == 1  # no time passed between them
