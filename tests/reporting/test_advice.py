"""What a person is told to do next."""

from __future__ import annotations

import pytest

from migrator.model.assignment import Assignments
from migrator.model.choice import LEFT_OUT
from migrator.model.outcome import Attempt, Outcome, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan
from migrator.model.second_admin import DECLINED, LAPSED, UNJUSTIFIED
from migrator.reporting.advice import advice, headline, next_steps
from migrator.reporting.facts import Facts, Line, facts
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

A_MONTH_LATER = STARTED + 30 * 86_400


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


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (DECLINED, "not asked for again"),
        (LAPSED, f"“migrator resume {RUN}”, which asks anew"),
        (UNJUSTIFIED, f"“migrator resume {RUN} --justification TEXT”"),
    ],
)
def test_what_a_second_admin_did_not_let_through_has_its_own_advice(code: str, told: str) -> None:
    of = swap_of("one")
    assert told in advice(line_of(of, outcome(of.key, Status.FAILED, code=code)), RUN)


def test_what_was_declined_is_not_said_to_be_tried_again() -> None:
    one, two = swap_of("one"), swap_of("two")
    declined = outcome(one.key, Status.FAILED, code=DECLINED)
    (step,) = next_steps(facts(record(plan([one]), [declined])))
    assert "plan it anew" in step
    both = next_steps(facts(record(plan([one, two]), [declined, outcome(two.key, Status.FAILED)])))
    assert any("1 configuration that failed" in step for step in both)


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
    assert (word.tone, sentence) == (
        Tone.BAD,
        "3 of 19 configurations failed; 1 waits for a second administrator's approval, 12 succeeded, 2 needed nothing; "
        "1 of these holds something else than intended; 1 drifted.",
    )
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


def read_back(of: ConfigurationPlan, verdict: Verdict, at: float, found: Assignments | None = None) -> Facts:
    """A run of one that succeeded and was verified at once, and was read back once more."""
    again = Verification(of.key, verdict, at, found)
    return facts(record(plan([of]), [outcome(of.key)], verifications=[verified(of), again]))


def test_what_could_not_be_read_back_is_to_be_verified_later() -> None:
    figures = read_back(swap_of("one"), Verdict.UNREADABLE, A_MONTH_LATER)
    assert (headline(figures)[0].text, headline(figures)[1]) == (
        "NOT VERIFIED",
        "Everything was confirmed by the service, but 1 of 1 configuration could not be read back.",
    )
    assert next_steps(figures)[0] == (
        f"Run “migrator verify {RUN}” later for the 1 configuration that could not be read back."
    )
    assert advice(figures.lines[0], RUN) == f"It could not be read back: run “migrator verify {RUN}” later."


@pytest.mark.parametrize("at", [STARTED + 60, A_MONTH_LATER])
def test_what_was_changed_since_is_to_be_looked_at_and_run_again(at: float) -> None:
    figures = read_back(swap_of("one"), Verdict.DIFFERENT, at, (included("Intruder"),))
    word, sentence = headline(figures)
    assert (word.text, word.tone) == ("DIFFERENT", Tone.BAD)
    assert sentence == (
        "1 of 1 configuration holds something else than intended when read back; 1 succeeded, 0 needed nothing."
    )
    told = (next_steps(figures)[0], advice(figures.lines[0], RUN))
    for step in told:
        assert "workbook" in step
        assert "migrator run MAPPING" in step
        assert "lag" not in step
        assert "migrator verify" not in step


def test_the_list_from_before_right_after_the_write_may_be_a_reading_that_lags() -> None:
    of = swap_of("one")
    soon = read_back(of, Verdict.DIFFERENT, STARTED + 9, of.before)
    assert f"migrator verify {RUN}" in next_steps(soon)[0]
    assert "lag behind" in advice(soon.lines[0], RUN)
    late = read_back(of, Verdict.DIFFERENT, A_MONTH_LATER, of.before)
    assert not any("verify" in step for step in next_steps(late))
    assert "somebody changed it since" in advice(late.lines[0], RUN)


def unchanged_read_back(verdict: Verdict) -> Facts:
    of = configuration_plan(configuration("same"), [kept(included("Everyone"))])
    nothing = outcome(of.key, Status.UNCHANGED, tries=0)
    return facts(record(plan([of]), [nothing], verifications=[Verification(of.key, verdict, A_MONTH_LATER, ())]))


def test_one_that_needed_nothing_and_was_changed_since_is_told_as_well() -> None:
    figures = unchanged_read_back(Verdict.DIFFERENT)
    assert headline(figures)[0].text == "DIFFERENT"
    assert "the 1 configuration that holds something else" in next_steps(figures)[0]
    assert "although nothing was to change" in advice(figures.lines[0], RUN)
    unreadable = unchanged_read_back(Verdict.UNREADABLE)
    assert headline(unreadable)[0].text == "NOT VERIFIED"
    assert "could not be read back" in advice(unreadable.lines[0], RUN)


def test_how_many_differ_and_how_many_could_not_be_read_are_told_apart() -> None:
    plans = [swap_of(name, i) for i, name in enumerate(("a", "b", "c", "d"))]
    verdicts = (Verdict.DIFFERENT, Verdict.DIFFERENT, Verdict.UNREADABLE, Verdict.VERIFIED)
    read = [Verification(of.key, said, A_MONTH_LATER) for of, said in zip(plans, verdicts, strict=True)]
    figures = facts(record(plan(plans), [outcome(of.key) for of in plans], verifications=read))
    assert headline(figures)[1] == (
        "2 of 4 configurations hold something else than intended when read back; 4 succeeded, 0 needed nothing, "
        "1 of these could not be read back."
    )
    different, unread, _ = next_steps(figures)
    assert "the 2 configurations that hold something else" in different
    assert "the 1 configuration that could not be read back" in unread
    assert figures.unverified == 3


def test_what_a_mapping_was_only_compared_with_is_not_to_be_resumed() -> None:
    of = swap_of("one")
    off = outcome(of.key, Status.FAILED, "not as the mapping says: 1 to swap", code="notAsIntended", tries=0)
    figures = facts(record(plan([of]), [off]))
    assert headline(figures)[0].text == "NOT AS INTENDED"
    for told in (*next_steps(figures), advice(figures.lines[0], RUN)):
        assert "resume" not in told
        assert "migrator run MAPPING" in told


def test_one_is_spoken_of_as_one_and_several_as_several() -> None:
    one, two = swap_of("one"), swap_of("two", 1)
    drifted = facts(record(plan([one]), [outcome(one.key, Status.DRIFTED)]))
    assert "somebody else changed it, and" in next_steps(drifted)[0]
    both = [outcome(one.key, Status.DRIFTED), outcome(two.key, Status.DRIFTED)]
    assert "somebody else changed them, and" in next_steps(facts(record(plan([one, two]), both)))[0]
    waiting = facts(record(plan([one, two]), [outcome(one.key, Status.WAITING), outcome(two.key)]))
    assert headline(waiting)[1].startswith("1 of 2 configurations waits for")
    assert headline(facts(record(plan([one]))))[1].endswith("1 of 1 configuration was not finished.")


def test_a_run_that_changed_something_says_how_to_put_it_back() -> None:
    of = swap_of("one")
    figures = facts(record(plan([of]), [outcome(of.key)], verifications=[verified(of)]))
    assert next_steps(figures) == (
        "Nothing is left to do.",
        "Keep this folder: its journal and workbooks hold what stood before.",
    )


def test_a_run_of_which_a_part_was_left_out_says_so_and_how_to_go_on() -> None:
    plans = [swap_of("one"), swap_of("two", 1), swap_of("three", 2)]
    left = [Outcome(p.key, Status.UNCHANGED, "left out by --only", LEFT_OUT) for p in plans]
    found = facts(record(plan(plans), [outcome(plans[0].key), *left[1:]], verifications=[verified(plans[0])]))
    tag, told = headline(found)
    assert (tag.text, tag.tone) == ("DONE IN PART", Tone.GOOD)
    assert told.endswith("1 changed and read back, 0 needed nothing, 2 were left out.")
    assert next_steps(found)[0].startswith("2 configurations were left out")
    assert [bool(advice(line, RUN)) for line in found.lines] == [False, True, True]
    nothing = facts(record(plan(plans), left))
    assert headline(nothing)[0].text == "LEFT OUT"
    failed = facts(record(plan(plans), [outcome(plans[0].key, Status.FAILED), *left[1:]]))
    assert headline(failed)[1].endswith("0 succeeded, 0 needed nothing, 2 were left out.")
