"""Who hears Ctrl-C, and when."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from migrator.cli.work import _interrupted, _interruptible
from migrator.operations.carry_out import Stop


async def test_ctrl_c_while_calls_are_in_flight_is_a_wish_and_the_second_leaves() -> None:
    stop, said = Stop(heard=True), list[str]()
    with _interruptible(stop, said.append):
        signal.raise_signal(signal.SIGINT)
        await asyncio.wait_for(stop.wished.wait(), 5)
        assert said == ["Stopping: no further call leaves, those in flight finish. Ctrl-C again leaves at once."]
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(5)
    leave()


async def test_where_nobody_listens_because_reports_are_written_the_second_ctrl_c_leaves_at_once() -> None:
    with _interruptible(Stop(), print):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(5)  # the first is heard in the end
    leave()


def test_whoever_leaves_is_told_how_to_go_on() -> None:
    assert _interrupted(Stop()) == "interrupted before anything was sent"
    assert _interrupted(Stop(run="id")) == "interrupted before anything was sent; go on with: migrator resume id"
    assert _interrupted(Stop(begun=True, run="id")).endswith("are settled by: migrator resume id")


def test_ctrl_c_before_anything_is_loaded_is_one_line() -> None:
    script = """
import sys
class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from migrator.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "migrator: interrupted\n")


def leave() -> None:
    task = asyncio.current_task()
    assert task is not None
    while task.cancelling():
        task.uncancel()
