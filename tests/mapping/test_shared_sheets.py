"""Sheets as people really have them."""

from __future__ import annotations

from migrator.mapping.load import load
from migrator.model.finding import errors
from tests.mapping.sheets import HERE, found, rows, text

ACCOUNTS = "Win - OIB - SC - Microsoft Accounts - D - Configuration - v3.2"
SURFACE = "Win - OIB - ES - Attack Surface Reduction - D - ASR Rules (L2) - v3.3"


def test_a_list_of_items_with_target_types_is_read_as_it_is() -> None:
    mapping = load(HERE / "item-target.csv")

    assert mapping.findings == ()
    assert [(r.number, r.action, text(r.kind), text(r.new), r.exclude) for r in mapping.rows] == [
        (2, "add", "profile", "SG-Intune-EMEA", False),
        (3, "add", "profile", "SG-Intune-APAC", False),
        (4, "add", "profile", "SG-Finance-Users", False),
        (5, "add", "profile", "SG-OBrien", False),
        (6, "add", "profile", "SG-Sales-DE", False),
        (7, "add", "app", "All devices", None),
        (8, "add", "profile", "SG-OBrien", True),
    ]
    assert text(mapping.rows[5].intent) == "required"
    assert text(mapping.rows[6].new_id) == "00000000-0000-0000-0000-00000000004e"


def test_a_semicolon_file_with_actions_and_a_byte_order_mark_is_read_as_it_is() -> None:
    mapping = load(HERE / "semicolon-actions.csv")

    assert mapping.findings == ()
    assert [r.action for r in mapping.rows] == ["add", "add", "remove", "replace", "add", "add", "replace", "add"]
    assert [r.exclude for r in mapping.rows] == [False] * 7 + [True]
    last_but_one = mapping.rows[6]
    assert (text(last_but_one.configuration), text(last_but_one.new)) == ("Word & Excel <Finance>", "All Users")
    assert (text(last_but_one.filter), text(last_but_one.filter_mode)) == ("Corporate devices", "include")


def test_a_messy_sheet_gives_its_rows_and_everything_that_is_odd_about_it() -> None:
    mapping = load(HERE / "messy-long.xlsx")

    assert len(mapping.rows) == 29
    assert rows(mapping)[0] == ("swap", ACCOUNTS, "O'Brien's team", "SG-OBrien")
    assert {"00123", "NULL", "営業部", "FIN-Users"} <= {text(r.legacy) for r in mapping.rows}
    trimmed = mapping.rows[3].configuration
    assert trimmed is not None
    assert (trimmed.text, trimmed.written, trimmed.column) == (SURFACE, f"  {SURFACE}\xa0", "A")
    assert [f for f in found(mapping) if f[1] != "blanks_trimmed"] == [
        ("warning", "hidden_rows", "Mapping v7 FINAL row 9"),
        ("warning", "repeated_row", "Mapping v7 FINAL row 33"),
        ("error", "no_configuration", "Mapping v7 FINAL!A35"),
        ("note", "sheet_not_read", "Notes"),
    ]
    assert [f.place for f in mapping.findings if f.code == "blanks_trimmed"][:2] == [
        "Mapping v7 FINAL!B6",
        "Mapping v7 FINAL!A8",
    ]
    assert "(4 cells of this column, the first one here)" in mapping.findings[0].message


def test_a_matrix_is_read_mark_by_mark() -> None:
    mapping = load(HERE / "matrix.xlsx")

    assert len(mapping.rows) == 23
    assert not errors(mapping.findings)
    assert {r.number for r in mapping.rows} == set(range(2, 10))
    assert [t for t in rows(mapping) if t[1] == ACCOUNTS] == [
        ("swap", ACCOUNTS, "O'Brien's team", "SG-OBrien"),
        ("swap", ACCOUNTS, "NULL", "SG-Null"),
        ("swap", ACCOUNTS, "営業部", "SG-Eigyo"),
    ]
    assert {r.configuration.column for r in mapping.rows if r.configuration} == set("CDEFG")


def test_two_sheets_are_read_as_the_swaps_they_come_to() -> None:
    mapping = load(HERE / "two-sheets.xlsx")

    assert len(mapping.rows) == 12
    assert not errors(mapping.findings)
    assert {r.sheet for r in mapping.rows} == {"Assignments"}
    assert rows(mapping)[:4] == [
        ("swap", ACCOUNTS, "00123", "SG-00123"),
        ("swap", ACCOUNTS, "営業部", "SG-Eigyo"),
        ("swap", SURFACE, "GPO-Workstations-APAC", "SG-Intune-APAC"),
        ("swap", SURFACE, "FIN-Users", "SG-Finance-Users"),
    ]
