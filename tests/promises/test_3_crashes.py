"""Promise 3 where a process is killed, its disk is full, its journal is torn, or another one is at work."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.crashing.round import play
from benchmarks.crashing.stages import half_written
from migrator.journal.folder import make_folder
from migrator.journal.reader import read_record
from migrator.model.errors import RunBusy
from migrator.model.settings import Limit
from migrator.operations.carry_out import Stop
from migrator.simulator.state import TenantState
from tests.moving import before, moved, swaps
from tests.whole import World, until, world

NUMBER = 30


def tenant() -> TenantState:
    return before(NUMBER, "configurationPolicies")


def rows() -> list[tuple[str, ...]]:
    return swaps(NUMBER)


def all_moved(there: World) -> bool:
    return moved(there, NUMBER)


@pytest.mark.parametrize("aimed", [("reading", "a commit"), ("the run exists", "summary.xlsx")], ids=" and ".join)
def test_whenever_it_is_killed_nothing_is_lost_nothing_is_sent_twice_and_every_report_is_right(
    aimed: tuple[str, ...],
) -> None:
    """Two short rounds of the campaign; `python benchmarks/crash.py` plays hundreds of long ones."""
    done = play(1, configurations=6, aimed=aimed, stops=False)
    assert done.kills
    assert done.complaints == []


async def test_a_journal_that_was_torn_in_the_middle_of_a_commit_is_gone_on_with(tmp_path: Path) -> None:
    """What the last whole commit did not hold is found by reading: a call that arrived is not sent again."""
    async with world(tenant(), tmp_path, latency=0.02) as there:
        drawn = await there.plan(rows())
        torn = make_folder(tmp_path / "torn", drawn.folder.id)
        stop = Stop()

        async def tear() -> None:
            await until(lambda: there.simulator.record.assigns >= 10)
            shutil.copy(drawn.folder.journal, torn.journal)
            log = (drawn.folder.path / "run.sqlite-wal").read_bytes()
            (torn.path / "run.sqlite-wal").write_bytes(log[:-2_000])
            stop.wished.set()

        stopped, _ = await asyncio.gather(there.apply(drawn.folder, stop), tear())
        assert half_written(torn.path / "run.sqlite-wal")
        known = len(read_record(torn).outcomes)
        assert known < stopped.facts.succeeded < NUMBER
        sent = there.simulator.record.assigns
        result = await there.resume(torn)
        assert (result.exit_code, result.facts.failed, result.facts.drifted) == (0, 0, 0)
        assert result.facts.succeeded + result.facts.unchanged == NUMBER
        assert there.simulator.record.assigns == sent + NUMBER - stopped.facts.succeeded
        assert all_moved(there)
        assert {path.name for path in torn.path.iterdir()} == {
            *("run.sqlite", "run.log", "plan.xlsx", "summary.xlsx", "configurations")
        }


async def test_a_second_process_on_one_run_is_told_and_changes_nothing(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, writes=Limit(5, 1.0), clock=None) as there:
        drawn = await there.plan(rows())
        stop = Stop()

        async def come_second() -> None:
            await until(lambda: there.simulator.record.assigns >= 5)
            second = await command(there, "apply", "last", "--yes")
            out, err = await second.communicate()
            assert (second.returncode, out) == (2, b"")
            assert f"process {os.getpid()} on ".encode() in err
            assert b"has been at work on run" in err
            with pytest.raises(RunBusy):
                await there.resume(drawn.folder)
            stop.wished.set()

        result, _ = await asyncio.gather(there.apply(drawn.folder, stop), come_second())
        assert result.exit_code == 130
        assert sum(c.writes for c in there.simulator.state.every_configuration()) == result.facts.succeeded
        assert max(c.writes for c in there.simulator.state.every_configuration()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_a_disk_that_is_full_ends_a_run_in_one_sentence_and_it_can_be_resumed(tmp_path: Path) -> None:
    """No file may grow beyond a size; the journal's log is the first that wants to."""
    async with world(tenant(), tmp_path, latency=0.02) as there:
        drawn = await there.plan(rows())
        journal, resume = drawn.folder.journal, f"migrator resume {drawn.folder.id}"
        for limit, status, sentence in (
            (
                12_288,
                2,
                "cannot be used: disk I/O error; see whether the disk is full or the folder read-only",
            ),
            (120_000, 1, f"cannot be written: disk I/O error; once it can be, go on with: {resume}"),
        ):
            process = await command(there, "apply", "last", "--yes", "--concurrency", "2", limit=limit)
            out, err = await process.communicate()
            assert (process.returncode, out) == (status, b"")
            assert err.decode().splitlines()[-1] == f"migrator: {journal} {sentence}"
            assert b"Traceback" not in err
        assert 0 < there.simulator.record.assigns < NUMBER
        result = await there.resume(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)
        assert max(c.writes for c in there.simulator.state.every_configuration()) == 1


async def command(there: World, *arguments: str, limit: int | None = None) -> asyncio.subprocess.Process:
    """A command on the world's runs, as a process; `limit` is the most bytes that a file may have."""
    script = "import sys; from migrator.cli.main import run_command_line as run; sys.exit(run(sys.argv[1:]))"
    if limit is not None:
        script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); {script}"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, *arguments, "--reports", str(there.settings.reports)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**_without_coverage(), **there.simulator.environment},
    )


def _without_coverage() -> dict[str, str]:
    """What counts covered lines would write a file of its own, which a limit stops as well."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}
