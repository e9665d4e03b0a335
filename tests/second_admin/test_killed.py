"""Killed at any moment: every request is made once, every approved call is carried out once."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from migrator.journal.reader import read_record
from migrator.journal.writer import JournalWriter
from tests.moving import before, moved, swaps
from tests.promises.test_3_crashes import command
from tests.second_admin.telling import KIND, PROTECTED
from tests.whole import World, until, world

NUMBER = 10


async def killed(there: World, *arguments: str, after: int) -> None:
    """A command that is killed once so many requests were made, or so many calls carried out."""
    state, record = there.simulator.state, there.simulator.record
    process = await command(there, *arguments, "--yes", "--concurrency", "4")

    def reached() -> bool:
        return (record.assigns if "resume" in arguments else len(state.requests)) >= after

    await until(lambda: reached() or process.returncode is not None)
    assert process.returncode is None, (await process.communicate())[1].decode()
    process.kill()
    await process.communicate()


@pytest.mark.parametrize("after", [1, 7])
@pytest.mark.usefixtures("no_workbooks")
async def test_nothing_is_lost_and_nothing_is_sent_twice(tmp_path: Path, after: int) -> None:
    async with world(before(NUMBER, KIND), tmp_path, approval=PROTECTED, latency=0.03) as there:
        drawn = await there.plan(swaps(NUMBER))
        await killed(there, "apply", "last", after=after)
        asked = await there.resume(drawn.folder)
        assert (asked.exit_code, asked.facts.waiting) == (5, NUMBER)
        requests = there.simulator.state.requests
        assert len(requests) == NUMBER
        there.simulator.decide(approve="*")
        await killed(there, "resume", "last", after=after)
        done = await there.resume(drawn.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, NUMBER, 0)
        assert len(requests) == NUMBER
        assert {one.status for one in requests.values()} == {"completed"}
        assert {c.writes for c in there.simulator.state.every_configuration()} == {1}
        assert moved(there, NUMBER)


async def test_a_call_that_is_about_to_leave_does_not_make_its_request_forgotten(tmp_path: Path) -> None:
    """Killed after the intent and before the call: its outcome does not stand any more, its bytes do."""
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        (kept,) = read_record(first.folder).waited
        there.simulator.decide(approve="*")
        async with JournalWriter(first.folder) as journal:
            await journal.intend(kept.key)
        record = read_record(first.folder)
        assert (record.outcomes, record.pending_of()) == ((), {kept.key: kept})
        done = await there.resume(first.folder)
        assert (done.exit_code, len(there.simulator.state.requests), there.simulator.record.assigns) == (0, 1, 1)


async def test_the_bytes_that_are_kept_are_those_that_are_sent_whatever_the_plan_comes_to_later(
    tmp_path: Path,
) -> None:
    """An approval is for bytes: how a version of this program spells the same list does not matter."""
    async with world(before(1, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(1))
        (request,) = there.simulator.state.requests.values()
        spelled = request.body.replace(b":", b" : ")
        request.body = spelled
        _rewrite(first.folder.journal, spelled)
        there.simulator.decide(approve="*")
        done = await there.resume(first.folder)
        assert (done.exit_code, request.status, moved(there, 1)) == (0, "completed", True)


def _rewrite(journal: Path, body: bytes) -> None:
    """As if an earlier version had spelled the body differently."""
    with closing(sqlite3.connect(journal)) as connection:
        ((seq, text),) = connection.execute("SELECT seq, record FROM outcomes").fetchall()
        outcome = json.loads(text)
        outcome["pending"]["body"] = base64.b64encode(body).decode()
        connection.execute("UPDATE outcomes SET record = ? WHERE seq = ?", (json.dumps(outcome), seq))
        connection.commit()


@pytest.mark.usefixtures("no_workbooks")
async def test_however_many_wait_their_requests_are_looked_up_once(tmp_path: Path) -> None:
    async with world(before(20, KIND), tmp_path, approval=PROTECTED) as there:
        first = await there.run(swaps(20))
        listed = _lists(there)
        assert (await there.resume(first.folder)).exit_code == 5
        assert _lists(there) - listed == 1


def _lists(there: World) -> int:
    return sum("operationApprovalRequests" in entry.path for entry in there.simulator.record.entries)
