"""Carries a journalled plan out: guard, send, read back. Goes on wherever an earlier attempt stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from migrator.model.configuration import Key
from migrator.model.errors import MigratorError
from migrator.model.events import Concluded, ReadBack
from migrator.model.kinds import KINDS
from migrator.model.outcome import Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan, Plan
from migrator.model.record import RunRecord
from migrator.operations.draw_up import Readings, read
from migrator.operations.open_run import options_now
from migrator.sending.dispatch import Dispatcher
from migrator.sending.feed import FRESH, Feed
from migrator.sending.guard import Checked, check
from migrator.sending.pool import send_all
from migrator.verification.read_back import read_back
from migrator.verification.verdict import verdict

if TYPE_CHECKING:
    from migrator.model.limits import Area
    from migrator.model.settings import Settings
    from migrator.operations.connect import Connection


@dataclass(slots=True)
class Stop:
    """A person's wish to stop: no further call leaves, those in flight finish.

    `heard` says whether there is anything in flight to wait for; where there is not, stopping is leaving. `begun` says
    whether anything may have been sent.
    """

    wished: asyncio.Event = field(default_factory=asyncio.Event)
    heard: bool = False
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """The record as it is afterwards; `error` is what ended the sending before its time."""

    record: RunRecord
    error: MigratorError | None = None


async def carry_out(
    folder: RunFolder,
    connection: Connection,
    *,
    settings: Settings,
    stop: Stop,
    approved: float,
    plan: Plan,
    readings: Readings | None = None,
) -> Carried:
    """Everything of a run that is not done yet, up to verification.

    `plan` is the run's own. `readings` were made for it; None, or old ones, are made anew. `approved` is when a person
    said go.
    """
    record = read_record(folder, plan)
    connection.client.gates.remind(record.attempts)
    async with JournalWriter(folder) as journal:
        await journal.mark(approved=record.header.approved or approved, options=options_now(record.header, settings))
        try:
            with connection.kept_in(journal):
                porter = _Porter(record, _in_doubt(record), connection, journal)
                error = await porter.carry(readings, settings.concurrency, stop)
                if error is None and not stop.wished.is_set():
                    await journal.mark(finished=connection.clock.time())
        finally:
            await journal.mark(worked=record.header.worked + connection.clock.time() - approved)
    return Carried(read_record(folder, plan), error)


@dataclass(frozen=True, slots=True)
class _Porter:
    """One attempt at what is left of a run."""

    record: RunRecord
    in_doubt: frozenset[Key]
    connection: Connection
    journal: JournalWriter

    async def carry(self, readings: Readings | None, workers: int, stop: Stop) -> MigratorError | None:
        """Guard, send, read back; what ended the sending before its time, if anything did."""
        waiting = self._waiting()
        clock = self.connection.clock
        if readings is None or clock.monotonic() - readings.at > FRESH:
            readings = await read((p.configuration for p in waiting if not p.blocked), self.connection)
        checked = [self._check(plan, readings) for plan in waiting]
        await self._conclude([c for c in checked if c.outcome is not None])
        feeds = [
            Feed(lane, readings.at, clock, reread=self._reread, decided=lambda one: self._conclude([one]))
            for lane in _lanes([c.plan for c in checked if c.outcome is None])
        ]
        dispatcher = Dispatcher(self.connection.tenant, self.journal, clock, self.connection.watch)
        async with _stopping(stop, self.connection):
            sent = await send_all(
                feeds,
                dispatcher.dispatch,
                workers=workers,
                journal=self.journal,
                watch=self.connection.watch,
                stop=stop.wished,
            )
        if sent.error is None:
            await self._verify(sent.outcomes)
        return sent.error

    def _waiting(self) -> Sequence[ConfigurationPlan]:
        """What no earlier attempt finished: what failed or waited is tried again, what drifted needs a new plan.

        What was never sent goes first, so that what fails each time keeps nothing else from being done.
        """
        finished = (Status.SUCCEEDED, Status.UNCHANGED, Status.DRIFTED)
        done = {o.key for o in self.record.outcomes if o.status in finished}
        left = [plan for plan in self.record.plan.configurations if plan.key not in done]
        return sorted(left, key=lambda plan: plan.key in self.record.intended)

    def _check(self, plan: ConfigurationPlan, readings: Readings) -> Checked:
        reading = plan.reading if plan.blocked else readings.found[plan.key]
        return check(plan, reading, intended=plan.key in self.in_doubt)

    async def _reread(self, plans: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        found = await self.connection.tenant.read([plan.configuration for plan in plans])
        return [check(plan, found[plan.key], intended=plan.key in self.in_doubt) for plan in plans]

    async def _conclude(self, checked: Iterable[Checked]) -> None:
        """Keeps the outcomes that need no call, and what their reading shows."""
        decided = [(c, c.outcome) for c in checked if c.outcome is not None]
        await asyncio.gather(*(self.journal.conclude(outcome) for _, outcome in decided))
        now = self.connection.clock.time()
        seen = [verdict(c.plan.key, c.plan.after, c.reading, now) for c, _ in decided if not c.plan.blocked]
        await self.journal.verified(seen)
        for _, outcome in decided:
            self.connection.watch(Concluded(outcome))
        for verification in seen:
            self.connection.watch(ReadBack(verification))

    async def _verify(self, outcomes: Sequence[Outcome]) -> None:
        """Reads back what was sent now, and what an earlier attempt sent and did not see verified."""
        verified = {key for key, v in self.record.verification_of().items() if v.verdict is Verdict.VERIFIED}
        sent = {o.key: o for o in outcomes if o.settled is not Settled.NOTHING_SENT and o.status is not Status.WAITING}
        earlier = {o.key for o in self.record.outcomes if o.status is Status.SUCCEEDED and o.key not in verified}
        plans = [plan for plan in self.record.plan.configurations if plan.key in sent or plan.key in earlier]
        if not plans:
            return
        found = await read_back(
            [plan.configuration for plan in plans],
            {plan.key: plan.after for plan in plans},
            self.connection.tenant,
            journal=self.journal,
            clock=self.connection.clock,
            watch=self.connection.watch,
            hopeless={key for key, outcome in sent.items() if outcome.status is not Status.SUCCEEDED},
        )
        await self._correct(sent, found)

    async def _correct(self, sent: Mapping[Key, Outcome], found: Iterable[Verification]) -> None:
        """A call in doubt that seemed not to be applied, and was after all: it takes its time to be seen."""
        for one in found:
            outcome = sent.get(one.key)
            if outcome is None or one.verdict is not Verdict.VERIFIED:
                continue
            if outcome.settled is Settled.READING and outcome.status in (Status.FAILED, Status.DRIFTED):
                reason = f"{outcome.reason}; read back later, it holds what was intended"
                corrected = replace(outcome, status=Status.SUCCEEDED, reason=reason, code="")
                await self.journal.conclude(corrected)
                self.connection.watch(Concluded(corrected))


def _lanes(plans: Iterable[ConfigurationPlan]) -> Sequence[Sequence[ConfigurationPlan]]:
    """Those of each service apart: each may have a limit of its own."""
    lanes: dict[Area, list[ConfigurationPlan]] = {}
    for plan in plans:
        lanes.setdefault(KINDS[plan.configuration.kind].area, []).append(plan)
    return tuple(lanes.values())


def _in_doubt(record: RunRecord) -> frozenset[Key]:
    """Those whose earlier call may have been applied without anybody knowing; one that was refused was not."""
    return record.intended - {o.key for o in record.outcomes if o.settled is not Settled.READING}


@asynccontextmanager
async def _stopping(stop: Stop, connection: Connection) -> AsyncIterator[None]:
    """While the block runs, a wish to stop lets nobody through the gate any more."""

    async def shut() -> None:
        await stop.wished.wait()
        connection.client.gates.shut()

    watching = asyncio.create_task(shut())
    stop.begun = stop.heard = True
    try:
        yield
    finally:
        stop.heard = False
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
