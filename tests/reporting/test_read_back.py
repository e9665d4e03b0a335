"""What was found when reading back, assignment by assignment."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.assignment import Assignment
from migrator.model.outcome import Verdict, Verification
from migrator.model.plan import Change
from migrator.reporting import read_back as told
from migrator.reporting.read_back import ReadBack, read_back
from tests.reporting.records import (
    OFFICE,
    STARTED,
    added,
    changed,
    configuration,
    excluded,
    included,
    kept,
    removed,
    swapped,
)

OLD, NEW, EVERYONE, KIOSKS = included("Old"), included("New"), included("Everyone"), included("Kiosks")


def after_reading(changes: list[Change], found: list[Assignment] | None) -> ReadBack:
    after = tuple(c.after for c in changes if c.after)
    seen = None if found is None else tuple(found)
    key = configuration("one", OFFICE).key
    return read_back(changes, after, Verification(key, Verdict.DIFFERENT, STARTED, seen))


def test_what_was_planned_is_found_and_what_was_removed_is_gone() -> None:
    found = after_reading(
        [swapped(OLD, NEW), removed(KIOSKS), kept(EVERYONE), added(excluded("X"))], [EVERYONE, NEW, excluded("X")]
    )
    assert found.tags == (told.FOUND, told.GONE, told.FOUND, told.FOUND)
    assert found.unexpected == ()


def test_a_list_that_did_not_change_is_told_apart() -> None:
    found = after_reading([swapped(OLD, NEW), removed(KIOSKS), kept(EVERYONE)], [OLD, KIOSKS, EVERYONE])
    assert found.tags == (told.MISSING, told.STILL_THERE, told.FOUND)
    assert found.unexpected == ()


def test_an_old_group_beside_the_new_one_is_seen() -> None:
    assert after_reading([swapped(OLD, NEW)], [OLD, NEW]).tags == (told.STILL_THERE,)


def test_an_old_group_that_another_row_wants_is_no_trouble() -> None:
    found = after_reading([swapped(OLD, NEW), swapped(KIOSKS, OLD)], [OLD, NEW])
    assert found.tags == (told.FOUND, told.FOUND)


def test_other_settings_are_a_difference_and_shown() -> None:
    wanted, there = included("New", rest='{"a":1}'), included("New", rest='{"a":2}')
    found = after_reading([added(wanted)], [there])
    assert (found.tags, found.differing) == ((told.DIFFERS,), (there,))


def test_settings_that_the_service_added_are_none() -> None:
    assert after_reading([added(NEW)], [included("New", rest='{"by":"service"}')]).tags == (told.FOUND,)


def test_what_nobody_planned_is_shown() -> None:
    assert after_reading([kept(EVERYONE)], [EVERYONE, KIOSKS]).unexpected == (KIOSKS,)


def test_a_changed_direction_leaves_nothing_of_the_old_one() -> None:
    assert after_reading([changed(OLD, excluded("Old"))], [excluded("Old")]).tags == (told.FOUND,)


def test_without_a_reading_nothing_is_claimed() -> None:
    changes = [kept(EVERYONE)]
    assert after_reading(changes, None).tags == (told.NOT_KNOWN,)
    assert read_back(changes, (EVERYONE,), None).tags == (told.NOT_KNOWN,)


def test_what_a_policy_set_made_is_not_judged() -> None:
    assert after_reading([kept(replace(EVERYONE, from_policy_set=True))], []).tags == (told.POLICY_SET,)
