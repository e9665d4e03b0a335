"""The calls of a run where a tenant may ask for a second admin: those that ask, and those that were approved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from migrator.model.configuration import Key
from migrator.model.errors import GraphError, NotServed, PermissionRefused
from migrator.model.outcome import AssignAnswer, AssignState
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Clock, Leaving, Tenant
from migrator.model.record import RunRecord
from migrator.model.second_admin import LAPSED, ApprovalRequest, Pending, RequestStatus, waits
from migrator.sending.guard import Checked
from migrator.sending.second_admin import UNKNOWN, Approved, Known, adopted, judge, newest_last


@dataclass(slots=True, eq=False)
class SecondAdmin:
    """Sends calls with `justification` ("": without one), and those of `pending` as they were once they are approved.

    The tenant's requests are looked up once for all that waited before, and once more for those that are found to have
    been submitted already.
    """

    tenant: Tenant
    clock: Clock
    justification: str = ""
    pending: Mapping[Key, Pending] = field(default_factory=dict)
    _known: Known = UNKNOWN
    _known_at: float = -1.0
    _ready: dict[Key, Approved] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, record: RunRecord, justification: str | None, tenant: Tenant, clock: Clock) -> Self:
        """What a run has to know; without a justification of its own (None) its id is sent."""
        text = record.header.id if justification is None else justification
        return cls(tenant, clock, text, record.pending_of())

    async def look_up(self, keys: Iterable[Key]) -> None:
        """Learns how the requests of these stand, where any of them waited."""
        if any(key in self.pending for key in keys):
            await self._look_up()

    def judge(self, checked: Checked) -> Checked:
        """The same, with what the request of a call that waited has to say to it."""
        pending = self.pending.get(checked.plan.key)
        if pending is None or checked.plan.blocked:
            return checked
        judged = judge(checked, pending, self._known, self.clock.time())
        if judged.approved is not None:
            self._ready[checked.plan.key] = judged.approved
        return replace(checked, outcome=judged.outcome)

    def first(self, plans: Iterable[ConfigurationPlan]) -> Sequence[ConfigurationPlan]:
        """Those of them whose call was approved."""
        return [plan for plan in plans if plan.key in self._ready]

    async def send(self, plan: ConfigurationPlan, leaving: Leaving) -> AssignAnswer:
        """One plan's call and its answer. One that was approved is sent as it was; where it is refused, `pending` says
        that it was such a one, and reading has to tell whether an earlier try of it was applied."""
        tries = 0
        if plan.key not in self._ready:
            answer = await self.tenant.assign(plan.configuration, plan.body, leaving, self.justification)
            if answer.pending is None or answer.pending.code:
                return answer
            tries = answer.tries
            request = await self._submitted(answer.pending)
            if request is None:
                return _elsewhere(answer, answer.pending, self._known)
            pending = adopted(answer.pending, request)
            if request.status is not RequestStatus.APPROVED:
                return replace(answer, code=pending.code, message=waits(pending), pending=pending)
            self._ready[plan.key] = Approved(pending)
        ready = self._ready[plan.key]
        answer = await self.tenant.assign_approved(plan.configuration, ready.pending, leaving)
        return replace(self._understood(answer, ready), tries=tries + answer.tries)

    def _understood(self, answer: AssignAnswer, sent: Approved) -> AssignAnswer:
        """The answer to a call that was sent with the code of its request."""
        pending = sent.pending
        over = self.clock.time() >= pending.until
        match answer.state:
            case AssignState.CONFIRMED:
                return replace(answer, message=f"a second admin approved it ({pending.named})")
            case AssignState.WAITING if not over:
                newer = answer.pending.code if answer.pending else ""
                pending = replace(pending, code=newer or pending.code)
                message = f"{waits(pending)}; sent with its code it was not taken as approved (yet)"
                return replace(answer, code=pending.code, message=message, pending=pending)
            case AssignState.REFUSED if sent.blind and not over:
                message = (
                    f"{waits(pending)}; whether it is could not be seen in the tenant's requests, and sent with its "
                    f"code it was refused with {answer.status}: {answer.message}{_whose(answer)}"
                )
                return replace(answer, state=AssignState.WAITING, code=pending.code, message=message, pending=pending)
            case AssignState.WAITING | AssignState.REFUSED:
                message = f"sent as it was approved ({pending.named}), it was refused with {answer.status}"
                if answer.state is AssignState.REFUSED:
                    message += f": {answer.message}{_whose(answer)}"
                code = LAPSED if over else answer.code
                return replace(answer, state=AssignState.REFUSED, code=code, message=message, pending=pending)
            case _:
                return answer

    async def _submitted(self, pending: Pending) -> ApprovalRequest | None:
        """The request of the very same call, which was submitted before; None where there is none to be found."""
        asked = self.clock.monotonic()
        async with self._one_at_a_time:  # who comes meanwhile shares one look
            if self._known_at < asked:
                await self._look_up()
        request = self._known.request_of(pending)
        return request if request is not None and request.open else None

    async def _look_up(self) -> None:
        begun = self.clock.monotonic()
        try:
            self._known = Known(newest_last(await self.tenant.approval_requests()))
        except (PermissionRefused, NotServed) as error:
            self._known = Known(None, forbidden=True, why=str(error))
        except GraphError as error:
            self._known = Known(None, why=str(error))
        self._known_at = begun


def _whose(answer: AssignAnswer) -> str:
    """What a bare refusal of an approved call mostly comes of, for it looks like a missing permission."""
    if answer.status not in (403, 404):
        return ""
    return "; an approval is good for the sign-in that asked for it alone, the same app or the same person"


def _elsewhere(answer: AssignAnswer, pending: Pending, known: Known) -> AssignAnswer:
    """Something waits, and it cannot be told to be this call."""
    why = "could not be found by what this run wrote into it"
    if known.requests is None:
        why = f"could not be looked up ({known.why})"
    message = (
        f"a change of this configuration waits for a second admin (Multi Admin Approval), and its request {why}: look "
        "in the Intune admin center (Tenant administration, Multi Admin Approval); once that one is decided, "
        "`migrator resume` asks again"
    )
    return replace(answer, message=message, pending=pending)
