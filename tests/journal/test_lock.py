from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder, make_folder
from migrator.journal.lock import locked
from migrator.model.errors import RunBusy, UsageError
from tests.journal.values import NOW

HOLD = """
import sys
from pathlib import Path
from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
with locked(RunFolder(Path(sys.argv[1])), 1795466712.0):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make_folder(tmp_path, "20261123-204512-contoso")


def another_process(folder: RunFolder) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


def test_a_second_process_is_told_who_holds_the_run_and_since_when(folder: RunFolder) -> None:
    with another_process(folder) as process:
        with (
            pytest.raises(RunBusy, match=rf"process {process.pid} .* since 2026-11-23 20:45:12 UTC"),
            locked(folder, NOW),
        ):
            pass
        process.communicate("\n")
    with locked(folder, NOW):
        pass


def test_a_process_that_is_killed_leaves_no_lock_behind(folder: RunFolder) -> None:
    with another_process(folder) as process:
        process.kill()
        process.communicate()
    assert folder.lock.exists()
    with locked(folder, NOW):
        pass


def test_a_lock_held_here_stands_for_others_also_after_a_second_try_of_our_own(folder: RunFolder) -> None:
    with locked(folder, NOW):
        with pytest.raises(RunBusy, match="this very process"), locked(folder, NOW):
            pass
        tried = subprocess.run(
            [sys.executable, "-c", HOLD, str(folder.path)], input="\n", capture_output=True, text=True, check=False
        )
        assert "RunBusy" in tried.stderr


def test_nothing_is_left_when_the_lock_is_released(folder: RunFolder) -> None:
    with pytest.raises(ZeroDivisionError), locked(folder, NOW):
        raise ZeroDivisionError
    assert list(folder.path.iterdir()) == []
    with locked(folder, NOW):
        assert folder.lock.exists()


def test_the_lock_of_a_file_that_was_just_taken_away_is_not_mistaken_for_the_runs(folder: RunFolder) -> None:
    """Several at once, again and again: never two inside, and nobody left out for good."""
    script = """
import sys
from pathlib import Path
from migrator.journal.folder import RunFolder
from migrator.journal.lock import locked
from migrator.model.errors import RunBusy
folder, done = RunFolder(Path(sys.argv[1])), 0
inside = folder.path / "inside"
while done < 200:
    try:
        with locked(folder, 0.0):
            inside.touch(exist_ok=False)
            inside.unlink()
            done += 1
    except RunBusy:
        pass
"""
    processes = [subprocess.Popen([sys.executable, "-c", script, str(folder.path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be opened"), locked(RunFolder(tmp_path / "nowhere"), NOW):
        pass
