"""What is remembered from one run to the next, and what is believed of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.pacing.state import State, read_state

KEYS = st.sampled_from(["limit", "span", "rate", "burst", "share", "refusals_count", "recent", "age"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = SCALARS | st.lists(SCALARS, max_size=4) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
NUMBERS = st.floats(0.001, 1e6)
STATES = st.builds(
    State,
    limit=st.none() | st.integers(1, 10**6),
    span=st.none() | NUMBERS,
    rate=st.none() | NUMBERS,
    burst=st.none() | st.tuples(NUMBERS, NUMBERS),
    share=st.none() | st.floats(0.001, 1.0),
    refusals_count=st.booleans(),
    recent=st.lists(st.integers(0, 600).map(float), max_size=20).map(tuple),
)


def in_json(state: State) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(json.dumps(state.as_json(), allow_nan=False))
    return written


@given(STATES)
def test_what_was_written_is_what_is_read(state: State) -> None:
    assert read_state(in_json(state)) == state


def test_its_age_is_not_written_but_read() -> None:
    assert "age" not in State(age=5.0).as_json()
    assert read_state({"age": 5.0}).age == 5.0


@pytest.mark.parametrize("told", [None, {}, [], "100/20s", 7])
def test_nothing_remembered_is_nothing_known(told: Any) -> None:
    assert read_state(told) == State()


@given(st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=9))
def test_whatever_stands_there_what_is_read_makes_sense(told: dict[str, Any]) -> None:
    state = read_state(told)
    assert read_state(in_json(state) | {"age": state.age}) == state
    assert state.limit is None or state.limit >= 1
    assert all(number is None or number > 0 for number in (state.span, state.rate, *(state.burst or ())))
    assert state.share is None or 0 < state.share <= 1
    assert all(seconds >= 0 for seconds in (state.age, *state.recent))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "many"),
        ("limit", True),
        ("limit", 0),
        ("limit", 0.5),
        ("limit", 1e300),
        ("limit", 10**400),  # which is no float
        ("span", -20.0),
        ("span", float("nan")),
        ("rate", float("inf")),
        ("rate", 0.0),
        ("burst", [40]),
        ("burst", [40, 0]),
        ("burst", ["40", 2.0]),
        ("share", 1.5),
        ("recent", "often"),
        ("recent", [-1.0, None, "x"]),
        ("age", -5.0),
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(name: str, value: object) -> None:
    assert read_state({name: value}) == State()


def test_one_thing_that_makes_no_sense_spoils_nothing_else() -> None:
    state = read_state({"limit": 60, "span": 20.0, "rate": "fast", "recent": [1.0, None, 2.0]})
    assert (state.limit, state.span, state.rate, state.recent) == (60, 20.0, None, (1.0, 2.0))


def test_no_more_calls_are_remembered_than_a_window_may_hold() -> None:
    ages = tuple(map(float, range(9000, 0, -1)))
    remembered = read_state(in_json(State(recent=ages))).recent
    assert len(remembered) == 5000
    assert remembered[-1] == 1.0  # the newest ones
