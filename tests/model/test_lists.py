"""When two lists of assignments are the same, and how they differ."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.assignment import Assignment, Filter, Target, TargetType
from migrator.model.lists import difference, holds, same

A = Assignment(Target(TargetType.GROUP, "a"), rest='{"settings":{"n":1}}')
B = Assignment(Target(TargetType.EXCLUSION, "b"))
BY_SET = replace(B, target=Target(TargetType.GROUP, "c"), from_policy_set=True)


def test_order_raw_repetition_and_policy_sets_do_not_matter() -> None:
    assert same((A, B), (B, replace(A, raw="{}"), A, BY_SET))
    assert holds((A, B), (B, A, A, BY_SET))


def test_a_filter_a_setting_or_a_double_that_is_not_alike_does() -> None:
    for other in (replace(A, filter=Filter("f")), replace(A, rest='{"settings":{"n":2}}')):
        assert not same((A,), (other,))
        assert difference((A,), (other,)).changed == ((A, other),)
        assert not same((A,), (A, other))
        assert difference((A,), (A, other)).extra == (other,)


def test_what_the_service_adds_by_itself_is_no_difference_and_what_it_drops_is() -> None:
    richer = replace(A, rest='{"more":true,"settings":{"m":0,"n":1}}')
    assert holds((A,), (richer,))
    assert not holds((richer,), (A,))
    assert not same((A,), (richer,))


def test_missing_and_extra_are_told() -> None:
    found = difference((A,), (B,))
    assert (found.missing, found.extra, found.changed) == ((A,), (B,), ())
