"""Promise 2, of a plan that was approved in part: what nobody approved is not sent, and every report says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_header
from migrator.journal.writer import JournalWriter
from migrator.model.choice import Approval, LeftOut, Selection
from migrator.model.errors import MappingError, UsageError
from migrator.model.outcome import Status
from migrator.operations.finish import Result
from migrator.operations.runs import report
from migrator.operations.verify import verify_run
from migrator.reporting.facts import RowStatus
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.review import fill_in
from tests.whole import World, world
from tests.workbook.opened import table, words

NAMES = ("One", "Two", "Three")
ROWS = [(name, "Old", "New", "") for name in NAMES]


def tenant() -> TenantState:
    kind = "officeClientConfigurations"
    configurations = [{"kind": kind, "name": name, "assignments": ["Old", "Kept"]} for name in NAMES]
    return tenant_from_json({"groups": ["Old", "New", "Kept", "Theirs"], "configurations": configurations})


def moved(there: World) -> set[str]:
    """The configurations that were written, as the tenant shows it."""
    return {name for name in NAMES if there.names(name) == {"New", "Kept"}}


def ended(result: Result) -> dict[str, tuple[Status, str]]:
    return {line.plan.configuration.name: (line.status, line.code) for line in result.facts.lines}


async def reviewed(there: World, **said: str | int) -> tuple[RunFolder, Approval]:
    drawn = await there.plan(ROWS)
    fill_in(drawn.folder.plan_xlsx, said)
    return drawn.folder, Approval(file=drawn.folder.plan_xlsx)


async def test_only_what_a_reviewer_approved_is_sent(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        folder, approval = await reviewed(there, One="yes", Two="no")
        result = await there.apply(folder, approval=approval)
        assert moved(there) == {"One"}
        assert there.simulator.record.writes == 1
        assert result.exit_code == 0
        left = (Status.UNCHANGED, "leftOut")
        assert ended(result) == {"One": (Status.SUCCEEDED, ""), "Two": left, "Three": left}
        assert {line.reason for line in result.facts.lines[1:]} == {"left out: not approved in plan.xlsx"}


async def test_every_report_calls_it_left_out(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        folder, approval = await reviewed(there, One="yes")
        result = await there.apply(folder, approval=approval)
    assert [line.row_status(line.plan.rows[0]) for line in result.facts.lines] == [
        RowStatus.DONE,
        RowStatus.LEFT_OUT,
        RowStatus.LEFT_OUT,
    ]
    for sheet in ("Configurations", "Rows"):
        lines = table(folder.summary_xlsx, sheet)
        assert [line["Status"] for line in lines][1:] == ["left out", "left out"]
        assert {line["Reason"] for line in lines[1:]} == {"left out: not approved in plan.xlsx"}
    summary = words(folder.summary_xlsx, "Summary")
    assert "DONE IN PART" in summary
    assert result.record.plan.fingerprint in summary
    one = folder.path / "configurations" / "Two.xlsx"
    told = words(one, "Configuration")
    assert "left out" in told
    assert result.record.plan.fingerprint in told
    assert not folder.retry_xlsx.exists()
    again = report(folder, lambda _: None, 0.0)
    assert (again.exit_code, again.facts.left_out) == (0, 2)


async def test_resume_keeps_it_out_and_a_later_approval_carries_it_out(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        folder, approval = await reviewed(there, One="yes", Two="no", Three="no")
        await there.apply(folder, approval=approval)
        assert (await there.resume(folder)).facts.left_out == 2
        assert moved(there) == {"One"}
        second = await there.apply(folder, approval=Approval(selection=Selection(only=("two",))))
        assert (second.exit_code, moved(there)) == (0, {"One", "Two"})
        assert ended(second)["Three"] == (Status.UNCHANGED, "leftOut")
        assert second.facts.lines[2].reason == "left out by --only"
        assert (await there.apply(folder)).facts.succeeded == 3
        assert (there.simulator.record.writes, moved(there)) == (3, set(NAMES))
        assert read_header(folder).left_out == ()


async def test_a_process_that_died_right_after_the_approval_is_gone_on_with_as_approved(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS)
        one, two, _ = drawn.plan.configurations
        left = (LeftOut(one.key, "left out by --except"), LeftOut(two.key, "left out by --except"))
        async with JournalWriter(drawn.folder) as journal:
            await journal.mark(approved=1.0, left_out=left)
        assert report(drawn.folder, lambda _: None, 0.0).facts.left_out == 2
        result = await there.resume(drawn.folder)
        assert (result.exit_code, result.facts.left_out, moved(there)) == (0, 2, {"Three"})


async def test_verifying_a_run_does_not_ask_for_what_was_left_out(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        folder, approval = await reviewed(there, One="yes")
        await there.apply(folder, approval=approval)
        async with there.connection() as connection:
            verified = await verify_run(folder, there.settings, connection)
        assert verified.exit_code == 0
        there.simulator.change("One", add=["Theirs"])
        async with there.connection() as connection:
            assert (await verify_run(folder, there.settings, connection)).exit_code == 1


async def test_what_failed_before_stays_failed_where_it_is_left_out_now(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS)
        refusing = Faults(planned_writes={"Two": (Fault.FORBIDDEN,), "Three": (Fault.FORBIDDEN,)})
        there.simulator.use(replace(there.simulator.settings, faults=refusing))
        assert (await there.apply(drawn.folder)).facts.failed == 2
        there.simulator.change("Three", add=["Theirs"])
        without = Approval(selection=Selection(without=("T*",)))
        result = await there.apply(drawn.folder, approval=without)
        assert ended(result)["Two"] == (Status.FAILED, "Forbidden")
        assert result.exit_code == 1
        assert ended(result)["Three"][0] is Status.DRIFTED
        assert moved(there) == {"One"}


async def test_what_is_no_approval_of_this_plan_sends_nothing_at_all(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        folder, approval = await reviewed(there)
        asked = there.simulator.record.requests
        wrong = (
            approval,
            Approval("00000-00000-00000-00000"),
            Approval(selection=Selection(only=("Ones",))),
            Approval(file=tmp_path / "mapping.csv"),
        )
        for one in wrong:
            with pytest.raises(UsageError) as refused:
                await there.apply(folder, approval=one)
            assert refused.value.exit_code == 2
        assert (there.simulator.record.requests, moved(there)) == (asked, set())


async def test_a_plan_holds_the_picked_configurations_only(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS, selection=Selection(only=("t*",), without=("Two",)))
        assert [c.configuration.name for c in drawn.plan.configurations] == ["Three"]
        assert [f.message for f in drawn.plan.findings] == [
            "1 of 3 rows are planned; the others were left out: --only t*, --except Two"
        ]


async def test_rows_that_are_left_out_stop_no_other_by_what_cannot_be_found(tmp_path: Path) -> None:
    rows = [*ROWS, ("Two", "Old", "Nobody", ""), ("Nowhere", "Old", "New", "")]
    async with world(tenant(), tmp_path) as there:
        with pytest.raises(MappingError):
            await there.plan(rows, selection=Selection(without=("Two",)))
        drawn = await there.plan(rows, selection=Selection(without=("Two", "nowhere")))
        assert {c.configuration.name for c in drawn.plan.configurations} == {"One", "Three"}
        with pytest.raises(UsageError, match="did you mean 'Three'"):
            await there.plan(rows, selection=Selection(only=("Thre",)))
        with pytest.raises(UsageError, match="leave no row"):
            await there.plan(rows, selection=Selection(only=("One",), without=("One",)))
