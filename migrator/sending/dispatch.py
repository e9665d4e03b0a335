"""One configuration: intent, call, outcome. What the answer leaves open is settled by reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from migrator.model.configuration import Key
from migrator.model.events import Concluded, Dispatched, Watch
from migrator.model.lists import holds
from migrator.model.outcome import AssignAnswer, AssignState, Outcome, Settled, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Clock, Journal, Leaving, Tenant
from migrator.model.reading import Reading
from migrator.model.second_admin import Pending
from migrator.sending.asking import SecondAdmin
from migrator.sending.circuit import UNREAD
from migrator.sending.guard import Checked
from migrator.sending.settle import Standing, standing

SENDS = 3
"""So often a call is sent again that turned out not to have been applied."""
PATIENCE = (0.5, 1.0, 2.0, 4.0)
"""Seconds between readings of a configuration that is not as intended (yet)."""
ENOUGH = 60.0
"""Seconds after which it is not read again, however often it was: reading that takes so long was tried many times."""


Look = Callable[[ConfigurationPlan, bool], Awaitable[Checked]]
"""Reads a configuration and holds its plan against that; True where a call for it may have been applied already."""


class _LeftAlone(Exception):
    """What was found right before the call forbids it."""

    def __init__(self, checked: Checked, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.checked, self.outcome = checked, outcome


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Carries single plans out against a tenant.

    `look`, where it is given, reads a configuration once more right before its call leaves; `decided` is told of those
    that may not be written. `second_admin`, where it is given, makes the calls.
    """

    tenant: Tenant
    journal: Journal
    clock: Clock
    watch: Watch
    look: Look | None = None
    decided: Callable[[Checked], Awaitable[None]] | None = None
    second_admin: SecondAdmin | None = None

    async def dispatch(self, plan: ConfigurationPlan) -> Outcome:
        """Sends one plan's list and says what became of it; raises only what stops a whole run.

        The outcome is not waited for: if it is lost the intent is not, and whoever resumes reads what holds. One that
        waits for a second admin is: the very call is kept with it.
        """
        started = self.clock.time()
        try:
            outcome = await self._send(plan, started)
        except _LeftAlone as found:
            if self.decided is not None:
                await self.decided(found.checked)
            return replace(found.outcome, code=UNREAD) if found.checked.unanswered else found.outcome
        if outcome.pending is None:
            self.journal.concluded(outcome)
        else:
            await self.journal.conclude(outcome)
        self.watch(Concluded(outcome))
        return outcome

    async def _send(self, plan: ConfigurationPlan, started: float) -> Outcome:
        tries = 0
        gone = set[Key]()
        for _ in range(SENDS):
            leaving = partial(self._leaves, plan, gone)
            answer = await self._call(plan, leaving)
            tries += answer.tries
            conclusion = _concluded(plan, answer) or await self._settled(plan, answer)
            if conclusion is not None:
                return self._outcome(plan, answer, conclusion, started, tries)
        reason = f"no call was applied, and the last answer was: {answer.message or answer.status}"
        conclusion = _Conclusion(Status.FAILED, reason, Settled.READING)
        return self._outcome(plan, answer, conclusion, started, tries)

    async def _call(self, plan: ConfigurationPlan, leaving: Leaving) -> AssignAnswer:
        if self.second_admin is not None:
            return await self.second_admin.send(plan, leaving)
        return await self.tenant.assign(plan.configuration, plan.body, leaving)

    async def _leaves(self, plan: ConfigurationPlan, gone: set[Key]) -> None:
        """Before the call is under way its intent is on disk: from then on, whatever happens, it is in doubt.

        `gone` has it from the first of its tries on.
        """
        if self.look is not None:
            checked = await self.look(plan, plan.key in gone)
            if checked.outcome is not None:
                raise _LeftAlone(checked, checked.outcome)
        await self.journal.intend(plan.key)
        gone.add(plan.key)
        self.watch(Dispatched(plan.key))

    async def _settled(self, plan: ConfigurationPlan, answer: AssignAnswer) -> _Conclusion | None:
        """What reading says of a call that was left open; None where it was not applied and may be sent again.

        Readings lag writes, so what stood before is believed to stand still only after a while.
        """
        why = answer.message or "the answer left open whether it was applied"
        deadline = self.clock.monotonic() + ENOUGH
        where, now = await self._look(plan)
        for pause in PATIENCE:
            if where is Standing.AFTER or self.clock.monotonic() > deadline:
                break
            await self.clock.sleep(pause)
            where, now = await self._look(plan)
        match where:
            case Standing.AFTER:
                shown = "what was intended holds" if answer.pending else "it was"
                return _Conclusion(Status.SUCCEEDED, f"{why}; reading it again shows that {shown}", Settled.READING)
            case Standing.BEFORE:
                return None if _may_go_again(answer) else _refuted(answer)
            case Standing.UNKNOWN:
                reason = f"{why}; and it could not be read again: {now.note}"
                return _Conclusion(Status.FAILED, reason, Settled.READING, UNREAD if now.unanswered else "")
            case Standing.NEITHER:
                reason = f"{why}; what is there now is neither what stood before nor what was intended"
                return _Conclusion(Status.DRIFTED, reason, Settled.READING)

    async def _look(self, plan: ConfigurationPlan) -> tuple[Standing, Reading]:
        readings = await self.tenant.read([plan.configuration], purpose="read")
        now = readings[plan.key]
        return standing(plan.before, plan.after, now), now

    def _outcome(
        self, plan: ConfigurationPlan, answer: AssignAnswer, conclusion: _Conclusion, started: float, tries: int
    ) -> Outcome:
        return Outcome(
            plan.key,
            conclusion.status,
            conclusion.reason,
            code="" if conclusion.status is Status.SUCCEEDED else conclusion.code or answer.code,
            settled=conclusion.settled,
            confirmed=answer.confirmed,
            tries=tries,
            started=started,
            finished=self.clock.time(),
            http_status=answer.status,
            pending=conclusion.pending,
        )


@dataclass(frozen=True, slots=True)
class _Conclusion:
    status: Status
    reason: str
    settled: Settled
    code: str = ""
    pending: Pending | None = None


def _concluded(plan: ConfigurationPlan, answer: AssignAnswer) -> _Conclusion | None:
    """What the answer alone says, None where it has to be read again."""
    match answer.state:
        case AssignState.CONFIRMED if answer.confirmed is None or holds(plan.body, answer.confirmed):
            return _Conclusion(Status.SUCCEEDED, answer.message, Settled.ANSWER)
        case AssignState.REFUSED if answer.pending is None:
            return _Conclusion(Status.FAILED, answer.message, Settled.ANSWER)
        case AssignState.WAITING:
            return _Conclusion(Status.WAITING, answer.message, Settled.ANSWER, pending=answer.pending)
        case _:
            return None


def _may_go_again(answer: AssignAnswer) -> bool:
    """Whether a call that was not applied is worth sending once more: one that got no answer is, one that was refused
    by an overloaded or broken service until its tries were used up is not."""
    return answer.state is AssignState.UNKNOWN and answer.status not in (408, 429, 500, 502, 503)


def _refuted(answer: AssignAnswer) -> _Conclusion:
    """Not applied, whatever the answer was."""
    if answer.state is AssignState.REFUSED:
        return _Conclusion(Status.FAILED, answer.message, Settled.READING)
    if answer.state is AssignState.UNKNOWN:
        return _Conclusion(
            Status.FAILED, f"{answer.message}; reading it again shows that it was not applied", Settled.READING
        )
    reason = f"the service answered {answer.status}, yet what stood before still stands"
    return _Conclusion(Status.FAILED, reason, Settled.READING)
