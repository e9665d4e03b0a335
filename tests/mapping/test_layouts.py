"""Matrices and pairs of sheets, beyond those that people sent."""

from __future__ import annotations

from pathlib import Path

from migrator.mapping.load import load
from migrator.model.row import Action
from tests.mapping.sheets import codes, found, rows, xlsx

PAIRS = [("Old group", "New group"), ("a", "b"), ("c", "d")]


def test_a_matrix_of_one_group_column_and_many_marks(tmp_path: Path) -> None:
    table = [
        ("Group", "Comment", "P1", "P2", "P3", "Owner"),
        ("a", "x", "yes", "no", None, "me"),
        ("b", None, "1", "✔", "-", "you"),
        (),
        ("c", None, True, 1, 0, "us"),
    ]
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert sorted(rows(mapping)) == [
        ("add", "P1", "", "a"),
        ("add", "P1", "", "b"),
        ("add", "P1", "", "c"),
        ("add", "P2", "", "b"),
        ("add", "P2", "", "c"),
    ]
    assert [f for f in found(mapping) if f[1] != "no_rows"] == [("note", "unknown_heading", "Mapping!F1")]


def test_a_matrix_can_state_actions(tmp_path: Path) -> None:
    table = [("Legacy group", "P1", "P2"), ("a", "remove", "x"), ("b", "add", None)]

    assert sorted(rows(load(xlsx(tmp_path / "m.xlsx", table)))) == [
        ("add", "P1", "b", ""),
        ("add", "P2", "a", ""),
        ("remove", "P1", "a", ""),
    ]


def test_a_cell_of_a_matrix_that_is_no_mark_is_an_error(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Group", "P1", "P2"), ("a", "x", "perhaps"), ("b", "x", "x")]))

    assert found(mapping) == [("error", "unknown_mark", "Mapping!C2")]


def test_a_marked_row_of_a_matrix_without_a_group_is_an_error(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Group", "P1"), ("a", "x"), (None, "x")]))

    assert found(mapping) == [("error", "no_group", "Mapping!A3")]


def test_a_matrix_in_replace_mode(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "m.xlsx", [("New group", "P1"), ("a", "x")])

    assert rows(load(path, mode="replace")) == [("replace", "P1", "", "a")]


def test_a_matrix_heading_with_blanks_is_noted_once(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Group", " P1 "), ("a", "x"), ("b", "x")]))

    assert [r[1] for r in rows(mapping)] == ["P1", "P1"]


def test_a_matrix_without_marks_is_none(tmp_path: Path) -> None:
    assert codes(load(xlsx(tmp_path / "m.xlsx", [("Group", "P1"), ("a", None)]))) == ["no_headings"]


def test_the_second_sheet_may_call_its_group_legacy_and_state_actions(tmp_path: Path) -> None:
    lists = [("Policy", "Legacy group", "Action"), ("P", "A", None), ("P", "x", "add"), ("Q", "c", "swap")]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Assignments": lists, "Groups": PAIRS}))

    assert rows(mapping) == [("swap", "P", "A", "b"), ("add", "P", "x", ""), ("swap", "Q", "c", "d")]
    assert mapping.findings == ()


def test_a_group_without_a_successor_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    lists = [("Policy", "Group"), ("P", "a"), ("P", "other")]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": PAIRS, "Assignments": lists}))

    assert rows(mapping) == [("swap", "P", "a", "b")]
    assert found(mapping) == [("warning", "no_successor", "Assignments!B3")]


def test_pairs_that_contradict_or_lack_a_group_are_errors(tmp_path: Path) -> None:
    pairs = [*PAIRS, ("A", "e"), ("c", "D"), ("f", None), ()]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": pairs, "Assignments": [("Policy", "Group"), ("P", "a")]}))

    assert found(mapping) == [
        ("error", "legacy_goes_two_ways", "Groups row 4"),
        ("error", "no_group", "Groups row 6"),
    ]


def test_successors_are_found_by_id_too(tmp_path: Path) -> None:
    one, two = ("01234567-89ab-cdef-0123-45678900000" + digit for digit in "12")
    pairs = [("Old group ID", "New group ID", "New group"), (one, two, "b")]
    lists = [("Policy", "Group ID"), ("P", one.upper())]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": pairs, "Assignments": lists}))

    assert rows(mapping) == [("swap", "P", one, "b")]
    assert mapping.rows[0].new_id is not None
    assert (mapping.rows[0].new_id.text, mapping.rows[0].new_id.column) == (two, "B")


def test_a_list_of_new_groups_speaks_for_itself(tmp_path: Path) -> None:
    lists = [("Policy", "New group"), ("P", "a")]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": PAIRS, "Assignments": lists}))

    assert rows(mapping) == [("add", "P", "", "a")]
    assert found(mapping) == [("note", "sheet_not_read", "Groups")]


def test_a_list_with_both_groups_does_not_look_at_another_sheet(tmp_path: Path) -> None:
    lists = [("Policy", "Old group", "New group"), ("P", "a", "z")]
    mapping = load(xlsx(tmp_path / "m.xlsx", {"Groups": PAIRS, "Mapping": lists}))

    assert rows(mapping) == [("swap", "P", "a", "z")]


def test_rows_come_in_the_order_of_the_sheets(tmp_path: Path) -> None:
    sheets = {"Matrix": [("Group", "P1"), ("a", "x")], "Long": [("Policy", "Group"), ("P", "b")]}

    assert [r[1] for r in rows(load(xlsx(tmp_path / "m.xlsx", sheets)))] == ["P1", "P"]


def test_pairs_alone_apply_wherever_the_legacy_group_is_assigned(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", PAIRS))

    assert codes(mapping) == ["wherever"]
    assert [(r.configuration, r.action) for r in mapping.rows] == [(None, Action.SWAP)] * (len(PAIRS) - 1)
