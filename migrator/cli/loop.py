"""What commands run on: uvloop's event loop where it is installed (`migrator[speed]`), Python's own elsewhere, and a
garbage collector that does not get in the way."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_NEW_OBJECTS = 10_000


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; as `asyncio.run`, on the fastest loop there is."""
    with rarely_collecting(), asyncio.Runner(loop_factory=_fastest()) as runner:
        return runner.run(work)


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Garbage in cycles is looked for after ten thousand new objects, not after seven hundred: a run makes hardly any,
    and looking takes a twentieth of the time of a call."""
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _fastest() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the loop; None stands for Python's own."""
    try:
        import uvloop  # only when a command runs: `--help` needs none
    except ImportError:
        return None
    fastest: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return fastest
