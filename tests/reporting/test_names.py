"""Ids in the words of people."""

from __future__ import annotations

import pytest

from migrator.model.assignment import (
    VIRTUAL_ALL_DEVICES,
    VIRTUAL_ALL_USERS,
    Assignment,
    Filter,
    FilterMode,
    Target,
    TargetType,
)
from migrator.model.configuration import FilterDefinition, Group
from migrator.model.plan import Names
from migrator.reporting.names import UNKNOWN_FILTER, UNKNOWN_GROUP, Directory
from tests.reporting.records import ALL_USERS, excluded, group, guid, included

CORPORATE = FilterDefinition(guid("filter"), "Corporate")
DIRECTORY = Directory.of(Names((group("Sales"), Group("g-1", "", mail="it@contoso.com")), (CORPORATE,)))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (included("Sales").target, "Included: Sales"),
        (excluded("Sales").target, "Excluded: Sales"),
        (Target(TargetType.ALL_USERS), "All users"),
        (Target(TargetType.ALL_DEVICES), "All devices"),
        (Target(TargetType.GROUP, VIRTUAL_ALL_USERS), "All users"),
        (Target(TargetType.GROUP, VIRTUAL_ALL_DEVICES), "All devices"),
        (Target(TargetType.EXCLUSION, VIRTUAL_ALL_USERS), "Excluded: All users"),
        (Target(TargetType.GROUP, "g-1"), "Included: it@contoso.com"),
        (Target(TargetType.GROUP, "gone"), f"Included: {UNKNOWN_GROUP}"),
        (Target(TargetType.COLLECTION, "c"), "Configuration Manager collection"),
        (Target(TargetType.OTHER), "a target of another type"),
    ],
)
def test_targets_are_told_in_words(target: Target, words: str) -> None:
    assert DIRECTORY.target(target) == words


def test_filters_are_told_with_what_they_do() -> None:
    assert DIRECTORY.filter(Filter(CORPORATE.id)) == "only devices in Corporate"
    assert DIRECTORY.filter(Filter(CORPORATE.id, FilterMode.EXCLUDE)) == "all devices but those in Corporate"
    assert DIRECTORY.filter(Filter("gone")) == f"only devices in {UNKNOWN_FILTER} gone"
    assert DIRECTORY.filter(None) == ""


def test_an_assignment_is_one_phrase() -> None:
    assert DIRECTORY.assignment(None) == ""
    assert DIRECTORY.assignment(ALL_USERS) == "All users"
    whole = Assignment(included("Sales").target, "required", Filter(CORPORATE.id))
    assert DIRECTORY.assignment(whole) == "Included: Sales, required, only devices in Corporate"


def test_those_that_share_a_name_have_the_beginning_of_their_id_beside_it() -> None:
    twins = (Group("11111111-aaaa", "Sales"), Group("22222222-bbbb", "sales"), Group("33333333-cccc", "Kiosks"))
    filters = (FilterDefinition("44444444-dddd", "Corporate"), FilterDefinition("55555555-eeee", "Corporate"))
    directory = Directory.of(Names(twins, filters))
    assert [directory.group(g.id) for g in twins] == ["Sales (11111111)", "sales (22222222)", "Kiosks"]
    assert directory.filter(Filter("55555555-eeee")) == "only devices in Corporate (55555555)"
    alone = directory.only([Assignment(Target(TargetType.GROUP, "11111111-aaaa"))])
    assert alone.group("11111111-aaaa") == "Sales (11111111)"


def test_a_part_of_the_directory_knows_what_its_assignments_need() -> None:
    part = DIRECTORY.only([included("Sales"), included("gone")])
    assert set(part.groups) == {guid("Sales")}
    assert not part.filters
