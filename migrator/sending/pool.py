"""Many configurations at once: pools of workers, each worker with one call in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from migrator.model.errors import MigratorError, Stopped
from migrator.model.events import Concluded, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.outcome import Outcome, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Journal
from migrator.sending.breaker import Breaker
from migrator.sending.feed import Feed

Dispatch = Callable[[ConfigurationPlan], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcomes of those whose turn came; `error` is what ended it before its time (a sign-in that is gone)."""

    outcomes: tuple[Outcome, ...]
    error: MigratorError | None = None


async def send_all(
    feeds: Sequence[Feed], dispatch: Dispatch, *, workers: int, journal: Journal, watch: Watch, stop: asyncio.Event
) -> Sent:
    """Sends what the feeds give. Once `stop` is set no further call leaves; those in flight finish.

    Each feed has as many workers as it may have calls in flight, so that a limit that one of them has used up keeps
    nothing else waiting.

    After refusals that mean the whole run the rest is not sent, and fails with that as its reason.
    """
    watch(StageStarted(Stage.ASSIGN, sum(map(len, feeds))))
    breaker = Breaker()
    outcomes: list[Outcome] = []
    errors: list[MigratorError] = []

    async def work(feed: Feed) -> None:
        while not stop.is_set() and not errors:
            try:
                plan = await feed.next()
                if plan is None:
                    return
                outcomes.append(await _one(plan, dispatch, breaker, journal, watch))
            except Stopped:
                return
            except MigratorError as error:  # nothing more can succeed, but what is in flight may finish
                errors.append(error)
            watch(StageAdvanced(Stage.ASSIGN))

    async with asyncio.TaskGroup() as group:
        for feed in feeds:
            for _ in range(min(workers, len(feed))):
                group.create_task(work(feed))
    try:
        await journal.kept()
    except MigratorError as error:
        errors.append(error)
    watch(StageFinished(Stage.ASSIGN))
    return Sent(tuple(outcomes), errors[0] if errors else None)


async def _one(
    plan: ConfigurationPlan, dispatch: Dispatch, breaker: Breaker, journal: Journal, watch: Watch
) -> Outcome:
    if not breaker.open:
        outcome = await dispatch(plan)
        breaker.note(outcome)
        return outcome
    refused = breaker.refusal.http_status if breaker.refusal else 0
    outcome = Outcome(plan.key, Status.FAILED, f"not sent: {breaker.reason}", code="notSent", http_status=refused)
    await journal.conclude(outcome)
    watch(Concluded(outcome))
    return outcome
