"""App protection knows groups only: everybody is a group there, with an id that no directory knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from migrator.model.assignment import VIRTUAL_ALL_DEVICES, VIRTUAL_ALL_USERS
from migrator.model.errors import MappingError
from migrator.model.kinds import KINDS
from migrator.simulator.builder import Builder
from migrator.simulator.state import TenantState
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.whole import World, world

KIND = "iosManagedAppProtections"
HEADINGS = ("Configuration", "Legacy group", "New group", "Action", "Kind", "Direction")
GROUP, EXCLUSION = "#microsoft.graph.groupAssignmentTarget", "#microsoft.graph.exclusionGroupAssignmentTarget"
ALL_USERS, ALL_DEVICES = (GROUP, VIRTUAL_ALL_USERS), (GROUP, VIRTUAL_ALL_DEVICES)


def tenant(*groups: str, kind: str = KIND) -> TenantState:
    """A policy that is assigned to these groups, of which those with a ! are excluded."""
    there = Builder(5)
    there.group("Staff")
    policy = there.configuration_called(KINDS[kind], "Protect")
    for name in groups:
        known = name.lstrip("!")
        id_ = known if known.startswith(("acacacac", "adadadad")) else there.group_called(known).id
        there.assign(policy, {"target": {"@odata.type": EXCLUSION if name.startswith("!") else GROUP, "groupId": id_}})
    return there.build()


def targets(there: World) -> set[tuple[str, str]]:
    names = {group.id: group.name for group in there.simulator.state.groups.values()}
    found = [a["target"] for a in there.assignments("Protect")]
    return {(t["@odata.type"], names.get(t["groupId"], t["groupId"])) for t in found}


def texts(path: Path) -> str:
    return "\n".join(str(c) for s in load_workbook(path) for row in s.iter_rows(values_only=True) for c in row if c)


@pytest.mark.parametrize(
    ("before", "row", "after"),
    [
        (("Staff",), ("", "all USERS", "add", KIND, ""), {(GROUP, "Staff"), ALL_USERS}),
        (("Staff",), ("", "All users", "add", KIND, "exclude"), {(GROUP, "Staff"), (EXCLUSION, VIRTUAL_ALL_USERS)}),
        (("Staff",), ("Staff", VIRTUAL_ALL_USERS, "swap", KIND, ""), {ALL_USERS}),
        ((VIRTUAL_ALL_USERS, "Board"), ("All users", "Staff", "swap", KIND, ""), {(GROUP, "Staff"), (GROUP, "Board")}),
        ((VIRTUAL_ALL_USERS, "Board"), ("", VIRTUAL_ALL_USERS.upper(), "remove", KIND, ""), {(GROUP, "Board")}),
        (("Staff", "!Board"), ("", "All users", "replace", KIND, ""), {ALL_USERS}),
    ],
)
@pytest.mark.usefixtures("no_workbooks")
async def test_all_users_is_the_virtual_group(
    tmp_path: Path, before: tuple[str, ...], row: tuple[str, ...], after: set[tuple[str, str]]
) -> None:
    async with world(tenant(*before), tmp_path) as there:
        result = await there.run([("Protect", *row)], HEADINGS)
        assert (result.exit_code, targets(there)) == (0, after)
        assert not result.record.plan.findings


async def test_it_is_shown_by_its_name_and_never_looked_up(tmp_path: Path) -> None:
    async with world(tenant(VIRTUAL_ALL_USERS, "!" + VIRTUAL_ALL_DEVICES), tmp_path) as there:
        result = await there.run([("Protect", "All users", "Staff", "swap", KIND, "")], HEADINGS)
        folder = result.folder.path
        books = [folder / "plan.xlsx", *(folder / "configurations").glob("*.xlsx")]
        assert len(books) == 2
        for book in books:
            assert "All users" in texts(book)
            assert "Excluded: All devices" in texts(book)
            assert "unknown group" not in texts(book)
        asked = [e.path for e in there.simulator.record.entries if "getByIds" in e.path]
        assert not asked, "the only group that is in the directory was found by its name"


@pytest.mark.parametrize("written", ["All devices", VIRTUAL_ALL_DEVICES])
@pytest.mark.parametrize("action", ["add", "replace"])
async def test_all_devices_is_an_error_that_says_so(tmp_path: Path, written: str, action: str) -> None:
    async with world(tenant("Staff"), tmp_path) as there:
        with pytest.raises(MappingError) as refused:
            await there.run([("Protect", "", written, action, KIND, "")], HEADINGS)
        (finding,) = refused.value.findings
        assert (finding.code, finding.column) == ("target_not_served", "C")
        assert "there is no All devices" in finding.message


async def test_all_devices_that_stands_there_all_the_same_can_go(tmp_path: Path) -> None:
    async with world(tenant("Staff", VIRTUAL_ALL_DEVICES), tmp_path) as there:
        result = await there.run([("Protect", "", "All devices", "remove", KIND, "")], HEADINGS)
        assert (result.exit_code, targets(there)) == (0, {(GROUP, "Staff")})


@pytest.mark.usefixtures("no_workbooks")
async def test_a_real_group_of_that_name_is_meant_where_it_is_said(tmp_path: Path) -> None:
    state = tenant("Staff", "All users")
    async with world(state, tmp_path) as there:
        result = await there.run([("Protect", "group:All users", "All users", "swap", KIND, "")], HEADINGS)
        assert (result.exit_code, targets(there)) == (0, {(GROUP, "Staff"), ALL_USERS})
        assert [f.code for f in result.record.plan.findings] == ["tenant_wide_namesake"]


@pytest.mark.usefixtures("no_workbooks")
async def test_where_everybody_is_a_target_of_its_own_the_virtual_id_means_that(tmp_path: Path) -> None:
    kind = "configurationPolicies"
    async with world(tenant("Staff", kind=kind), tmp_path) as there:
        result = await there.run([("Protect", "Staff", VIRTUAL_ALL_DEVICES, "swap", kind, "")], HEADINGS)
        spelled = [a["target"]["@odata.type"] for a in there.assignments("Protect")]
        assert (result.exit_code, spelled) == (0, ["#microsoft.graph.allDevicesAssignmentTarget"])


@pytest.mark.parametrize("kind", ["iosManagedAppProtections", "targetedManagedAppConfigurations"])
@pytest.mark.usefixtures("no_workbooks")
async def test_app_protection_takes_filters(tmp_path: Path, kind: str) -> None:
    there = Builder(5)
    there.group("Staff")
    filter_ = there.filter_called("Managed apps", platform="iOSMobileApplicationManagement")
    there.configuration_called(KINDS[kind], "Protect")
    headings = ("Configuration", "New group", "Action", "Kind", "Filter", "Filter mode")
    async with world(there.build(), tmp_path) as served:
        result = await served.run([("Protect", "All users", "add", kind, "Managed apps", "exclude")], headings)
        assert result.exit_code == 0
        (target,) = [a["target"] for a in served.assignments("Protect")]
        expected: dict[str, Any] = {FILTER_ID: filter_.id, FILTER_TYPE: "exclude", "groupId": VIRTUAL_ALL_USERS}
        assert target == {"@odata.type": GROUP, **expected}
