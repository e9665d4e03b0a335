"""Promise 3: whatever happens to the process, `resume` finishes the run, and what succeeded is not sent again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import migrator
from migrator.journal.folder import RunFolder, list_runs
from migrator.journal.reader import count_outcomes, read_record
from migrator.journal.writer import JournalWriter
from migrator.model.errors import SignInError
from migrator.model.events import Event, Said
from migrator.model.kinds import KINDS
from migrator.model.outcome import Status
from migrator.model.settings import Limit
from migrator.operations.apply import resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.open_run import as_approved
from migrator.operations.verify import verify_run
from migrator.reporting.facts import elapsed
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.moving import before, moved, swaps
from tests.whole import World, approved, until, world

NUMBER = 40


def tenant() -> TenantState:
    return before(NUMBER, "officeClientConfigurations")


def rows() -> list[tuple[str, ...]]:
    return swaps(NUMBER)


def all_moved(there: World) -> bool:
    return moved(there, NUMBER)


def writes_per_configuration(there: World) -> Counter[int]:
    return Counter(c.writes for c in there.simulator.state.every_configuration())


async def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, latency=0.02) as there:
        drawn = await there.plan(rows())
        stop = Stop()

        async def stop_soon() -> None:
            await until(lambda: there.simulator.record.assigns >= 5)
            stop.wished.set()

        result, _ = await asyncio.gather(there.apply(drawn.folder, stop), stop_soon())
        assert result.exit_code == 130
        assert 5 <= result.facts.succeeded < NUMBER
        resumed = await there.resume(drawn.folder)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)
        assert writes_per_configuration(there) == {1: NUMBER}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
async def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, latency=0.05) as there:
        mapping = there.mapping(rows())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "migrator", "run", str(mapping), "--yes", "--quiet", "--concurrency", "4"),
            *("--reports", str(there.settings.reports)),
            env={**os.environ, **there.simulator.environment},
            stdout=subprocess.DEVNULL,
        )
        await until(lambda: there.simulator.record.assigns >= 8)
        process.kill()
        await process.wait()
        (folder,) = list_runs(there.settings.reports)
        done = count_outcomes(folder).get(Status.SUCCEEDED, 0)
        assert done < NUMBER
        killed = read_record(folder)
        assert elapsed(killed) > killed.header.worked  # it did not live to count its own seconds
        resumed = await there.resume(folder)
        assert (resumed.exit_code, resumed.facts.failed) == (0, 0)
        assert resumed.facts.seconds > elapsed(killed)
        assert not resumed.record.header.working
        assert all_moved(there)
        assert writes_per_configuration(there) == {1: NUMBER}


async def test_whoever_waits_for_the_limit_when_the_run_is_stopped_is_not_sent(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, clock=None) as there:
        there.settings = replace(there.settings, limit=Limit(3, 600.0))
        drawn = await there.plan(rows())
        stop = Stop()

        async def stop_soon() -> None:
            await until(lambda: there.simulator.record.assigns >= 3)
            stop.wished.set()

        result, _ = await asyncio.wait_for(asyncio.gather(there.apply(drawn.folder, stop), stop_soon()), 30)
        assert (result.exit_code, result.facts.succeeded) == (130, 3)
        assert there.simulator.record.assigns == 3
        assert len(result.record.intended) == 3
        assert result.facts.open == NUMBER - 3
        assert as_approved(result.record.header) == {
            "concurrency": "32",
            "limit": "3/600s",
            "guard": "batches",
            "canary": "0",
        }
        there.settings = replace(there.settings, limit=Limit(None))
        resumed = await there.resume(drawn.folder)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert writes_per_configuration(there) == {1: NUMBER}


async def test_a_sign_in_that_ends_in_the_middle_leaves_reports_and_a_way_on(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, access_token="ready") as there:
        environ = {"MIGRATOR_GRAPH_URL": there.simulator.graph_url, "MIGRATOR_ACCESS_TOKEN": "ready"}
        there.settings = configure({"reports": there.settings.reports, "concurrency": "2"}, environ=environ)
        drawn = await there.plan(rows())

        async def end_soon() -> None:
            await until(lambda: there.simulator.record.assigns >= 5)
            there.simulator.use(replace(there.simulator.settings, access_token="another"))

        result, _ = await asyncio.gather(there.apply(drawn.folder), end_soon())
        assert result.exit_code == 3
        assert isinstance(result.error, SignInError)
        assert result.folder.summary_xlsx.is_file()
        there.simulator.use(replace(there.simulator.settings, access_token="ready"))
        resumed = await there.resume(drawn.folder)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)


async def test_what_fails_each_time_keeps_nothing_else_from_being_done(tmp_path: Path) -> None:
    faults = Faults(planned_writes={f"Policy {n:02d}": (Fault.FORBIDDEN,) * 3 for n in range(5)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        there.settings = replace(there.settings, concurrency=1)
        result = await there.run(rows())
        assert (result.exit_code, result.facts.succeeded) == (3, 0)
        assert (len(result.record.outcomes), result.facts.open) == (5, NUMBER - 5)
        assert "every call was refused" in str(result.error)
        resumed = await there.resume(result.folder)
        assert (resumed.exit_code, resumed.facts.succeeded, resumed.facts.failed) == (1, NUMBER - 5, 5)


async def test_what_failed_is_tried_again_and_what_succeeded_is_not(tmp_path: Path) -> None:
    faults = Faults(planned_writes={"Policy 07": (Fault.FORBIDDEN,)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        result = await there.run(rows())
        assert (result.exit_code, result.facts.failed) == (1, 1)
        assert result.folder.retry_xlsx.is_file()
        resumed = await there.resume(result.folder)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert not resumed.folder.retry_xlsx.exists()
        assert writes_per_configuration(there) == {1: NUMBER}


async def test_what_was_refused_and_somebody_else_did_is_not_called_ours(tmp_path: Path) -> None:
    faults = Faults(planned_writes={"Policy 07": (Fault.CONFLICT,)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        result = await there.run(rows())
        there.simulator.change("Policy 07", assignments=["New", "Kept"])
        resumed = await there.resume(result.folder)
        assert (resumed.exit_code, resumed.facts.succeeded, resumed.facts.unchanged) == (0, NUMBER - 1, 1)


async def test_what_failed_can_be_run_from_its_own_sheet(tmp_path: Path) -> None:
    faults = Faults(planned_writes={f"Policy {n:02d}": (Fault.CONFLICT,) for n in (3, 5)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        result = await there.run(rows())
        assert (result.exit_code, result.facts.failed) == (1, 2)
        async with there.connection() as connection:
            again = await migrator.run(result.folder.retry_xlsx, connection)
        assert isinstance(again, migrator.Result)
        assert (again.exit_code, again.facts.succeeded, again.facts.rows) == (0, 2, 2)
        assert all_moved(there)


async def test_a_call_that_arrived_before_the_crash_is_recognised(tmp_path: Path) -> None:
    """The intent is in the journal, the outcome is not, and the tenant has what was intended."""
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(rows())
        first = drawn.plan.configurations[0]
        async with JournalWriter(drawn.folder) as journal:
            await journal.intend(first.key)
        there.simulator.change(first.configuration.id, assignments=["New", "Kept"])
        result = await there.apply(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        outcome = read_record(RunFolder(drawn.folder.path)).outcome_of()[first.key]
        assert "a call made earlier" in outcome.reason


async def test_a_run_that_was_killed_before_its_plan_was_written_gets_it_when_it_is_gone_on_with(
    tmp_path: Path,
) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(rows())
        drawn.folder.plan_xlsx.rename(drawn.folder.plan_xlsx.with_suffix(".part"))
        result = await there.apply(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert drawn.folder.plan_xlsx.is_file()
        assert not list(drawn.folder.path.rglob("*.part"))


async def test_a_call_in_doubt_stays_in_doubt_while_it_cannot_be_read(tmp_path: Path) -> None:
    """Once it can be, what holds is known to be its doing, and not somebody else's."""
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(rows())
        first = drawn.plan.configurations[0]
        async with JournalWriter(drawn.folder) as journal:
            await journal.intend(first.key)
        there.simulator.change(first.configuration.id, assignments=["New", "Kept"])
        settings = there.simulator.settings
        unreadable = Faults(planned_reads={first.configuration.id: (Fault.FORBIDDEN,) * 20})
        there.simulator.use(replace(settings, faults=unreadable))
        failed = await there.resume(drawn.folder)
        assert (failed.exit_code, failed.facts.failed) == (1, 1)
        there.simulator.use(settings)
        result = await there.resume(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert "a call made earlier" in result.record.outcome_of()[first.key].reason


@pytest.mark.parametrize("number", [0, NUMBER - 1])
async def test_what_a_verification_could_not_read_is_read_when_the_run_is_gone_on_with(
    tmp_path: Path, number: int
) -> None:
    """Whether it had been changed by the run or held already what was intended."""
    async with world(tenant(), tmp_path) as there:
        there.simulator.change("Policy 00", assignments=["New", "Kept"])
        folder = (await there.run(rows())).folder
        settings = there.simulator.settings
        unreadable = Faults(planned_reads={f"Policy {number:02d}": (Fault.FORBIDDEN,) * 20})
        there.simulator.use(replace(settings, faults=unreadable))
        async with there.connection() as connection:
            assert (await verify_run(folder, there.settings, connection)).exit_code == 1
        there.simulator.use(settings)
        again = await there.resume(folder)
        assert (again.exit_code, again.facts.unseen) == (0, 0)


async def test_a_run_of_which_nothing_is_left_says_so_when_it_is_resumed(tmp_path: Path) -> None:
    """Whoever meant another one, which was killed before it existed, has to see it."""
    async with world(tenant(), tmp_path) as there:
        folder = (await there.run(rows())).folder
        sent, said = there.simulator.record.assigns, list[str]()

        def watch(event: Event) -> None:
            if isinstance(event, Said):
                said.append(event.text)

        async with connect(there.settings, clock=there.clock, watch=watch) as connection:
            result = await resume(folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, migrator.Result)
        assert (result.exit_code, there.simulator.record.assigns) == (0, sent)
        (sentence,) = said
        assert sentence.startswith(f"Run {folder.id} was carried out already, by 20")


async def test_the_intent_is_on_disk_before_the_service_hears_of_the_call(tmp_path: Path) -> None:
    heard: list[int] = []
    async with world(tenant(), tmp_path) as there, there.connection() as connection:
        listing = await connection.tenant.list_configurations([KINDS["officeClientConfigurations"]])
        one = listing.listed[0]

        async def leaving() -> None:
            heard.append(there.simulator.record.writes)

        await connection.tenant.assign(one.configuration, one.assignments or (), leaving)
        assert (heard, there.simulator.record.writes) == ([0], 1)
