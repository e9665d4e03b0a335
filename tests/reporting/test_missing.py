"""missing-….xlsx: what to create, from where it is named; and what not to create."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from migrator.model.missing import Missing, What
from migrator.reporting.missing import file_name, write_missing
from tests.memory import guid

FORMULA = "=cmd|' /C calc'!A0"


def group(name: str, row: int = 2, **more: object) -> Missing:
    return replace(Missing(What.GROUP, name, sheet="Sheet1", row=row), **more)  # type: ignore[arg-type] # test data


def table(path: Path, sheet: str) -> dict[str, dict[str, object]]:
    """The lines of a sheet by what stands first in them."""
    headings, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return {str(row[0]): dict(zip(map(str, headings), row, strict=True)) for row in rows}


def written(tmp_path: Path, *missing: Missing) -> Path:
    path = tmp_path / "missing.xlsx"
    write_missing(missing, "waves.csv", 1.79e9, path)
    return path


def test_a_thing_is_told_once_with_every_place_that_names_it(tmp_path: Path) -> None:
    elsewhere = group("SALES", 7, sheet="Sheet2", near=("Sales B",))
    path = written(tmp_path, *(group("Sales", row, near=("Sales A",)) for row in (2, 3, 4, 9)), elsewhere)
    groups = table(path, "Groups")
    assert list(groups) == ["Sales"]
    assert groups["Sales"]["Named in"] == "Sheet1: 2-4, 9\nSheet2: 7"
    assert groups["Sales"]["Names that do exist"] == "Sales A\nSales B"
    assert (groups["Sales"]["Mail enabled"], groups["Sales"]["Security enabled"]) == ("false", "true")


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        (group("Legacy", leaving=True), "only to go"),
        (group("", id=guid(9)), "No new group can have this id"),
        (group("S-1-5-21-1-2-3"), "SID"),
        (group("a\u202eb"), "do not show"),
        (group("x" * 300), "longer than"),
    ],
)
def test_what_should_not_be_created_has_no_command_and_says_why(tmp_path: Path, missing: Missing, advice: str) -> None:
    path = written(tmp_path, missing, group("Sales", 3))
    first, second = table(path, "Groups").values()
    assert advice in str(first["What to do"])
    assert (first["Mail nickname"], second["Mail nickname"]) == (None, "Sales")
    script = list(table(path, "PowerShell"))
    assert sum(line.startswith("New-MgGroup") for line in script) == 1
    assert "-DisplayName 'Sales'" in script[-1]


def test_a_group_that_somebody_shall_get_is_created_though_other_rows_take_it_away(tmp_path: Path) -> None:
    path = written(tmp_path, group("Sales", leaving=True), group("Sales", 3))
    assert table(path, "Groups")["Sales"]["Mail nickname"] == "Sales"


def test_hostile_names_are_text_in_every_cell(tmp_path: Path) -> None:
    sheets = {What.GROUP: "Groups", What.FILTER: "Filters", What.CONFIGURATION: "Configurations"}
    path = written(tmp_path, *(Missing(what, FORMULA, sheet=FORMULA, row=2, near=(FORMULA,)) for what in What))
    workbook = openpyxl.load_workbook(path)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}, "no formula anywhere"
    assert {sheet.title for sheet in workbook} == {"Missing", *sheets.values(), "PowerShell"}
    for name in sheets.values():
        assert any(cell.value == FORMULA for row in workbook[name].iter_rows() for cell in row)


def test_a_filter_has_the_platform_of_the_kind_it_is_for_where_there_is_one(tmp_path: Path) -> None:
    kinds = {"Macs": "deviceCustomAttributeShellScripts", "Anything": "configurationPolicies", "Both": ""}
    path = written(tmp_path, *(Missing(What.FILTER, name, row=2, kind=kind) for name, kind in kinds.items()))
    filters = table(path, "Filters")
    assert [filters[name]["Platform"] for name in kinds] == ["macOS", None, None]
    script = [line for line in table(path, "PowerShell") if "'Macs'" in line]
    assert ["platform = 'macOS'" in line for line in script] == [True]


def test_configurations_of_one_name_and_two_kinds_are_two(tmp_path: Path) -> None:
    kinds = ("configurationPolicies", "deviceCompliancePolicies")
    path = written(tmp_path, *(Missing(What.CONFIGURATION, "Firewall", row=2, kind=kind) for kind in kinds))
    assert list(table(path, "Configurations")) == ["Settings catalog policy", "Compliance policy"]


def test_one_that_may_be_in_a_kind_that_was_not_read_is_not_called_missing_for_sure(tmp_path: Path) -> None:
    path = written(tmp_path, Missing(What.CONFIGURATION, "Firewall", row=2, unread=True))
    (policy,) = openpyxl.load_workbook(path)["Configurations"].iter_rows(min_row=2, values_only=True)
    assert any("could not be read" in str(value) for value in policy)


def test_very_many_fit(tmp_path: Path) -> None:
    path = written(tmp_path, *(group(f"Group {n}", n) for n in range(2, 10_103)))
    sheet = openpyxl.load_workbook(path, read_only=True)["Groups"]
    assert sheet.max_row == 10_102


def test_its_name_is_that_of_the_mapping_made_safe(tmp_path: Path) -> None:
    assert file_name("waves 1.xlsx", tmp_path) == "missing-waves 1.xlsx"
    assert file_name("a[1]#b?.csv", tmp_path) == "missing-a_1__b_.xlsx"
    assert file_name("DataFrame", tmp_path) == "missing-DataFrame.xlsx"
