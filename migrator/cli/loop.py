"""The event loop that commands run on: uvloop where it is installed (`migrator[speed]`), Python's own elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; as `asyncio.run`, on the fastest loop there is."""
    with asyncio.Runner(loop_factory=_fastest()) as runner:
        return runner.run(work)


def _fastest() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the loop; None stands for Python's own."""
    try:
        import uvloop  # only when a command runs: `--help` needs none
    except ImportError:
        return None
    fastest: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return fastest
