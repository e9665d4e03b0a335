"""Other processes that help with very many files, and never outlive the one that they help."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def helped(work: Callable[[T], R], items: Sequence[T], processes: int, *, at_once: int) -> Iterator[Iterator[R]]:
    """What the work gives for each item, in their order, by so many processes that take `at_once` items at a time.

    They are at it from here on, and finish only what they have at hand once the block is left by an error, Ctrl-C among
    them. Raises BrokenProcessPool and OSError where no processes are to be had.
    """
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    whole = False
    try:
        with _deaf():
            coming = pool.map(work, items, chunksize=at_once)
        yield coming
        whole = True
    finally:
        pool.shutdown(cancel_futures=not whole)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started in here never hear Ctrl-C, which a terminal sends to all of them: whom they help says
    when it is over. It hears it itself, afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """Once the process that is helped was killed, nothing more is written and no more work is waited for.

    Otherwise its helpers would stay for good, and might write over what a resumed run writes meanwhile.
    """
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
