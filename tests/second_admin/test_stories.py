"""A tenant that wants a second admin for every change: from the first refusal to what is read back, over real HTTP."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from migrator.model.errors import UsageError, WaitsFirst
from migrator.model.events import Concluded, Event
from migrator.model.outcome import Status
from migrator.model.second_admin import DECLINED, LAPSED, UNJUSTIFIED
from migrator.model.settings import Caution, GuardMode
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.plan import plan
from migrator.operations.rollback import rollback
from migrator.operations.verify import verify_run
from migrator.simulator.settings import Fault, Faults, Lies, SimulatorSettings
from tests.moving import before, moved, swaps
from tests.second_admin.telling import KIND, PROTECTED, asked_of, lapse, mixed
from tests.whole import World, approved, plain, world
from tests.workbook.opened import table, words


async def test_what_waits_is_approved_sent_again_to_the_byte_and_verified(tmp_path: Path) -> None:
    async with world(before(3, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(3))
        assert (first.exit_code, first.facts.waiting, first.facts.failed) == (5, 3, 0)
        assert there.simulator.record.assigns == 0
        kept = read_record(first.folder).pending_of().values()
        requests = there.simulator.state.requests
        assert {(one.code, one.method, one.path, one.body) for one in kept} == {
            (one.id, one.method, one.path, one.body) for one in requests.values()
        }
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, 3, 0)
        assert [one.status for one in requests.values()] == ["completed"] * 3  # it lets nothing through that differs
        assert there.simulator.record.assigns == 3
        assert moved(there, 3)


async def test_while_nobody_approved_nothing_is_asked_for_twice_and_it_goes_on_waiting(tmp_path: Path) -> None:
    async with world(before(2, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(2))
        asked = dict(there.simulator.state.requests)
        calls = _assign_calls(there)
        there.simulator.decide(approve="Policy 01")
        again = await there.resume(first.folder)
        assert (again.exit_code, again.facts.waiting, again.facts.succeeded) == (5, 1, 1)
        assert there.simulator.state.requests == asked
        assert _assign_calls(there) == calls + 1
        (waiting,) = [line for line in again.facts.lines if line.status is Status.WAITING]
        assert asked_of(there, "Policy 00").id in waiting.reason
        assert "lapses 20" in waiting.reason


async def test_what_was_rejected_fails_with_the_reason_and_is_not_asked_for_again(tmp_path: Path) -> None:
    async with world(before(2, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(2))
        there.simulator.decide(reject="Policy 00", reason="not before Monday", by="Ada")
        there.simulator.decide(approve="Policy 01")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.failed, done.facts.succeeded) == (1, 1, 1)
        (line,) = [line for line in done.facts.lines if line.status is Status.FAILED]
        assert line.code == DECLINED
        assert "was rejected by Ada: not before Monday" in line.reason
        calls = _assign_calls(there)
        again = await there.resume(first.folder)
        assert (again.exit_code, again.facts.failed, _assign_calls(there)) == (1, 1, calls)
        assert len(there.simulator.state.requests) == 2
        retry = table(done.folder.path / "retry.xlsx", "Retry")
        assert [row["Configuration"] for row in retry] == ["Policy 00"]


async def test_what_waits_is_in_the_first_sentence_of_a_run_that_failed_in_part(tmp_path: Path) -> None:
    async with world(before(3, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(3))
        there.simulator.decide(reject="Policy 00")
        there.simulator.change("Policy 01", remove=["Kept"])
        await there.resume(first.folder)
        said = " ".join(words(first.folder.path / "summary.xlsx", "Summary"))
        assert "1 of 3 configurations failed; 1 waits for a second administrator's approval, 0 succeeded" in said


async def test_a_request_that_lapsed_is_said_and_the_next_resume_asks_anew(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        there.simulator.decide(approve="*")
        await lapse(there)
        lapsed = await there.resume(first.folder)
        assert (lapsed.exit_code, lapsed.facts.lines[0].code) == (1, LAPSED)
        assert "lapsed" in lapsed.facts.lines[0].reason
        assert there.simulator.record.assigns == 0
        anew = await there.resume(first.folder)
        assert (anew.exit_code, len(there.simulator.state.requests)) == (5, 2)
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, there.simulator.record.assigns, moved(there, 1)) == (0, 1, True)


async def test_what_somebody_changed_meanwhile_is_left_alone_although_it_was_approved(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        there.simulator.decide(approve="*")
        there.simulator.change("Policy 00", remove=["Kept"])
        held = there.assignments("Policy 00")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.drifted) == (4, 1)
        assert there.assignments("Policy 00") == held
        reason = done.facts.lines[0].reason
        assert "must not be used any more" in reason
        assert asked_of(there, "Policy 00").id in reason


async def test_what_somebody_else_did_is_unchanged_and_its_request_is_named(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        there.simulator.change("Policy 00", assignments=["New", "Kept"])
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.unchanged) == (0, 1)
        reason = done.facts.lines[0].reason
        assert f"request {asked_of(there, 'Policy 00').id} is not needed any more" in reason


async def test_of_several_kinds_the_protected_one_alone_waits(tmp_path: Path) -> None:
    async with world(mixed(), tmp_path, approval=PROTECTED) as there:
        rows = [("Catalog", "Old", "New", ""), ("Office", "Old", "New", "")]
        first = await there.run(rows)
        assert (first.exit_code, first.facts.waiting, first.facts.succeeded, first.facts.unverified) == (5, 1, 1, 0)
        assert there.names("Office") == {"New"}
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, there.names("Catalog")) == (0, 2, {"New"})


async def test_a_tenant_that_begins_to_ask_in_the_middle_of_a_run_loses_nothing(tmp_path: Path) -> None:
    async with world(before(6, KIND), tmp_path) as there:
        there.settings = replace(there.settings, concurrency=1)

        def watch(event: Event) -> None:
            if isinstance(event, Concluded):
                there.simulator.use(replace(_settings(there), approval=PROTECTED))

        async with connect(there.settings, clock=there.clock, watch=watch) as connection:
            drawn = await plan(there.mapping(swaps(6)), there.settings, connection)
            first = await apply(drawn.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(first, Result)
        assert (first.exit_code, first.facts.succeeded, first.facts.unverified, first.facts.waiting) == (5, 1, 0, 5)
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, there.simulator.record.assigns) == (0, 6, 6)
        assert moved(there, 6)


async def test_without_a_justification_one_message_says_so_and_one_call_of_the_kind_is_made(tmp_path: Path) -> None:
    async with world(before(12, KIND), tmp_path, approval=PROTECTED) as there:
        there.settings = replace(there.settings, justification="")
        first = await there.run(swaps(12))
        assert (first.exit_code, _assign_calls(there)) == (1, 1)
        assert first.facts.open == 11
        assert str(first.error).count("--justification") == 1
        assert [line.code for line in first.facts.lines if not line.open] == [UNJUSTIFIED]
        there.settings = replace(there.settings, justification="CHG-1")
        assert (await there.resume(first.folder)).facts.waiting == 12


@pytest.mark.parametrize(("status", "sent"), [(None, "{run} "), ("Änderung 17 🙂", "Änderung 17 🙂 ")])
async def test_the_request_carries_the_text_and_what_it_is_found_by(
    tmp_path: Path, status: str | None, sent: str
) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        there.settings = replace(there.settings, justification=status)
        first = await there.run(swaps(1))
        asked = asked_of(there, "Policy 00")
        begins = f"{sent.format(run=first.folder.id)}(Settings catalog policy: Policy 00, {asked.configuration.id}; "
        assert asked.asked.startswith(begins)
        options = dict(read_record(first.folder).header.options)
        assert options.get("justification") == status


@pytest.mark.parametrize("text", ["x" * 1024, "🙂" * 1024])
@pytest.mark.usefixtures("no_workbooks")
async def test_however_long_the_text_its_end_is_still_what_it_is_found_by(tmp_path: Path, text: str) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        there.settings = replace(there.settings, justification=text)
        first = await there.run(swaps(1))
        (kept,) = read_record(first.folder).waited
        asked = asked_of(there, "Policy 00").asked
        assert len(asked.encode("utf-16-le")) in (2 * 1023, 2 * 1024)
        assert asked.endswith(kept.mark)


@pytest.mark.parametrize(
    ("fault", "approved_before"),
    [(Fault.RESET_AFTER, False), (Fault.RESET_AFTER, True), (Fault.TIMEOUT_AFTER, False), (Fault.TRUNCATED, True)],
)
@pytest.mark.usefixtures("no_workbooks")
async def test_a_request_whose_answer_was_lost_is_found_again_and_not_made_twice(
    tmp_path: Path, fault: Fault, approved_before: bool
) -> None:
    """As after a process was killed between the answer and the journal: nothing but the reference leads to it."""
    lost = Faults(planned_writes={"Policy 00": (fault,)})
    async with world(before(1, KIND), tmp_path, approval=PROTECTED, faults=lost) as there:
        first = await there.run(swaps(1))
        assert (first.exit_code, len(there.simulator.state.requests)) == (5, 1)
        request = asked_of(there, "Policy 00")
        assert request.id in first.facts.lines[0].reason
        if approved_before:
            there.simulator.decide(approve="*")
            _forget_outcomes(first)
        else:
            _forget_outcomes(first)
            assert (await there.resume(first.folder)).exit_code == 5
            there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, len(there.simulator.state.requests), request.status) == (0, 1, "completed")
        assert (there.simulator.record.assigns, moved(there, 1)) == (1, True)


async def test_a_request_of_somebody_else_is_waited_for_and_never_used(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        await there.run([("Policy 00", "", "New", "add")])
        other = await there.run(swaps(1))
        assert (other.exit_code, other.facts.waiting, len(there.simulator.state.requests)) == (5, 1, 1)
        assert "and its request could not be found" in other.facts.lines[0].reason
        there.simulator.decide(approve="*")
        again = await there.resume(other.folder)
        assert (again.exit_code, there.simulator.record.assigns) == (5, 0)
        await lapse(there)
        assert (await there.resume(other.folder)).exit_code == 5
        there.simulator.decide(approve="*")
        done = await there.resume(other.folder)
        assert (done.exit_code, there.names("Policy 00")) == (0, {"New", "Kept"})


async def test_two_runs_of_one_sheet_share_a_request_and_write_once(tmp_path: Path) -> None:
    async with world(before(2, KIND), tmp_path, approval=PROTECTED) as there:
        first, second = await there.run(swaps(2)), await there.run(swaps(2))
        assert (second.exit_code, second.facts.waiting, len(there.simulator.state.requests)) == (5, 2, 2)
        there.simulator.decide(approve="*")
        later = await there.resume(second.folder)
        assert (later.exit_code, later.facts.succeeded) == (0, 2)
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.unchanged, there.simulator.record.assigns) == (0, 2, 2)
        assert {c.writes for c in there.simulator.state.every_configuration()} == {1}


async def test_a_rejection_is_heard_by_both_runs_that_asked(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first, second = await there.run(swaps(1)), await there.run(swaps(1))
        there.simulator.decide(reject="*", reason="no")
        for folder in (first.folder, second.folder):
            done = await there.resume(folder)
            assert (done.exit_code, done.facts.lines[0].code) == (1, DECLINED)
        assert len(there.simulator.state.requests) == 1


async def test_one_that_was_used_while_its_command_was_killed_is_its_own_success(tmp_path: Path) -> None:
    """Its word is lost, and right afterwards reading still gives what stood before."""
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        (kept,) = read_record(first.folder).waited
        request = asked_of(there, "Policy 00")
        request.status = "completed"
        async with JournalWriter(first.folder) as journal:
            await journal.intend(kept.key)
        behind = await there.resume(first.folder)
        assert (behind.exit_code, behind.facts.lines[0].code) == (1, LAPSED)
        assert there.names("Policy 00") == {"Old", "Kept"}
        there.simulator.change("Policy 00", assignments=["New", "Kept"])
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, 1, 0)
        assert "somebody else" not in done.facts.lines[0].reason


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.RESET_BEFORE, Fault.TRUNCATED])
@pytest.mark.usefixtures("no_workbooks")
async def test_whatever_the_answer_to_an_approved_call_it_is_applied_once(tmp_path: Path, fault: Fault) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        there.simulator.decide(approve="*")
        there.simulator.use(replace(_settings(there), faults=Faults(planned_writes={"Policy 00": (fault,)})))
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, 1, 0)
        assert (there.simulator.record.assigns, moved(there, 1)) == (1, True)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("no_workbooks")
async def test_every_way_in_which_a_tenant_words_it_is_understood(tmp_path: Path, seed: int) -> None:
    kinds = frozenset({"configurationPolicies", "officeClientConfigurations"})
    async with world(mixed(), tmp_path, approval=kinds, vary=True, seed=seed) as there:
        rows = [("Catalog", "Old", "New", ""), ("Office", "Old", "New", "")]
        first = await there.run(rows)
        assert (first.exit_code, first.facts.waiting, len(read_record(first.folder).pending_of())) == (5, 2, 2)
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, 2, 0)


async def test_where_requests_may_not_be_read_the_identical_call_asks_the_service(tmp_path: Path) -> None:
    lies = Lies(refused={"operationApproval": 403})
    async with world(before(2, KIND), tmp_path, approval=PROTECTED, lies=lies) as there:
        first = await there.run(swaps(2))
        assert (await there.resume(first.folder)).facts.waiting == 2
        there.simulator.decide(approve="Policy 00")
        there.simulator.decide(reject="Policy 01")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.waiting) == (5, 1, 1)
        (waiting,) = [line for line in done.facts.lines if line.status is Status.WAITING]
        assert "is rejected" in waiting.reason
        assert (len(there.simulator.state.requests), there.simulator.record.assigns) == (2, 1)


async def test_while_the_requests_cannot_be_read_everything_goes_on_waiting(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        there.simulator.decide(approve="*")
        there.simulator.use(replace(_settings(there), lies=Lies(refused={"operationApproval": 400})))
        calls = _assign_calls(there)
        blind = await there.resume(first.folder)
        assert (blind.exit_code, blind.facts.waiting, _assign_calls(there)) == (5, 1, calls)
        assert "could not be read" in blind.facts.lines[0].reason
        there.simulator.use(replace(_settings(there), lies=Lies()))
        assert (await there.resume(first.folder)).exit_code == 0


@pytest.mark.parametrize("guard", list(GuardMode))
async def test_what_changes_right_before_an_approved_call_leaves_is_left_alone(
    tmp_path: Path, guard: GuardMode
) -> None:
    async with world(before(3, KIND), tmp_path, approval=PROTECTED) as there:
        there.settings = replace(there.settings, caution=Caution(guard=guard), concurrency=1)
        first = await there.run(swaps(3))
        there.simulator.decide(approve="*")
        changed = list[Event]()

        def watch(event: Event) -> None:
            if isinstance(event, Concluded) and not changed:
                changed.append(event)
                there.simulator.change("Policy 02", add=["New"])

        async with connect(there.settings, clock=there.clock, watch=watch) as connection:
            done = await resume(first.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(done, Result)
        drifted = 1 if guard is GuardMode.STRICT else 0
        assert (done.facts.drifted, done.facts.succeeded) == (drifted, 3 - drifted)


async def test_what_is_only_verified_meanwhile_goes_on_waiting(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        async with there.connection() as connection:
            seen = await verify_run(first.folder, there.settings, connection)
        assert (seen.exit_code, seen.facts.waiting, seen.facts.failed) == (5, 1, 0)


async def test_what_goes_first_and_waits_keeps_the_rest_from_being_sent(tmp_path: Path) -> None:
    async with world(before(4, KIND), tmp_path, approval=PROTECTED) as there:
        there.settings = replace(there.settings, caution=Caution(canary=1))
        first = await there.run(swaps(4))
        assert (first.exit_code, first.facts.waiting, first.facts.open) == (5, 1, 3)
        assert isinstance(first.error, WaitsFirst)
        again = await there.resume(first.folder)
        assert (again.exit_code, len(there.simulator.state.requests)) == (5, 1)
        there.simulator.decide(approve="*")
        rest = await there.resume(first.folder)
        assert (rest.exit_code, rest.facts.succeeded, rest.facts.waiting) == (5, 1, 3)
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, moved(there, 4)) == (0, 4, True)


async def test_putting_back_waits_as_well_and_leads_to_what_stood_before(tmp_path: Path) -> None:
    async with world(before(2, KIND), tmp_path, approval=PROTECTED) as there:
        stood = [[plain(a) for a in there.assignments(f"Policy 0{n}")] for n in range(2)]
        first = await there.run(swaps(2))
        there.simulator.decide(approve="Policy 00")
        await there.resume(first.folder)
        back = await put_back(there, first)
        assert (back.exit_code, back.facts.waiting, back.facts.unchanged) == (5, 1, 1)
        assert any(finding.code == "waits_for_approval" for finding in back.record.plan.findings)
        there.simulator.decide(approve=asked_of(there, "Policy 00").id)
        done = await there.resume(back.folder)
        assert (done.exit_code, done.facts.failed, done.facts.drifted) == (0, 0, 0)
        assert [[plain(a) for a in there.assignments(f"Policy 0{n}")] for n in range(2)] == stood


async def test_putting_back_what_only_waited_changes_nothing(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        back = await put_back(there, first)
        assert (back.exit_code, back.facts.unchanged, len(there.simulator.state.requests)) == (0, 1, 1)
        there.simulator.decide(approve="*")
        with pytest.raises(UsageError, match="was put back"):
            await there.resume(first.folder)
        assert there.names("Policy 00") == {"Old", "Kept"}


async def test_the_reports_say_what_is_waited_for_until_when_and_what_to_do(tmp_path: Path) -> None:
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        code = asked_of(there, "Policy 00").id
        folder = first.folder.path
        (row,) = table(folder / "summary.xlsx", "Configurations")
        assert row["Status"] == "waiting"
        assert code in str(row["Reason"])
        assert "lapses 20" in str(row["Reason"])
        assert f"migrator resume {first.folder.id}" in str(row["Next step"])
        assert any("second administrator" in word for word in words(folder / "summary.xlsx", "Summary"))
        (workbook,) = (folder / "configurations").iterdir()
        assert any(code in word for word in words(workbook, "Configuration"))
        assert not (folder / "retry.xlsx").exists()


def _assign_calls(there: World) -> int:
    return sum(entry.method == "POST" and entry.path.endswith("/assign") for entry in there.simulator.record.entries)


def _settings(there: World) -> SimulatorSettings:
    return there.simulator.service.settings


def _forget_outcomes(result: Result) -> None:
    """What a process leaves that is killed after the answer came, and before the journal had it."""
    with closing(sqlite3.connect(result.folder.journal)) as connection:
        connection.execute("DELETE FROM outcomes")
        connection.commit()


async def put_back(there: World, first: Result) -> Result:
    async with there.connection() as connection:
        back = await rollback(first.folder, there.settings, connection, approve=approved, stop=Stop())
    assert isinstance(back, Result)
    return back
