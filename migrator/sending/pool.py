"""Many configurations at once: a pool of workers, each with one call in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from migrator.model.errors import MigratorError
from migrator.model.events import Concluded, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.outcome import Outcome, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Journal
from migrator.sending.breaker import Breaker

Dispatch = Callable[[ConfigurationPlan], Awaitable[Outcome]]


async def send_all(
    plans: Iterable[ConfigurationPlan],
    dispatch: Dispatch,
    *,
    workers: int,
    journal: Journal,
    watch: Watch,
    stop: asyncio.Event,
) -> tuple[Outcome, ...]:
    """The outcomes of all plans whose turn came. Once `stop` is set no further call leaves; those in flight finish.

    After refusals that are all the same the rest is not sent, and fails with that as its reason.
    """
    waiting = list(plans)
    watch(StageStarted(Stage.ASSIGN, len(waiting)))
    queue = iter(waiting)
    breaker = Breaker()
    outcomes: list[Outcome] = []

    async def work() -> None:
        for plan in queue:
            if stop.is_set():
                return
            if breaker.open:
                outcome = Outcome(plan.key, Status.FAILED, f"not sent: {breaker.reason}", code="notSent")
                await journal.conclude(outcome)
                watch(Concluded(outcome))
            else:
                outcome = await dispatch(plan)
                breaker.note(outcome)
            outcomes.append(outcome)
            watch(StageAdvanced(Stage.ASSIGN))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(waiting))):
                group.create_task(work())
    except* MigratorError as stopped:
        raise stopped.exceptions[0] from None
    watch(StageFinished(Stage.ASSIGN))
    return tuple(outcomes)
