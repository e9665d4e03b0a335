"""May this configuration be written? Only if what is there is what the plan was made from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.outcome import Outcome, Settled, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading
from migrator.sending.settle import Standing, standing


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan that was held against a reading made just now: `outcome` is None where its call may leave."""

    plan: ConfigurationPlan
    reading: Reading
    outcome: Outcome | None

    @property
    def unanswered(self) -> bool:
        """Whether no route gave any list: that may be the service's fault alone, and pass."""
        return not self.plan.blocked and self.reading.unanswered


def check(plan: ConfigurationPlan, now: Reading, *, intended: bool, of: str = "") -> Checked:
    """What to do with a plan.

    `intended` says that its call was about to leave once before (an interrupted run); `of` is the run that the plan
    puts back, "" where it is a mapping's.
    """
    return Checked(plan, now, _outcome(plan, now, intended, of))


def _outcome(plan: ConfigurationPlan, now: Reading, intended: bool, of: str) -> Outcome | None:
    if plan.blocked:
        return Outcome(plan.key, Status.FAILED, plan.blocked, code="readingNotSettled")
    match standing(plan.before, plan.after, now):
        case Standing.BEFORE if not plan.changes_anything:
            return Outcome(plan.key, Status.UNCHANGED, "nothing to do: it holds already")
        case Standing.BEFORE:
            return None
        case Standing.AFTER if intended:
            reason = "a call made earlier was applied"
            return Outcome(plan.key, Status.SUCCEEDED, reason, settled=Settled.READING)
        case Standing.AFTER:
            return Outcome(plan.key, Status.UNCHANGED, "what was intended holds already; somebody else did it")
        case Standing.NEITHER:
            reason = "somebody else changed it since the plan was made; it was left alone. Plan again to include it"
            since = f"somebody else changed it since run {of}, which is to be put back; it was left alone"
            return Outcome(plan.key, Status.DRIFTED, since if of else reason)
        case _:
            why = now.note or "no route gave a list"
            reason = f"what is assigned could not be read beyond doubt, so it was left alone: {why}"
            # A call of which it was not known whether it was applied is still in doubt, and the next attempt has to
            # know that: what it finds to hold may be that call's doing.
            settled = Settled.READING if intended else Settled.NOTHING_SENT
            return Outcome(plan.key, Status.FAILED, reason, code="readingNotSettled", settled=settled)
