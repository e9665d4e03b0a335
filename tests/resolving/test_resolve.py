"""Names become ids, or findings that say what to do; never the first of several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.assignment import Audience, Filter, FilterMode, TargetType
from migrator.model.configuration import Configuration, FilterDefinition, Group, Served
from migrator.model.finding import Level
from migrator.model.kinds import KINDS
from migrator.model.plan import FilterWish
from migrator.model.row import Action, Ref, Row
from migrator.resolving.resolve import Resolution, resolve
from tests.memory import MemoryTenant, guid

OFFICE, CATALOG = "officeClientConfigurations", "configurationPolicies"


def tenant() -> MemoryTenant:
    return MemoryTenant(
        configurations=[
            Configuration(OFFICE, guid(1), "Macro lock-down"),
            Configuration(OFFICE, guid(2), "Twice"),
            Configuration(OFFICE, guid(3), "Twice"),
            Configuration(OFFICE, guid(4), "Both kinds"),
            Configuration(CATALOG, guid(5), "Both kinds"),
            Configuration(CATALOG, guid(6), " Padded in the tenant "),
        ],
        groups=[
            Group(guid(100), "Sales", mail="sales@contoso.example", nickname="sales-nick", sid="S-1-5-21-7"),
            Group(guid(101), "O'Brien's team"),
            Group(guid(102), "00123"),
            Group(guid(103), "NULL"),
            Group(guid(104), "営業部"),
            Group(guid(105), "FIN-Users "),
            Group(guid(106), "Twins", mail="one@contoso.example"),
            Group(guid(107), "Twins", mail="two@contoso.example"),
            Group(guid(108), "All users"),
            Group(guid(109), "Padded"),
            Group(guid(110), "Padded "),
        ],
        definitions=[FilterDefinition(guid(200), "Corporate"), FilterDefinition(guid(201), "None")],
    )


def named(configuration: str, new: str, **more: object) -> Row:
    written = str(more.pop("written", new))
    row = Row("S", 2, Action.ADD, Ref(configuration, column="A"), new=Ref(new, written, "B"))
    return replace(row, **more)  # type: ignore[arg-type] # test data


async def look_up(*rows: Row, where: MemoryTenant | None = None) -> Resolution:
    there = where or tenant()
    return await resolve(rows, await there.list_configurations([KINDS[OFFICE], KINDS[CATALOG]]), there)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Sales", 100),
        ("sales", 100),
        ("sales@contoso.example", 100),
        ("SALES-NICK", 100),
        ("S-1-5-21-7", 100),
        (guid(100).upper(), 100),
        ("O'Brien's team", 101),
        ("00123", 102),
        ("NULL", 103),
        ("営業部", 104),
        ("group:All users", 108),
    ],
)
async def test_a_group_is_found_by_any_of_its_names(text: str, number: int) -> None:
    resolution = await look_up(named("macro lock-DOWN", text))
    assert [r.audience for r in resolution.rows] == [Audience(TargetType.GROUP, guid(number))]
    assert not resolution.findings


@pytest.mark.parametrize("text", ["All users", "all USERS", "AllUsers"])
async def test_all_users_is_a_target_of_its_own(text: str) -> None:
    resolution = await look_up(named("Macro lock-down", text))
    assert resolution.rows[0].audience == Audience(TargetType.ALL_USERS)


async def test_a_name_that_only_blanks_tell_apart_is_used_and_noted() -> None:
    resolution = await look_up(named("Macro lock-down", "FIN-Users"), named("Padded in the tenant", "Sales"))
    assert [r.audience.id for r in resolution.rows] == [guid(105), guid(100)]
    assert [(f.level, f.code) for f in resolution.findings] == [(Level.NOTE, "blanks_ignored")] * 2


async def test_a_name_written_as_it_is_means_the_group_that_bears_it_without_blanks() -> None:
    resolution = await look_up(named("Macro lock-down", "Padded"))
    assert resolution.rows[0].audience.id == guid(109)


async def test_a_name_written_with_blanks_that_two_groups_bear_is_ambiguous() -> None:
    resolution = await look_up(named("Macro lock-down", "Padded", written="Padded "))
    assert not resolution.rows
    assert [f.code for f in resolution.findings] == ["ambiguous_group"]


async def test_an_ambiguous_group_is_an_error_that_lists_the_candidates() -> None:
    resolution = await look_up(named("Macro lock-down", "Twins"))
    assert not resolution.rows
    (finding,) = resolution.findings
    assert (finding.level, finding.code, finding.row, finding.column) == (Level.ERROR, "ambiguous_group", 2, "B")
    assert guid(106) in finding.message
    assert guid(107) in finding.message


async def test_an_unknown_group_is_an_error_with_near_names() -> None:
    there = tenant()
    there.groups.append(Group(guid(120), "Salesforce"))
    resolution = await look_up(named("Macro lock-down", "Salesforc"), where=there)
    (finding,) = resolution.findings
    assert finding.code == "unknown_group"
    assert "'Salesforce'" in finding.message


async def test_ambiguous_configurations_are_told_apart_by_id_or_kind() -> None:
    resolution = await look_up(
        named("Twice", "Sales"),
        named("Both kinds", "Sales"),
        named("Both kinds", "Sales", kind=Ref("Settings catalog policy")),
        named(guid(3), "Sales"),
    )
    assert [f.code for f in resolution.findings] == ["ambiguous_configuration"] * 2
    assert [r.configuration.id for r in resolution.rows] == [guid(5), guid(3)]


async def test_every_row_is_looked_at_and_every_finding_told() -> None:
    resolution = await look_up(named("Macro lock-dow", "Nobody"), named("Macro lock-down", "Sales"))
    assert [f.code for f in resolution.findings] == ["unknown_configuration", "unknown_group"]
    assert "'Macro lock-down'" in resolution.findings[0].message
    assert len(resolution.rows) == 1


async def test_an_id_decides_and_a_name_that_differs_is_warned_of() -> None:
    row = Row("S", 2, Action.ADD, Ref("Macro lock-down"), new=Ref("Wrong"), new_id=Ref(guid(100)))
    resolution = await look_up(row)
    assert resolution.rows[0].audience.id == guid(100)
    assert [f.code for f in resolution.findings] == ["id_and_name_differ"]


async def test_an_unknown_id_is_an_error() -> None:
    row = Row("S", 2, Action.ADD, Ref("Macro lock-down"), new_id=Ref(guid(999)))
    assert [f.code for f in (await look_up(row)).findings] == ["unknown_group"]


async def test_a_kind_that_nobody_knows_is_an_error() -> None:
    resolution = await look_up(named("Macro lock-down", "Sales", kind=Ref("Settings catalogue")))
    assert [f.code for f in resolution.findings] == ["unknown_kind"]


async def test_an_unread_kind_is_named_where_a_configuration_is_not_found() -> None:
    there = tenant()
    there.coverage[OFFICE] = Served.NOT_SERVED
    resolution = await look_up(named("Macro lock-down", "Sales"), where=there)
    assert "does not serve" in resolution.findings[0].message


async def test_filters_are_found_by_name_or_id_and_none_takes_one_away() -> None:
    resolution = await look_up(
        named("Macro lock-down", "Sales", filter=Ref("corporate"), filter_mode=Ref("Exclude")),
        named("Macro lock-down", "Sales", filter_id=Ref(guid(200))),
        named("Macro lock-down", "Sales", filter_mode=Ref("none")),
        named("Macro lock-down", "Sales"),
        named("Macro lock-down", "Sales", filter=Ref("Corporat")),
        named("Macro lock-down", "Sales", filter=Ref("Corporate"), filter_mode=Ref("sideways")),
    )
    assert [r.filter for r in resolution.rows] == [
        Filter(guid(200), FilterMode.EXCLUDE),
        Filter(guid(200), FilterMode.INCLUDE),
        FilterWish.NONE,
        FilterWish.UNSTATED,
    ]
    assert [f.code for f in resolution.findings] == ["unknown_filter", "unknown_filter_mode"]


async def test_names_are_asked_for_once_and_other_names_only_where_they_were_not_found() -> None:
    there = tenant()
    await look_up(*[named("Macro lock-down", "Sales")] * 3, named("Macro lock-down", "sales-nick"), where=there)
    assert there.asked == ["name sales", "name sales-nick", "other sales-nick"]
