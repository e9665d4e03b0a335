"""Sheets of groups alone, and pairs of groups that no sheet holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest

from migrator.mapping.load import load
from migrator.mapping.pairs import pairs_mapping, parse, together
from migrator.model.errors import UsageError
from migrator.model.finding import Level
from migrator.operations.check import check
from tests.mapping.sheets import codes, found, rows, xlsx

PAIRS = [("Old group", "New group"), ("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (PAIRS, [("swap", "", "a", "b"), ("swap", "", "c", "d")]),
        ([("Group", "New group"), ("a", "b")], [("swap", "", "a", "b")]),
        ([("From", "To", "Kind", "Comment"), ("a", "b", "App", "ticket 7")], [("swap", "", "a", "b")]),
        ([("Legacy group", "New group", "Action"), ("a", "", "remove")], [("remove", "", "a", "")]),
        ([("Group", "Action"), ("a", "remove"), (None, None), ("b", "delete")],
         [("remove", "", "", "a"), ("remove", "", "", "b")]),
        ([("Moves in May",), (), *PAIRS[:2]], [("swap", "", "a", "b")]),
    ],
)  # fmt: skip
def test_groups_alone_apply_wherever_they_are_assigned(tmp_path: Path, table: Any, expected: Any) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert rows(mapping) == expected
    (note,) = mapping.findings
    assert (note.level, note.code) == (Level.NOTE, "wherever")
    assert "wherever the legacy group is assigned" in note.message


def test_checking_offline_says_so(tmp_path: Path) -> None:
    mapping = check(xlsx(tmp_path / "m.xlsx", [("Old group", "New group"), ("a", "b"), ("A", "c")]))

    assert sorted(codes(mapping)) == ["legacy_goes_two_ways", "wherever"]


@pytest.mark.parametrize("action", ["add", "replace"])
def test_an_addition_needs_a_configuration_and_is_told_what_to_write(tmp_path: Path, action: str) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Group", "Action"), ("a", action), ("b", "remove")]))

    assert rows(mapping) == [("remove", "", "", "b")]
    assert ("error", "no_configuration", "Mapping!B2") in found(mapping)
    assert "or * for every one" in next(f.message for f in mapping.findings if f.level is Level.ERROR)


def test_a_row_of_one_group_is_no_pair(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [*PAIRS, ("e", None)]))

    assert ("error", "no_configuration", "Mapping!B4") in found(mapping)


@pytest.mark.parametrize(
    "table",
    [
        [("Polcy", "Old group", "New group"), ("P", "a", "b")],
        [("Old group", "New group", "Configurtion"), ("a", "b", "P")],
        [("Old group", "New group", "Baseline"), ("a", "b", "P")],
        [("Old group", "New group", "Members"), ("a", "b", 12)],
        [("Old group", "New group", None), ("a", "b", "P")],
        [("Polcy", "Group", "Action"), ("P", "a", "remove")],
    ],
)
def test_a_column_that_is_not_understood_may_be_the_configurations(tmp_path: Path, table: Any) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert codes(mapping) == ["no_headings"]
    assert "call it Configuration, else call it Comment or delete it" in mapping.findings[0].message
    assert not mapping.rows


@pytest.mark.parametrize("table", [[("Group",), ("a",)], [("New group", "Comment"), ("a", "b")], [("Old", "b"), "ab"]])
def test_one_column_of_groups_alone_says_nothing(tmp_path: Path, table: Any) -> None:
    assert codes(load(xlsx(tmp_path / "m.xlsx", table))) == ["no_headings"]


@pytest.mark.parametrize(
    "other",
    [
        [("Polcy", "Grup"), ("P", "a")],
        [("Polcy name", "Old group"), ("P", "a")],
        [("Title",), ("Setting", "Assigned to"), ("P", "a")],
        [("Policy",), ("P",)],
        [("In scope",), ("Polcy name",), ("P",)],
        [("Owner", "Configuration ID"), ("EMEA", "1")],
    ],
)
def test_another_sheet_that_is_not_understood_keeps_pairs_from_meaning_everything(tmp_path: Path, other: Any) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": PAIRS, "List": other}))

    assert set(codes(mapping)) == {"no_headings"}
    assert any("'List'" in f.message for f in mapping.findings)


def test_a_sheet_of_notes_does_not(tmp_path: Path) -> None:
    sheets = {"Read me": [("Moves for EMEA",), ("ask the service desk", "by Friday")], "Groups": PAIRS}
    mapping = load(xlsx(tmp_path / "m.xlsx", sheets))

    assert len(mapping.rows) == 2
    assert sorted(codes(mapping)) == ["sheet_not_read", "wherever"]


def test_where_a_sheet_names_configurations_pairs_mean_nothing_of_their_own(tmp_path: Path) -> None:
    sheets = {"Groups": PAIRS, "Mapping": [("Policy", "Old group", "New group"), ("P", "a", "z")]}
    mapping = load(xlsx(tmp_path / "m.xlsx", sheets))

    assert rows(mapping) == [("swap", "P", "a", "z")]
    assert codes(mapping) == ["sheet_not_read"]


def test_an_empty_cell_of_a_configuration_column_stays_an_error(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Old group", "New group"), (None, "a", "b")]))

    assert codes(mapping) == ["no_configuration"]


def test_a_frame_of_two_columns() -> None:
    mapping = load(pandas.DataFrame({"legacy_group": ["a"], "new_group": ["b"]}))

    assert rows(mapping) == [("swap", "", "a", "b")]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("GPO-EMEA=SG-EMEA", ("GPO-EMEA", "SG-EMEA")),
        ("GPO = EMEA=SG", ("GPO", "EMEA=SG")),
        ("A=1 = B=2", ("A=1", "B=2")),
        ("A == B=C = D", ("A == B=C", "D")),
    ],
)
def test_a_pair_is_split_at_the_only_sign_or_the_only_one_between_blanks(text: str, pair: tuple[str, str]) -> None:
    assert parse(text) == pair


@pytest.mark.parametrize("text", ["A", "", "A=B=C", "A==B", "A = B = C"])
def test_a_pair_that_cannot_be_told_is_answered_with_how_to_write_it(text: str) -> None:
    with pytest.raises(UsageError, match='write --group "LEGACY=NEW"'):
        parse(text)


@pytest.mark.parametrize("pair", [("", "b"), ("a", " ")])
def test_a_pair_needs_both_sides(pair: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="one group only"):
        pairs_mapping([pair])


def test_pairs_are_rows_of_their_own_beside_those_of_a_mapping(tmp_path: Path) -> None:
    sheet = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group"), ("P", "a")]))
    both = together(sheet, [(" A ", "B"), ("C", "D")])

    assert rows(both) == [("add", "P", "", "a"), ("swap", "", "A", "B"), ("swap", "", "C", "D")]
    assert [(r.sheet, r.number) for r in both.rows] == [("Mapping", 2), ("--group", 1), ("--group", 2)]
    assert both.source == "m.xlsx and --group A = B and 1 more"
    assert len({both.sha256, sheet.sha256, pairs_mapping([("A", "B")]).sha256}) == 3
    assert together(sheet, []) is sheet
