"""A blank mapping: it explains itself, offers the words there are, and loads without a word once it is filled in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from migrator.mapping.load import load
from migrator.mapping.writers.canonical import FIELDS, heading
from migrator.mapping.writers.template import BLANK_ROWS, write_template
from migrator.model.columns import FIELD_OF_HEADING, fold_heading
from migrator.model.errors import UsageError
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.row import Action
from migrator.operations.template import template
from tests.workbook.opened import formulas, opened, sheet, sheet_names, table

FILLED = [
    {"Configuration": "Win - Firewall", "Legacy group": "GPO-EMEA", "New group": "SG-EMEA"},
    {"Configuration": "Portal", "Kind": "App", "New group": "SG-EMEA", "Intent": "required", "Direction": "exclude"},
    {"Configuration": "Old", "Action": "remove", "Legacy group": "GPO-EMEA", "Comment": "CHG-1"},
    {"Configuration": "Corporate", "New group": "All users", "Filter": "Windows 11", "Filter type": "include"},
]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that nobody writes into."""
    path = tmp_path_factory.mktemp("template") / "template.xlsx"
    write_template(path, 1_700_000_000.0)
    return path


@pytest.fixture
def blank(pristine: Path, tmp_path: Path) -> Path:
    """One to fill in."""
    return Path(shutil.copy(pristine, tmp_path))


def fill_in(path: Path, first: int = 2) -> None:
    book = load_workbook(path)
    headings = [cell.value for cell in book["Mapping"][1]]
    for number, filled in enumerate(FILLED, start=first):
        for name, text in filled.items():
            book["Mapping"].cell(number, headings.index(name) + 1).value = text
    book.save(path)


def test_blank_it_is_told_that_rows_are_missing_and_nothing_else(pristine: Path) -> None:
    mapping = load(pristine)
    assert [(finding.code, finding.sheet) for finding in mapping.findings] == [("no_rows", "Mapping")]
    assert "fill some in" in mapping.findings[0].message


@pytest.mark.parametrize("first", [2, BLANK_ROWS + 10])
def test_filled_in_it_loads_without_a_word(blank: Path, first: int) -> None:
    fill_in(blank, first)
    mapping = load(blank)
    assert mapping.findings == ()
    assert [row.action for row in mapping.rows] == [Action.SWAP, Action.ADD, Action.REMOVE, Action.ADD]
    assert mapping.rows[1].exclude is True
    assert [ref.text for ref in (mapping.rows[3].filter, mapping.rows[3].filter_mode) if ref] == [
        "Windows 11",
        "include",
    ]


def test_every_heading_means_what_it_says(blank: Path) -> None:
    with opened(blank) as book:
        headings = [str(cell.value) for cell in sheet(book, "Mapping")[1]]
    assert headings == [heading(field) for field in FIELDS]
    assert [FIELD_OF_HEADING[fold_heading(text)] for text in headings] == list(FIELDS)


def test_every_kind_is_offered_by_a_title_that_is_its_own(blank: Path) -> None:
    listed = [str(row["Kind"]) for row in table(blank, "Kinds")]
    assert listed == [kind.title for kind in KINDS.values() if not kind.excluded]
    assert all(len(find_kinds(title)) == 1 for title in listed)
    with opened(blank) as book:
        rules = sheet(book, "Mapping").data_validations.dataValidation
    assert f"'Kinds'!$A$2:$A${len(listed) + 1}" in [rule.formula1 for rule in rules]
    assert all(str(rule.sqref).endswith(str(BLANK_ROWS + 1)) and rule.prompt for rule in rules)
    assert len(rules) == len(FIELDS)


def test_it_explains_itself_and_holds_no_formula(blank: Path) -> None:
    assert sheet_names(blank) == ["Instructions", "Mapping", "Kinds"]
    assert formulas(blank) == []


def test_a_sheet_of_a_persons_own_is_still_told_of(blank: Path) -> None:
    fill_in(blank)
    book = load_workbook(blank)
    book.create_sheet("Kinds of cheese").append(["Gouda"])
    book["Kinds"]["A1"] = "Cheese"
    book.save(blank)
    assert [(f.code, f.sheet) for f in load(blank).findings] == [
        ("sheet_not_read", "Kinds"),
        ("sheet_not_read", "Kinds of cheese"),
    ]


def test_what_was_filled_in_is_not_written_over_unless_that_is_said(blank: Path) -> None:
    fill_in(blank)
    with pytest.raises(UsageError, match="--force"):
        template(blank, 1.0)
    assert len(load(blank).rows) == len(FILLED)
    template(blank, 1.0, force=True)
    assert load(blank).rows == ()


@pytest.mark.parametrize(("name", "why"), [("t.csv", "end in .xlsx"), ("no/t.xlsx", "there is no folder")])
def test_a_place_where_it_cannot_be_is_told(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        template(tmp_path / name, 1.0)
