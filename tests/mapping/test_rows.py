"""What a row means."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.mapping.load import load
from migrator.model.errors import UsageError
from migrator.model.row import Mapping, Ref, Row
from tests.mapping.sheets import codes, found, only, rows, text, xlsx

PAIR = ("Policy", "Old group", "New group")
STATED = (*PAIR, "Action")
ID = "01234567-89AB-cdef-0123-456789abcdef"


def read(folder: Path, *table: tuple[object, ...], mode: str = "") -> Mapping:
    return load(xlsx(folder / "mapping.xlsx", table), mode=mode)


def test_two_groups_are_a_swap_and_one_in_either_column_is_an_add(tmp_path: Path) -> None:
    mapping = read(tmp_path, PAIR, ("P", "a", "b"), ("P", "a", None), ("P", None, "b"))

    assert rows(mapping) == [("swap", "P", "a", "b"), ("add", "P", "a", ""), ("add", "P", "", "b")]
    assert mapping.findings == ()


def test_a_row_is_the_same_value_as_one_made_by_hand(tmp_path: Path) -> None:
    mapping = read(tmp_path, (*STATED, "Comment"), ("P", "a ", "b", "Swap", " see CHG1 "))

    assert mapping.rows == (
        Row(
            "Mapping",
            2,
            mapping.rows[0].action,
            configuration=Ref("P", "P", "A"),
            legacy=Ref("a", "a ", "B"),
            new=Ref("b", "b", "C"),
            comment="see CHG1",
        ),
    )
    assert hash(mapping.rows[0])


@pytest.mark.parametrize(
    ("word", "action"),
    [
        ("remove", "remove"),
        ("Delete", "remove"),
        ("UNASSIGN", "remove"),
        ("Add", "add"),
        (" assign ", "add"),
        ("replace", "replace"),
        ("entfernen", "remove"),
        ("hinzufügen", "add"),
    ],
)
def test_a_stated_action_wins_over_the_implied_one(tmp_path: Path, word: str, action: str) -> None:
    mapping = read(tmp_path, STATED, ("P", "a", None, word))

    assert rows(mapping) == [(action, "P", "a", "")]


@pytest.mark.parametrize("word", ["swap", "Move", "migrate", "verschieben"])
def test_words_for_swap(tmp_path: Path, word: str) -> None:
    assert rows(read(tmp_path, STATED, ("P", "a", "b", word))) == [("swap", "P", "a", "b")]


def test_the_mode_replace_turns_rows_of_one_group_into_replace(tmp_path: Path) -> None:
    mapping = read(tmp_path, STATED, ("P", None, "b", None), ("P", None, "c", "add"), mode="replace")

    assert rows(mapping) == [("replace", "P", "", "b"), ("add", "P", "", "c")]


def test_in_the_mode_replace_a_row_with_two_groups_is_an_error_unless_it_says_swap(tmp_path: Path) -> None:
    mapping = read(tmp_path, STATED, ("P", "a", "b", None), ("P", "a", "b", "swap"), mode="replace")

    assert found(mapping) == [("error", "too_many_groups", "Mapping!C2")]
    assert rows(mapping) == [("swap", "P", "a", "b")]


def test_another_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no mode 'swap'"):
        read(tmp_path, PAIR, ("P", "a", "b"), mode="swap")


@pytest.mark.parametrize(
    ("row", "code", "place"),
    [
        ((None, "a", "b", None), "no_configuration", "Mapping!A2"),
        ((None, None, None, "add"), "no_configuration", "Mapping!A2"),
        (("P", None, None, None), "no_group", "Mapping!C2"),
        (("P", None, None, "remove"), "no_group", "Mapping!C2"),
        (("P", "a", "b", "frobnicate"), "unknown_action", "Mapping!D2"),
        (("P", "a", None, "swap"), "swap_needs_two", "Mapping!C2"),
        (("P", "a", "b", "add"), "too_many_groups", "Mapping!C2"),
        (("P", "a", "b", "remove"), "too_many_groups", "Mapping!C2"),
        (("P", "a", "b", "replace"), "too_many_groups", "Mapping!C2"),
    ],
)
def test_a_row_that_cannot_be_meant_is_an_error_and_left_out(
    tmp_path: Path, row: tuple[object, ...], code: str, place: str
) -> None:
    mapping = read(tmp_path, STATED, row, ("P", "c", "d", None))

    assert found(mapping) == [("error", code, place)]
    assert rows(mapping) == [("swap", "P", "c", "d")]


def test_every_error_is_reported_by_row_and_column(tmp_path: Path) -> None:
    mapping = read(
        tmp_path,
        ("Direction", *STATED, "New group ID"),
        ("sideways", "P", "a", "b", "huh", "no-guid"),
        (None, None, "a", None, None, None),
        (None, "P", None, None, None, None),
    )

    assert found(mapping) == [
        ("error", "unknown_direction", "Mapping!A2"),
        ("error", "unknown_action", "Mapping!E2"),
        ("error", "bad_id", "Mapping!F2"),
        ("error", "no_configuration", "Mapping!B3"),
        ("error", "no_group", "Mapping!D4"),
    ]
    assert mapping.rows == ()


def test_blank_rows_are_passed_over(tmp_path: Path) -> None:
    mapping = read(tmp_path, PAIR, ("P", "a", "b"), (None,), ("  ", "\xa0", ""), ("P", "c", "d"))

    assert [r.number for r in mapping.rows] == [2, 5]
    assert mapping.findings == ()


def test_a_row_with_nothing_but_a_remark_has_no_configuration(tmp_path: Path) -> None:
    mapping = read(tmp_path, (*PAIR, "Owner"), ("P", "a", "b", "me"), (None, None, None, "total: 1"))

    assert ("error", "no_configuration", "Mapping!A3") in found(mapping)


def test_a_mapping_without_rows_is_an_error(tmp_path: Path) -> None:
    finding = only(read(tmp_path, PAIR, ("", "", "")))

    assert (finding.level, finding.code, finding.sheet) == ("error", "no_rows", "Mapping")


@pytest.mark.parametrize(
    ("word", "excluded"),
    [
        ("Include", False),
        ("included", False),
        ("group", False),
        ("#microsoft.graph.groupAssignmentTarget", False),
        ("Exclude", True),
        ("exclusion", True),
        ("exclusionGroup", True),
        ("", None),
    ],
)
def test_directions(tmp_path: Path, word: str, excluded: bool | None) -> None:
    mapping = read(tmp_path, (*PAIR, "Direction"), ("P", None, "b", word))

    assert [r.exclude for r in mapping.rows] == [excluded]


@pytest.mark.parametrize(
    ("word", "target"), [("allDevices", "All devices"), ("All users", "All users"), ("allLicensedUsers", "All users")]
)
def test_a_direction_can_name_the_whole_tenant(tmp_path: Path, word: str, target: str) -> None:
    mapping = read(tmp_path, ("Policy", "Group", "Target type"), ("P", None, word), ("Q", target.upper(), word))

    assert rows(mapping) == [("add", "P", "", target), ("add", "Q", "", target)]
    assert mapping.rows[0].new == Ref(target, word, "C")


def test_the_whole_tenant_and_a_group_in_one_row_is_an_error(tmp_path: Path) -> None:
    mapping = read(tmp_path, ("Policy", "Group", "Target type"), ("P", "a", "allDevices"))

    assert found(mapping) == [("error", "too_many_groups", "Mapping!C2")]


def test_ids_are_taken_in_lower_case_and_without_braces(tmp_path: Path) -> None:
    mapping = read(
        tmp_path,
        ("Policy ID", "Old group ID", "Group name", "Group ID", "Filter ID"),
        (ID, f"{{{ID}}}", "b", ID, ID),
        (f"T_{ID}", None, None, ID, None),
        (f"{ID}_DefaultLimit", None, None, ID, None),
    )

    assert mapping.findings == ()
    first = mapping.rows[0]
    assert {text(r) for r in (first.configuration_id, first.legacy_id, first.new_id, first.filter_id)} == {ID.lower()}
    assert (first.action, text(first.new)) == ("swap", "b")
    assert [text(r.configuration_id) for r in mapping.rows[1:]] == [f"T_{ID}", f"{ID}_DefaultLimit"]


def test_kinds_intents_and_filter_modes_are_understood_or_errors(tmp_path: Path) -> None:
    heads = ("Policy", "Group", "Kind", "Intent", "Filter", "Filter type")
    mapping = read(
        tmp_path,
        heads,
        ("P", "a", "Settings catalog policy", "Required", "F", "INCLUDE"),
        ("P", "b", "no such kind", "maybe", "F", "sometimes"),
    )

    row = mapping.rows[0]
    assert (text(row.kind), text(row.intent), text(row.filter_mode)) == (
        "Settings catalog policy",
        "required",
        "include",
    )
    assert codes(mapping) == ["unknown_kind", "unknown_intent", "unknown_filter_mode"]


def test_a_row_that_says_the_same_again_is_a_warning_that_names_the_first(tmp_path: Path) -> None:
    mapping = read(tmp_path, STATED, ("P", "a", "b", None), ("Q", "a", "b", None), ("p ", "A", "B", "swap"))

    assert len(mapping.rows) == 3
    repeated = mapping.findings[0]
    assert (repeated.level, repeated.code, repeated.row) == ("warning", "repeated_row", 4)
    assert "row 2" in repeated.message


def test_a_lone_group_says_the_same_in_either_column(tmp_path: Path) -> None:
    assert codes(read(tmp_path, PAIR, ("P", "a", None), ("P", None, "a"))) == ["repeated_row"]


@pytest.mark.parametrize(
    "other",
    [
        ("P", "a", None, "remove", None, None),
        ("P", "a", None, None, "exclude", None),
        ("P", "a", None, None, None, "F"),
        ("P", "b", None, None, None, None),
        ("Q", "a", None, None, None, None),
    ],
)
def test_rows_that_differ_in_anything_are_no_repetition(tmp_path: Path, other: tuple[object, ...]) -> None:
    heads = (*STATED, "Direction", "Filter")
    mapping = read(tmp_path, heads, ("P", "a", None, None, None, None), other)

    assert mapping.findings == ()


def test_of_many_rows_about_one_group_only_those_that_say_the_same_are_told(tmp_path: Path) -> None:
    heads = (*PAIR, "Filter")
    table = [("P", "a", "b", f) for f in ("x", "y", "x", "y", "z")]

    assert [f.row for f in read(tmp_path, heads, *table).findings] == [4, 5]


def test_rows_are_compared_across_sheets(tmp_path: Path) -> None:
    sheets = {"One": [PAIR, ("P", "a", "b")], "Two": [PAIR, ("P", "a", "b")]}
    mapping = load(xlsx(tmp_path / "m.xlsx", sheets))

    assert [r.sheet for r in mapping.rows] == ["One", "Two"]
    assert "row 2 of sheet 'One'" in only(mapping).message


def test_progress_is_told_as_rows_are_read(tmp_path: Path) -> None:
    read_so_far: list[int] = []
    path = xlsx(tmp_path / "m.xlsx", [PAIR, *[("P", f"a{i}", "b") for i in range(5000)]])

    load(path, progress=read_so_far.append)

    assert sum(read_so_far) == 5000
    assert len(read_so_far) > 1


def test_equal_cells_of_a_column_share_one_ref(tmp_path: Path) -> None:
    mapping = read(tmp_path, PAIR, ("P", "a", "b"), ("P", "c", "b"))

    assert mapping.rows[0].configuration is mapping.rows[1].configuration
    assert mapping.rows[0].new is mapping.rows[1].new


def test_columns_where_hardly_any_text_comes_twice_are_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    count = 45_000
    lines = [f"P{i % 7},old {i},New {i}" for i in range(count)]
    lines[5_000] = f"P{5_000 % 7},old 5000 ,New 5000"  # early, where new names are still learned
    lines[-1] = f"p{(count - 1) % 7},OLD {count - 1},New {count - 1}"
    lines += ["P1,old 1,New 1", "P2, odd ,New x"]
    path.write_text("\n".join(["Policy,Old group,New group", *lines]), encoding="utf-8")

    mapping = load(path)

    assert len(mapping.rows) == count + 2
    assert all(text(r.legacy).casefold() == f"old {i}" for i, r in enumerate(mapping.rows[:count]))
    assert mapping.rows[count - 2].legacy == Ref(f"old {count - 2}", f"old {count - 2}", "B")
    assert found(mapping) == [
        ("note", "blanks_trimmed", "B5002"),
        ("warning", "repeated_row", f"row {count + 2}"),
        ("note", "blanks_trimmed", f"B{count + 3}"),
    ]
