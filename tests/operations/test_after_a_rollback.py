"""What a rollback takes for the run's doing, and what may be done with a run of which something was put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.cli.ask import asker
from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_header
from migrator.model.choice import Selection
from migrator.model.errors import UsageError
from migrator.model.events import Event
from migrator.model.settings import Caution
from migrator.operations.carry_out import Stop
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.rollback import find_to_put_back, rollback
from migrator.operations.run import run
from migrator.operations.verify import verify_run
from migrator.reporting.advice import advice
from migrator.simulator.settings import Fault, Faults
from tests.operations.test_caution import applied, swaps, tenant
from tests.whole import World, approved, world

ANY = Caution()


async def put_back(there: World, folder: RunFolder, caution: Caution = ANY, **more: Any) -> Result:
    settings = replace(there.settings, caution=caution)
    async with connect(settings, clock=there.clock) as connection:
        approve = more.pop("approve", approved)
        result = await rollback(folder, settings, connection, approve=approve, stop=Stop(), **more)
    assert isinstance(result, Result)
    return result


REFUSED = Faults(planned_writes={"Policy 0": (Fault.CONFLICT,)})


async def test_what_another_run_did_after_this_one_was_refused_is_not_this_ones_to_undo(tmp_path: Path) -> None:
    async with world(tenant(2), tmp_path, faults=REFUSED) as there:
        done = await there.run(swaps(2))
        assert done.facts.failed == 1
        async with there.connection() as connection:
            other = await run(done.folder.retry_xlsx, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(other, Result)
        assert there.names("Policy 0") == {"New", "Kept"}
        back = await put_back(there, done.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.drifted) == (4, 1, 1)
        assert any(f.code == "changed_since" for f in back.record.plan.findings)
        assert there.names("Policy 0") == {"New", "Kept"}
        assert there.names("Policy 1") == {"Old", "Kept"}


async def test_what_was_refused_and_still_stands_needs_nothing(tmp_path: Path) -> None:
    async with world(tenant(2), tmp_path, faults=REFUSED) as there:
        done = await there.run(swaps(2))
        back = await put_back(there, done.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.unchanged) == (0, 1, 1)


class Nobody:
    """A display in front of which there is nobody to ask."""

    def __call__(self, event: Event) -> None:
        pass

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


@pytest.mark.parametrize("drifts", [True, False])
async def test_a_rollback_that_sends_nothing_leaves_the_run_to_be_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], drifts: bool
) -> None:
    async with world(tenant(3), tmp_path, faults=REFUSED) as there:
        done = await applied(there, swaps(3), Caution(canary=1))
        assert done.facts.open == 2
        if drifts:
            there.simulator.change("Policy 0", add=["Theirs"])
        back = await put_back(there, done.folder, approve=asker(Nobody(), yes=False))
        assert back.exit_code == (4 if drifts else 0)
        assert "stopped before it was done" in capsys.readouterr().err, "its warnings are shown without a question, too"
        assert read_header(done.folder).put_back == ""
        again = await there.resume(done.folder)
        assert again.facts.succeeded == (2 if drifts else 3)


async def test_of_a_run_that_is_put_back_in_part_the_rest_can_be_finished(tmp_path: Path) -> None:
    async with world(tenant(3), tmp_path, faults=REFUSED) as there:
        done = await there.run(swaps(3))
        with pytest.raises(UsageError, match="1 of what --only and --except leave is not finished"):
            await put_back(there, done.folder, selection=Selection(without=("Policy 1",)))
        back = await put_back(there, done.folder, selection=Selection(only=("Policy 1",)))
        assert (back.facts.succeeded, read_header(done.folder).put_back) == (1, "")
        again = await there.resume(done.folder)
        assert (again.exit_code, there.names("Policy 0")) == (0, {"New", "Kept"})
        assert there.names("Policy 1") == {"Old", "Kept"}, "what was put back is not sent again"


async def test_once_the_rollback_is_put_back_itself_the_run_can_be_gone_on_with(tmp_path: Path) -> None:
    async with world(tenant(2), tmp_path, faults=REFUSED) as there:
        done = await there.run(swaps(2))
        back = await put_back(there, done.folder)
        with pytest.raises(UsageError, match="was put back by run"):
            await there.resume(done.folder)
        await put_back(there, back.folder)
        assert there.names("Policy 1") == {"New", "Kept"}
        again = await there.resume(done.folder)
        assert (again.exit_code, there.names("Policy 0")) == (0, {"New", "Kept"})


async def test_what_failed_in_a_run_that_was_put_back_is_not_advised_to_be_resumed(tmp_path: Path) -> None:
    async with world(tenant(2), tmp_path, faults=REFUSED) as there:
        done = await there.run(swaps(2))
        back = await put_back(there, done.folder)
        async with there.connection() as connection:
            shown = await verify_run(done.folder, there.settings, connection)
        told = [advice(line, done.folder.id) for line in shown.facts.lines]
        assert told
        assert all("resume" not in text and "retry" not in text for text in told)
        assert any(back.folder.id in text for text in told)


async def test_the_last_run_is_one_that_is_no_rollback(tmp_path: Path) -> None:
    async with world(tenant(1), tmp_path) as there:
        done = await there.run(swaps(1))
        await put_back(there, done.folder)
        assert find_to_put_back(there.settings.reports, "last").id == done.folder.id
        again = await put_back(there, find_to_put_back(there.settings.reports, " LAST "))
        assert (again.facts.unchanged, there.names("Policy 0")) == (1, {"Old", "Kept"})


async def test_what_a_rollback_leaves_alone_does_not_count_among_what_it_changes(tmp_path: Path) -> None:
    async with world(tenant(3), tmp_path) as there:
        done = await there.run(swaps(3))
        for number in range(2):
            there.simulator.change(f"Policy {number}", add=["Theirs"])
        back = await put_back(there, done.folder, Caution(max_changes=1))
        assert (back.facts.succeeded, back.facts.drifted) == (1, 2)
        with pytest.raises(UsageError, match="--max-changes allows 0"):
            await put_back(there, back.folder, Caution(max_changes=0))


async def test_a_rollback_that_was_overtaken_by_another_is_not_gone_on_with(tmp_path: Path) -> None:
    """Somebody put the run back by another one, and may have done it anew since: that is not to be undone unasked."""
    async with world(tenant(3), tmp_path) as there:
        done = await there.run(swaps(3))
        faults = Faults(planned_writes={"Policy 0": (Fault.CONFLICT,)})
        there.simulator.use(replace(there.simulator.settings, faults=faults))
        first = await put_back(there, done.folder)
        assert first.facts.failed == 1
        second = await put_back(there, done.folder)
        assert second.exit_code == 0
        await there.run(swaps(3))
        with pytest.raises(UsageError, match=f"was put back by run {second.folder.id} since"):
            await there.resume(first.folder)
        assert there.names("Policy 0") == {"New", "Kept"}
