"""Who hears Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts(handle: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Gives Ctrl-C to `handle`, and afterwards to whom it went before. Outside of the main thread nothing changes:
    whoever runs us sees to it."""
    try:
        before = signal.signal(signal.SIGINT, handle)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
