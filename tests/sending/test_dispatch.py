"""One configuration's call: what the answer says, and what reading says where the answer says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import NoReturn

import pytest

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration, Key
from migrator.model.errors import GraphError, SignInError, Stopped
from migrator.model.events import ignore
from migrator.model.outcome import AssignAnswer, AssignState, Outcome, Settled, Status
from migrator.model.plan import Change, ConfigurationPlan, Effect
from migrator.model.reading import Reading
from migrator.sending.breaker import LATE, Breaker
from migrator.sending.dispatch import Dispatcher
from migrator.sending.feed import FRESH, Feed
from migrator.sending.guard import Checked, check
from migrator.sending.pool import Sent, send_all
from tests.memory import MemoryJournal, MemoryTenant, assigned
from tests.virtual_clock import VirtualClock

POLICY = Configuration("configurationPolicies", "p", "Policy")
BEFORE, AFTER, ELSE = assigned(1), assigned(1, 2), assigned(3)

Answer = Callable[[Configuration, Assignments], AssignAnswer]


def plan(configuration: Configuration = POLICY) -> ConfigurationPlan:
    changes = (Change(Effect.KEPT, BEFORE[0], BEFORE[0]), Change(Effect.ADDED, None, AFTER[1]))
    return ConfigurationPlan(configuration, Reading(BEFORE, True), AFTER, changes, ())


def tenant(*answers: Answer | None, now: Assignments = BEFORE) -> MemoryTenant:
    return MemoryTenant([POLICY], {POLICY.key: now}, answers=list(answers))


def says(state: AssignState, **more: object) -> Answer:
    def answer(_configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        return AssignAnswer(state, **more)  # type: ignore[arg-type] # test data

    return answer


def leaves(there: MemoryTenant, now: Assignments, state: AssignState = AssignState.UNKNOWN) -> Answer:
    def answer(configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        there.lists[configuration.key] = now
        return AssignAnswer(state, message="reset")

    return answer


async def dispatch(there: MemoryTenant, journal: MemoryJournal | None = None) -> Outcome:
    return await Dispatcher(there, journal or MemoryJournal(), VirtualClock(), ignore).dispatch(plan())


async def test_the_whole_list_is_sent_and_the_intent_is_kept_before() -> None:
    there, journal = tenant(), MemoryJournal()
    outcome = await dispatch(there, journal)
    assert there.sent == [(POLICY.key, AFTER)]
    assert outcome.status is Status.SUCCEEDED
    assert outcome.settled is Settled.ANSWER
    assert journal.told == [POLICY.key, outcome]


async def test_a_refusal_fails_with_the_services_words() -> None:
    outcome = await dispatch(tenant(says(AssignState.REFUSED, code="Forbidden", message="no permission")))
    assert (outcome.status, outcome.code, outcome.reason) == (Status.FAILED, "Forbidden", "no permission")


async def test_a_call_in_doubt_that_was_applied_succeeds_without_being_sent_again() -> None:
    there = tenant()
    there.answers = [leaves(there, AFTER)]
    outcome = await dispatch(there)
    assert (outcome.status, outcome.settled) == (Status.SUCCEEDED, Settled.READING)
    assert len(there.sent) == 1


async def test_a_call_in_doubt_that_was_not_applied_is_sent_again() -> None:
    there = tenant(says(AssignState.UNKNOWN, message="reset"), None)
    outcome = await dispatch(there)
    assert outcome.status is Status.SUCCEEDED
    assert len(there.sent) == 2


async def test_a_call_that_is_never_applied_fails_in_the_end() -> None:
    there = tenant(*[says(AssignState.UNKNOWN, message="reset")] * 9)
    outcome = await dispatch(there)
    assert outcome.status is Status.FAILED
    assert len(there.sent) == 3


async def test_a_call_in_doubt_that_left_something_else_is_drifted() -> None:
    there = tenant()
    there.answers = [leaves(there, ELSE)]
    outcome = await dispatch(there)
    assert outcome.status is Status.DRIFTED
    assert len(there.sent) == 1


async def test_a_confirmed_list_that_is_not_the_intended_one_is_not_believed() -> None:
    there = tenant(says(AssignState.CONFIRMED, status=200, confirmed=BEFORE))
    assert (await dispatch(there)).status is Status.FAILED


async def test_a_confirmed_list_that_lags_is_settled_by_reading() -> None:
    there = tenant()
    there.answers = [leaves(there, AFTER, AssignState.CONFIRMED)]
    there.answers[0] = lambda c, a: replace(leaves(there, AFTER, AssignState.CONFIRMED)(c, a), confirmed=BEFORE)
    assert (await dispatch(there)).settled is Settled.READING


async def test_a_write_that_waits_for_a_second_admin_is_waiting() -> None:
    outcome = await dispatch(tenant(says(AssignState.WAITING, code="approval", message="waits")))
    assert outcome.status is Status.WAITING


@pytest.mark.parametrize(
    ("now", "intended", "status"),
    [
        (BEFORE, False, None),
        (BEFORE, True, None),
        (AFTER, True, Status.SUCCEEDED),
        (AFTER, False, Status.UNCHANGED),
        (ELSE, False, Status.DRIFTED),
        ((), False, Status.DRIFTED),
    ],
)
def test_the_guard_lets_only_what_did_not_change_be_written(
    now: Assignments, intended: bool, status: Status | None
) -> None:
    outcome = check(plan(), Reading(now, True), intended=intended).outcome
    assert (outcome.status if outcome else None) is status


def test_the_guard_writes_nothing_on_a_reading_that_is_not_settled() -> None:
    outcome = check(plan(), Reading(BEFORE, False, note="routes differ"), intended=False).outcome
    assert outcome is not None
    assert outcome.status is Status.FAILED
    assert "routes differ" in outcome.reason


def many(number: int) -> list[ConfigurationPlan]:
    return [plan(Configuration("configurationPolicies", f"p{n}", f"Policy {n}")) for n in range(number)]


async def sent(
    there: MemoryTenant, plans: list[ConfigurationPlan], stop: asyncio.Event, breaker: Breaker | None = None
) -> Sent:
    there.lists |= {p.key: BEFORE for p in plans}
    dispatcher = Dispatcher(there, MemoryJournal(), VirtualClock(), ignore)
    feed = Feed(plans, 0.0, VirtualClock(), reread=never, decided=never)
    return await send_all(
        [feed],
        dispatcher.dispatch,
        workers=4,
        journal=MemoryJournal(),
        watch=ignore,
        stop=stop,
        breaker=breaker,
    )


async def pooled(
    there: MemoryTenant, plans: list[ConfigurationPlan], stop: asyncio.Event, breaker: Breaker | None = None
) -> tuple[Outcome, ...]:
    return (await sent(there, plans, stop, breaker)).outcomes


async def never(_: object) -> NoReturn:
    raise AssertionError("these readings are recent")


async def test_every_configuration_gets_one_call() -> None:
    there = tenant()
    outcomes = await pooled(there, many(50), asyncio.Event())
    assert len({o.key for o in outcomes}) == 50
    assert {key for key, _ in there.sent} == {o.key for o in outcomes}


async def test_no_call_leaves_once_stopping_is_wished() -> None:
    there, stop = tenant(), asyncio.Event()

    def stopping(configuration: Configuration, assignments: Assignments) -> AssignAnswer:
        stop.set()
        there.lists[configuration.key] = assignments
        return AssignAnswer(AssignState.CONFIRMED, 200, confirmed=assignments)

    there.answers = [stopping]
    outcomes = await pooled(there, many(50), stop)
    assert 1 <= len(outcomes) <= 4
    assert len(there.sent) == len(outcomes)


async def test_refusals_that_mean_the_whole_run_stop_the_rest() -> None:
    refusal = says(AssignState.REFUSED, status=403, code="Forbidden", message="no permission")
    there = tenant(*[refusal] * 50)
    done = await sent(there, many(50), asyncio.Event())
    assert len(done.outcomes) == len(there.sent) < 12
    assert {o.http_status for o in done.outcomes} == {403}
    assert isinstance(done.error, GraphError)  # whether a permission is missing is for the whole run to say
    assert not done.over
    assert "no permission" in str(done.error)


async def test_a_kind_that_is_refused_stops_no_other() -> None:
    there = tenant()
    forbidden, allowed = many(30), [plan(Configuration("mobileApps", f"a{n}", f"App {n}")) for n in range(30)]
    mixed = [one for pair in zip(forbidden, allowed, strict=True) for one in pair]
    refused = says(AssignState.REFUSED, status=403, code="Forbidden", message="no permission")

    def by_kind(configuration: Configuration, assignments: Assignments) -> AssignAnswer:
        if configuration.kind == "configurationPolicies":
            return refused(configuration, assignments)
        there.lists[configuration.key] = assignments
        return AssignAnswer(AssignState.CONFIRMED, 200, confirmed=assignments)

    there.answers = [by_kind] * 60
    done = await sent(there, mixed, asyncio.Event())
    assert sum(o.status is Status.SUCCEEDED for o in done.outcomes) == 30
    assert sum(o.status is Status.FAILED for o in done.outcomes) < 12
    assert isinstance(done.error, GraphError)  # some of it was done: that is no missing sign-in
    assert "Settings catalog" in str(done.error)


@pytest.mark.parametrize("status", [400, 409])
async def test_refusals_of_single_configurations_stop_nothing_else(status: int) -> None:
    there = tenant(*[says(AssignState.REFUSED, status=status, code="BadRequest", message="no")] * 20)
    outcomes = await pooled(there, many(50), asyncio.Event())
    assert len(there.sent) == 50
    assert sum(o.status is Status.SUCCEEDED for o in outcomes) == 30


async def test_once_something_succeeded_a_few_refusals_do_not_stop_the_rest() -> None:
    refusal = says(AssignState.REFUSED, status=403, code="Forbidden", message="not in scope")
    there = tenant(None, *[refusal] * 20)
    assert len(await pooled(there, many(50), asyncio.Event())) == 50
    assert len(there.sent) == 50


async def test_a_permission_that_ends_in_the_middle_stops_the_rest() -> None:
    refusal = says(AssignState.REFUSED, status=403, code="Forbidden", message="no permission any more")
    there = tenant(*[None] * 100, *[refusal] * 400)
    done = await sent(there, many(500), asyncio.Event())
    assert sum(o.status is Status.SUCCEEDED for o in done.outcomes) == 100
    assert LATE <= sum(o.status is Status.FAILED for o in done.outcomes) < LATE + 4
    assert "no permission any more" in str(done.error)


async def test_what_worked_earlier_is_not_stopped_by_a_few_refusals() -> None:
    refusal = says(AssignState.REFUSED, status=403, code="Forbidden", message="not in scope")
    there = tenant(*[refusal] * 20)
    outcomes = await pooled(there, many(50), asyncio.Event(), Breaker(["configurationPolicies"]))
    assert sum(o.status is Status.SUCCEEDED for o in outcomes) == 30


@pytest.mark.parametrize(("broken", "stops"), [(LATE - 1, False), (LATE + 4, True)])
async def test_many_that_the_service_breaks_at_stop_their_kind_and_some_do_not(broken: int, stops: bool) -> None:
    def fails(key: Key) -> Outcome:
        return Outcome(key, Status.FAILED, "500", settled=Settled.READING, tries=4, http_status=500)

    breaker = Breaker()
    for one in many(broken):
        breaker.note(one.configuration.kind, fails(one.key))
    assert breaker.open("configurationPolicies") is stops


async def test_a_sign_in_that_is_gone_ends_the_pool_and_keeps_what_was_done() -> None:
    there = tenant()

    def gone(_configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        raise SignInError("signed out")

    there.answers = [None, None, gone]
    end = await sent(there, many(50), asyncio.Event())
    assert isinstance(end.error, SignInError)
    assert 2 <= len(end.outcomes) <= 6
    assert {o.status for o in end.outcomes} == {Status.SUCCEEDED}


async def test_a_call_that_was_stopped_at_the_gate_has_no_outcome() -> None:
    there = tenant()

    def stopped(_configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        raise Stopped("not sent")

    there.answers = [stopped] * 50
    end = await sent(there, many(50), asyncio.Event())
    assert end == Sent(())


async def test_what_is_to_be_sent_late_is_read_again_before_its_turn() -> None:
    there, clock, plans = tenant(), VirtualClock(), many(10)
    there.lists |= {p.key: BEFORE for p in plans} | {plans[7].key: ELSE}
    decided: list[Checked] = []
    windows: list[int] = []

    async def reread(those: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        windows.append(len(those))
        found = await there.read([p.configuration for p in those])
        return [check(p, found[p.key], intended=False) for p in those]

    async def decide(checked: Checked) -> None:
        decided.append(checked)

    feed = Feed(plans, 0.0, clock, reread=reread, decided=decide)
    first = [await feed.next() for _ in range(3)]
    clock.now += FRESH + 1
    rest = [one async for one in until_empty(feed)]
    assert first == plans[:3]
    assert rest == [p for p in plans[3:] if p is not plans[7]]
    assert windows == [7]
    assert [c.outcome.status for c in decided if c.outcome] == [Status.DRIFTED]


async def until_empty(feed: Feed) -> AsyncIterator[ConfigurationPlan]:
    while (plan := await feed.next()) is not None:
        yield plan


async def test_what_lags_after_a_call_in_doubt_is_given_time_and_not_sent_again() -> None:
    there, clock = tenant(), VirtualClock()

    def applied_later(configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        asyncio.get_running_loop().create_task(appear(configuration))
        return AssignAnswer(AssignState.UNKNOWN, message="reset")

    async def appear(configuration: Configuration) -> None:
        await clock.sleep(3.0)
        there.lists[configuration.key] = AFTER

    there.answers = [applied_later]
    outcome = await Dispatcher(there, MemoryJournal(), clock, ignore).dispatch(plan())
    assert (outcome.status, outcome.settled) == (Status.SUCCEEDED, Settled.READING)
    assert len(there.sent) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_service_that_stays_broken_is_not_asked_all_over_again(status: int) -> None:
    there = tenant(*[says(AssignState.UNKNOWN, status=status, message=f"{status} to the end")] * 9)
    outcome = await dispatch(there)
    assert outcome.status is Status.FAILED
    assert "was not applied" in outcome.reason
    assert len(there.sent) == 1


def test_keys_are_kind_and_id() -> None:
    assert plan().key == Key("configurationPolicies", "p")
