"""Adding up for how long calls were kept from going."""

from __future__ import annotations

from migrator.graph.held import Cause, Held
from migrator.model.throttle import Lost


def test_time_counts_for_its_cause_from_when_it_begins_until_it_ends() -> None:
    held = Held()
    held.change("writes", Cause.LIMIT, 10.0)
    held.change("writes", Cause.REFUSAL, 13.0)
    held.change("writes", None, 15.0)
    assert held.whole(100.0) == Lost(paced=3.0, refused=2.0)


def test_what_is_still_going_on_counts_until_now() -> None:
    held = Held()
    held.change("writes", Cause.LIMIT, 10.0)
    assert held.whole(12.0) == Lost(paced=2.0)
    assert held.whole(14.0) == Lost(paced=4.0)


def test_saying_the_same_again_changes_nothing() -> None:
    held = Held()
    for now in (10.0, 11.0, 12.0):
        held.change("writes", Cause.LIMIT, now)
    held.change("reads", None, 12.0)
    assert held.whole(12.0) == Lost(paced=2.0)


def test_a_second_at_two_gates_is_one_in_the_whole_and_a_refusals_where_it_is_one_anywhere() -> None:
    held = Held()
    held.change("writes", Cause.LIMIT, 0.0)
    held.change("reads", Cause.REFUSAL, 4.0)
    held.change("writes", None, 6.0)
    held.change("reads", None, 7.0)
    assert held.at("writes", 9.0) == Lost(paced=6.0)
    assert held.at("reads", 9.0) == Lost(refused=3.0)
    assert held.whole(9.0) == Lost(paced=4.0, refused=3.0)
