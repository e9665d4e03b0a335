"""A plan in the journal: every assignment once, and all of it back."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import HealthCheck, given, settings

from migrator.journal.packed import pack, unpack
from migrator.journal.records import encode
from migrator.model.plan import ConfigurationPlan
from tests.journal.values import anything, configuration_plan


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(plan=anything(ConfigurationPlan))
def test_a_plan_comes_back_to_the_property(plan: ConfigurationPlan) -> None:
    again = unpack(pack(plan))
    assert again == plan
    assert repr(dataclasses.asdict(again)) == repr(dataclasses.asdict(plan))  # with what Graph sent


def test_each_assignment_is_kept_once_however_often_the_plan_shows_it() -> None:
    plan = configuration_plan()
    kept = json.loads(pack(plan))["assignments"]
    assert [a["target"]["id"] for a in kept] == ["legacy", "stays", "new"]


def test_what_was_one_value_is_one_value_again() -> None:
    again = unpack(pack(configuration_plan()))
    before, after = again.before[1], again.after[1]
    assert before is after
    assert again.reading.answers[0].assignments == again.before
    assert again.changes[1].before is before


def test_equal_assignments_that_graph_sent_differently_stay_two() -> None:
    plan = configuration_plan()
    (first, second) = plan.before
    told_otherwise = dataclasses.replace(first, raw='{"id":"y"}')
    reading = dataclasses.replace(plan.reading, assignments=(told_otherwise, second))
    again = unpack(pack(dataclasses.replace(plan, reading=reading)))
    assert again.before[0].raw == '{"id":"y"}'
    assert again.changes[0].before is not None
    assert again.changes[0].before.raw == first.raw


def test_a_plan_that_an_earlier_version_kept_whole_is_read() -> None:
    plan = configuration_plan()
    assert unpack(encode(plan)) == plan


@pytest.mark.parametrize("change", [{"after": [9]}, {"after": None}, {"assignments": []}], ids=str)
def test_what_is_no_plan_is_a_value_error(change: dict[str, object]) -> None:
    broken = json.dumps({**json.loads(pack(configuration_plan())), **change})
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is msgspec's
        unpack(broken)
