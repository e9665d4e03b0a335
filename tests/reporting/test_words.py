"""Small words."""

from __future__ import annotations

import pytest

from migrator.model.row import Action
from migrator.reporting.words import clock, count, duration, kind_title, legacy_group, moment, new_group, places, share
from tests.reporting.records import STARTED, row


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0.00 s"),
        (0.42, "0.42 s"),
        (12.34, "12.3 s"),
        (245, "4 min 05 s"),
        (59.99, "60.0 s"),
        (7380, "2 h 03 min"),
    ],
)
def test_durations_are_told_as_precisely_as_matters(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_times_say_that_they_are_utc() -> None:
    assert moment(STARTED) == "2026-11-23 20:45:12 UTC"
    assert moment(0.0) == ""


def test_numbers_have_their_noun() -> None:
    assert [count(1, "row"), count(3000, "row"), count(2, "was", "were")] == ["1 row", "3,000 rows", "2 were"]


def test_rows_are_told_by_sheet() -> None:
    assert places([row(9, "a"), row(7, "a"), row(3, "a", sheet="Two")]) == "Mapping: 7, 9; Two: 3"
    assert places([row(9, "a", sheet="")]) == "9"


def test_the_group_of_a_row_is_found_in_whichever_column_it_stands() -> None:
    assert (legacy_group(row(2, "a", legacy="L", new="N")), new_group(row(2, "a", legacy="L", new="N"))) == ("L", "N")
    assert (
        legacy_group(row(2, "a", Action.REMOVE, legacy="L")),
        new_group(row(2, "a", Action.REMOVE, legacy="L")),
    ) == ("", "L")
    assert new_group(row(2, "a")) == ""


def test_a_kind_without_a_title_keeps_its_name() -> None:
    assert kind_title("officeClientConfigurations") == "Office client configuration"
    assert kind_title("tomorrowsPolicies") == "tomorrowsPolicies"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3600, "1:00:00"), (9065, "2:31:05")])
def test_how_long_something_has_been_going_reads_like_a_clock(seconds: int, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(("part", "text"), [(0, "0.0 %"), (1, "less than 0.1 %"), (120, "1.2 %")])
def test_a_share_is_never_rounded_away(part: int, text: str) -> None:
    assert share(part, 10_000) == text
