"""What a person is told to do next."""

from __future__ import annotations

import pytest

from migrator.model.outcome import Attempt, Outcome, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan
from migrator.reporting.advice import advice, headline, next_steps
from migrator.reporting.facts import Line, facts
from migrator.workbook.style import Tone
from tests.reporting.eventful import eventful
from tests.reporting.records import (
    RUN,
    STARTED,
    attempt,
    configuration,
    configuration_plan,
    included,
    kept,
    many,
    outcome,
    plan,
    record,
    swap_of,
    verified,
)


def line_of(of: ConfigurationPlan, *outcomes: Outcome, attempts: tuple[Attempt, ...] = ()) -> Line:
    (line,) = facts(record(plan([of]), outcomes, attempts=attempts)).lines
    return line


@pytest.mark.parametrize(
    ("http", "told"),
    [
        (400, "security group"),
        (401, "sign in again"),
        (403, "DeviceManagementConfiguration.ReadWrite.All"),
        (404, "not there any more"),
        (409, "under way"),
        (412, "second administrator"),
        (422, "retry.xlsx"),
        (429, "throttled"),
        (500, "request ids"),
        (503, "request ids"),
        (0, "proxy"),
    ],
)
def test_every_kind_of_failure_has_its_own_advice(http: int, told: str) -> None:
    of = swap_of("one")
    line = line_of(of, outcome(of.key, Status.FAILED), attempts=(attempt(of.key, http),))
    assert told in advice(line, RUN)


def test_what_the_service_calls_it_comes_before_its_number() -> None:
    of = swap_of("one")
    line = line_of(of, outcome(of.key, Status.FAILED, code="ApprovalRequired"), attempts=(attempt(of.key, 403),))
    assert "Multi Admin Approval" in advice(line, RUN)


def test_commands_name_the_run() -> None:
    of = swap_of("one")
    assert f"migrator resume {RUN}" in advice(line_of(of), RUN)
    assert f"migrator verify {RUN}" in advice(line_of(of, outcome(of.key)), RUN)


def test_nothing_is_advised_where_all_is_well() -> None:
    (line,) = facts(many(1)).lines
    assert advice(line, RUN) == ""
    unchanged = configuration_plan(configuration("same"), [kept(included("Everyone"))])
    assert advice(line_of(unchanged), RUN) == ""


@pytest.mark.parametrize("status", [Status.FAILED, Status.DRIFTED, Status.WAITING])
def test_whatever_did_not_end_well_has_advice(status: Status) -> None:
    of = swap_of("one")
    assert advice(line_of(of, outcome(of.key, status)), RUN)


def test_a_kind_that_the_table_does_not_know_has_advice_too() -> None:
    of = configuration_plan(configuration("one", "tomorrowsPolicies"))
    line = line_of(of, outcome(of.key, Status.FAILED), attempts=(attempt(of.key, 403),))
    assert "write permission of its kind" in advice(line, RUN)


def test_the_headline_tells_the_worst_first() -> None:
    word, sentence = headline(facts(eventful()))
    assert (word.tone, sentence) == (Tone.BAD, "3 of 19 configurations failed; 12 succeeded, 2 needed nothing.")
    word, sentence = headline(facts(many(3)))
    assert (word.text, word.tone) == ("DONE", Tone.GOOD)
    assert "3 changed and read back" in sentence


@pytest.mark.parametrize(
    ("status", "word"), [(Status.DRIFTED, "DRIFTED"), (Status.WAITING, "WAITING"), (Status.UNCHANGED, "NOTHING TO DO")]
)
def test_a_run_of_one_is_told_by_its_status(status: Status, word: str) -> None:
    of = swap_of("one")
    assert headline(facts(record(plan([of]), [outcome(of.key, status)])))[0].text == word


def test_a_run_that_stopped_is_not_called_done() -> None:
    run = record(plan([swap_of("one")]))
    assert headline(facts(run))[0].text == "NOT FINISHED"
    assert next_steps(facts(run))[0].startswith(f"Run “migrator resume {RUN}” to finish the 1 configuration")


def test_what_was_confirmed_but_not_seen_is_said() -> None:
    of = swap_of("one")
    lagging = Verification(of.key, Verdict.DIFFERENT, STARTED)
    figures = facts(record(plan([of]), [outcome(of.key)], verifications=[lagging]))
    assert headline(figures)[0].text == "NOT VERIFIED"
    assert any("verify" in step for step in next_steps(figures))


def test_a_run_that_changed_something_says_how_to_put_it_back() -> None:
    of = swap_of("one")
    figures = facts(record(plan([of]), [outcome(of.key)], verifications=[verified(of)]))
    assert next_steps(figures) == (
        "Nothing is left to do.",
        "Keep this folder: its journal and workbooks hold what stood before.",
    )
