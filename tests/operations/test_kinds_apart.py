"""What only some kinds have: Cloud PC targets, policy sets, everybody twice, and one single route."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from migrator.model.kinds import KINDS
from migrator.simulator.builder import Builder
from migrator.simulator.settings import Lies
from tests.whole import plain, world

HEADINGS = ("Configuration", "Legacy group", "New group", "Action", "Kind")
GROUP = "#microsoft.graph.groupAssignmentTarget"
ALL_USERS = {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}
ALL_DEVICES = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
CLOUD_PC = "#microsoft.graph.cloudPcManagementGroupAssignmentTarget"


async def test_a_cloud_pc_target_keeps_its_plan_and_its_allotment(tmp_path: Path) -> None:
    there = Builder(2)
    new = there.group("New")
    kind = KINDS["provisioningPolicies"]
    target = {
        "@odata.type": CLOUD_PC,
        "groupId": there.group("Old").id,
        "servicePlanId": "662009bc-7732-4f6f-8726-25883518b33e",
        "allotmentDisplayName": "Night shift",
        "allotmentLicensesCount": 12,
    }
    detail = {"userSettingsPersistenceEnabled": True, "userSettingsPersistenceStorageSizeCategory": "sixteenGB"}
    one = there.configuration_called(kind, "Frontline")
    there.assign(one, {"target": target, "userSettingsPersistenceDetail": detail})
    there.assign(one, {"target": {"@odata.type": CLOUD_PC, "groupId": there.group("Other").id}})
    async with world(there.build(), tmp_path) as served:
        before = served.assignments("Frontline")
        assert all("assignedUsers" in assignment for assignment in before), "which the service does not take back"
        result = await served.run([("Frontline", "Old", "New", "", kind.name)], HEADINGS)
        assert (result.exit_code, result.facts.unverified) == (0, 0)
        after = {a["target"]["groupId"]: a for a in served.assignments("Frontline")}
        moved = after.pop(new.id)
        assert moved["target"] == {**target, "groupId": new.id}
        assert moved["userSettingsPersistenceDetail"] == detail
        assert [plain(a) for a in after.values()] == [plain(before[1])]


async def test_a_cloud_pc_user_setting_keeps_what_is_not_when_it_was_assigned(tmp_path: Path) -> None:
    there = Builder(2)
    there.group("New")
    kind = KINDS["userSettings"]
    there.assign(there.configuration_called(kind, "Restore points"), "Old")
    async with world(there.build(), tmp_path) as served:
        assert "createdDateTime" in served.assignments("Restore points")[0]
        result = await served.run([("Restore points", "Old", "New", "", kind.name)], HEADINGS)
        assert (result.exit_code, result.facts.unverified) == (0, 0)
        assert served.names("Restore points") == {"New"}


async def test_everybody_and_policy_sets_stay_when_all_users_go(tmp_path: Path) -> None:
    there = Builder(2)
    kind = KINDS["deviceConfigurations"]
    old = there.group("Old").id
    by_set = {"target": {"@odata.type": GROUP, "groupId": old}, "source": "policySets", "sourceId": "a-set"}
    one = there.configuration_called(kind, "Baseline")
    for given in ({"target": ALL_USERS}, {"target": ALL_DEVICES}, by_set, {"target": by_set["target"]}):
        there.assign(one, given)
    there.group("New")
    async with world(there.build(), tmp_path) as served:
        set_before = [a for a in served.assignments("Baseline") if a["source"] == "policySets"]
        rows = [("Baseline", "", "All users", "remove", kind.name), ("Baseline", "Old", "New", "", kind.name)]
        result = await served.run(rows, HEADINGS)
        assert (result.exit_code, result.facts.unverified) == (0, 0)
        after = served.assignments("Baseline")
        assert [a for a in after if a["source"] == "policySets"] == set_before
        direct = [plain(a["target"]) for a in after if a["source"] == "direct"]
        assert {t["@odata.type"] for t in direct} == {GROUP, ALL_DEVICES["@odata.type"]}
        assert served.names("Baseline") == {"Old", "New"}, "the policy set still assigns the old one"
        notes = {change.note for change in result.record.plan.configurations[0].changes}
        assert "made by a policy set, which is where to change it" in notes


SCRIPTS = "deviceCustomAttributeShellScripts"
ONE_ROUTE = Lies(list_expand_refused=frozenset([SCRIPTS]), assignments_absent=frozenset([SCRIPTS]))


def attribute(*groups: str) -> Any:
    there = Builder(2)
    there.group("Macs")
    one = there.configuration_called(KINDS[SCRIPTS], "Serial number")
    for group in groups:
        there.assign(one, group)
    return there.build()


async def test_what_one_single_route_says_is_empty_is_left_alone_and_what_to_do_is_said(tmp_path: Path) -> None:
    async with world(attribute(), tmp_path, lies=ONE_ROUTE) as served:
        rows = [("Serial number", "", "Macs", "add", SCRIPTS)]
        left = await served.run(rows, HEADINGS)
        assert (left.exit_code, served.simulator.record.writes) == (1, 0)
        assert "assign one group to it by hand" in left.record.plan.configurations[0].blocked


async def test_one_group_that_was_assigned_by_hand_is_enough(tmp_path: Path) -> None:
    async with world(attribute("Pilot"), tmp_path, lies=ONE_ROUTE) as served:
        result = await served.run([("Serial number", "", "Macs", "add", SCRIPTS)], HEADINGS)
        assert (result.exit_code, served.names("Serial number")) == (0, {"Pilot", "Macs"})


async def test_a_route_that_is_served_although_it_should_not_be_is_a_second_witness(tmp_path: Path) -> None:
    lies = replace(ONE_ROUTE, assignments_absent=frozenset())
    async with world(attribute(), tmp_path, lies=lies) as served:
        result = await served.run([("Serial number", "", "Macs", "add", SCRIPTS)], HEADINGS)
        assert (result.exit_code, served.names("Serial number")) == (0, {"Macs"})
