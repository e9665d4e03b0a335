"""Which event loop a command runs on."""

from __future__ import annotations

import asyncio
import gc
import sys

import pytest

from migrator.cli import loop


async def made_by() -> str:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


def test_pythons_own_loop_serves_where_no_other_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)  # as if it were not there
    assert loop.run(made_by()) == "asyncio"


def test_uvloop_serves_where_it_is() -> None:
    pytest.importorskip("uvloop")
    assert loop.run(made_by()) == "uvloop"


def test_an_error_comes_through() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.run(fail())


def test_the_collector_is_as_it_was_once_a_command_is_over() -> None:
    before = gc.get_threshold()

    async def work() -> int:
        return gc.get_threshold()[0]

    assert loop.run(work()) > before[0]
    assert gc.get_threshold() == before
