"""The command line as tests use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.whole import World

Said = tuple[int, str, str]
"""An exit status, and what was printed on standard output and on standard error."""
Command = Callable[..., Awaitable[Said]]


def lead_to(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on commands are run in the world's folder and talk to its tenant."""
    monkeypatch.chdir(served.folder)
    for name, value in served.simulator.environment.items():
        monkeypatch.setenv(name, value)
