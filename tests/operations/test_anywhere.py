"""Rows that mean many configurations, from a spreadsheet or an option to the tenant, over several kinds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import migrator
from migrator.journal.reader import read_record
from migrator.model.choice import Selection
from migrator.model.errors import MappingError
from migrator.model.finding import Finding, Level, errors
from migrator.model.kinds import KINDS as TABLE
from migrator.model.plan import Plan
from migrator.operations.finish import Result
from migrator.operations.plan import Drawn
from migrator.operations.verify import verify_mapping
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Lies
from migrator.simulator.state import TenantState
from tests.whole import HONEST, World, plain, world

OFFICE, CATALOG, APPS = "officeClientConfigurations", "configurationPolicies", "mobileApps"
SCRIPTS, CLOUD_PC, COMPLIANCE = "deviceManagementScripts", "userSettings", "deviceCompliancePolicies"
KINDS = (OFFICE, CATALOG, APPS, SCRIPTS, CLOUD_PC, COMPLIANCE)
EXCLUSION = "#microsoft.graph.exclusionGroupAssignmentTarget"
ROW = ("Configuration", "Kind", "Legacy group", "New group", "Action", "Direction", "Intent", "Filter")


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "groups": ["Old", "New", "Kept", "Out", "A=B"],
            "filters": ["Corporate"],
            "configurations": [
                {"kind": OFFICE, "name": "Win - Office", "assignments": ["Old", "Kept"]},
                {"kind": OFFICE, "name": "Mac - Office", "assignments": ["Kept"]},
                {"kind": CATALOG, "name": "Win - Edge", "assignments": ["Old"]},
                {"kind": CATALOG, "name": "Win - Defender", "assignments": ["Kept"]},
                {"kind": CATALOG, "name": "Win - Nobody", "assignments": []},
                {"kind": CATALOG, "name": "Is it on?", "assignments": ["Kept"]},
                {"kind": CATALOG, "name": "Is it one", "assignments": ["Kept"]},
                {"kind": SCRIPTS, "name": "Map drives", "assignments": ["Old", "All devices"]},
                {"kind": CLOUD_PC, "name": "Cloud", "assignments": ["Old"]},
                {"kind": COMPLIANCE, "name": "Win - Compliant", "assignments": ["All users"]},
                {"kind": APPS, "name": "Company Portal", "assignments": ["Old", "Kept"]},
                {"kind": APPS, "name": "Unused app", "assignments": []},
            ],
        }
    )


def row(configuration: str, **more: str) -> tuple[str, ...]:
    said = {"Configuration": configuration} | {name.replace("_", " "): text for name, text in more.items()}
    return tuple(said.get(heading, "") for heading in ROW)


def everything(there: World) -> dict[str, set[str]]:
    """Who is included where, by name; and who is excluded, behind a dash."""
    return {
        one.name or "": there.names(one.name or "") | {f"-{n}" for n in there.names(one.name or "", excluded=True)}
        for kind in KINDS
        for one in there.simulator.state.configurations[kind].values()
    }


def cells(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path)
    return [str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line]


def touched(plan: Plan) -> list[str]:
    return sorted(one.configuration.name for one in plan.configurations)


def in_order(element: dict[str, Any]) -> str:
    return json.dumps({**element, "target": plain(element["target"])}, sort_keys=True)


def found(plan: Plan, code: str) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == code]


async def refused(there: World, rows: Sequence[Sequence[str]], headings: Sequence[str] = ROW) -> tuple[Finding, ...]:
    with pytest.raises(MappingError) as caught:
        await there.run(rows, headings)
    assert there.simulator.record.writes == 0
    return errors(caught.value.findings)


async def test_two_columns_of_groups_move_everything_everywhere_and_nothing_else(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        before = everything(there)
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        after = everything(there)
        assert result.exit_code == 0
        assert touched(result.record.plan) == ["Cloud", "Company Portal", "Map drives", "Win - Edge", "Win - Office"]
        assert after == {
            name: {"New" if group == "Old" else group for group in groups} for name, groups in before.items()
        }
        assert there.simulator.record.writes == 5
        assert result.facts.rows == 1
        (note,) = found(result.record.plan, "came_to")
        assert note.message.startswith("the row came to 5 configurations: 'Win - Office'")
        assert {"Cloud", "Company Portal", "Map drives"} <= set(cells(result.folder.plan_xlsx))
        async with there.connection() as connection:
            undone = await migrator.rollback(result.folder, connection)
        assert isinstance(undone, Result)
        assert (undone.exit_code, undone.facts.rows) == (0, 1)
        assert everything(there) == before


@pytest.mark.usefixtures("no_workbooks")
async def test_what_is_moved_wherever_it_stands_is_found_where_a_listing_says_nothing(tmp_path: Path) -> None:
    silent = replace(HONEST, list_empty=frozenset({CATALOG, SCRIPTS}), list_expand_refused=frozenset({APPS}))
    async with world(tenant(), tmp_path, lies=silent) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert result.exit_code == 0
        assert [name for name, groups in everything(there).items() if "Old" in groups] == []
        assert result.facts.succeeded == 5


@pytest.mark.usefixtures("no_workbooks")
async def test_once_moved_a_second_run_has_nothing_to_do_and_says_so(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        await there.run([("Old", "New")], ("Legacy group", "New group"))
        writes = there.simulator.record.writes
        again = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert (again.exit_code, again.facts.configurations, again.facts.rows) == (0, 0, 1)
        assert read_record(again.folder).plan.row_count == 1
        assert there.simulator.record.writes == writes
        (warning,) = found(again.record.plan, "assigned_nowhere")
        assert (warning.level, warning.row) == (Level.WARNING, 2)


async def test_a_kind_and_the_option_kind_say_where_everywhere_is(tmp_path: Path) -> None:
    headings = ("Kind", "Legacy group", "New group")
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([("Settings catalog policy", "Old", "New")], headings)
        assert touched(drawn.plan) == ["Win - Edge"]
        assert [coverage.kind for coverage in drawn.plan.coverage] == [CATALOG]
        there.settings = replace(there.settings, kinds=(APPS, SCRIPTS))
        drawn = await there.plan([("", "Old", "New")], headings)
        assert touched(drawn.plan) == ["Company Portal", "Map drives"]


@pytest.mark.usefixtures("no_workbooks")
async def test_a_removal_goes_wherever_the_group_stands(tmp_path: Path) -> None:
    rows, headings = [("Kept", "remove")], ("Group", "Action")
    async with world(tenant(), tmp_path) as there:
        (error,) = await refused(there, rows, headings)
        assert error.code == "emptied"
        assert "and 3 more would lose every assignment" in error.message
        there.settings = replace(there.settings, allow_empty=True)
        result = await there.run(rows, headings)
        assert result.exit_code == 0
        assert not any("Kept" in groups for groups in everything(there).values())


@pytest.mark.usefixtures("no_workbooks")
async def test_one_row_excludes_a_group_from_every_policy(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        app = there.simulator.state.configuration("Company Portal")
        app.assignments[1]["intent"] = "available"
        before = everything(there)
        result = await there.run([row("*", New_group="Out", Action="add", Direction="exclude")], ROW)
        assert result.exit_code == 0
        cannot = {"Win - Office", "Mac - Office", "Cloud", "Unused app"}
        assert everything(there) == {
            name: groups if name in cannot else groups | {"-Out"} for name, groups in before.items()
        }
        excluded = [a for a in there.assignments("Company Portal") if a["target"]["@odata.type"] == EXCLUSION]
        assert sorted(a["intent"] for a in excluded) == ["available", "required"]
        (kinds,) = found(result.record.plan, "not_possible")
        (apps,) = found(result.record.plan, "not_as_it_stands")
        assert {kinds.level, apps.level} == {Level.WARNING}
        assert "'Win - Office', 'Mac - Office': Office client configuration cannot exclude groups" in kinds.message
        assert "'Unused app': the app is assigned to nobody" in apps.message
        assert result.facts.rows == 1
        assert (
            await there.run([row("*", New_group="Out", Action="add", Direction="exclude")], ROW)
        ).facts.succeeded == 0


async def test_a_pattern_swaps_only_where_the_legacy_group_stands_and_adds_everywhere(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([row("win - *", Legacy_group="Old", New_group="New")], ROW)
        assert touched(drawn.plan) == ["Win - Edge", "Win - Office"]
        drawn = await there.plan([row("Win - *", New_group="New")], ROW)
        assert touched(drawn.plan) == [
            "Win - Compliant",
            "Win - Defender",
            "Win - Edge",
            "Win - Nobody",
            "Win - Office",
        ]
        drawn = await there.plan([row("Win - *", Kind="Compliance policy", New_group="New")], ROW)
        assert touched(drawn.plan) == ["Win - Compliant"]


async def test_a_name_with_a_question_mark_is_a_name_where_something_bears_it(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        assert touched((await there.plan([row("is it on?", New_group="New")], ROW)).plan) == ["Is it on?"]
        assert touched((await there.plan([row("Is it on*", New_group="New")], ROW)).plan) == ["Is it on?", "Is it one"]
        (error,) = await refused(there, [row("Win – *", New_group="New")])
        assert (error.code, error.row, error.column) == ("pattern_matches_nothing", 2, "A")


async def test_a_row_of_a_configurations_own_wins_where_the_two_contradict(tmp_path: Path) -> None:
    rows = [
        row("*", Legacy_group="Old", New_group="New"),
        row("Win - Edge", Legacy_group="Old", New_group="Out"),
        row("Win - Office", New_group="Out"),
    ]
    async with world(tenant(), tmp_path) as there:
        result = await there.run(rows, ROW)
        assert result.exit_code == 0
        assert there.names("Win - Edge") == {"Out"}
        assert there.names("Win - Office") == {"New", "Kept", "Out"}
        assert there.names("Cloud") == {"New"}
        (note,) = found(result.record.plan, "not_possible")
        assert (note.level, note.row) == (Level.NOTE, 2)
        assert "'Win - Edge': a row of its own counts" in note.message
        assert result.facts.rows == 3


async def test_two_rows_that_send_one_group_two_ways_everywhere_are_an_error(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        (error,) = await refused(there, [("Old", "New"), ("Old", "Out")], ("Legacy group", "New group"))
        assert (error.code, error.row) == ("legacy_goes_two_ways", 3)


async def test_everything_must_mean_everything_a_kind_that_failed_is_an_error(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=Lies(refused={APPS: 409})) as there:
        (error,) = await refused(there, [("Old", "New")], ("Legacy group", "New group"))
        assert error.code == "kind_unread_anywhere"
        assert "App" in error.message


async def test_a_kind_that_may_not_be_read_is_a_warning_and_one_that_is_not_served_a_note(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=Lies(refused={APPS: 403, CLOUD_PC: 404})) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert result.exit_code == 0
        (warning,) = found(result.record.plan, "kind_unread_anywhere")
        (note,) = found(result.record.plan, "kinds_passed_over")
        assert (warning.level, note.level) == (Level.WARNING, Level.NOTE)
        assert "DeviceManagementApps" in warning.message
        assert "Cloud PC user settings" in note.message
        assert touched(result.record.plan) == ["Map drives", "Win - Edge", "Win - Office"]


async def test_a_path_that_graph_no_longer_has_stands_in_the_way_of_nothing(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=Lies(refused={OFFICE: 400, "resourceAccessProfiles": 400})) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert result.exit_code == 0
        (note,) = found(result.record.plan, "kinds_passed_over")
        assert (note.level, "Office client configuration" in note.message) == (Level.NOTE, True)
        assert touched(result.record.plan) == ["Cloud", "Company Portal", "Map drives", "Win - Edge"]
        named = await there.run([("Win - Edge", "", "Kept", "add")], ("Configuration", "Legacy", "New", "Action"))
        assert named.exit_code == 0


@pytest.mark.parametrize("status", [403, 404])
async def test_a_kind_that_a_row_for_many_is_about_has_to_be_read(tmp_path: Path, status: int) -> None:
    headings = ("Kind", "Legacy group", "New group")
    async with world(tenant(), tmp_path, lies=Lies(refused={SCRIPTS: status})) as there:
        (error,) = await refused(
            there, [("Compliance policy", "Old", "New"), ("PowerShell script", "Old", "New")], headings
        )
        assert error.code == "kind_unread_anywhere"
        assert "PowerShell script" in error.message


async def test_a_choice_of_configurations_is_one_of_those_that_rows_came_to(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        rows, headings = [("Old", "New")], ("Legacy group", "New group")
        drawn = await there.plan(rows, headings, selection=Selection(("Win*", "Cloud"), ("* - Edge",)))
        assert touched(drawn.plan) == ["Cloud", "Win - Office"]


async def test_rows_to_retry_name_what_the_pattern_came_to(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([row("Win - *", Legacy_group="Old", New_group="New")], ROW)
        there.simulator.state.groups.pop(
            next(i for i, group in there.simulator.state.groups.items() if group.name == "New")
        )
        result = await there.apply(drawn.folder)
        assert result.exit_code == 1
        named = [cell for cell in cells(result.folder.path / "retry.xlsx") if cell.startswith("Win - ")]
        assert sorted(named) == ["Win - Edge*", "Win - Office*"]


async def verified(there: World, *pairs: tuple[str, str]) -> Result:
    async with there.connection() as connection:
        return await verify_mapping(None, there.settings, connection, pairs)


async def test_pairs_of_groups_need_no_spreadsheet(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        assert (await verified(there, ("Old", "New"))).exit_code == 1
        async with there.connection() as connection:
            drawn = await migrator.plan(None, connection, groups=[("Old", "New")])
            assert isinstance(drawn, Drawn)
            assert (drawn.plan.mapping, drawn.plan.row_count) == ("--group Old = New", 1)
            mapping = there.mapping([("Mac - Office", "", "Out", "add")])
            result = await migrator.run(mapping, connection, groups=[("Old", "New")])
        assert isinstance(result, Result)
        assert (result.exit_code, result.facts.rows) == (0, 2)
        assert there.names("Mac - Office") == {"Kept", "Out"}
        assert not any("Old" in groups for groups in everything(there).values())
        assert (await verified(there, ("Old", "New"))).exit_code == 0


@pytest.mark.usefixtures("no_workbooks")
async def test_settings_survive_being_moved_wherever_they_stand(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        state = there.simulator.state
        portal = state.configuration("Company Portal")
        old: dict[str, Any] = next(a for a in portal.assignments if state.groups[a["target"]["groupId"]].name == "Old")
        old |= {"intent": "uninstall", "settings": {"@odata.type": "#x", "notifications": "hideAll"}, "unheardOf": 1}
        before = [plain(a) for a in there.assignments("Company Portal")]
        new = next(i for i, group in state.groups.items() if group.name == "New")
        assert (await there.run([("Old", "New")], ("Legacy group", "New group"))).exit_code == 0
        gone = old["target"]["groupId"]
        wanted = [
            {**a, "target": {**a["target"], "groupId": new}} if a["target"]["groupId"] == gone else a for a in before
        ]
        after = [plain(a) for a in there.assignments("Company Portal")]
        assert sorted(map(in_order, after)) == sorted(map(in_order, wanted))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("no_workbooks")
async def test_everything_means_every_kind_with_all_that_is_known_of_their_answers(tmp_path: Path, seed: int) -> None:
    kinds = [kind for kind in TABLE.values() if not kind.excluded]
    one_each = [{"kind": kind.name, "name": kind.title, "assignments": ["Old", "Kept"]} for kind in kinds]
    moving = tenant_from_json({"groups": ["Old", "New", "Kept"], "configurations": one_each})
    async with world(moving, tmp_path, lies=None, seed=seed) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert (result.exit_code, result.facts.succeeded, result.facts.unverified) == (0, len(kinds), 0)
        assert [kind.title for kind in kinds if there.names(kind.title) != {"New", "Kept"}] == []


async def test_rows_to_retry_of_what_could_not_be_read_add_nothing_where_the_group_never_stood(tmp_path: Path) -> None:
    policies = [
        {"kind": CATALOG, "name": "Assigned", "assignments": ["Old"]},
        {"kind": CATALOG, "name": "Not assigned", "assignments": []},
        {"kind": CATALOG, "name": "What*", "assignments": []},
    ]
    moving = tenant_from_json({"groups": ["Old", "New"], "configurations": policies})
    dark = replace(HONEST, assignments_absent=frozenset({CATALOG}), item_empty=frozenset({CATALOG}))
    async with world(moving, tmp_path, lies=dark) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert (result.exit_code, result.facts.failed, there.simulator.record.writes) == (1, 3, 0)
    async with world(moving, tmp_path) as there, there.connection() as connection:
        again = await migrator.run(result.folder.path / "retry.xlsx", connection)
        assert isinstance(again, Result)
        assert (again.exit_code, again.facts.succeeded) == (0, 1)
        assert [there.names(name) for name in ("Assigned", "Not assigned", "What*")] == [{"New"}, set(), set()]
