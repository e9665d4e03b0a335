from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.journal.records import decode, encode
from migrator.model.configuration import Coverage
from migrator.model.finding import Finding
from migrator.model.outcome import Attempt, Outcome, Verification
from migrator.model.plan import ConfigurationPlan, Names, Plan
from migrator.model.record import RunHeader
from migrator.model.throttle import ThrottleState
from tests.journal.values import anything

KEPT = (ConfigurationPlan, Outcome, Attempt, Verification, Names, Coverage, Finding, Plan, RunHeader, ThrottleState)


def to_the_property(value: object) -> str:
    """`repr` leaves out what Graph sent, and so does `==`; here both count."""
    return repr(dataclasses.asdict(value))  # type: ignore[call-overload]  # a dataclass, as all in KEPT are


@pytest.mark.parametrize("type_", KEPT, ids=lambda t: t.__name__)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_is_kept_comes_back_to_the_property(type_: type[Any], data: st.DataObject) -> None:
    value = data.draw(anything(type_))
    again = decode(encode(value), type_)
    assert again == value
    assert to_the_property(again) == to_the_property(value)


def test_half_a_surrogate_pair_is_kept_and_its_text_can_be_stored() -> None:
    finding = Finding("note", "odd", "cut off in the middle: \ud83d")  # type: ignore[arg-type]  # as JSON gives it
    text = encode(finding)
    assert text.encode("ascii")
    assert decode(text, Finding).message == finding.message


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": 1}', "null"])
def test_what_is_no_such_value_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is msgspec's
        decode(text, Coverage)


def test_properties_of_a_newer_version_are_passed_over() -> None:
    assert decode('{"kind":"k","served":"read","colour":"blue"}', Coverage).kind == "k"
