"""What the service made, or gives to every tenant, is not what an administrator means by a name or by everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.errors import MappingError
from migrator.model.finding import Finding, Level
from migrator.model.plan import Plan
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import IsAssigned, Lies
from migrator.simulator.state import TenantState
from tests.whole import world

APPS, CATALOG, TAGS, BRANDING = "mobileApps", "configurationPolicies", "roleScopeTags", "intuneBrandingProfiles"
BY_NAME = ("Configuration", "Legacy group", "New group", "Action", "Intent", "Direction", "Kind")


def built_in(name: str, *assigned: str, type_: str = "managedIOSStoreApp") -> dict[str, object]:
    return {
        "kind": APPS,
        "name": name,
        "assignments": list(assigned),
        "properties": {"@odata.type": f"#microsoft.graph.{type_}", "appAvailability": "global"},
    }


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "groups": ["Old", "New", "Kept"],
            "configurations": [
                {"kind": CATALOG, "name": "Firewall", "assignments": ["Old"]},
                {"kind": APPS, "name": "Outlook", "assignments": ["Kept"]},
                built_in("Outlook"),
                built_in("Outlook", type_="managedAndroidStoreApp"),
                built_in("Excel"),
                built_in("Teams", "Old"),
                built_in("Word"),
                built_in("Word", "Kept", type_="managedAndroidStoreApp"),
                {"kind": TAGS, "name": "Default", "assignments": [], "properties": {"isBuiltIn": True}},
                {"kind": TAGS, "name": "Branch", "assignments": ["Old"], "properties": {"isBuiltIn": False}},
                {"kind": BRANDING, "name": "Everywhere", "properties": {"isDefaultProfile": True}},
                {"kind": BRANDING, "name": "Shops", "properties": {"isDefaultProfile": False}},
            ],
        }
    )


def touched(plan: Plan) -> list[str]:
    return sorted(f"{one.configuration.name} {one.configuration.type}".strip() for one in plan.configurations)


def told(plan: Plan, code: str) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == code]


@pytest.mark.parametrize("said", [IsAssigned.HONEST, IsAssigned.ABSENT])
async def test_a_name_means_the_app_that_somebody_added(tmp_path: Path, said: IsAssigned) -> None:
    async with world(tenant(), tmp_path, lies=Lies(is_assigned=said)) as there:
        rows = [(name, "", "New", "add", "required", "", "") for name in ("Outlook", "Word", "Excel")]
        drawn = await there.plan(rows, BY_NAME)
        assert touched(drawn.plan) == ["Excel managedIOSStoreApp", "Outlook", "Word managedAndroidStoreApp"]


async def test_everything_does_not_mean_what_every_tenant_has_and_nobody_uses(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([("*", "", "New", "add", "available", "", "App")], BY_NAME)
        assert result.exit_code == 0
        assert touched(result.record.plan) == [
            "Outlook",
            "Teams managedIOSStoreApp",
            "Word managedAndroidStoreApp",
        ]
        (finding,) = told(result.record.plan, "not_as_it_stands")
        assert (finding.level, finding.row) == (Level.WARNING, 2)
        assert "every tenant has it" in finding.message


async def test_a_group_is_moved_there_all_the_same(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([("Old", "New")], ("Legacy group", "New group"))
        assert result.exit_code == 0
        assert touched(result.record.plan) == ["Branch", "Firewall", "Teams managedIOSStoreApp"]


async def test_a_group_is_excluded_from_policies_and_from_nothing_built_in(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([("*", "", "New", "add", "", "exclude", "")], BY_NAME)
        assert result.exit_code == 0
        assert {name.split()[0] for name in touched(result.record.plan)} == {
            "Firewall",
            "Outlook",
            "Shops",
            "Teams",
            "Word",
        }
        (finding,) = told(result.record.plan, "not_possible")
        assert "'Everywhere': it is the default" in finding.message
        (note,) = told(result.record.plan, "tags_left_alone")
        assert (note.level, note.row) == (Level.NOTE, 2)
        assert "'Default', 'Branch'" in note.message or "'Branch', 'Default'" in note.message


async def test_what_the_portal_has_no_place_for_is_tried_only_where_a_row_names_it(tmp_path: Path) -> None:
    enrolment, update = "deviceEnrollmentConfigurations", "windowsDriverUpdateProfiles"
    state = tenant_from_json(
        {
            "groups": ["Old", "New"],
            "configurations": [
                {"kind": CATALOG, "name": "Firewall", "assignments": ["Old"]},
                {"kind": enrolment, "name": "Staff", "assignments": ["Old"], "properties": {"priority": 1}},
                {"kind": update, "name": "Drivers", "assignments": ["Old"]},
            ],
        }
    )
    async with world(state, tmp_path) as there:
        excluded = await there.plan([("*", "", "New", "add", "", "exclude", "")], BY_NAME)
        assert touched(excluded.plan) == ["Drivers", "Firewall"]
        everybody = await there.plan([("*", "", "All devices", "add", "", "", "")], BY_NAME)
        assert touched(everybody.plan) == ["Firewall", "Staff"]
        (left,) = told(everybody.plan, "not_possible")
        assert "'Drivers': Microsoft's portal assigns Driver update profile to groups only" in left.message
        rows = [("Staff", "", "New", "add", "", "exclude", ""), ("Drivers", "", "All users", "add", "", "", "")]
        result = await there.run(rows, BY_NAME)
        assert result.exit_code == 0
        warnings = told(result.record.plan, "target_not_offered")
        assert [(one.level, one.row) for one in warnings] == [(Level.WARNING, 2), (Level.WARNING, 3)]
        assert there.names("Staff", excluded=True) == {"New"}


async def test_a_row_that_names_tags_means_them_except_the_one_that_is_built_in(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([("*", "", "New", "add", "", "", "Scope tag")], BY_NAME)
        assert touched(result.record.plan) == ["Branch"]
        assert there.names("Branch") == {"Old", "New"}


async def test_a_default_of_any_kind_cannot_be_assigned(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        with pytest.raises(MappingError) as refused:
            await there.run([("Everywhere", "", "New", "add", "", "", "")], BY_NAME)
        (finding,) = refused.value.findings
        assert (finding.level, finding.code, finding.row) == (Level.ERROR, "default_not_assignable", 2)
        assert "is the default, which" in finding.message
