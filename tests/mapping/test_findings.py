"""Findings are told all, in order, and never so many that they drown each other."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.mapping.findings import FLOOD, Findings
from migrator.mapping.load import load
from migrator.model.finding import Level, errors
from tests.mapping.sheets import xlsx


def test_findings_come_by_sheet_row_and_column() -> None:
    findings = Findings()
    findings.in_order(["Zwei", "Eins"])
    for sheet, row, column in (
        ("Eins", 1, "A"),
        ("Zwei", 10, "B"),
        ("Zwei", 9, "AA"),
        ("Zwei", 9, "B"),
        ("Zwei", 9, ""),
    ):
        findings.add(Level.NOTE, "x", "said", sheet=sheet, row=row, column=column)

    assert [f.place for f in findings.all()] == ["Zwei row 9", "Zwei!B9", "Zwei!AA9", "Zwei!B10", "Eins!A1"]


def test_a_flood_of_one_code_is_summed_up_at_the_end(tmp_path: Path) -> None:
    table = [("Policy", "Group", "Action"), *[("P", f"g{i}", "huh") for i in range(FLOOD + 300)], ("P", None, None)]
    mapping = load(xlsx(tmp_path / "m.xlsx", table))

    assert len(mapping.findings) == FLOOD + 2
    assert [f.row for f in mapping.findings[:FLOOD]] == list(range(2, FLOOD + 2))
    assert mapping.findings[FLOOD].code == "no_group"
    summary = mapping.findings[-1]
    assert summary.message.startswith("300 more findings like this one are not listed")
    assert (summary.level, summary.code, summary.place) == ("error", "unknown_action", "")
    assert len(errors(mapping.findings)) == FLOOD + 2


@settings(max_examples=15)
@given(st.lists(st.integers(1, 50_000), max_size=400))
def test_the_first_of_a_flood_are_kept_whatever_the_order(numbers: list[int]) -> None:
    findings = Findings()
    everything = [*numbers, *range(60_000, 60_000 + 100 * FLOOD)]
    for row in everything[::-1]:
        findings.add(Level.ERROR, "x", "said", row=row)

    kept = [f.row for f in findings.all()[:-1]]
    assert kept == sorted(everything)[:FLOOD]
