"""plan.xlsx."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.plan import Plan
from migrator.reporting.formats.plan import warnings
from migrator.reporting.write import write_plan
from tests.reporting.eventful import eventful
from tests.reporting.records import RUN, configuration, configuration_plan, included, plan, removed, swap_of
from tests.workbook.opened import formulas, sheet_names, table, words


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(eventful().plan, tmp_path_factory.mktemp("run"), RUN)


def test_it_goes_from_the_whole_to_the_parts(path: Path) -> None:
    assert path.name == "plan.xlsx"
    assert sheet_names(path) == ["Plan", "Configurations", "Changes", "Rows", "Findings", "Coverage"]


def test_the_first_sheet_is_what_is_approved(path: Path) -> None:
    told = words(path, "Plan")
    assert "LOOK CLOSELY" in told
    assert f"Contoso, run {RUN}: nothing has been sent yet" in told
    assert "5d41402abc4b2a76b9719d911017c592" in told
    assert "mappings/office-autumn.xlsx" in told


def test_a_reviewer_is_warned_in_plain_words() -> None:
    told = list(warnings(eventful().plan))
    assert told == [
        "1 configuration (“Firewall rules”) will be left alone, for what is assigned could not be read beyond doubt.",
        "1 assignment will be removed without a successor (sheet Changes, effect removed).",
        "Graph's answers about 1 configuration (“BitLocker – corporate laptops”) were odd (sheet Configurations, "
        "note); the list that holds is used.",
        "The mapping has 1 warning (sheet Findings).",
        "Not every kind could be read: PowerShell script (forbidden) (sheet Coverage).",
    ]


def test_a_configuration_that_would_be_emptied_stands_out(tmp_path: Path) -> None:
    emptied = configuration_plan(configuration("Alone"), [removed(included("Last"))])
    of = plan([emptied])
    assert next(warnings(of)).startswith("1 configuration (“Alone”) would be left without any assignment")
    (line,) = table(write_plan(of, tmp_path, RUN), "Configurations")
    assert (line["What happens"], line["Before"], line["After (planned)"]) == ("emptied", 1, 0)


def test_a_plan_without_oddities_is_ready(tmp_path: Path) -> None:
    told = words(write_plan(plan([swap_of("one")]), tmp_path, RUN), "Plan")
    assert "READY" in told
    assert "Nothing stands out." in told


def test_an_empty_plan_is_written_too(tmp_path: Path) -> None:
    nothing: Plan = replace(plan([]), coverage=())
    assert "NOTHING TO DO" in words(write_plan(nothing, tmp_path / "new folder", RUN), "Plan")


def test_every_assignment_has_a_line_with_what_becomes_of_it(path: Path) -> None:
    lines = [line for line in table(path, "Changes") if line["Configuration"] == "BitLocker – corporate laptops"]
    assert [line["Effect"] for line in lines] == ["swapped", "removed", "changed", "kept", "kept", "kept"]
    assert lines[0]["Before"] == "Included: Laptops old, only devices in Corporate Windows devices"
    assert lines[0]["After"] == "Included: Laptops new, only devices in Corporate Windows devices"
    assert lines[0]["Caused by rows"] == "Mapping: 24"
    assert lines[1]["After"] is None


def test_configurations_and_rows_say_what_happens_to_them(path: Path) -> None:
    happens = {line["Configuration"]: line["What happens"] for line in table(path, "Configurations")}
    assert happens["Microsoft 365 Apps 東京"] == "changes"
    assert happens["Baseline Rome"] == "nothing to do"
    assert happens["Firewall rules"] == "left alone"
    comes_to = {line["Configuration"]: line["What it comes to"] for line in table(path, "Rows")}
    assert comes_to["Firewall rules"] == "left alone"
    assert comes_to["Baseline Rome"] == "nothing to do"
    assert comes_to["Edge baseline"] == "to do"


def test_no_cell_of_it_is_a_formula(path: Path) -> None:
    assert formulas(path) == []


def test_a_reviewer_finds_what_to_approve_and_where_to_say_so(path: Path) -> None:
    told = " ".join(words(path, "Plan"))
    assert f"migrator apply {RUN} --approved 5d41402abc4b2a76b9719d911017c592" in told
    assert f"migrator apply {RUN} --plan plan.xlsx" in told
    lines = table(path, "Configurations")
    assert list(lines[0])[:4] == ["Configuration", "What happens", "Approved", "Remark"]
    assert {(line["Approved"], line["Remark"]) for line in lines} == {(None, None)}
