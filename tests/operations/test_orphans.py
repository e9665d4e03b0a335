"""Assignments to groups that were deleted: shown by the name they had, kept, or dropped where a person says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from migrator.cli.main import run_command_line
from migrator.journal.reader import read_header
from migrator.mapping.pairs import pairs_mapping
from migrator.model.assignment import VIRTUAL_ALL_USERS
from migrator.model.configuration import Configuration, Group
from migrator.model.errors import GraphError, MappingError
from migrator.model.finding import Finding
from migrator.model.outcome import Status
from migrator.model.plan import Effect
from migrator.model.settings import Caution
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.draw_up import draw_up
from migrator.operations.finish import Result
from migrator.operations.rollback import rollback
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.memory import MemoryTenant, assigned, guid
from tests.virtual_clock import VirtualClock
from tests.whole import World, approved, world

FALCON, FORGOTTEN = guid(0xFA), guid(0xFB)
"""The recycle bin still knows the first of them."""


def at(group: str, *, excluded: bool = False) -> dict[str, object]:
    what = "exclusionGroupAssignmentTarget" if excluded else "groupAssignmentTarget"
    return {"target": {"@odata.type": f"#microsoft.graph.{what}", "groupId": group}}


def tenant() -> TenantState:
    policies = {
        "Both": ["Old", "Kept", at(FALCON), at(FORGOTTEN, excluded=True)],
        "Falcon": ["Old", at(FALCON)],
        "Clean": ["Old"],
        "Elsewhere": [at(FALCON)],
    }
    return tenant_from_json(
        {
            "groups": ["Old", "New", "Kept"],
            "deletedGroups": [{"displayName": "Project Falcon", "id": FALCON}],
            "configurations": [
                {"kind": "configurationPolicies", "name": name, "assignments": assignments}
                for name, assignments in policies.items()
            ],
        }
    )


ROWS = [(name, "Old", "New", "") for name in ("Both", "Falcon", "Clean")]


def dropping(there: World, max_removals: int | None = None) -> None:
    there.settings = replace(there.settings, drop_orphans=True, caution=Caution(max_removals=max_removals))


def about_orphans(findings: Sequence[Finding]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for finding in findings:
        if finding.code.startswith(("deleted_group", "group_in_doubt")):
            told.setdefault(finding.code, []).append(finding.message)
    return told


def orphans_of(there: World, policy: str) -> set[str]:
    configuration = there.simulator.state.configuration(policy)
    ids = configuration.group_ids() | configuration.group_ids(excluded=True)
    return ids & {FALCON, FORGOTTEN}


async def test_deleted_groups_are_shown_by_the_name_they_had_and_kept(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS)
        told = about_orphans(drawn.plan.findings)
        assert set(told) == {"deleted_group_assigned"}
        falcon, forgotten = sorted(told["deleted_group_assigned"], key=lambda m: "Falcon" not in m)
        assert falcon.startswith("2 assignments of the plan's configurations point at 'Project Falcon', a group that")
        assert forgotten.startswith(f"1 assignment of the plan's configurations points at {FORGOTTEN}, a group that")
        assert all("--drop-orphans" in message for message in (falcon, forgotten))
        sheet = openpyxl.load_workbook(drawn.folder.plan_xlsx)["Changes"]
        shown = {str(cell.value) for row in sheet.iter_rows(min_row=2) for cell in row}
        assert {"Included: Project Falcon (deleted)", f"Excluded: {FORGOTTEN} (deleted)"} <= shown
        result = await there.apply(drawn.folder)
        assert result.exit_code == 0
        assert orphans_of(there, "Both") == {FALCON, FORGOTTEN}


@pytest.mark.usefixtures("no_workbooks")
async def test_they_are_dropped_from_what_the_plan_touches_and_from_nothing_else(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        result = await there.run(ROWS)
        assert result.exit_code == 0
        assert [orphans_of(there, name) for name in ("Both", "Falcon", "Elsewhere")] == [set(), set(), {FALCON}]
        assert there.names("Both") == {"New", "Kept"}
        told = about_orphans(result.record.plan.findings)
        assert set(told) == {"deleted_group_dropped"}
        assert any("2 assignments" in m and "'Project Falcon'" in m and "dropped" in m for m in told.popitem()[1])
        assert ("drop_orphans", "yes") in read_header(result.folder).options
        both = next(c for c in result.record.plan.configurations if c.configuration.name == "Both")
        dropped = [c for c in both.changes if c.effect is Effect.REMOVED]
        assert [(c.rows, c.note) for c in dropped] == [((), "points at a group that was deleted")] * 2


async def test_the_environment_can_say_it_and_the_command_line_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world(tenant(), tmp_path) as there:
        monkeypatch.chdir(tmp_path)
        for name, value in there.simulator.environment.items():
            monkeypatch.setenv(name, value)
        command = ["plan", str(there.mapping(ROWS)), "--quiet"]
        assert await asyncio.to_thread(run_command_line, command) == 0
        kept = capsys.readouterr().out
        assert "a group that was deleted; they are kept, unless --drop-orphans is said" in kept
        assert "removed" not in kept
        monkeypatch.setenv("MIGRATOR_DROP_ORPHANS", "yes")
        assert await asyncio.to_thread(run_command_line, command) == 0
        assert "3 removed" in capsys.readouterr().out


async def test_a_row_with_nothing_to_do_still_lets_the_orphan_of_its_configuration_go(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        result = await there.run([("Both", "", "Kept", "add")])
        assert (result.exit_code, result.facts.succeeded) == (0, 1)
        assert orphans_of(there, "Both") == set()
        assert there.names("Both") == {"Old", "Kept"}


async def test_a_configuration_of_orphans_alone_is_not_emptied_unless_that_is_allowed(tmp_path: Path) -> None:
    rows = [("Elsewhere", "Old", "", "remove")]
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        with pytest.raises(MappingError) as refused:
            await there.run(rows)
        assert [f.code for f in refused.value.findings if f.level == "error"] == ["emptied"]
        assert there.assignments("Elsewhere") != []
        there.settings = replace(there.settings, allow_empty=True)
        await there.run(rows)
        assert there.assignments("Elsewhere") == []


async def test_what_is_dropped_counts_among_the_removals(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there, max_removals=2)
        with pytest.raises(MappingError) as refused:
            await there.run(ROWS)
        assert "would remove 3 assignments" in "".join(f.message for f in refused.value.findings)
        assert orphans_of(there, "Both") == {FALCON, FORGOTTEN}


@pytest.mark.usefixtures("no_workbooks")
async def test_the_virtual_groups_of_app_protection_are_nobody_who_was_deleted(tmp_path: Path) -> None:
    kind = "windowsInformationProtectionPolicies"
    described = {
        "groups": ["Old", "New"],
        "configurations": [{"kind": kind, "name": "Data", "assignments": ["Old", at(VIRTUAL_ALL_USERS), at(FALCON)]}],
    }
    async with world(tenant_from_json(described), tmp_path) as there:
        dropping(there)
        headings = ("Configuration", "Kind", "Legacy group", "New group")
        result = await there.run([("Data", kind, "Old", "New")], headings)
        assert result.exit_code == 0
        left = there.simulator.state.configuration("Data").group_ids()
        assert left == {VIRTUAL_ALL_USERS, there.simulator.state.group("New").id}


async def test_a_rollback_says_which_group_it_cannot_bring_back(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        done = await there.run([("Falcon", "Old", "New", "")])
        there.settings = replace(there.settings, drop_orphans=False)
        async with there.connection() as connection:
            back = await rollback(done.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(back, Result)
        assert [f.code for f in back.record.plan.findings] == ["group_gone"]
        assert f"'Project Falcon', {FALCON}" in back.record.plan.findings[0].message
        assert "recycle bin" in back.record.plan.findings[0].message
        (outcome,) = back.record.outcomes
        assert outcome.status is Status.FAILED
        assert f"The group '{FALCON}' does not exist" in outcome.reason
        assert there.names("Falcon") == {"New"}, "what it cannot put back whole it leaves as it is"


@pytest.mark.usefixtures("no_workbooks")
async def test_a_rollback_puts_back_the_rest_where_that_is_wanted(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        done = await there.run(ROWS)
        async with there.connection() as connection:
            back = await rollback(done.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(back, Result)
        assert (back.exit_code, back.facts.succeeded) == (0, 3)
        assert [there.names(name) for name in ("Both", "Falcon", "Clean")] == [{"Old", "Kept"}, {"Old"}, {"Old"}]
        assert all("as --drop-orphans says" in f.message for f in back.record.plan.findings)
        assert read_header(done.folder).put_back == back.folder.id


@pytest.mark.usefixtures("no_workbooks")
async def test_what_took_the_place_of_a_group_that_was_deleted_since_goes_without_it(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run([("Both", "Old", "New", "")])
        state = there.simulator.state
        old = state.group("Old")
        state.deleted_groups[old.id] = state.groups.pop(old.id)
        there.settings = replace(there.settings, drop_orphans=True)
        async with there.connection() as connection:
            back = await rollback(done.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(back, Result)
        assert back.exit_code == 0
        left = there.simulator.state.configuration("Both")
        assert left.group_ids() == {state.group("Kept").id, FALCON}, "an orphan that the run had left stays"
        assert left.group_ids(excluded=True) == {FORGOTTEN}


@pytest.mark.usefixtures("no_workbooks")
async def test_once_the_group_is_restored_the_rollback_brings_its_assignment_back(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        dropping(there)
        done = await there.run([("Falcon", "Old", "New", "")])
        state = there.simulator.state
        state.groups[FALCON] = state.deleted_groups.pop(FALCON)
        async with there.connection() as connection:
            back = await rollback(done.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(back, Result)
        assert (back.exit_code, back.record.plan.findings) == (0, ())
        assert there.names("Falcon") == {"Old", "Project Falcon"}


class Unnamed(MemoryTenant):
    """A tenant whose groups can be found by name, and not by id."""

    async def groups_by_id(self, ids: Iterable[str]) -> Sequence[Group]:
        raise GraphError("503 Service Unavailable")


async def test_where_nobody_could_be_asked_which_groups_are_gone_that_is_told_and_all_are_kept() -> None:
    policy = Configuration("configurationPolicies", guid(1), "P")
    tenant = Unnamed([policy], {policy.key: assigned(2, 3)}, [Group(guid(2), "Old"), Group(guid(4), "New")])
    environ = {"MIGRATOR_GRAPH_URL": "http://127.0.0.1:9", "MIGRATOR_ACCESS_TOKEN": "none"}
    chosen = replace(configure({}, environ=environ, folder=Path(__file__).parent), drop_orphans=True, impact=False)
    async with connect(chosen, clock=VirtualClock()) as connection:
        drawing = await draw_up(pairs_mapping([("Old", "New")]), chosen, replace(connection, tenant=tenant))
    (plan,) = drawing.plan.configurations
    assert {a.target.id for a in plan.after} == {guid(4), guid(3)}
    ((code, (message,)),) = about_orphans(drawing.plan.findings).items()
    assert (code, "503 Service Unavailable" in message) == ("group_in_doubt", True)
