"""What is looked for in a workbook's XML beside its values."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from migrator.mapping.load import load
from migrator.mapping.readers import package
from migrator.model.errors import UsageError
from tests.mapping.sheets import HERE, found, rows, xlsx


def prefixed(source: Path, target: Path) -> Path:
    """The same workbook as other writers spell it: every tag of its sheets with a prefix."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"<(/?)([a-z])", rb"<\1x:\2", content).replace(b" xmlns=", b" xmlns:x=")
            new.writestr(name, content)
    return target


def test_tags_may_have_a_prefix(tmp_path: Path) -> None:
    other = prefixed(HERE / "messy-long.xlsx", tmp_path / "m.xlsx")

    assert load(other).findings == load(HERE / "messy-long.xlsx").findings
    assert load(other).rows == load(HERE / "messy-long.xlsx").rows


def test_rows_hidden_by_hand_or_by_a_filter_are_told_and_read(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate([("Policy", "Group"), ("P", "a"), ("P", "b"), ("P", "c")]):
            sheet.write_row(number, 0, row)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
    mapping = load(path)

    assert len(rows(mapping)) == 3
    assert found(mapping) == [("warning", "hidden_rows", "S row 3")]
    assert "2 rows are hidden" in mapping.findings[0].message


def test_long_sheets_are_believed_when_they_say_that_they_are_narrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), *[("P", f"g{i}") for i in range(9000)]])
    looked_through = package.open_package(path)
    monkeypatch.setattr(package, "_BELIEVED_FROM", 1000)
    believed = package.open_package(path)

    assert looked_through is not None
    assert believed is not None
    there = looked_through.survey("Mapping")
    assert there is not None
    assert there.rows == 9001
    said = believed.survey("Mapping")
    assert said is not None
    assert (said.rows, said.columns) == (9001, 2)
    assert len(load(path).rows) == 9000


def test_a_row_longer_than_any_can_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), ("P", "a")])
    monkeypatch.setattr(package, "_LONGEST_ROW", 100)

    with pytest.raises(UsageError, match="expands beyond"):
        load(path)


def test_a_mark_that_shows_an_error_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate([("Group", "P1", "P2"), ("a", "x", "x"), ("b", "x", "x")]):
            sheet.write_row(number, 0, row)
        sheet.write_formula(2, 2, "=NA()", None, "#N/A")

    assert found(load(path)) == [("error", "error_cell", "S!C3")]


def test_a_workbook_that_is_built_otherwise_is_still_read(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), ("P", "a")])
    survey = package.open_package(path)

    assert survey is not None
    assert survey.survey("no such sheet") is None
    assert package.open_package(HERE / "item-target.csv") is None
