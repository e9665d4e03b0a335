"""Which event loop a command runs on."""

from __future__ import annotations

import asyncio
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
