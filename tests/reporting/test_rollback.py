"""What the reports say of a run that puts another one back, and of one that was put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.outcome import Status
from migrator.model.reading import Reading
from migrator.model.record import RunRecord
from migrator.reporting.advice import headline, next_steps
from migrator.reporting.facts import RowStatus, facts
from migrator.reporting.write import write_plan, write_reports
from tests.reporting.eventful import eventful
from tests.reporting.records import RUN, outcome, plan, record, swap_of, verified
from tests.workbook.opened import sheet_names, table, words

OTHER = "20261122-090000-contoso"


def putting_back(of: RunRecord) -> RunRecord:
    header = replace(of.header, command="rollback", of=OTHER)
    return replace(of, header=header, plan=replace(of.plan, of=OTHER))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a rollback in which everything happened that can."""
    folder, run = tmp_path_factory.mktemp("rollback"), putting_back(eventful())
    write_plan(run.plan, folder, RUN)
    assert not write_reports(run, folder).unwritten
    return folder


def every_word(folder: Path) -> list[str]:
    return [w for path in folder.rglob("*.xlsx") for name in sheet_names(path) for w in words(path, name)]


def test_nothing_of_it_speaks_of_a_mapping_to_run_or_to_mend(everything: Path) -> None:
    assert not (everything / "retry.xlsx").exists()
    wrong = ("the mapping wants", "the mapping says", "The mapping has", "migrator run", "migrator plan", "retry.xlsx")
    assert not [word for word in every_word(everything) if any(w in word for w in wrong)]


@pytest.mark.parametrize("report", ["plan.xlsx:Plan", "summary.xlsx:Summary"])
def test_the_run_that_is_put_back_is_named(everything: Path, report: str) -> None:
    file, sheet = report.split(":")
    told = words(everything / file, sheet)
    assert told[told.index("Puts back run") + 1] == OTHER
    assert "Mapping of that run" in told


def test_its_rows_are_put_back_and_not_done(everything: Path) -> None:
    statuses = {str(line["Status"]) for line in table(everything / "summary.xlsx", "Rows")}
    assert RowStatus.PUT_BACK.value in statuses
    assert RowStatus.DONE.value not in statuses
    told = {str(line["What it comes to"]) for line in table(everything / "plan.xlsx", "Rows")}
    assert "to put back" in told
    assert "to do" not in told


def test_what_was_assumed_is_left_alone_in_the_plan_and_counted_nowhere_else(tmp_path: Path) -> None:
    one, two = swap_of("one"), swap_of("two")
    off = Reading(one.before, settled=True, note="This is what it left; something else was assigned", assumed=True)
    path = write_plan(replace(plan([replace(one, reading=off), two]), of=OTHER), tmp_path, RUN)
    assert [line["What happens"] for line in table(path, "Configurations")] == ["left alone", "changes"]
    told = words(path, "Plan")
    assert (
        f"1 of 2 configurations that run {OTHER} sent would be put back to what stood before; 1 would be left alone."
        in (told)
    )


def test_a_rollback_that_went_well_says_what_holds() -> None:
    of = swap_of("one")
    run = putting_back(record(plan([of]), [outcome(of.key, Status.SUCCEEDED)], verifications=[verified(of)]))
    _, sentence = headline(facts(run))
    assert sentence == f"Everything is as it was before run {OTHER}: 1 put back and read back."


def test_a_run_that_was_put_back_says_by_which() -> None:
    of = swap_of("one")
    run = record(plan([of]), [outcome(of.key, Status.SUCCEEDED)], verifications=[verified(of)])
    figures = facts(replace(run, header=replace(run.header, put_back=OTHER)))
    word, sentence = headline(figures)
    assert word.text == "PUT BACK"
    assert OTHER in sentence
    assert OTHER in next_steps(figures)[0]
