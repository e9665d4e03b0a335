"""When the service is down for everybody: the pauses, the one call that is tried, and going on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.configuration import Configuration, Key
from migrator.model.errors import GraphError
from migrator.model.events import Event, Said
from migrator.model.outcome import Outcome, Settled, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading, Route, RouteAnswer
from migrator.sending.circuit import AFTER, LONGEST_PAUSE, PATIENCE, UNREAD, Circuit, unanswered
from migrator.sending.feed import FRESH, Feed
from migrator.sending.guard import Checked
from migrator.sending.pool import Sent, send_all
from tests.memory import MemoryJournal, assigned
from tests.virtual_clock import VirtualClock


@pytest.mark.parametrize("status", [0, 408, 429, 502, 503, 504])
def test_what_nobody_answered(status: int) -> None:
    assert unanswered(Outcome(Key("k", "1"), Status.FAILED, tries=8, http_status=status))
    assert not unanswered(Outcome(Key("k", "1"), Status.SUCCEEDED, tries=8, http_status=status))
    assert not unanswered(Outcome(Key("k", "1"), Status.FAILED, http_status=status))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 501])
def test_a_refusal_is_an_answer(status: int) -> None:
    assert not unanswered(Outcome(Key("k", "1"), Status.FAILED, tries=1, http_status=status, settled=Settled.ANSWER))


def test_a_500_may_be_about_one_configuration_unless_it_could_not_be_read_either() -> None:
    broken = Outcome(Key("k", "1"), Status.FAILED, tries=4, http_status=500, settled=Settled.READING)
    assert not unanswered(broken)
    assert unanswered(replace(broken, code=UNREAD))


def test_a_reading_right_before_the_call_that_nobody_answered_is_none() -> None:
    assert unanswered(Outcome(Key("k", "1"), Status.FAILED, code=UNREAD))
    assert not unanswered(Outcome(Key("k", "1"), Status.FAILED, code="readingNotSettled"))


def test_a_page_in_graphs_place_is_none() -> None:
    assert unanswered(Outcome(Key("k", "1"), Status.FAILED, tries=1, http_status=200, settled=Settled.READING))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300)), max_size=60))
def test_it_is_one_call_that_is_tried_and_it_ends(story: list[tuple[bool, int]]) -> None:
    """Whatever comes back, and whenever: at most one call is on the way while it is open, pauses grow and are bounded,
    an answer lets everybody go, and what is down for long is given up."""
    circuit, now, row, since, last = Circuit(), 0.0, 0, 0.0, 0.0  # since when it is open
    for down, passed in story:
        now += passed
        tried = circuit.open
        wait = circuit.delay(now)
        if circuit.over:
            assert wait == math.inf
            assert now - since + LONGEST_PAUSE >= PATIENCE
            return
        assert 0 <= wait <= LONGEST_PAUSE
        now += wait
        if wait:
            assert circuit.open
            assert circuit.delay(now) == 0.0
        if tried:
            assert circuit.delay(now) == math.inf
        circuit.note(now, down=down, tried=tried)
        row = row + 1 if down else 0
        since = now if row == AFTER else since
        assert circuit.open == (row >= AFTER)
        if circuit.open:
            assert circuit.pause == LONGEST_PAUSE or circuit.pause > last
            last = circuit.pause
        else:
            assert circuit.delay(now) == 0.0
            last = 0.0


def test_what_was_on_the_way_when_it_opened_tells_nothing_new() -> None:
    circuit = Circuit()
    for _ in range(32):
        circuit.note(100.0, down=True)
    assert (circuit.open, circuit.pause) == (True, 5.0)
    circuit.note(101.0, down=False)
    assert not circuit.open


def test_it_is_tried_however_long_the_first_failures_took() -> None:
    circuit = Circuit()
    for number in range(AFTER):
        circuit.note(700.0 * number, down=True)
    assert not circuit.over
    assert circuit.delay(700.0 * AFTER) == 0.0


def test_whoever_has_nothing_to_try_lets_another() -> None:
    circuit = Circuit()
    for _ in range(AFTER):
        circuit.note(0.0, down=True)
    assert circuit.delay(5.0) == 0.0
    circuit.gave_up()
    assert circuit.delay(5.0) == 0.0


class Service:
    """Down for some time; each call to it takes a second, and fails then as it does after all its tries."""

    def __init__(self, down: Callable[[float], bool], number: int = 40) -> None:
        self.down, self.clock, self.said = down, VirtualClock(), list[str]()
        self.plans = [
            ConfigurationPlan(
                Configuration("configurationPolicies", f"p{n}", f"Policy {n}"),
                Reading(assigned(1), True),
                assigned(2),
                (),
                (),
            )
            for n in range(number)
        ]
        self.sent: list[float] = []
        self.succeeded: list[Key] = []
        self.again: list[Key] = []
        self.decided: list[Checked] = []
        self.stop = asyncio.Event()

    async def dispatch(self, plan: ConfigurationPlan) -> Outcome:
        self.sent.append(self.clock.now)
        await self.clock.sleep(1.0)
        if self.down(self.clock.now):
            return Outcome(plan.key, Status.FAILED, "503", settled=Settled.READING, tries=8, http_status=503)
        self.succeeded.append(plan.key)
        return Outcome(plan.key, Status.SUCCEEDED, settled=Settled.ANSWER, tries=1, http_status=200)

    async def reread(self, plans: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        await self.clock.sleep(1.0)
        if not self.down(self.clock.now):
            return [Checked(plan, plan.reading, None) for plan in plans]
        nothing = Reading((), False, (RouteAnswer(Route.ASSIGNMENTS, None, "503"),), "503")
        return [Checked(plan, nothing, Outcome(plan.key, Status.FAILED, "unread")) for plan in plans]

    async def decide(self, checked: Checked) -> None:
        self.decided.append(checked)

    def watch(self, event: Event) -> None:
        if isinstance(event, Said):
            self.said.append(event.text)

    async def all(self, at: float = 0.0, parts: int = 1) -> Sent:
        """Sends everything, in so many feeds of plans that follow each other."""
        size = len(self.plans) // parts
        feeds = [
            Feed(self.plans[n * size : (n + 1) * size], at, self.clock, reread=self.reread, decided=self.decide)
            for n in range(parts)
        ]
        async with asyncio.timeout(20):
            return await send_all(
                feeds,
                self.dispatch,
                workers=8,
                journal=MemoryJournal(),
                watch=self.watch,
                stop=self.stop,
                again=self.again.append,
            )

    def while_open(self) -> Iterable[float]:
        return [at for at in self.sent if at > 5 and self.down(at)]


async def test_an_outage_is_waited_out_and_everything_is_done_in_the_end() -> None:
    service = Service(lambda now: 3 <= now < 120)
    done = await service.all()
    assert done.error is None
    assert {o.key for o in done.outcomes} == {p.key for p in service.plans}
    assert all(o.status is Status.SUCCEEDED for o in done.outcomes)
    assert len(service.succeeded) == len(set(service.succeeded)) == len(service.plans)
    assert len(list(service.while_open())) <= 5  # one call a pause
    assert service.again
    assert "The service is down: one call is tried in 5 s" in service.said[0]
    assert service.said[-1] == "The service answers again: sending goes on."
    assert not service.decided


async def test_one_that_stays_away_ends_the_run_and_leaves_the_rest_open() -> None:
    service = Service(lambda now: now >= 3)
    done = await service.all()
    assert not done.over
    assert done.down == (0,)
    assert isinstance(done.error, GraphError)
    assert "after ten minutes the service is still down" in str(done.error)
    assert PATIENCE - LONGEST_PAUSE <= service.clock.now <= PATIENCE + LONGEST_PAUSE
    assert len(list(service.while_open())) <= 20
    assert all(o.status is Status.SUCCEEDED for o in done.outcomes if o.key in service.succeeded)


async def test_a_service_that_is_gone_when_readings_grow_old_costs_nobody_his_turn() -> None:
    service = Service(lambda now: now < FRESH + 60)
    service.clock.now = FRESH + 1
    done = await service.all()
    assert done.error is None
    assert not service.decided
    assert len(service.succeeded) == len(service.plans)


async def test_stopping_is_heard_in_the_middle_of_a_pause() -> None:
    service = Service(lambda _now: True)

    def watch(event: Event) -> None:
        if isinstance(event, Said):
            service.stop.set()

    service.watch = watch  # type: ignore[method-assign]
    done = await service.all()
    assert done.error is None
    assert service.clock.now < 10


async def test_single_ones_that_fail_pause_nobody() -> None:
    service = Service(lambda _now: False)
    bad = {plan.key for plan in service.plans[::4]}
    well = service.dispatch

    async def dispatch(plan: ConfigurationPlan) -> Outcome:
        outcome = await well(plan)
        return outcome if plan.key not in bad else Outcome(plan.key, Status.FAILED, "500", tries=4, http_status=500)

    service.dispatch = dispatch  # type: ignore[method-assign]
    done = await service.all()
    assert not service.said
    assert sum(o.status is Status.FAILED for o in done.outcomes) == len(bad)


def failing(service: Service, keys: Iterable[Key], failure: Outcome) -> None:
    """From now on the calls of these come to this."""
    bad, well = set(keys), service.dispatch

    async def dispatch(plan: ConfigurationPlan) -> Outcome:
        outcome = await well(plan)
        return replace(failure, key=plan.key) if plan.key in bad else outcome

    service.dispatch = dispatch  # type: ignore[method-assign]


UNAVAILABLE = Outcome(Key("", ""), Status.FAILED, "503", UNREAD, Settled.READING, tries=8, http_status=503)


async def test_one_service_that_is_down_is_not_all_of_them() -> None:
    service = Service(lambda _now: False)
    failing(service, [plan.key for plan in service.plans[:20]], UNAVAILABLE)
    done = await service.all(parts=2)
    assert sum(o.status is Status.SUCCEEDED for o in done.outcomes) == 20
    assert "still down" in str(done.error)
    assert not done.over
    assert done.down == (0,)


async def test_a_service_that_can_be_read_is_not_down_altogether() -> None:
    """Its calls come to nothing, but what was done can be verified."""
    service = Service(lambda _now: False)
    failing(service, [plan.key for plan in service.plans[-6:]], replace(UNAVAILABLE, code="serviceUnavailable"))
    done = await service.all()
    assert "still down" in str(done.error)
    assert (done.over, done.down) == (False, ())


async def test_what_was_never_sent_is_in_no_doubt() -> None:
    """A reading right before the call that nobody answered, as the strict guard makes it."""
    service = Service(lambda now: now < 20)
    well, unread = service.dispatch, Outcome(Key("", ""), Status.FAILED, "unread", UNREAD)

    async def dispatch(plan: ConfigurationPlan) -> Outcome:
        outcome = await well(plan)
        return outcome if outcome.status is Status.SUCCEEDED else replace(unread, key=plan.key)

    service.dispatch = dispatch  # type: ignore[method-assign]
    done = await service.all()
    assert done.error is None
    assert len(service.succeeded) == len(service.plans)
    assert service.said
    assert not service.again
