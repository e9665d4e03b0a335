from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder, list_runs, make_folder
from migrator.journal.reader import read_header, read_record
from migrator.journal.schema import VERSION, create
from migrator.journal.writer import JournalWriter
from migrator.model.choice import LeftOut
from migrator.model.errors import RunNotFound, UsageError
from tests.journal.values import header, plan, throttle


def edit(folder: RunFolder, statement: str) -> None:
    with closing(sqlite3.connect(folder.journal, isolation_level=None)) as connection:
        connection.execute(statement)


def test_a_new_journal_is_one_whole_file_with_the_plan_in_it(run: RunFolder) -> None:
    assert [path.name for path in run.path.iterdir()] == ["run.sqlite"]
    record = read_record(run)
    assert record.header == header()
    assert record.plan == plan()
    assert record.plan.configurations[0].before[0].raw == '{"id":"x"}'
    assert (record.intended, record.outcomes, record.attempts, record.verifications) == (frozenset(), (), (), ())


def test_a_plan_without_configurations_is_one_as_well(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, "empty")
    create(folder, header(), plan(0))
    assert read_record(folder).plan == plan(0)


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's files by its own means")
def test_a_journal_is_readable_by_its_owner_only(run: RunFolder) -> None:
    assert run.journal.stat().st_mode & 0o777 == 0o600


def test_a_run_whose_making_was_cut_short_is_no_run_and_can_be_made_again(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, "20261123-204512-contoso")
    folder.journal.with_name("run.sqlite.new").write_bytes(b"SQLite format 3\0, and then the power went")
    assert list_runs(tmp_path) == ()
    create(folder, header(), plan())
    assert read_record(folder).plan == plan()


def test_a_journal_is_never_made_over_another(run: RunFolder) -> None:
    with pytest.raises(FileExistsError):
        create(run, header(id="another"), plan(0))
    assert read_header(run) == header()


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        create(RunFolder(tmp_path / "nowhere"), header(), plan())


def test_half_a_journal_that_the_disk_had_no_room_for_does_not_stay(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, "20261123-204512-contoso")
    folder.journal.mkdir()  # it cannot be renamed onto a folder
    with pytest.raises(UsageError, match=r"cannot be written: .*; nothing was sent"):
        create(folder, header(), plan())
    assert [path.name for path in folder.path.iterdir()] == ["run.sqlite"]


async def test_a_newer_journal_is_refused_with_what_to_do(run: RunFolder) -> None:
    edit(run, f"PRAGMA user_version = {VERSION + 1}")
    for read in (read_header, read_record):
        with pytest.raises(UsageError, match="update this one"):
            read(run)
    with pytest.raises(UsageError, match="update this one"):
        async with JournalWriter(run):
            pass


async def test_a_journal_of_before_the_throttle_was_kept_is_read_and_gone_on_with(run: RunFolder) -> None:
    edit(run, "DROP TABLE throttle")
    edit(run, "PRAGMA user_version = 1")
    assert read_record(run).throttle == ()
    async with JournalWriter(run) as journal:
        journal.throttle(throttle())
    assert read_record(run).throttle == (throttle(),)
    assert read_record(run).plan == plan()


async def test_a_journal_of_before_runs_were_put_back_is_read_and_marked(run: RunFolder) -> None:
    edit(run, "DELETE FROM header WHERE name IN ('of', 'put_back')")
    edit(run, "DELETE FROM plan WHERE name = 'of'")
    assert read_record(run).plan.of == ""
    assert (read_header(run).of, read_header(run).put_back) == ("", "")
    async with JournalWriter(run) as journal:
        await journal.mark(put_back="20261124-090000-contoso")
    assert read_header(run).put_back == "20261124-090000-contoso"


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, whatever its name says" * 99, b"SQLite format 3\0" + b"\xff" * 4096]
)
async def test_a_file_that_is_no_journal_is_refused(run: RunFolder, content: bytes) -> None:
    run.journal.write_bytes(content)
    for read in (read_header, read_record):
        with pytest.raises(UsageError, match=r"run\.sqlite"):
            read(run)
    with pytest.raises(UsageError, match=r"run\.sqlite"):
        async with JournalWriter(run):
            pass


def test_a_database_of_somebody_else_is_refused(run: RunFolder) -> None:
    run.journal.unlink()
    edit(run, "CREATE TABLE header (name, value)")
    with pytest.raises(UsageError, match="not the journal of a run"):
        read_header(run)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE plan",
        "DELETE FROM header WHERE name = 'started'",
        "UPDATE configurations SET record = substr(record, 1, 40)",
        "UPDATE configurations SET record = '{}'",
        "UPDATE plan SET value = '7' WHERE name = 'names'",
    ],
)
def test_damage_inside_is_a_sentence_with_the_file_in_it(run: RunFolder, damage: str) -> None:
    edit(run, damage)
    with pytest.raises(UsageError, match=r"run\.sqlite cannot be read"):
        read_record(run)


def test_half_a_journal_is_a_sentence_too(run: RunFolder) -> None:
    whole = run.journal.read_bytes()
    run.journal.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match=r"run\.sqlite cannot be read"):
        read_record(run)


def test_a_run_without_a_journal_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="holds no run"):
        read_header(RunFolder(tmp_path))


@pytest.mark.parametrize("name", ["what? #1 100% 営業部", "a;b&mode=memory"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    folder = make_folder(tmp_path / name, "20261123-204512-contoso")
    create(folder, header(), plan())
    assert read_record(folder).plan == plan()


def test_a_journal_that_did_not_yet_keep_what_was_left_out_is_read_as_it_is(run: RunFolder) -> None:
    edit(run, "DELETE FROM header WHERE name = 'left_out'")
    assert read_header(run).left_out == ()


async def test_what_was_left_out_is_kept_with_its_reason(run: RunFolder) -> None:
    left = (LeftOut(plan().configurations[1].key, "left out: not approved in plan.xlsx"),)
    async with JournalWriter(run) as journal:
        await journal.mark(left_out=left)
    record = read_record(run)
    assert (record.header.left_out, record.left_out()) == (left, {left[0].key: left[0].reason})
    async with JournalWriter(run) as journal:
        await journal.mark(left_out=())
    assert read_header(run).left_out == ()
