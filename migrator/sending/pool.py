"""Many configurations at once: pools of workers, each worker with one call in flight."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.model.configuration import Key
from migrator.model.errors import GraphError, MigratorError, Stopped
from migrator.model.events import Said, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.kinds import KINDS
from migrator.model.outcome import Outcome, Settled
from migrator.model.plan import ConfigurationPlan
from migrator.model.ports import Journal
from migrator.model.second_admin import UNJUSTIFIED
from migrator.sending.breaker import Breaker
from migrator.sending.circuit import UNREAD, Circuit, unanswered
from migrator.sending.feed import Feed, Unread

Dispatch = Callable[[ConfigurationPlan], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcomes of those that were sent; `error` is why others were not. `over`: nothing further can be asked at all
    (a sign-in that is gone). `down` are the feeds, by their number, whose service answered no reading either when it
    was asked last."""

    outcomes: tuple[Outcome, ...]
    error: MigratorError | None = None
    over: bool = False
    down: tuple[int, ...] = ()


async def send_all(
    feeds: Sequence[Feed],
    dispatch: Dispatch,
    *,
    workers: int,
    journal: Journal,
    watch: Watch,
    stop: asyncio.Event,
    breaker: Breaker | None = None,
    again: Callable[[Key], None] = lambda _: None,
    one_first: bool = False,
) -> Sent:
    """Sends what the feeds give. Once `stop` is set no further call leaves; those in flight finish.

    Each feed has as many workers as it may have calls in flight, so that a limit that one of them has used up keeps
    nothing else waiting. After refusals that mean a whole kind the rest of it is not sent, and stays open. Where nobody
    answers the calls of a feed, it pauses, and goes on when the service is there again; what came to nothing meanwhile
    is given back to its feed, and `again` is told of those that may have been applied.
    `breaker` knows what was refused before. With `one_first` the first call of each kind goes alone, for what its
    answer may say of all others.
    """
    watch(StageStarted(Stage.ASSIGN, sum(map(len, feeds))))
    crew = _Crew(dispatch, watch, stop, again, breaker or Breaker(), one_first)
    lanes = [_Lane(feed) for feed in feeds]
    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            for _ in range(min(workers, len(lane.feed))):
                group.create_task(crew.work(lane))
    errors = list(crew.errors)
    try:
        await journal.kept()
    except MigratorError as error:
        errors.append(error)
    watch(StageFinished(Stage.ASSIGN))
    over = bool(errors)
    errors += [lane.error for lane in lanes if lane.error]
    if refused := crew.breaker.refusals():
        errors.append(_refused(refused))
    down = tuple(number for number, lane in enumerate(lanes) if lane.circuit.open and lane.unread)
    return Sent(tuple(crew.outcomes), errors[0] if errors else None, over, down)


@dataclass(slots=True, eq=False)
class _Lane:
    """One feed, and whether its service is there. `row` are the last ones in a row that nobody answered, each with what
    became of it; `unread` says that the last of them could not be read either."""

    feed: Feed
    circuit: Circuit = field(default_factory=Circuit)
    noted: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    row: list[tuple[ConfigurationPlan, Outcome]] = field(default_factory=list)
    unread: bool = False
    error: MigratorError | None = None

    def now(self) -> float:
        return self.feed.clock.monotonic()

    def note(self, *, down: bool, tried: bool, count: int) -> None:
        self.circuit.note(self.now(), down=down, tried=tried, count=count)
        self.tell()

    def gave_up(self, *, tried: bool) -> None:
        """There was nothing to send."""
        if tried:
            self.circuit.gave_up()
            self.tell()

    def tell(self) -> None:
        """Whoever waits for the circuit asks it again."""
        self.noted.set()
        self.noted = asyncio.Event()

    async def pause(self, seconds: float, stop: asyncio.Event) -> None:
        """Until the time has passed, something was noted, or stopping is wished."""
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self.noted.wait()),
            asyncio.ensure_future(stop.wait()),
        ]
        if seconds < math.inf:
            waits.append(asyncio.ensure_future(self.feed.clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


@dataclass(slots=True)
class _Crew:
    """What the workers of all lanes share."""

    dispatch: Dispatch
    watch: Watch
    stop: asyncio.Event
    again: Callable[[Key], None]
    breaker: Breaker
    one_first: bool = False
    first: dict[str, asyncio.Lock] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[MigratorError] = field(default_factory=list)
    counted: set[Key] = field(default_factory=set)

    async def work(self, lane: _Lane) -> None:
        while not self._ends(lane):
            try:
                async with lane.turn:  # what one of them learns while it reads again, the next one has to know
                    if self._ends(lane):
                        return
                    wait, tried = lane.circuit.delay(lane.now()), lane.circuit.open
                    plan = await self._next(lane, tried=tried) if wait == 0 else None
                if wait > 0:
                    await lane.pause(wait, self.stop)
                elif plan is None:
                    return
                elif self.breaker.open(plan.configuration.kind):
                    self._count(plan)
                    lane.gave_up(tried=tried)
                else:
                    await self._send(lane, plan, tried=tried)
            except Unread:
                continue
            except Stopped:
                return
            except MigratorError as error:  # nothing more can succeed, but what is in flight may finish
                self.errors.append(error)
                lane.tell()

    def _ends(self, lane: _Lane) -> bool:
        return self.stop.is_set() or bool(self.errors) or lane.circuit.over

    async def _next(self, lane: _Lane, *, tried: bool) -> ConfigurationPlan | None:
        try:
            plan = await lane.feed.next(alone=tried)
        except Unread as unread:
            lane.unread = True
            self._note(lane, str(unread), down=True, tried=tried, count=unread.count)
            raise
        if plan is None:
            lane.gave_up(tried=tried)
        return plan

    async def _send(self, lane: _Lane, plan: ConfigurationPlan, *, tried: bool) -> None:
        kind = plan.configuration.kind
        outcome = await self._dispatch(plan)
        if outcome is None:
            self._count(plan)
            lane.gave_up(tried=tried)
            return
        self.outcomes.append(outcome)
        down = unanswered(outcome)
        if not down:
            self.breaker.note(kind, outcome)
        if self.breaker.refusals().get(kind) is outcome and outcome.code != UNJUSTIFIED:
            self.watch(Said(f"{_title(kind)}: every call is refused, so the rest is not sent: {outcome.reason}"))
        self._count(plan)
        lane.unread = outcome.code == UNREAD
        if down:
            lane.row.append((plan, outcome))
        self._note(lane, outcome.reason, down=down, tried=tried)

    async def _dispatch(self, plan: ConfigurationPlan) -> Outcome | None:
        """What became of it; None where the first of its kind showed that it is not worth sending."""
        kind = plan.configuration.kind
        if not self.one_first or kind in self.answered:
            return await self.dispatch(plan)
        async with self.first.setdefault(kind, asyncio.Lock()):
            if kind not in self.answered:
                outcome = await self.dispatch(plan)
                self.breaker.note(kind, outcome)
                self.answered.add(kind)
                return outcome
        return None if self.breaker.open(kind) else await self.dispatch(plan)

    def _note(self, lane: _Lane, why: str, *, down: bool, tried: bool, count: int = 1) -> None:
        was_open = lane.circuit.open
        lane.note(down=down, tried=tried, count=count)
        if not down:
            lane.row.clear()
            if was_open:
                self.watch(Said("The service answers again: sending goes on."))
            return
        if not lane.circuit.open:
            return
        if lane.circuit.over:
            told = "after ten minutes the service is still down, so what is left was not sent; the last was"
            lane.error = GraphError(f"{told}: {why}")
            return
        back = {plan.key for plan, _ in lane.row if lane.feed.put_back(plan)}
        self.outcomes = [outcome for outcome in self.outcomes if outcome.key not in back]
        for _, outcome in lane.row:
            if outcome.settled is Settled.READING:  # a call of it left, and may have been applied after all
                self.again(outcome.key)
        lane.row.clear()
        if tried or not was_open:
            pause = lane.circuit.pause
            self.watch(
                Said(f"The service is down: one call is tried in {pause:.0f} s, all go on once it is up ({why})")
            )

    def _count(self, plan: ConfigurationPlan) -> None:
        if plan.key not in self.counted:
            self.counted.add(plan.key)
            self.watch(StageAdvanced(Stage.ASSIGN))


def _refused(refused: Mapping[str, Outcome]) -> GraphError:
    """Why whole kinds were not sent. Whether that is a missing permission alone is for the whole run to say."""
    parts = [
        f"{_title(kind)} was not sent further, for every call was refused: {o.reason}"
        for kind, o in refused.items()
        if o.code != UNJUSTIFIED
    ]
    if unjustified := {kind: o for kind, o in refused.items() if o.code == UNJUSTIFIED}:
        kinds = ", ".join(map(_title, unjustified))
        parts.append(
            f"{kinds}: {next(iter(unjustified.values())).reason} The rest of that was not sent: give a justification "
            "with --justification TEXT, and go on with `migrator resume`"
        )
    return GraphError("; ".join(parts))


def _title(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind
