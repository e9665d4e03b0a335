"""What all tests share."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from migrator.operations import finish
from migrator.reporting.write import write_reports

if TYPE_CHECKING:
    from tests.commands import Command, Said

# Timing never decides a test; MIGRATOR_EXAMPLES asks for a longer search by hand.
settings.register_profile(
    "migrator",
    deadline=None,
    max_examples=int(os.environ.get("MIGRATOR_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("steady", settings.get_profile("migrator"), derandomize=True)  # always the same examples
settings.load_profile("migrator")


@pytest.fixture
def migrator(capsys: pytest.CaptureFixture[str]) -> Command:
    """Carries a command out, as a person would have typed it."""
    from migrator.cli.main import run_command_line

    async def command(*arguments: object) -> Said:
        status = await asyncio.to_thread(run_command_line, [str(a) for a in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture
def no_workbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs write no workbooks about how they went, for tests that have many alike and look at none of them: most of the
    time that a small run takes is theirs. The plan's is still written."""
    monkeypatch.setattr(finish, "write_reports", partial(write_reports, only=()))
