"""What is missing in the tenant is written down to create it from; and a sheet of one tenant is run in another."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import openpyxl
import pytest

from migrator.cli.main import run_command_line
from migrator.journal.folder import list_runs
from migrator.model.choice import Selection
from migrator.model.errors import MappingError
from migrator.model.missing import What
from migrator.operations.verify import verify_mapping
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.memory import guid
from tests.whole import World, world

HEADINGS = ("Configuration", "Kind", "Action", "Group", "Direction", "Intent", "Filter", "Filter mode")
EXPORTED = [
    ("Firewall", "Settings catalog policy", "add", "SG-EMEA", "include", "", "Corporate", "include"),
    ("Firewall", "Settings catalog policy", "add", "SG-Kiosks", "exclude", "", "", ""),
    ("Firewall", "Compliance policy", "add", "SG-EMEA", "", "", "", ""),
    ("Reader", "App", "add", "SG-EMEA", "include", "required", "", ""),
    ("Reader", "App", "add", "All devices", "include", "available", "Corporate", "exclude"),
]


def tenant_of(number: int, *, groups: list[str], filters: list[str], policies: dict[str, str]) -> TenantState:
    """A tenant whose things have the names of another's, and ids of its own."""
    ids = iter(range(number * 1000, number * 1000 + 999))
    return tenant_from_json(
        {
            "name": f"Tenant {number}",
            "groups": [{"displayName": name, "id": guid(next(ids))} for name in groups],
            "assignmentFilters": [{"displayName": name, "id": guid(next(ids))} for name in filters],
            "configurations": [
                {"kind": kind, "name": name.strip(), "id": guid(next(ids)), "assignments": []}
                for name, kind in policies.items()
            ],
        }
    )


def whole(number: int) -> TenantState:
    """Everything that the exported rows name; of the two that share a name, one is of another kind."""
    policies = {"Firewall": "configurationPolicies", "Firewall ": "deviceCompliancePolicies", "Reader": "mobileApps"}
    return tenant_of(number, groups=["SG-EMEA", "SG-Kiosks"], filters=["Corporate"], policies=policies)


def lacking(number: int) -> TenantState:
    """One group, the filter, and one of the two that share a name are not there."""
    policies = {"Firewall": "configurationPolicies", "Reader": "mobileApps"}
    return tenant_of(number, groups=["SG-EMEA", "SG-Kiosk"], filters=["Corporate devices"], policies=policies)


def meaning(there: World, kind: str, name: str) -> set[tuple[str, str, str, str]]:
    """What is assigned, in names."""
    state = there.simulator.state
    told = set()
    for assignment in state.configuration(name, kind).assignments:
        target = assignment["target"]
        group = target.get("groupId")
        filter_ = target.get("deviceAndAppManagementAssignmentFilterId")
        told.add(
            (
                target["@odata.type"].rpartition(".")[2],
                state.groups[group].name if group else "",
                state.filters[filter_].name if filter_ else "",
                target.get("deviceAndAppManagementAssignmentFilterType") or "none",
            )
        )
    return told


def missing_file(there: World) -> Path:
    return there.settings.reports / "missing-mapping.xlsx"


def rows_of(path: Path, sheet: str) -> list[dict[str, object]]:
    headings, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


async def refused(there: World) -> MappingError:
    with pytest.raises(MappingError) as error:
        await there.run(EXPORTED, HEADINGS)
    return error.value


async def test_rows_without_ids_come_to_the_same_in_another_tenant(tmp_path: Path) -> None:
    found = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with world(whole(number), folder) as there:
            result = await there.run(EXPORTED, HEADINGS)
            assert (result.exit_code, result.facts.succeeded) == (0, 3)
            kinds = (
                ("configurationPolicies", "Firewall"),
                ("deviceCompliancePolicies", "Firewall"),
                ("mobileApps", "Reader"),
            )
            found.append([meaning(there, *each) for each in kinds])
    assert found[0] == found[1]
    assert found[0][0] == {
        ("groupAssignmentTarget", "SG-EMEA", "Corporate", "include"),
        ("exclusionGroupAssignmentTarget", "SG-Kiosks", "", "none"),
    }
    assert ("allDevicesAssignmentTarget", "", "Corporate", "exclude") in found[0][2]


async def test_what_another_tenant_lacks_is_a_workbook_to_create_it_from(tmp_path: Path) -> None:
    async with world(lacking(2), tmp_path) as there:
        error = await refused(there)
        assert error.missing_file == missing_file(there)
        assert {(m.what, m.name) for m in error.missing or ()} == {
            (What.GROUP, "SG-Kiosks"),
            (What.FILTER, "Corporate"),
            (What.CONFIGURATION, "Firewall"),
        }
        assert there.simulator.record.writes == 0
        (group,) = rows_of(missing_file(there), "Groups")
        assert (group["Display name"], group["Mail nickname"]) == ("SG-Kiosks", "SG-Kiosks")
        assert (group["Named in"], group["Names that do exist"]) == ("3", "SG-Kiosk")
        (filter_,) = rows_of(missing_file(there), "Filters")
        assert (filter_["Named in"], filter_["Rule"]) == ("2, 6", None)
        (policy,) = rows_of(missing_file(there), "Configurations")
        assert (policy["Kind"], policy["Name"], policy["Named in"]) == ("Compliance policy", "Firewall", "4")
        script = [row["PowerShell"] for row in rows_of(missing_file(there), "PowerShell")]
        assert (
            "New-MgGroup -DisplayName 'SG-Kiosks' -MailNickname 'SG-Kiosks' -MailEnabled:$false -SecurityEnabled"
            in script
        )
        assert list_runs(there.settings.reports) == (), "it is beside the runs, and none of them"


async def test_once_everything_was_created_the_run_goes_through_and_the_workbook_goes(tmp_path: Path) -> None:
    async with world(lacking(2), tmp_path) as there:
        await refused(there)
        assert missing_file(there).exists()
    async with world(whole(2), tmp_path) as there:
        await there.plan(EXPORTED[:1], HEADINGS, selection=Selection(only=("Firewall",)))
        assert missing_file(there).exists(), "a part of the mapping says nothing of the rest"
        result = await there.run(EXPORTED, HEADINGS)
        assert result.exit_code == 0
        assert not missing_file(there).exists()


async def test_errors_of_the_mapping_itself_leave_the_workbook_as_it_is(tmp_path: Path) -> None:
    async with world(lacking(2), tmp_path) as there:
        await refused(there)
        with pytest.raises(MappingError) as error:
            await there.run([("", "", "add", "SG-EMEA", "", "", "", "")], HEADINGS)
        assert (error.value.missing, missing_file(there).exists()) == (None, True)
        with pytest.raises(MappingError) as error:
            await there.run([("Reader", "App", "add", "SG-EMEA", "", "", "", "")], HEADINGS)
        assert [f.code for f in error.value.findings if f.level == "error"] == ["intent_missing"]
        assert (error.value.missing, missing_file(there).exists()) == ((), False)


async def test_plan_and_verify_write_it_as_well(tmp_path: Path) -> None:
    async with world(lacking(2), tmp_path) as there:
        with pytest.raises(MappingError):
            await there.plan(EXPORTED, HEADINGS)
        first = missing_file(there)
        assert first.exists()
        first.unlink()
        async with there.connection() as connection:
            with pytest.raises(MappingError) as error:
                await verify_mapping(there.mapping(EXPORTED, HEADINGS), there.settings, connection)
        assert error.value.missing_file == first
        assert first.exists()


async def test_a_workbook_that_cannot_be_written_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    async with world(lacking(2), tmp_path) as there:
        (missing_file(there) / "in the way").mkdir(parents=True)
        error = await refused(there)
        assert (error.exit_code, error.missing_file) == (2, None)
        assert f"could not be written to {missing_file(there)}" in str(error)
        assert {"unknown_group", "unknown_filter", "unknown_configuration"} <= {f.code for f in error.findings}


async def test_the_command_line_names_it_in_a_line_and_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world(lacking(2), tmp_path) as there:
        monkeypatch.chdir(tmp_path)
        for name, value in there.simulator.environment.items():
            monkeypatch.setenv(name, value)
        mapping = str(there.mapping(EXPORTED, HEADINGS))
        assert await asyncio.to_thread(run_command_line, ["plan", mapping, "--quiet"]) == 2
        out = capsys.readouterr().out
        assert "Missing       reports/missing-mapping.xlsx" in out
        assert "no assignment filter 'Corporate' in this tenant" in out
        assert await asyncio.to_thread(run_command_line, ["run", mapping, "--yes", "--json", "--quiet"]) == 2
        assert json.loads(capsys.readouterr().out)["missing"] == str(Path("reports", "missing-mapping.xlsx"))
        assert await asyncio.to_thread(run_command_line, ["check", mapping, "--json"]) == 0
        assert "missing" not in json.loads(capsys.readouterr().out), "check asks no tenant"
