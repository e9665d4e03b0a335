"""The figures of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.choice import LEFT_OUT, LeftOut
from migrator.model.outcome import Outcome, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan, Effect
from migrator.reporting.facts import Ending, RowStatus, facts
from tests.reporting.eventful import eventful
from tests.reporting.records import (
    STARTED,
    attempt,
    configuration,
    configuration_plan,
    included,
    kept,
    many,
    outcome,
    plan,
    planned_row,
    record,
    row,
    swap_of,
    verified,
)


def nothing_planned(name: str) -> ConfigurationPlan:
    return configuration_plan(configuration(name), (kept(included("Everyone")),))


def test_statuses_are_disjoint_and_add_up() -> None:
    figures = facts(eventful())
    assert (figures.succeeded, figures.unchanged, figures.failed, figures.drifted, figures.waiting) == (12, 2, 3, 1, 1)
    assert figures.configurations == 19
    assert figures.unverified == 1
    assert figures.rows == 31


def test_requests_are_counted_as_http_requests_and_refusals_wherever_they_were() -> None:
    calls = [
        attempt(None, 200, inner=False, path="/v1.0/$batch"),
        attempt(None, 429, inner=True),
        attempt(None, 200, inner=True, number=2),
        attempt(None, 429),
        attempt(None, 0, number=2),
    ]
    figures = facts(record(plan([]), attempts=calls))
    assert (figures.requests, figures.throttled, figures.retries) == (3, 2, 2)
    assert figures.calls == 4


def test_a_configuration_without_an_outcome_is_not_forgotten() -> None:
    blocked = configuration_plan(configuration("blocked"), blocked="two routes disagree.")
    plans = [blocked, nothing_planned("same"), swap_of("in doubt"), swap_of("not sent")]
    figures = facts(record(plan(plans), intended=[plans[2].key]))
    assert [line.status for line in figures.lines] == [Status.FAILED, Status.UNCHANGED, Status.FAILED, Status.FAILED]
    assert [line.ending for line in figures.lines] == [
        Ending.BLOCKED,
        Ending.NOTHING_PLANNED,
        Ending.IN_DOUBT,
        Ending.NOT_SENT,
    ]
    assert figures.lines[0].reason == "Two routes disagree."
    assert (figures.failed, figures.open) == (3, 2)


def test_succeeded_counts_as_unverified_until_it_was_seen() -> None:
    plans = [swap_of(name) for name in ("seen", "different", "unreadable", "not read")]
    readings = [
        verified(plans[0]),
        Verification(plans[1].key, Verdict.DIFFERENT, STARTED),
        Verification(plans[2].key, Verdict.UNREADABLE, STARTED),
    ]
    run = record(plan(plans), [outcome(p.key) for p in plans], verifications=readings)
    assert facts(run).unverified == 3
    assert facts(replace(run, verifications=(*readings, verified(plans[1])))).unverified == 2


def test_a_failed_configuration_that_was_read_back_is_not_unverified() -> None:
    of = swap_of("refused")
    reading = Verification(of.key, Verdict.DIFFERENT, STARTED)
    figures = facts(record(plan([of]), [outcome(of.key, Status.FAILED)], verifications=[reading]))
    assert (figures.failed, figures.unverified) == (1, 0)


def test_effects_are_confirmed_only_where_the_service_did() -> None:
    good, bad = swap_of("good"), swap_of("bad")
    figures = facts(record(plan([good, bad]), [outcome(good.key), outcome(bad.key, Status.FAILED)]))
    by_effect = {e.effect: (e.planned, e.confirmed) for e in figures.effects}
    assert by_effect[Effect.SWAPPED] == (2, 1)
    assert by_effect[Effect.KEPT] == (2, 1)
    assert by_effect[Effect.ADDED] == (0, 0)


def test_seconds_go_to_the_end_or_to_the_last_thing_known() -> None:
    of = swap_of("one")
    assert facts(record(plan([of]), finished=STARTED + 12.5)).seconds == 12.5
    unfinished = record(plan([of]), attempts=[attempt(of.key, started=STARTED + 2, seconds=0.5)], finished=0.0)
    assert facts(unfinished).seconds == 2.5
    assert facts(record(plan([of]), finished=0.0)).seconds == 0.0


def test_tries_and_the_last_status_come_from_the_assign_calls() -> None:
    of = swap_of("one")
    calls = [attempt(of.key, 429), attempt(of.key, 403, number=2), attempt(of.key, 200, purpose="verify")]
    (line,) = facts(record(plan([of]), [outcome(of.key, Status.FAILED)], attempts=calls)).lines
    assert (line.tries, line.http_status) == (2, 403)
    assert line.seconds == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("status", "applies", "expected"),
    [
        (Status.SUCCEEDED, True, RowStatus.DONE),
        (Status.SUCCEEDED, False, RowStatus.NOTHING),
        (Status.UNCHANGED, True, RowStatus.NOTHING),
        (Status.FAILED, True, RowStatus.FAILED),
        (Status.FAILED, False, RowStatus.NOTHING),
        (Status.DRIFTED, True, RowStatus.LEFT_ALONE),
        (Status.WAITING, True, RowStatus.WAITING),
        (None, True, RowStatus.OPEN),
    ],
)
def test_a_row_shares_the_fate_of_its_configuration(status: Status | None, applies: bool, expected: RowStatus) -> None:
    of = swap_of("one")
    line_of_mapping = planned_row(0, row(2, "one", legacy="a", new="b"), applies=applies)
    of = replace(of, rows=(line_of_mapping,))
    outcomes = [outcome(of.key, status, "so it went")] if status else []
    (line,) = facts(record(plan([of]), outcomes)).lines
    assert line.row_status(line_of_mapping) is expected
    own = expected in (RowStatus.DONE, RowStatus.NOTHING)
    assert (line.row_reason(line_of_mapping) == line_of_mapping.note) is own


def test_rows_of_a_blocked_configuration_are_left_alone() -> None:
    line_of_mapping = planned_row(0, row(2, "one"), applies=False)
    of = configuration_plan(configuration("one"), rows=[line_of_mapping], blocked="not readable.")
    (line,) = facts(record(plan([of]))).lines
    assert line.row_status(line_of_mapping) is RowStatus.LEFT_ALONE
    assert line.row_reason(line_of_mapping) == "Not readable."


def test_calls_are_told_by_purpose() -> None:
    calls = [
        attempt(None, purpose="read", path="/v1.0/$batch", seconds=1.0),
        attempt(None, 429, purpose="read", inner=True, seconds=1.0),
        attempt(None, purpose="assign", seconds=0.2),
        attempt(None, 0, purpose="assign", number=2, seconds=0.4),
    ]
    read, assign = facts(record(plan([]), attempts=calls)).purposes
    assert (read.purpose, read.requests, read.inner, read.throttled) == ("read", 1, 1, 1)
    assert (assign.requests, assign.retries, assign.unanswered, assign.slowest_seconds) == (2, 1, 1, 0.4)
    assert assign.mean_seconds == pytest.approx(0.3)


def test_a_run_of_nothing_has_figures_too() -> None:
    figures = facts(record(plan([])))
    assert (figures.configurations, figures.requests, figures.requests_per_second) == (0, 0, 0.0)


def test_assignments_before_and_after_add_up_over_the_run() -> None:
    figures = facts(many(5))
    assert (figures.assignments_before, figures.assignments_after) == (10, 10)


def test_what_was_left_out_is_unchanged_and_counts_neither_as_done_nor_as_confirmed() -> None:
    plans = [swap_of("one"), swap_of("two", 1), swap_of("three", 2)]
    left = Outcome(plans[1].key, Status.UNCHANGED, "left out by --except", LEFT_OUT)
    header = replace(record(plan(plans)).header, left_out=(LeftOut(plans[2].key, "left out by --only"),))
    found = facts(replace(record(plan(plans), [outcome(plans[0].key), left]), header=header))
    assert [line.ending for line in found.lines] == [Ending.CONCLUDED, Ending.LEFT_OUT, Ending.LEFT_OUT]
    assert (found.succeeded, found.unchanged, found.left_out, found.failed) == (1, 2, 2, 0)
    assert [line.row_reason(line.plan.rows[0]) for line in found.lines[1:]] == [
        "left out by --except",
        "left out by --only",
    ]
    assert {e.effect: e.confirmed for e in found.effects if e.planned} == {Effect.SWAPPED: 1, Effect.KEPT: 1}


def test_a_call_in_doubt_is_not_called_left_out() -> None:
    one = swap_of("one")
    stopped = record(plan([one]), intended=[one.key])
    header = replace(stopped.header, left_out=(LeftOut(one.key, "left out by --only"),))
    (line,) = facts(replace(stopped, header=header)).lines
    assert line.ending is Ending.IN_DOUBT
