"""Columns are found by their headings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.mapping.load import load
from migrator.model.columns import FIELD_OF_HEADING, HEADINGS, Field, fold_heading
from migrator.model.errors import UsageError
from tests.mapping.sheets import found, only, rows, xlsx


def test_no_heading_means_two_things() -> None:
    folded = [fold_heading(heading) for headings in HEADINGS.values() for heading in headings]

    assert len(folded) == len(set(folded)) == len(FIELD_OF_HEADING)
    assert set(HEADINGS) == set(Field)
    assert all(FIELD_OF_HEADING[fold_heading(field)] is field for field in Field)


@given(
    st.sampled_from(sorted(FIELD_OF_HEADING)),
    st.lists(st.sampled_from([" ", "-", "_", ".", "\xa0", ":", "*"]), min_size=1, max_size=40),
    st.randoms(),
)
def test_case_blanks_and_punctuation_do_not_count(folded: str, noise: list[str], chance: object) -> None:
    spelled = "".join(
        noise[i % len(noise)] + (c.upper() if i % 2 and c.upper().casefold() == c else c) for i, c in enumerate(folded)
    )

    assert FIELD_OF_HEADING[fold_heading(spelled)] is FIELD_OF_HEADING[folded]


@pytest.mark.parametrize(
    "headings",
    [
        ("Policy", "Legacy group", "New group"),
        ("  policy_NAME ", "Old  Group:", "TARGET-GROUP"),
        ("Configuration name", "From", "To"),
        ("ItemName", "Source group", "GroupName"),
        ("Richtlinie", "Alte Gruppe", "Neue Gruppe"),
        ("Profile", "Group", "New group"),
        ("Config", "GPO group", "Assigned group"),
    ],
)
def test_headings_by_many_names(tmp_path: Path, headings: tuple[str, ...]) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [headings, ("P", "a", "b")]))

    assert rows(mapping) == [("swap", "P", "a", "b")]
    assert mapping.findings == ()


@pytest.mark.parametrize("heading", ["Group", "GroupName", "Legacy group", "New group", "Target group", "Gruppe"])
def test_a_single_group_column_lists_groups_to_assign_whatever_it_is_called(tmp_path: Path, heading: str) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", heading), ("P", "a")]))

    assert [(r[0], r[2] or r[3]) for r in rows(mapping)] == [("add", "a")]


def test_columns_stand_in_any_order_and_anywhere(tmp_path: Path) -> None:
    table = [
        (None, None, "Contoso to Fabrikam", None),
        (),
        (None, None, "New group", "Policy", "Old group"),
        (None, None, "b", "P", "a"),
    ]
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    row = mapping.rows[0]
    assert rows(mapping) == [("swap", "P", "a", "b")]
    assert row.number == 4
    assert [ref.column for ref in (row.new, row.configuration, row.legacy) if ref] == ["C", "D", "E"]


def test_headings_are_looked_for_in_fifty_rows(tmp_path: Path) -> None:
    above = [("title",)] * 49
    table = [("Policy", "Group"), ("P", "a")]

    assert rows(load(xlsx(tmp_path / "in.xlsx", [*above, *table])))
    assert [f.code for f in load(xlsx(tmp_path / "out.xlsx", [*above, ("title",), *table])).findings] == ["no_headings"]


def test_two_columns_that_mean_the_same_are_an_error(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "New group", "Target group"), ("P", "a", "b")]))

    finding = only(mapping)
    assert (finding.level, finding.code, finding.place) == ("error", "repeated_heading", "Mapping!C1")
    assert "'Target group' means the same as the column 'New group'" in finding.message


def test_a_third_group_column_is_an_error(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Old group", "New group", "Group"), ("P", "a", "b", "c")]))

    assert found(mapping) == [("error", "repeated_heading", "Mapping!D1")]


def test_comment_columns_may_come_several_times_and_are_not_remarked_on(tmp_path: Path) -> None:
    mapping = load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group", "Ticket", "Notes"), ("P", "a", "CHG1", "x")]))

    assert mapping.findings == ()
    assert mapping.rows[0].comment == "CHG1"


def test_an_unknown_heading_is_a_note(tmp_path: Path) -> None:
    finding = only(load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group", "Owner"), ("P", "a", "me")])))

    assert (finding.level, finding.code, finding.place) == ("note", "unknown_heading", "Mapping!C1")


def test_a_heading_that_is_nearly_a_known_one_is_a_warning(tmp_path: Path) -> None:
    finding = only(load(xlsx(tmp_path / "m.xlsx", [("Policy", "Group", "Acton"), ("P", "a", "remove")])))

    assert (finding.level, finding.code) == ("warning", "unknown_heading")
    assert "did you mean 'Action'?" in finding.message


def test_headings_of_ones_own(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "m.xlsx", [("Baseline", "Was", "Wird"), ("P", "a", "b")])
    aliases = [("baseline", "Configuration"), ("was", "legacy group"), ("WIRD", "New group")]

    assert rows(load(path, aliases=aliases)) == [("swap", "P", "a", "b")]


def test_an_alias_for_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'Baseline' = 'thing' is not understood"):
        load(tmp_path / "m.xlsx", aliases=[("Baseline", "thing")])


def test_where_no_sheet_has_headings_it_is_said_what_was_seen_and_may_be_meant(tmp_path: Path) -> None:
    sheets = {"One": [("Polcy name", "Gruop"), ("P", "a")], "Two": [("meeting", "notes")]}
    mapping = load(xlsx(tmp_path / "m.xlsx", sheets))

    assert found(mapping) == [("error", "no_headings", "One row 1"), ("error", "no_headings", "Two row 1")]
    message = mapping.findings[0].message
    assert "'Polcy name', 'Gruop'" in message
    assert "did you mean 'Policy name' by 'Polcy name'?" in message


def test_an_empty_workbook_is_an_error(tmp_path: Path) -> None:
    assert only(load(xlsx(tmp_path / "m.xlsx", [()]))).code == "no_rows"
