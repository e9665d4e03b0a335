"""One configuration's call: what the answer says, and what reading says where the answer says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration, Key
from migrator.model.errors import SignInError
from migrator.model.events import ignore
from migrator.model.outcome import AssignAnswer, AssignState, Outcome, Settled, Status
from migrator.model.plan import Change, ConfigurationPlan, Effect
from migrator.model.reading import Reading
from migrator.sending.dispatch import Dispatcher
from migrator.sending.guard import check
from migrator.sending.pool import send_all
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


async def pooled(there: MemoryTenant, plans: list[ConfigurationPlan], stop: asyncio.Event) -> tuple[Outcome, ...]:
    there.lists |= {p.key: BEFORE for p in plans}
    dispatcher = Dispatcher(there, MemoryJournal(), VirtualClock(), ignore)
    return await send_all(plans, dispatcher.dispatch, workers=4, journal=MemoryJournal(), watch=ignore, stop=stop)


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


async def test_refusals_that_are_all_the_same_stop_the_rest() -> None:
    there = tenant(*[says(AssignState.REFUSED, code="Forbidden", message="no permission")] * 50)
    outcomes = await pooled(there, many(50), asyncio.Event())
    assert len(outcomes) == 50
    assert len(there.sent) < 12
    assert sum(o.code == "notSent" for o in outcomes) == 50 - len(there.sent)


async def test_a_sign_in_that_is_gone_ends_the_pool_with_that_error() -> None:
    there = tenant()

    def gone(_configuration: Configuration, _assignments: Assignments) -> AssignAnswer:
        raise SignInError("signed out")

    there.answers = [gone]
    with pytest.raises(SignInError, match="signed out"):
        await pooled(there, many(5), asyncio.Event())


def test_keys_are_kind_and_id() -> None:
    assert plan().key == Key("configurationPolicies", "p")
