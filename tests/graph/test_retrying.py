"""When a call is tried again, and when no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.protocol import Meaning, Reply
from migrator.graph.retrying import LONGEST, MOST_TRIES, MOST_TRIES_500, PATIENCE, Budget, persist
from migrator.graph.tries import Tried
from tests.virtual_clock import VirtualClock


def tried(meaning: Meaning, status: int = 503, seconds: float = 0.1, retry_after: float | None = None) -> Tried:
    return Tried(Reply(status), meaning, seconds, retry_after)


FINE = tried(Meaning.OK, 200)
BUSY = tried(Meaning.TRANSIENT)
FULL = tried(Meaning.THROTTLED, 429)


class Service:
    """Gives these, then the last for ever, and counts; every try takes some time of the clock."""

    def __init__(self, *results: Tried, clock: VirtualClock | None = None, takes: float = 0.0) -> None:
        self.results, self.asked = list(results), 0
        self.clock, self.takes = clock or VirtualClock(), takes

    async def __call__(self) -> Tried:
        self.asked += 1
        self.clock.now += self.takes
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]


async def test_a_success_is_not_tried_again() -> None:
    service = Service(FINE)
    assert await persist(service, service.clock) is FINE
    assert service.asked == 1


@pytest.mark.parametrize("meaning", [Meaning.REFUSED, Meaning.UNKNOWN, Meaning.UNAUTHORIZED])
async def test_nor_is_what_another_try_does_not_mend(meaning: Meaning) -> None:
    service = Service(tried(meaning, 400))
    assert (await persist(service, service.clock)).meaning is meaning
    assert service.asked == 1


async def test_what_fails_and_then_works_has_worked() -> None:
    service = Service(BUSY, BUSY, FINE)
    assert await persist(service, service.clock) is FINE
    assert service.asked == 3
    assert len(service.clock.slept) == 2


async def test_what_fails_every_time_comes_back_as_it_is_after_a_bounded_number_of_tries() -> None:
    service = Service(BUSY)
    assert await persist(service, service.clock) is BUSY
    assert service.asked == MOST_TRIES


async def test_an_internal_error_is_tried_a_few_times_only() -> None:
    service = Service(tried(Meaning.TRANSIENT, 500))
    await persist(service, service.clock)
    assert service.asked == MOST_TRIES_500


async def test_pauses_are_jittered_up_to_a_ceiling_that_doubles() -> None:
    service, highest = Service(BUSY), Budget(jitter=lambda _low, high: high)
    await persist(service, service.clock, highest)
    assert service.clock.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


async def test_retry_after_is_waited_for_at_least() -> None:
    service = Service(tried(Meaning.TRANSIENT, retry_after=17.0), FINE)
    await persist(service, service.clock)
    assert 17.0 <= service.clock.slept[0] <= 18.0


async def test_the_time_that_one_call_takes_is_bounded() -> None:
    service = Service(tried(Meaning.TRANSIENT, seconds=180.0))
    await persist(service, service.clock)
    assert 2 <= service.asked <= 4


async def test_a_service_that_throttles_for_minutes_is_waited_out() -> None:
    clock = VirtualClock()
    service = Service(*[FULL] * 100, FINE, clock=clock, takes=10.0)  # the pacer makes each wait its turn
    assert await persist(service, clock) is FINE
    assert service.asked == 101


async def test_but_not_for_ever() -> None:
    service = Service(FULL, takes=60.0)
    assert await persist(service, service.clock) is FULL
    assert PATIENCE < service.clock.now < PATIENCE + 200


async def test_nor_where_it_throttles_and_fails_by_turns() -> None:
    clock = VirtualClock()
    service = Service(*[FULL, FULL, FULL, FULL, BUSY] * 20, clock=clock, takes=400.0)
    await persist(service, clock)
    assert PATIENCE < clock.now < PATIENCE + LONGEST + 400


async def test_one_long_pause_is_waited_out_and_the_service_asked_once_more() -> None:
    service = Service(FULL, FINE, takes=3600.0)
    assert await persist(service, service.clock) is FINE


@given(
    st.lists(
        st.builds(
            tried,
            st.sampled_from([Meaning.TRANSIENT, Meaning.THROTTLED]),
            st.sampled_from([500, 503, 0, 429]),
            st.floats(0, 200),
            st.none() | st.floats(0, 3600),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_no_pause_is_negative_and_their_sum_is_bounded(story: list[Tried]) -> None:
    budget, paused, failures = Budget(), 0.0, 0
    for one in story:
        pause = budget.pause(one, 0.0)
        failures += one.meaning is Meaning.TRANSIENT
        if pause is None:
            break
        assert pause >= 0
        paused += pause
    assert paused <= LONGEST
    assert failures <= MOST_TRIES
