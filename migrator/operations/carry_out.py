"""Carries a journalled plan out: guard, send, read back. Goes on wherever an earlier attempt stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from migrator.model.choice import LEFT_OUT, LeftOut
from migrator.model.configuration import Key
from migrator.model.errors import MigratorError, Stopped, WaitsFirst
from migrator.model.events import Concluded, ReadBack, Said
from migrator.model.kinds import KINDS
from migrator.model.outcome import Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan, Plan
from migrator.model.reading import Reading
from migrator.model.record import RunRecord
from migrator.model.second_admin import DECLINED
from migrator.model.settings import GuardMode, Settings
from migrator.operations.draw_up import Readings, read
from migrator.operations.open_run import options_now
from migrator.operations.put_back import check_not_put_back
from migrator.planning.caution import canary
from migrator.reporting.facts import elapsed
from migrator.sending.asking import SecondAdmin
from migrator.sending.breaker import Breaker
from migrator.sending.dispatch import Dispatcher
from migrator.sending.feed import FRESH, Feed
from migrator.sending.guard import Checked, check
from migrator.sending.pool import Sent, send_all
from migrator.verification.read_back import read_back
from migrator.verification.verdict import verdict

if TYPE_CHECKING:
    from migrator.model.limits import Area
    from migrator.operations.connect import Connection


LEAVE = 60.0
"""Seconds from a wish to stop until nothing is read any more either, neither to settle a call nor to verify: where the
service is down that would take many minutes."""


_WAITS_FIRST = WaitsFirst("those that went first wait for a second admin's approval; the rest was not sent")


@dataclass(slots=True)
class Stop:
    """A person's wish to stop: no further call leaves, those in flight finish.

    `heard` says whether there is anything in flight to wait for; where there is not, stopping is leaving. `begun` says
    whether anything may have been sent, `run` which run is being carried out ("" before there is one).
    """

    wished: asyncio.Event = field(default_factory=asyncio.Event)
    heard: bool = False
    begun: bool = False
    run: str = ""


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
    left_out: tuple[LeftOut, ...] | None = None,
) -> Carried:
    """Everything of a run that is not done yet, up to verification.

    `plan` is the run's own. `readings` were made for it; None, or old ones, are made anew. `approved` is when a person
    said go. `left_out` is what is not to be carried out; None keeps what was chosen before.
    """
    record = read_record(folder, plan)
    check_not_put_back(record.header)  # once more: somebody may have done that while a person was asked
    if left_out is not None:
        record = replace(record, header=replace(record.header, left_out=left_out))
    connection.client.gates.remind(record.attempts)
    async with JournalWriter(folder) as journal:
        worked = elapsed(record)
        await journal.mark(
            approved=record.header.approved or approved,
            finished=0.0,
            worked=worked,
            working=approved,
            options=options_now(record.header, settings),
            left_out=record.header.left_out,
        )
        try:
            with connection.kept_in(journal):
                left = {one.key: one.reason for one in record.header.left_out}
                breaker, outcomes = Breaker(_worked(record)), record.outcome_of()
                asks = SecondAdmin.of(record, settings.justification, connection.tenant, connection.clock)
                porter = _Porter(record, _in_doubt(record), left, connection, journal, breaker, outcomes, asks)
                error = await porter.carry(readings, settings, stop)
                if error is None and not stop.wished.is_set():
                    await journal.mark(finished=connection.clock.time())
        finally:
            await journal.mark(worked=worked + connection.clock.time() - approved, working=0.0)
    return Carried(read_record(folder, plan), error)


@dataclass(frozen=True, slots=True)
class _Porter:
    """One attempt at what is left of a run."""

    record: RunRecord
    in_doubt: set[Key]
    left_out: Mapping[Key, str]
    connection: Connection
    journal: JournalWriter
    breaker: Breaker
    outcomes: Mapping[Key, Outcome]  # of earlier attempts
    second_admin: SecondAdmin
    decided: dict[Key, Outcome] = field(default_factory=dict)  # without a call, in this attempt

    async def carry(self, readings: Readings | None, settings: Settings, stop: Stop) -> MigratorError | None:
        """Guard, send, read back; what ended the sending before its time, if anything did."""
        undone = self._waiting()
        waiting = [plan for plan in undone if not self._untouched(plan)]
        await self._pass_over([plan for plan in undone if self._untouched(plan)])
        clock = self.connection.clock
        if readings is None or clock.monotonic() - readings.at > FRESH:
            readings = await read((p.configuration for p in waiting if not p.blocked), self.connection)
        await self.second_admin.look_up(p.key for p in waiting)
        checked = [self._check(p, p.reading if p.blocked else readings.found[p.key]) for p in waiting]
        await self._conclude([c for c in checked if c.outcome is not None])
        ready = [c.plan for c in checked if c.outcome is None]
        try:
            async with _stopping(stop, self.connection):
                return await self._send_and_verify(ready, readings.at, settings, stop)
        except Stopped:  # what is not read by now is read by whoever resumes
            return None
        except MigratorError as error:  # a sign-in that is gone: what was sent is reported all the same
            return error

    async def _send_and_verify(
        self, ready: Sequence[ConfigurationPlan], at: float, settings: Settings, stop: Stop
    ) -> MigratorError | None:
        approved = self.second_admin.first(ready)
        first = approved or canary(ready, settings.caution.canary)
        released = len(self.record.intended) > settings.caution.canary
        held = settings.caution.canary and not released  # the rest goes once those that went first hold
        if held and self._waits() and len(approved) < len(ready):
            sent = await self._send(approved, at, settings, stop)
            await self._verify(sent.outcomes, earlier=True, silent=_silent(ready, sent))
            return sent.error or _WAITS_FIRST
        if settings.caution.canary and 0 < len(first) < len(ready):
            error = await self._send_first(first, at, settings, stop)
            if error is not None or stop.wished.is_set():
                return error
            gone = {plan.key for plan in first}
            ready = [plan for plan in ready if plan.key not in gone]
        sent = await self._send(ready, at, settings, stop)
        if not sent.over:
            await self._verify(sent.outcomes, earlier=True, silent=_silent(ready, sent))
        return sent.error

    async def _send_first(
        self, plans: Sequence[ConfigurationPlan], at: float, settings: Settings, stop: Stop
    ) -> MigratorError | None:
        """Sends a few and reads them back; an error where not all of them hold what was intended."""
        say = self.connection.watch
        say(Said(f"{len(plans):,} of the configurations go first; the rest only if they hold what is intended"))
        sent = await self._send(plans, at, settings, stop)
        found = () if sent.over else await self._verify(sent.outcomes, silent=_silent(plans, sent))
        if sent.error is not None or stop.wished.is_set():
            return sent.error
        good = {one.key for one in found if one.verdict is Verdict.VERIFIED}
        good |= {key for key, outcome in self.decided.items() if outcome.status in (Status.UNCHANGED, Status.SUCCEEDED)}
        bad = [plan.configuration.name or plan.configuration.id for plan in plans if plan.key not in good]
        waiting = {outcome.key for outcome in sent.outcomes if outcome.status is Status.WAITING}
        if bad and all(plan.key in good | waiting for plan in plans):
            return _WAITS_FIRST
        if not bad:
            say(Said("Those that went first hold what was intended: the rest follows"))
            return None
        many = f"{len(bad)} of the {len(plans)} configurations" if len(plans) > 1 else "the configuration"
        return MigratorError(
            f"{many} that went first could not be seen to hold what was intended ({', '.join(bad[:3])}"
            f"{', …' if len(bad) > 3 else ''}); the rest was not sent"
        )

    def _waits(self) -> bool:
        return any(outcome.status is Status.WAITING for outcome in self.decided.values())

    async def _send(self, plans: Sequence[ConfigurationPlan], at: float, settings: Settings, stop: Stop) -> Sent:
        """Sends what may be written by a reading made `at` (monotonic seconds)."""
        connection, strict = self.connection, settings.caution.guard is GuardMode.STRICT
        feeds = [Feed(lane, at, connection.clock, reread=self._reread, decided=self._decided) for lane in _lanes(plans)]
        dispatcher = Dispatcher(
            connection.tenant,
            self.journal,
            connection.clock,
            connection.watch,
            look=self._look if strict else None,
            decided=self._decided,
            second_admin=self.second_admin,
        )
        with _heard(stop):
            return await send_all(
                feeds,
                dispatcher.dispatch,
                workers=settings.concurrency,
                journal=self.journal,
                watch=connection.watch,
                stop=stop.wished,
                breaker=self.breaker,
                again=self.in_doubt.add,
                one_first=not self.second_admin.justification,
            )

    def _waiting(self) -> Sequence[ConfigurationPlan]:
        """What no earlier attempt finished: what failed or waited is tried again; what drifted, and what a second admin
        declined, needs a new plan.

        What was never sent goes first, so that what fails each time keeps nothing else from being done.
        """
        finished = (Status.SUCCEEDED, Status.UNCHANGED, Status.DRIFTED)
        done = {o.key for o in self.record.outcomes if o.status in finished and o.code != LEFT_OUT}
        done |= {o.key for o in self.record.outcomes if o.code == DECLINED}
        left = [plan for plan in self.record.plan.configurations if plan.key not in done]
        return sorted(left, key=lambda plan: plan.key in self.record.intended)

    def _untouched(self, plan: ConfigurationPlan) -> bool:
        """Whether it is left out, and no call of it ever left: then nothing has to be known of it."""
        return plan.key in self.left_out and plan.key not in self.record.intended

    async def _pass_over(self, plans: Iterable[ConfigurationPlan]) -> None:
        outcomes = [_left_out(plan, self.left_out[plan.key]) for plan in plans]
        await asyncio.gather(*(self.journal.conclude(o) for o in outcomes if self.outcomes.get(o.key) != o))
        for outcome in outcomes:
            self.connection.watch(Concluded(outcome))

    def _check(self, plan: ConfigurationPlan, now: Reading, again: bool = False) -> Checked:
        checked = check(plan, now, intended=again or plan.key in self.in_doubt, of=self.record.header.of)
        checked = self.second_admin.judge(checked)
        if checked.outcome is not None or plan.key not in self.left_out:
            return checked
        if plan.key not in self.record.intended:
            return replace(checked, outcome=_left_out(plan, self.left_out[plan.key]))
        before = self.outcomes.get(plan.key)  # it was tried, and stays what became of that
        reason = f"its call was not applied, and it is {self.left_out[plan.key]}"
        return replace(checked, outcome=before or Outcome(plan.key, Status.FAILED, reason, settled=Settled.READING))

    async def _reread(self, plans: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        found = await self.connection.tenant.read([plan.configuration for plan in plans])
        return [self._check(plan, found[plan.key]) for plan in plans]

    async def _look(self, plan: ConfigurationPlan, again: bool) -> Checked:
        found = await self.connection.tenant.read([plan.configuration])
        return self._check(plan, found[plan.key], again)

    async def _decided(self, checked: Checked) -> None:
        await self._conclude([checked])

    async def _conclude(self, checked: Iterable[Checked]) -> None:
        """Keeps the outcomes that need no call, and what their reading shows."""
        decided = [(c, c.outcome) for c in checked if c.outcome is not None]
        self.decided.update((c.plan.key, outcome) for c, outcome in decided)
        await asyncio.gather(*(self.journal.conclude(outcome) for _, outcome in decided))
        now = self.connection.clock.time()
        seen = [verdict(c.plan.key, c.plan.after, c.reading, now) for c, o in decided if _is_compared(c.plan, o)]
        await self.journal.verified(seen)
        for _, outcome in decided:
            self.connection.watch(Concluded(outcome))
        for verification in seen:
            self.connection.watch(ReadBack(verification))

    async def _verify(
        self, outcomes: Sequence[Outcome], *, earlier: bool = False, silent: Set[Area] = frozenset()
    ) -> Sequence[Verification]:
        """Reads back what was sent now and, where `earlier` says so, what an attempt before this one did not see
        verified: what it sent, and what it found to hold already and could not read since. Nothing is asked of the
        services that are `silent`."""
        seen = {key: v.verdict for key, v in self.record.verification_of().items()}
        sent = {o.key: o for o in outcomes if o.settled is not Settled.NOTHING_SENT and o.status is not Status.WAITING}
        unseen = {
            o.key
            for o in self.record.outcomes
            if (o.status is Status.SUCCEEDED and seen.get(o.key) is not Verdict.VERIFIED)
            or (o.status is Status.UNCHANGED and seen.get(o.key) is Verdict.UNREADABLE)
        }
        wanted = sent.keys() | (unseen if earlier else set())
        plans = [p for p in self.record.plan.configurations if p.key in wanted and _area(p) not in silent]
        if not plans:
            return ()
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
        return found

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


def _is_compared(plan: ConfigurationPlan, outcome: Outcome) -> bool:
    """Whether a reading says anything of it: one that is left out, or waits, is not meant to be as planned (yet)."""
    return not plan.blocked and outcome.code != LEFT_OUT and outcome.status is not Status.WAITING


def _left_out(plan: ConfigurationPlan, reason: str) -> Outcome:
    return Outcome(plan.key, Status.UNCHANGED, reason, code=LEFT_OUT)


def _lanes(plans: Iterable[ConfigurationPlan]) -> Sequence[Sequence[ConfigurationPlan]]:
    """Those of each service apart: each may have a limit of its own."""
    lanes: dict[Area, list[ConfigurationPlan]] = {}
    for plan in plans:
        lanes.setdefault(_area(plan), []).append(plan)
    return tuple(lanes.values())


def _area(plan: ConfigurationPlan) -> Area:
    return KINDS[plan.configuration.kind].area


def _worked(record: RunRecord) -> set[str]:
    """The kinds of which something succeeded in an earlier attempt."""
    return {outcome.key.kind for outcome in record.outcomes if outcome.status is Status.SUCCEEDED}


def _silent(plans: Iterable[ConfigurationPlan], sent: Sent) -> set[Area]:
    """The services that did not answer any more."""
    lanes = _lanes(plans)
    return {_area(lanes[number][0]) for number in sent.down}


def _in_doubt(record: RunRecord) -> set[Key]:
    """Those whose earlier call may have been applied without anybody knowing; one that was refused was not."""
    return set(record.intended) - {o.key for o in record.outcomes if o.settled is not Settled.READING}


@asynccontextmanager
async def _stopping(stop: Stop, connection: Connection) -> AsyncIterator[None]:
    """While the block runs, a wish to stop lets no write through any gate any more, and a while later no reading."""

    async def shut() -> None:
        await stop.wished.wait()
        connection.client.gates.shut()
        await connection.clock.sleep(LEAVE)
        connection.client.gates.shut(reads=True)

    watching = asyncio.create_task(shut())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@contextmanager
def _heard(stop: Stop) -> Iterator[None]:
    """While the block runs there is something in flight that a wish to stop waits for."""
    stop.begun = stop.heard = True
    try:
        yield
    finally:
        stop.heard = False
