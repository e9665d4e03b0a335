"""Names become ids, or findings that say what to do; never the first of several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.assignment import Audience, FilterMode, TargetType
from migrator.model.configuration import Configuration, Coverage, FilterDefinition, Group, Listed, Listing, Served
from migrator.model.finding import Level
from migrator.model.kinds import KINDS
from migrator.model.plan import FilterWish, StatedFilter
from migrator.model.row import Action, Ref, Row
from migrator.resolving.configurations import coverage_findings
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


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("All users", TargetType.ALL_USERS),
        ("all  USERS", TargetType.ALL_USERS),
        ("All licensed users", TargetType.ALL_USERS),
        ("All devices", TargetType.ALL_DEVICES),
    ],
)
async def test_all_users_and_all_devices_are_targets_of_their_own(text: str, target: TargetType) -> None:
    there = tenant()
    there.groups = []
    resolution = await look_up(named("Macro lock-down", text), where=there)
    assert resolution.rows[0].audience == Audience(target)
    assert not resolution.findings


async def test_a_group_whose_name_is_like_all_users_without_the_blank_is_a_group() -> None:
    there = tenant()
    there.groups.append(Group(guid(130), "AllUsers"))
    resolution = await look_up(
        named("Macro lock-down", "allusers"), named("Macro lock-down", "AllDevices"), where=there
    )
    assert [r.audience for r in resolution.rows] == [Audience(TargetType.GROUP, guid(130))]
    assert [f.code for f in resolution.findings] == ["unknown_group"]


@pytest.mark.parametrize("text", ["All users", "all  USERS"])
async def test_a_group_that_is_called_all_users_is_warned_of_where_the_target_is_meant(text: str) -> None:
    resolution = await look_up(named("Macro lock-down", text))
    assert resolution.rows[0].audience == Audience(TargetType.ALL_USERS)
    (finding,) = resolution.findings
    assert (finding.level, finding.code, finding.column) == (Level.WARNING, "tenant_wide_namesake", "B")


async def test_a_column_that_says_allusers_means_the_target_beyond_doubt() -> None:
    resolution = await look_up(named("Macro lock-down", "All users", written="allUsers"))
    assert resolution.rows[0].audience == Audience(TargetType.ALL_USERS)
    assert not resolution.findings


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


@pytest.mark.parametrize("column", ["name", "id"])
@pytest.mark.parametrize("action", [Action.REMOVE, Action.SWAP])
async def test_a_deleted_group_can_be_removed_or_swapped_by_its_id(action: Action, column: str) -> None:
    ref = Ref(guid(999).upper(), column="C")
    row = Row("S", 2, action, Ref("Macro lock-down"), legacy=ref if column == "name" else None)
    row = replace(row, legacy_id=None if column == "name" else ref, new=Ref("Sales") if action is Action.SWAP else None)
    resolution = await look_up(row)
    (resolved,) = resolution.rows
    assert (resolved.source or resolved.audience) == Audience(TargetType.GROUP, guid(999))
    assert [(f.level, f.code, f.column) for f in resolution.findings] == [(Level.WARNING, "deleted_group", "C")]


@pytest.mark.parametrize("action", [Action.ADD, Action.REPLACE, Action.SWAP])
async def test_a_new_group_must_be_in_the_directory(action: Action) -> None:
    row = Row("S", 2, action, Ref("Macro lock-down"), new=Ref(guid(999)))
    row = replace(row, legacy=Ref("Sales") if action is Action.SWAP else None)
    assert [f.code for f in (await look_up(row)).findings] == ["unknown_group"]


async def test_an_added_group_in_the_legacy_column_must_be_in_the_directory() -> None:
    row = Row("S", 2, Action.ADD, Ref("Macro lock-down"), legacy_id=Ref(guid(999)))
    assert [f.code for f in (await look_up(row)).findings] == ["unknown_group"]


async def test_a_name_that_nobody_bears_is_an_error_where_it_is_to_be_removed_too() -> None:
    row = Row("S", 2, Action.REMOVE, Ref("Macro lock-down"), legacy=Ref("Nobody"))
    assert [f.code for f in (await look_up(row)).findings] == ["unknown_group"]


async def test_a_kind_that_nobody_knows_is_an_error() -> None:
    resolution = await look_up(named("Macro lock-down", "Sales", kind=Ref("Settings catalogue")))
    assert [f.code for f in resolution.findings] == ["unknown_kind"]


async def test_an_unread_kind_is_named_where_a_configuration_is_not_found() -> None:
    there = tenant()
    there.coverage[OFFICE] = Served.NOT_SERVED
    resolution = await look_up(named("Macro lock-down", "Sales"), where=there)
    assert "does not serve" in resolution.findings[0].message


def test_a_licence_that_is_missing_is_told_in_graphs_words() -> None:
    one = Coverage("provisioningPolicies", Served.NOT_SERVED, licence="Request not applicable to target tenant.")
    (finding,) = coverage_findings([one], ())
    assert finding.level is Level.NOTE
    assert "lacks the licence for Cloud PC provisioning policy" in finding.message
    assert "Request not applicable to target tenant." in finding.message
    others = [replace(one, kind="userSettings"), Coverage("intents", Served.NOT_SERVED)]
    (finding,) = coverage_findings([one, *others], ())
    assert "not served by this tenant: Endpoint security intent" in finding.message
    assert "without a licence in this tenant: Cloud PC provisioning policy, Cloud PC user settings" in finding.message


async def test_names_that_may_exist_in_a_kind_whose_reading_failed_are_one_error() -> None:
    there = tenant()
    there.coverage[CATALOG] = Served.FAILED
    resolution = await look_up(
        *[named("Macro lock-down", "Sales")] * 2, named("Both kinds", "Sales"), named(guid(1), "Sales"), where=there
    )
    (finding,) = resolution.findings
    assert (finding.level, finding.code, finding.row) == (Level.ERROR, "kind_unread_names", 0)
    assert "3 rows" in finding.message
    assert "name the kind in a column Kind or with --kind" in finding.message


@pytest.mark.parametrize("served", [Served.FORBIDDEN, Served.FAILED, Served.NOT_SERVED])
async def test_a_kind_that_was_not_read_is_nothing_to_rows_that_state_kind_or_id(served: Served) -> None:
    there = tenant()
    there.coverage[CATALOG] = served
    by_kind = named("Macro lock-down", "Sales", kind=Ref(OFFICE))
    by_id = named("Macro lock-down", "Sales", configuration_id=Ref(guid(1)))
    assert not (await look_up(by_kind, by_id, named(guid(1), "Sales"), where=there)).findings


@pytest.mark.parametrize("served", [Served.NOT_SERVED, Served.FORBIDDEN])
async def test_a_kind_that_is_not_served_or_not_allowed_is_passed_over(served: Served) -> None:
    there = tenant()
    there.coverage[CATALOG] = served
    assert not (await look_up(named("Macro lock-down", "Sales"), where=there)).findings


async def test_a_configuration_that_stands_on_two_pages_is_one() -> None:
    one = Listed(Configuration(OFFICE, guid(1), "Macro lock-down"))
    listing = Listing((one, one), (Coverage(OFFICE, Served.READ),))
    rows = [named("Macro lock-down", "Sales"), named(guid(1), "Sales"), named("Macro lock-down", "Sales")]
    rows[2] = replace(rows[2], kind=Ref(OFFICE))
    resolution = await resolve(rows, listing, tenant())
    assert [r.configuration.id for r in resolution.rows] == [guid(1)] * 3


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
        StatedFilter(guid(200), FilterMode.EXCLUDE),
        StatedFilter(guid(200)),
        FilterWish.NONE,
        FilterWish.UNSTATED,
    ]
    assert [f.code for f in resolution.findings] == ["unknown_filter", "unknown_filter_mode"]


async def test_a_filter_mode_alone_is_stated_and_none_beside_a_filter_takes_it_away() -> None:
    resolution = await look_up(
        named("Macro lock-down", "Sales", filter_mode=Ref("exclude")),
        named("Macro lock-down", "Sales", filter_mode=Ref("Included")),
        named("Macro lock-down", "Sales", filter=Ref("Corporate"), filter_mode=Ref("none")),
    )
    assert [r.filter for r in resolution.rows] == [
        StatedFilter(mode=FilterMode.EXCLUDE),
        StatedFilter(mode=FilterMode.INCLUDE),
        FilterWish.NONE,
    ]
    assert not resolution.findings


async def test_names_are_asked_for_once_and_other_names_only_where_they_were_not_found() -> None:
    there = tenant()
    await look_up(*[named("Macro lock-down", "Sales")] * 3, named("Macro lock-down", "sales-nick"), where=there)
    assert there.asked == ["name sales", "name sales-nick", "other sales-nick"]
