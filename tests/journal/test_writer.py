from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder
from migrator.journal.reader import count_outcomes, read_header, read_record
from migrator.journal.writer import JournalFailed, JournalWriter
from migrator.model.errors import RunNotFound
from migrator.model.outcome import Attempt, Outcome, Status, Verdict
from migrator.model.ports import Journal
from tests.journal.values import NOW, attempt, key, outcome, throttle, verification


def on_disk(run: RunFolder, table: str) -> int:
    with closing(sqlite3.connect(run.journal)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own words


async def test_what_was_awaited_is_there_for_everybody_while_the_writer_is_open(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.intend(key(0))
        assert read_record(run).intended == {key(0)}
        journal.attempted(attempt())
        await journal.conclude(outcome(0))
        record = read_record(run)
        assert (record.outcomes, record.attempts) == ((outcome(0),), (attempt(),))
        await journal.verified([verification(0), verification(1, Verdict.DIFFERENT)])
        await journal.verified([])
        assert read_record(run).verifications == (verification(0), verification(1, Verdict.DIFFERENT))


async def test_a_closed_journal_is_one_file_again(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.conclude(outcome(0))
        assert len(list(run.path.iterdir())) > 1
    assert [path.name for path in run.path.iterdir()] == ["run.sqlite"]
    assert read_record(run).outcomes == (outcome(0),)


async def test_the_writer_is_the_journal_that_the_stages_know(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        port: Journal = journal
        await port.intend(key(1))
    assert read_record(run).intended == {key(1)}


async def test_an_outcome_that_is_not_waited_for_is_there_before_what_is_awaited_after_it(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        journal.concluded(outcome(0))
        await journal.intend(key(1))
        record = read_record(run)
        assert record.outcomes == (outcome(0),)
        assert record.intended == {key(1)}
        journal.concluded(outcome(1))
        await journal.kept()
        assert read_record(run).outcomes == (outcome(0), outcome(1))
        await journal.kept()  # with nothing new


async def test_what_one_turn_of_the_loop_gives_shares_a_commit(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.intend(key(0))
        before = (run.path / "run.sqlite-wal").stat().st_size
        await asyncio.gather(*(journal.intend(key(n)) for n in range(1, 65)))
        written = (run.path / "run.sqlite-wal").stat().st_size - before
    assert written < 32 * 4096  # a commit each would write two pages each


async def test_attempts_nobody_waits_for_are_written_when_it_closes(run: RunFolder) -> None:
    attempts = [attempt(number) for number in range(1, 2500)]
    async with JournalWriter(run) as journal:
        for each in attempts:
            journal.attempted(each)
    assert read_record(run).attempts == tuple(attempts)


async def test_how_the_throttle_stood_is_kept_in_its_order(run: RunFolder) -> None:
    states = tuple(throttle(NOW + second) for second in range(3))
    async with JournalWriter(run) as journal:
        for state in states:
            journal.throttle(state)
    async with JournalWriter(run) as journal:
        journal.throttle(throttle())
    assert read_record(run).throttle == (*states, throttle())


async def test_ten_thousand_outcomes_from_many_tasks_are_all_there_in_few_commits(run: RunFolder) -> None:
    numbers = iter(range(10_000))

    async def worker(journal: JournalWriter) -> None:
        for number in numbers:
            await journal.conclude(outcome(number))

    async with JournalWriter(run) as journal:
        await asyncio.gather(*(worker(journal) for _ in range(64)))
        written = (run.path / "run.sqlite-wal").stat().st_size
    outcomes = read_record(run).outcomes
    assert {o.key for o in outcomes} == {key(n) for n in range(10_000)}
    assert len(outcomes) == 10_000
    assert written < 10_000 * 4096  # a commit each would rewrite at least a page each


async def test_what_is_cancelled_while_it_waits_is_kept_all_the_same(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        tasks = [asyncio.create_task(journal.conclude(outcome(n))) for n in range(50)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        assert all(isinstance(r, asyncio.CancelledError) for r in await asyncio.gather(*tasks, return_exceptions=True))
    assert len(read_record(run).outcomes) == 50


async def test_an_outcome_is_in_doubt_again_once_another_call_is_about_to_leave(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.intend(key(0))
        await journal.conclude(outcome(0, Status.FAILED))
        await journal.conclude(outcome(1, Status.UNCHANGED))
    async with JournalWriter(run) as journal:  # as `resume` does it
        await journal.intend(key(0))
        assert read_record(run).outcome_of() == {key(1): outcome(1, Status.UNCHANGED)}
        assert count_outcomes(run) == {Status.UNCHANGED: 1, None: 2}
        await journal.conclude(outcome(0))
    assert read_record(run).outcome_of() == {key(0): outcome(0), key(1): outcome(1, Status.UNCHANGED)}
    assert count_outcomes(run) == {Status.SUCCEEDED: 1, Status.UNCHANGED: 1, None: 1}
    assert on_disk(run, "outcomes") == 3


async def test_of_several_verifications_the_newest_counts(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.verified([verification(0, Verdict.DIFFERENT)])
        await journal.verified([verification(0, at=NOW + 60)])
    assert read_record(run).verification_of() == {key(0): verification(0, at=NOW + 60)}


async def test_the_header_learns_when_the_run_was_approved_and_finished(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.mark(approved=NOW + 1)
        assert (read_header(run).approved, read_header(run).finished) == (NOW + 1, 0.0)
        await journal.mark(finished=NOW + 9, options=(("limit", "100/20s"),))
    header = read_header(run)
    assert (header.approved, header.finished, header.options) == (NOW + 1, NOW + 9, (("limit", "100/20s"),))


async def test_a_writer_knows_no_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        async with JournalWriter(RunFolder(tmp_path)):
            pass


async def test_a_journal_that_is_closed_says_so(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        pass
    await journal.close()
    with pytest.raises(JournalFailed, match="closed already"):
        await journal.intend(key(0))
    with pytest.raises(JournalFailed, match="closed already"):
        journal.attempted(attempt())


async def test_a_failing_disk_reaches_those_who_wait_those_who_come_and_who_closes(run: RunFolder) -> None:
    journal = await JournalWriter(run).__aenter__()
    with closing(sqlite3.connect(run.journal, isolation_level=None)) as other:
        other.execute("DROP TABLE outcomes")
    results = await asyncio.gather(*(journal.conclude(outcome(n)) for n in range(3)), return_exceptions=True)
    assert [type(r) for r in results] == [JournalFailed] * 3
    with pytest.raises(JournalFailed, match=r"run\.sqlite cannot be written: no such table"):
        await journal.intend(key(0))
    with pytest.raises(JournalFailed):
        await journal.kept()
    journal.attempted(attempt())
    journal.concluded(outcome(0))
    with pytest.raises(JournalFailed):
        await journal.close()
    assert on_disk(run, "intents") == 0


async def fail_unheard(run: RunFolder, error: Exception | None = None) -> None:
    async with JournalWriter(run) as journal:
        with closing(sqlite3.connect(run.journal, isolation_level=None)) as other:
            other.execute("DROP TABLE attempts")
        journal.attempted(attempt())
        if error:
            raise error


async def test_a_failure_nobody_waited_for_comes_up_when_it_closes(run: RunFolder) -> None:
    with pytest.raises(JournalFailed, match="cannot be written"):
        await fail_unheard(run)


async def test_the_failure_does_not_hide_what_ended_the_block(run: RunFolder) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail_unheard(run, ZeroDivisionError())


def test_a_loop_that_goes_away_while_somebody_waits_does_no_harm(run: RunFolder) -> None:
    async def leave() -> JournalWriter:
        journal = await JournalWriter(run).__aenter__()
        for number in range(200):
            journal.attempted(attempt(number))
        asyncio.ensure_future(journal.conclude(outcome(0)))  # noqa: RUF006 - left behind on purpose
        await asyncio.sleep(0)
        return journal

    journal = asyncio.run(leave())  # the first loop is closed here, and what waited in it is cancelled

    async def go_on() -> None:
        await journal.conclude(outcome(1))
        await journal.close()

    asyncio.run(go_on())
    assert {o.key for o in read_record(run).outcomes} == {key(0), key(1)}


async def test_closing_that_is_itself_cancelled_still_writes_everything(run: RunFolder) -> None:
    journal = await JournalWriter(run).__aenter__()
    for number in range(1, 5000):
        journal.attempted(attempt(number))
    task = asyncio.create_task(journal.close())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert on_disk(run, "attempts") == 4999


CRASH = """
import asyncio, os, sys
from pathlib import Path
from migrator.journal.folder import RunFolder
from migrator.journal.writer import JournalWriter
from tests.journal.values import attempt, key, outcome

async def main():
    async with JournalWriter(RunFolder(Path(sys.argv[1]))) as journal:
        for number in range(1000):
            await journal.intend(key(number))
            print(number, flush=True)
            if number == 700:
                os._exit(9)
            journal.attempted(attempt(number))
            await journal.conclude(outcome(number))

asyncio.run(main())
"""


def test_a_process_that_dies_leaves_everything_it_had_awaited(run: RunFolder) -> None:
    died = subprocess.run(
        [sys.executable, "-c", CRASH, str(run.path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], check=False
    )
    assert died.returncode == 9
    record = read_record(run)
    assert record.intended == {key(n) for n in range(701)}
    assert set(record.outcome_of()) == {key(n) for n in range(700)}
    assert len(record.attempts) == 700

    async def go_on() -> None:
        async with JournalWriter(run) as journal:
            await journal.conclude(outcome(700))

    asyncio.run(go_on())
    assert set(read_record(run).outcome_of()) == {key(n) for n in range(701)}
    assert [path.name for path in run.path.iterdir()] == ["run.sqlite"]


async def test_a_journal_cut_off_in_the_middle_of_a_write_reads_up_to_its_last_whole_commit(
    run: RunFolder, tmp_path: Path
) -> None:
    async with JournalWriter(run) as journal:
        for number in range(20):
            await journal.conclude(outcome(number))
        wal = (run.path / "run.sqlite-wal").read_bytes()
        seen = set()
        for cut in range(0, len(wal), 1500):
            copy = RunFolder(tmp_path / f"copy-{cut}")
            copy.path.mkdir()
            shutil.copy(run.journal, copy.journal)
            (copy.path / "run.sqlite-wal").write_bytes(wal[: len(wal) - cut])
            keys = [o.key for o in read_record(copy).outcomes]
            assert keys == [key(n) for n in range(len(keys))]
            seen.add(len(keys))
    assert seen >= {0, 10, 20}


async def test_a_journal_whose_file_was_being_changed_when_its_process_was_killed_is_read_and_gone_on_with(
    run: RunFolder, tmp_path: Path
) -> None:
    """As it is where the log begins and where it is closed: what was changed by half has to be undone, by a reader."""
    async with JournalWriter(run) as journal:
        await journal.conclude(outcome(0))
    copy = RunFolder(tmp_path / "copy")
    copy.path.mkdir()
    with closing(sqlite3.connect(run.journal, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that it has to write before it commits
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO attempts VALUES (?, ?)", ((n, "x" * 3_000) for n in range(100, 150)))
        for path in run.path.iterdir():
            shutil.copy(path, copy.path / path.name)
    assert (copy.path / "run.sqlite-journal").stat().st_size
    assert read_record(copy).outcomes == (outcome(0),)
    assert [path.name for path in copy.path.iterdir()] == ["run.sqlite"]
    async with JournalWriter(copy) as journal:
        await journal.conclude(outcome(1))
    assert read_record(copy).outcomes == (outcome(0), outcome(1))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
async def test_a_finished_run_can_be_read_from_a_folder_nobody_may_write(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.conclude(outcome(0))
    run.path.chmod(0o500)
    try:
        assert read_record(run).outcomes == (outcome(0),)
    finally:
        run.path.chmod(0o700)


async def test_a_reader_in_the_way_of_closing_is_no_trouble(run: RunFolder) -> None:
    with closing(sqlite3.connect(run.journal, isolation_level=None)) as reader:
        async with JournalWriter(run) as journal:
            await journal.conclude(outcome(0))
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM outcomes").fetchall()
        assert read_record(run).outcomes == (outcome(0),)


async def test_what_a_text_may_hold_the_journal_holds(run: RunFolder) -> None:
    strange = Outcome(
        key(0), Status.FAILED, reason="\0 '; DROP TABLE outcomes; -- \ud83d 営業部 \u202e", code="x" * 100_000
    )
    odd: Attempt = attempt(error="\ud83d\0")
    async with JournalWriter(run) as journal:
        journal.attempted(odd)
        await journal.conclude(strange)
    record = read_record(run)
    assert (record.outcomes, record.attempts) == ((strange,), (odd,))
