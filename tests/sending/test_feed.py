"""What the feed does when reading again goes badly or takes long, and what that means for those who are on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from migrator.model.configuration import Configuration
from migrator.model.errors import SignInError
from migrator.model.events import ignore
from migrator.model.outcome import Outcome, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading
from migrator.sending.feed import FRESH, Feed
from migrator.sending.guard import Checked
from migrator.sending.pool import send_all
from tests.memory import MemoryJournal, assigned
from tests.virtual_clock import VirtualClock


def plans(number: int) -> list[ConfigurationPlan]:
    configurations = [Configuration("configurationPolicies", f"p{n}", f"Policy {n}") for n in range(number)]
    return [ConfigurationPlan(c, Reading(assigned(1), True), assigned(2), (), ()) for c in configurations]


async def unread(plans: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
    raise AssertionError(f"{plans} are fresh enough")


async def nobody(checked: Checked) -> None:
    raise AssertionError(f"{checked} was to be written")


async def test_reading_that_takes_longer_than_it_holds_is_done_for_fewer_and_ends() -> None:
    clock, windows = VirtualClock(), list[int]()

    async def reread(window: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        windows.append(len(window))
        clock.now += 0.9 * len(window)
        return [Checked(plan, plan.reading, None) for plan in window]

    todo = plans(150)
    feed = Feed(todo, clock.now - FRESH - 1, clock, reread=reread, decided=nobody)
    given = [await feed.next() for _ in range(len(todo) + 1)]
    assert given == [*todo, None]
    assert windows == [100, 50, 50, 50]


async def test_where_even_one_takes_too_long_it_is_given_as_fresh_as_it_can_be() -> None:
    clock, windows = VirtualClock(), list[int]()

    async def reread(window: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        windows.append(len(window))
        clock.now += FRESH + 10
        return [Checked(plan, plan.reading, None) for plan in window]

    todo = plans(5)
    feed = Feed(todo, clock.now - FRESH - 1, clock, reread=reread, decided=nobody)
    assert [await feed.next() for _ in range(6)] == [*todo, None]
    assert windows == [5, 2, 1, 1, 1, 1, 1]


async def test_a_sign_in_that_is_gone_while_reading_ends_the_sending_and_lets_what_is_in_flight_finish() -> None:
    clock, left, finish = VirtualClock(), asyncio.Event(), asyncio.Event()

    async def reread(_window: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
        finish.set()
        raise SignInError("the token is gone")

    async def dispatch(plan: ConfigurationPlan) -> Outcome:
        left.set()
        clock.now += FRESH + 1
        await finish.wait()
        await asyncio.sleep(0)
        return Outcome(plan.key, Status.SUCCEEDED)

    feed = Feed(plans(4), clock.now, clock, reread=reread, decided=nobody)
    sent = await send_all([feed], dispatch, workers=2, journal=MemoryJournal(), watch=ignore, stop=asyncio.Event())
    assert [outcome.status for outcome in sent.outcomes] == [Status.SUCCEEDED]
    assert isinstance(sent.error, SignInError)


async def test_whatever_waits_for_one_service_keeps_nothing_of_another_waiting() -> None:
    clock, other_is_done = VirtualClock(), asyncio.Event()
    full, free = plans(3), [replace(plan, configuration=Configuration("scripts", "s", "S")) for plan in plans(3)]

    async def dispatch(plan: ConfigurationPlan) -> Outcome:
        if plan in full:
            await other_is_done.wait()
        else:
            done.append(plan)
            if len(done) == len(free):
                other_is_done.set()
        return Outcome(plan.key, Status.SUCCEEDED)

    done = list[ConfigurationPlan]()
    feeds = [Feed(lane, clock.now, clock, reread=unread, decided=nobody) for lane in (full, free)]
    sending = send_all(feeds, dispatch, workers=2, journal=MemoryJournal(), watch=ignore, stop=asyncio.Event())
    sent = await asyncio.wait_for(sending, 10)
    assert len(sent.outcomes) == 6
