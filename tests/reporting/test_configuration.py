"""configurations/<name>.xlsx."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from migrator.model.assignment import Assignment
from migrator.model.outcome import Status
from migrator.model.plan import Effect
from migrator.reporting.write import write_reports
from tests.reporting.eventful import HOSTILE, eventful
from tests.reporting.records import (
    added,
    attempt,
    configuration,
    configuration_plan,
    group,
    included,
    kept,
    naming,
    outcome,
    plan,
    planned_row,
    record,
    row,
    swap_of,
    verified,
)
from tests.workbook.opened import formulas, sheet_names, table, words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    write_reports(eventful(), made, only={"configurations"})
    return made / "configurations"


@pytest.fixture(scope="module")
def bitlocker(folder: Path) -> Path:
    return folder / "BitLocker – corporate laptops.xlsx"


def test_there_is_one_for_every_configuration(folder: Path) -> None:
    assert len(list(folder.iterdir())) == 19


def test_its_sheets(bitlocker: Path) -> None:
    assert sheet_names(bitlocker) == ["Configuration", "Assignments", "Rows", "Attempts"]


def test_it_says_what_it_is_and_how_it_ended(bitlocker: Path) -> None:
    told = words(bitlocker, "Configuration")
    assert told[:3] == ["BitLocker – corporate laptops", "Settings catalog policy", "succeeded"]
    for expected in (
        "The service confirmed the list as planned.",
        "Encrypts the system drive and keeps the key in Entra ID.",
        "from the service's answer",
        "verified",
        "2026-11-23 20:45:21 UTC",
    ):
        assert expected in told


def test_a_route_that_lied_is_named(bitlocker: Path) -> None:
    told = words(bitlocker, "Configuration")
    assert "lied: it answered an empty list although there are 6 assignments; it was not believed" in told
    assert "agrees" in told
    assert "400: $expand is not supported here" in told


def test_before_and_after_stand_side_by_side(bitlocker: Path) -> None:
    lines = table(bitlocker, "Assignments")
    assert [line["Effect"] for line in lines] == ["swapped", "removed", "changed", "kept", "kept", "kept"]
    swap, remove, change, exclusion, ghost, everybody = lines
    assert (swap["Before"], swap["After"]) == ("Included: Laptops old", "Included: Laptops new")
    assert swap["Filter before"] == swap["Filter after"] == "only devices in Corporate Windows devices"
    assert (remove["After"], remove["Found afterwards"]) == (None, "✓ gone")
    assert (change["Filter before"], change["Caused by rows"]) == (None, "Mapping: 26")
    assert exclusion["Before"] == "Excluded: Break glass accounts"
    assert ghost["After"] == "Included: unknown group (not in the plan, or not readable)"
    assert everybody["After"] == "All users"
    assert ghost["Group ID after"]
    assert "Intent before" not in swap


def test_one_that_failed_says_why_and_what_to_do(folder: Path) -> None:
    told = words(folder / "Defender antivirus.xlsx", "Configuration")
    assert "failed" in told
    assert "Graph refused it: the principal may not write to this policy (403). (Forbidden)" in told
    assert any("admin consent" in sentence for sentence in told)


def test_one_that_was_found_different_shows_how(folder: Path) -> None:
    first, second = table(folder / "OneDrive Known Folder Move.xlsx", "Assignments")
    assert (first["Effect"], first["Found afterwards"], second["Found afterwards"]) == (
        "swapped",
        "✗ missing",
        "✓ found",
    )


def test_every_try_is_there_with_its_ids_and_times(folder: Path) -> None:
    lines = table(folder / "Update ring 2.xlsx", "Attempts")
    assert [line["Status"] for line in lines] == ["200", "429 throttled", "no answer", "429 throttled"]
    assert all(isinstance(line["Sent (UTC)"], datetime) for line in lines)
    assert all(line["request-id"] and line["client-request-id"] for line in lines)
    assert lines[2]["Error"] == "the connection was reset"
    assert lines[0]["In a batch"] == "yes"


def test_rows_share_the_fate_of_the_configuration(folder: Path) -> None:
    (line,) = table(folder / "Edge baseline.xlsx", "Rows")
    assert (line["Status"], line["Legacy group"]) == ("left alone", "Edge baseline legacy")
    assert "somebody else" in str(line["Reason"])


def test_other_settings_are_a_line_each_and_numbers_are_told_from_texts(tmp_path: Path) -> None:
    rest = '{"a":{"b":"notConfigured","c":"true","d":true,"e":"7","f":7,"g":"=1+1"},"h":[1,"x"],"i":{},"j":""}'
    of = configuration_plan(configuration("App"), [added(included("Sales", rest=rest), 0)], [])
    write_reports(record(naming(plan([of]), ["Sales"]), [outcome(of.key)]), tmp_path)
    (line,) = table(tmp_path / "configurations" / "App.xlsx", "Assignments")
    assert str(line["Other settings after"]).split("\n") == [
        "a.b: notConfigured",
        'a.c: "true"',
        "a.d: true",
        'a.e: "7"',
        "a.f: 7",
        'a.g: "=1+1"',
        'h: [1, "x"]',
        "i: {}",
        'j: ""',
    ]


@pytest.mark.parametrize(
    ("modified", "shown"),
    [
        ("2026-02-09T10:00:00Z", "2026-02-09 10:00:00 UTC"),
        ("2026-02-09T10:00:00.1234567+02:00", "2026-02-09 08:00:00 UTC"),
        ("some day", "some day"),
    ],
)
def test_when_it_was_modified_is_said_as_all_other_moments_are(modified: str, shown: str, tmp_path: Path) -> None:
    of = configuration_plan(configuration("Edge", modified=modified), [added(included("Sales"), 0)], [])
    write_reports(record(naming(plan([of]), ["Sales"]), [outcome(of.key)]), tmp_path)
    assert shown in words(tmp_path / "configurations" / "Edge.xlsx", "Configuration")


def test_a_hostile_name_is_a_title_and_a_file_and_no_formula(folder: Path) -> None:
    (path,) = [p for p in folder.iterdir() if p.name.startswith("=cmd")]
    assert formulas(path) == []
    assert words(path, "Configuration")[0] == HOSTILE


def test_settings_intents_and_policy_sets_are_shown_where_there_are_any(tmp_path: Path) -> None:
    app = included("Sales", intent="required", rest='{"settings":{"useDeviceContext":true}}')
    from_set = replace(included("Everyone"), from_policy_set=True)
    of = configuration_plan(configuration("App"), [added(app, 0), kept(from_set)], [planned_row(0, row(2, "App"))])
    run = record(naming(plan([of]), ["Sales", "Everyone"]), [outcome(of.key)], verifications=[verified(of)])
    write_reports(run, tmp_path)
    first, second = table(tmp_path / "configurations" / "App.xlsx", "Assignments")
    assert (first["Intent after"], first["Other settings after"]) == (
        "required",
        "settings.useDeviceContext: true",
    )
    assert (second["Found afterwards"], second["Note"]) == (
        "policy set",
        "It comes from a policy set: shown, never sent.",
    )


def test_what_nobody_planned_is_shown_last(tmp_path: Path) -> None:
    of = swap_of("one")
    intruder: Assignment = included("Intruder")
    reading = replace(verified(of), found=(*of.after, intruder))
    names = naming(plan([of]), ["Intruder"])
    write_reports(record(names, [outcome(of.key)], verifications=[reading]), tmp_path)
    last = table(tmp_path / "configurations" / "one.xlsx", "Assignments")[-1]
    assert (last["Found afterwards"], last["Group ID after"]) == ("✗ not expected", group("Intruder").id)
    assert last["Note"] == "Found: Included: Intruder. It is not in the plan."


def test_one_without_name_calls_or_rows_has_a_workbook(tmp_path: Path) -> None:
    nameless = configuration_plan(replace(configuration(""), id="42"), answers=())
    write_reports(record(plan([nameless])), tmp_path)
    path = tmp_path / "configurations" / "unnamed 42.xlsx"
    assert "(it has none)" in words(path, "Configuration")
    assert table(path, "Attempts")[0]["Purpose"] == "No call was made for it alone."
    assert table(path, "Assignments")[0]["Effect"] == "Nothing is assigned, before and after."


def test_figures_say_what_becomes_of_the_assignments(bitlocker: Path) -> None:
    told = words(bitlocker, "Configuration")
    at = told.index("6")
    assert told[at : at + 7] == ["6", "0", "1", "1", "1", "3", "5"]
    assert told[at + 7 : at + 14] == ["before", *(e.value for e in Effect), "after, as planned"]


def test_figures_of_what_was_not_done_say_what_was_to_be_done(folder: Path) -> None:
    told = words(folder / "Edge baseline.xlsx", "Configuration")
    assert ("to swap" in told, "swapped" in told) == (True, False)
    (first, _) = table(folder / "Edge baseline.xlsx", "Assignments")
    assert first["Planned effect"] == "swapped"


def test_a_very_long_name_is_cut_in_the_title_and_whole_below(tmp_path: Path) -> None:
    name = "Windows configuration " * 13
    of = swap_of(name)
    write_reports(record(plan([of]), [outcome(of.key)]), tmp_path)
    (path,) = (tmp_path / "configurations").iterdir()
    told = words(path, "Configuration")
    assert told[0].endswith("…")
    assert len(told[0]) <= 110
    assert name in told


def test_a_status_code_that_is_in_the_reason_is_not_said_twice(tmp_path: Path) -> None:
    of = swap_of("one")
    failed = outcome(of.key, Status.FAILED, "BadRequest: no such group", code="BadRequest")
    write_reports(record(plan([of]), [failed], attempts=[attempt(of.key, 400)]), tmp_path)
    assert "BadRequest: no such group" in words(tmp_path / "configurations" / "one.xlsx", "Configuration")
