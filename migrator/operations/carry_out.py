"""Carries a journalled plan out: guard, send, read back. Goes on wherever an earlier attempt stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from migrator.model.configuration import Key
from migrator.model.events import Concluded, ReadBack
from migrator.model.outcome import Outcome, Settled, Status, Verdict
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading
from migrator.model.record import RunRecord
from migrator.operations.draw_up import read
from migrator.sending.dispatch import Dispatcher
from migrator.sending.guard import Checked, check
from migrator.sending.pool import send_all
from migrator.verification.read_back import read_back
from migrator.verification.verdict import verdict

if TYPE_CHECKING:
    from migrator.operations.connect import Connection


@dataclass(slots=True)
class Stop:
    """A person's wish to stop: no further call leaves, those in flight finish.

    `heard` says whether somebody is listening: before anything is sent there is nothing to finish first.
    """

    wished: asyncio.Event = field(default_factory=asyncio.Event)
    heard: bool = False


async def carry_out(
    folder: RunFolder,
    connection: Connection,
    *,
    workers: int,
    stop: Stop,
    approved: float,
    readings: Mapping[Key, Reading] | None = None,
) -> RunRecord:
    """Everything of a run that is not done yet, up to verification; the record as it is afterwards.

    `readings` were made just now by a second route; None reads them. `approved` is when a person said go.
    """
    record = read_record(folder)
    waiting = [plan for plan in record.plan.configurations if not _done(record, plan)]
    async with JournalWriter(folder) as journal:
        await journal.mark(approved=approved)
        connection.attempts.keep_in(journal)
        stop.heard = True
        try:
            now = readings or await read((p.configuration for p in waiting if not p.blocked), connection)
            checked = [_check(record, plan, now) for plan in waiting]
            await _conclude(checked, journal, connection)
            dispatcher = Dispatcher(connection.tenant, journal, connection.clock, connection.watch)
            outcomes = await send_all(
                [c.plan for c in checked if c.outcome is None],
                dispatcher.dispatch,
                workers=workers,
                journal=journal,
                watch=connection.watch,
                stop=stop.wished,
            )
            await _verify(record, outcomes, connection, journal)
            if not stop.wished.is_set():
                await journal.mark(finished=connection.clock.time())
        finally:
            connection.attempts.keep_in(None)
    return read_record(folder)


def _done(record: RunRecord, plan: ConfigurationPlan) -> bool:
    """Whether an earlier attempt finished it; what failed or waited is tried again, what drifted needs a new plan."""
    outcome = record.outcome_of().get(plan.key)
    return outcome is not None and outcome.status in (Status.SUCCEEDED, Status.UNCHANGED, Status.DRIFTED)


def _check(record: RunRecord, plan: ConfigurationPlan, now: Mapping[Key, Reading]) -> Checked:
    reading = plan.reading if plan.blocked else now[plan.key]
    return check(plan, reading, intended=plan.key in record.intended)


async def _conclude(checked: Iterable[Checked], journal: JournalWriter, connection: Connection) -> None:
    """The outcomes that need no call, and what their reading shows."""
    decided = [(c, c.outcome) for c in checked if c.outcome is not None]
    await asyncio.gather(*(journal.conclude(outcome) for _, outcome in decided))
    seen = [
        verdict(c.plan.key, c.plan.after, c.reading, connection.clock.time()) for c, _ in decided if not c.plan.blocked
    ]
    await journal.verified(seen)
    for _, outcome in decided:
        connection.watch(Concluded(outcome))
    for verification in seen:
        connection.watch(ReadBack(verification))


async def _verify(
    record: RunRecord, outcomes: Iterable[Outcome], connection: Connection, journal: JournalWriter
) -> None:
    """Reads back what was sent now, and what an earlier attempt sent and did not see verified."""
    verified = {key for key, v in record.verification_of().items() if v.verdict is Verdict.VERIFIED}
    wanted = {o.key for o in outcomes if o.settled is not Settled.NOTHING_SENT and o.status is not Status.WAITING}
    wanted |= {o.key for o in record.outcomes if o.status is Status.SUCCEEDED and o.key not in verified}
    plans = [plan for plan in record.plan.configurations if plan.key in wanted]
    if plans:
        await read_back(
            [plan.configuration for plan in plans],
            {plan.key: plan.after for plan in plans},
            connection.tenant,
            journal=journal,
            clock=connection.clock,
            watch=connection.watch,
        )
