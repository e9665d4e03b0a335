"""retry.xlsx: a mapping that can be run as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from migrator.mapping.load import load
from migrator.model.finding import errors
from migrator.model.outcome import Status
from migrator.model.row import Action, Ref, Row
from migrator.reporting.write import write_reports
from tests.reporting.eventful import eventful
from tests.reporting.records import (
    OFFICE,
    RUN,
    added,
    configuration,
    configuration_plan,
    guid,
    included,
    many,
    outcome,
    plan,
    planned_row,
    record,
    row,
    swap_of,
)
from tests.workbook.opened import opened, sheet, table

HEADINGS = [
    "Configuration",
    "Configuration ID",
    "Kind",
    "Action",
    "Legacy group",
    "Legacy group ID",
    "New group",
    "New group ID",
    "Direction",
    "Intent",
    "Filter",
    "Filter ID",
    "Filter mode",
    "Comment",
]
NAME = "=cmd|' /C calc'!A0"


def failed(tmp_path: Path, *rows: Row, reason: str = "Graph said no.") -> Path:
    of = configuration_plan(
        configuration(NAME), [added(included("x"))], [planned_row(i, r) for i, r in enumerate(rows)]
    )
    retry = write_reports(record(plan([of]), [outcome(of.key, Status.FAILED, reason)]), tmp_path, only={"retry"}).retry
    assert retry is not None
    return retry


def test_it_holds_the_rows_of_what_failed_and_nothing_else(tmp_path: Path) -> None:
    retry = write_reports(eventful(), tmp_path, only={"retry"}).retry
    assert retry is not None
    lines = table(retry, "Retry")
    assert list(lines[0]) == HEADINGS
    assert [line["Configuration"] for line in lines] == ["Defender antivirus", "Update ring 2", "Firewall rules"]
    assert lines[0]["Comment"] == (
        f"[not done in {RUN}: Graph refused it: the principal may not write to this policy (403).]"
    )


def test_its_rows_are_low_and_its_empty_columns_narrow(tmp_path: Path) -> None:
    path = failed(tmp_path, row(2, NAME, legacy="a", new="b"), reason="The service had trouble of its own. " * 9)
    with opened(path) as book:
        retry = sheet(book, "Retry")
        assert (retry.row_dimensions[2].height or 0) < 20
        wide = {heading: retry.column_dimensions["ABCDEFGHIJKLMN"[i]].width for i, heading in enumerate(HEADINGS)}
    assert all(wide[name] < 14 for name in ("Legacy group ID", "New group ID", "Filter ID"))
    assert wide["Configuration ID"] > 36


def test_there_is_none_where_nothing_failed_and_an_old_one_goes(tmp_path: Path) -> None:
    old = tmp_path / "retry.xlsx"
    old.write_bytes(b"of an earlier writing")
    written = write_reports(many(2), tmp_path)
    assert written.retry is None
    assert not old.exists()


def test_an_old_one_stays_where_only_other_reports_are_asked_for(tmp_path: Path) -> None:
    old = tmp_path / "retry.xlsx"
    old.write_bytes(b"of an earlier writing")
    write_reports(many(1), tmp_path, only={"summary"})
    assert old.exists()


def test_what_was_not_sent_yet_is_there_to_retry(tmp_path: Path) -> None:
    retry = write_reports(record(plan([swap_of("one")])), tmp_path, only={"retry"}).retry
    assert retry is not None
    assert table(retry, "Retry")[0]["Legacy group"] == "one legacy"


def test_the_group_of_a_row_with_one_group_stands_under_new_group(tmp_path: Path) -> None:
    (line,) = table(failed(tmp_path, row(2, NAME, Action.REMOVE, legacy="Kiosks")), "Retry")
    assert (line["Action"], line["Legacy group"], line["New group"]) == ("remove", None, "Kiosks")


def test_the_reason_of_an_earlier_run_gives_way_to_the_newer_one(tmp_path: Path) -> None:
    comment = "CHG-7 [not done in 20261101-080000-contoso: old reason]"
    (line,) = table(failed(tmp_path, row(2, NAME, legacy="a", new="b", comment=comment)), "Retry")
    assert line["Comment"] == f"CHG-7 [not done in {RUN}: Graph said no.]"


def test_it_loads_as_the_mapping_it_is(tmp_path: Path) -> None:
    whole = Row(
        "Mapping",
        2,
        Action.SWAP,
        Ref(NAME),
        legacy=Ref("00123"),
        legacy_id=Ref(guid("00123")),
        new=Ref("営業部"),
        exclude=False,
        filter=Ref("Corporate"),
        filter_mode=Ref("include"),
    )
    one_group = replace(row(3, NAME, Action.REMOVE, legacy="@SUM(1)"), intent=Ref("required"))
    excluded = Row("Mapping", 4, Action.ADD, Ref(NAME), new=Ref("-1"), exclude=True)
    mapping = load(failed(tmp_path, whole, one_group, excluded))
    assert not errors(mapping.findings)
    first, second, third = mapping.rows
    assert first.configuration is not None
    assert first.configuration_id is not None
    assert first.kind is not None
    assert (first.configuration.text, first.kind.text) == (NAME, OFFICE)
    assert first.configuration_id.text == configuration(NAME).id
    assert [r.text if r else "" for r in (first.legacy, first.legacy_id, first.new, first.filter)] == [
        "00123",
        guid("00123"),
        "営業部",
        "Corporate",
    ]
    assert (first.action, first.exclude) == (Action.SWAP, False)
    assert (second.action, second.new and second.new.text, second.legacy) == (Action.REMOVE, "@SUM(1)", None)
    assert second.intent is not None
    assert second.intent.text == "required"
    assert (third.action, third.exclude, third.new and third.new.text) == (Action.ADD, True, "-1")


def test_a_replace_keeps_all_of_its_rows(tmp_path: Path) -> None:
    of = configuration_plan(
        configuration("one"),
        [added(included("a"))],
        [
            planned_row(0, row(2, "one", Action.REPLACE, new="a")),
            planned_row(1, row(3, "one", Action.REPLACE, new="b"), applies=False),
        ],
    )
    retry = write_reports(record(plan([of]), [outcome(of.key, Status.FAILED, "no")]), tmp_path, only={"retry"}).retry
    assert retry is not None
    assert [(line["Action"], line["New group"]) for line in table(retry, "Retry")] == [
        ("replace", "a"),
        ("replace", "b"),
    ]
