"""What every command that talks to a tenant does around its operation: settings, display, connection, Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrator.cli import loop
from migrator.cli.display import display
from migrator.cli.interrupts import interrupts
from migrator.model.errors import Interrupted
from migrator.model.events import Said

if TYPE_CHECKING:
    from migrator.cli.display import Face
    from migrator.model.settings import Settings
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import Connection

T = TypeVar("T")
Operation = Callable[["Settings", "Connection", "Face", "Stop"], Awaitable[T]]


def perform(options: Mapping[str, Any], operation: Operation[T], *, approved: Mapping[str, str] | None = None) -> T:
    """Runs an operation on the tenant of these options, with a display; raises what it raises.

    `approved` are options a run was approved with.
    """
    from migrator.operations.configure import configure

    settings = configure(options, approved=approved)
    return perform_in(lambda: contextlib.nullcontext(settings), operation, quiet=bool(options.get("quiet")))


def perform_in(
    world: Callable[[], contextlib.AbstractAsyncContextManager[Settings]],
    operation: Operation[T],
    *,
    quiet: bool = False,
) -> T:
    """The same with settings that hold while a context lasts, such as those of an embedded tenant."""
    from migrator.operations.carry_out import Stop
    from migrator.operations.connect import connect

    stop = Stop()

    async def work() -> T:
        with display(sys.stderr, quiet=quiet) as face:

            def say(text: str) -> None:
                click.echo(text, err=True) if quiet else face(Said(text))

            with _interruptible(stop, say):
                async with world() as settings, connect(settings, watch=face, say=say) as connection:
                    return await operation(settings, connection, face, stop)

    try:
        return loop.run(work())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Interrupted(_interrupted(stop)) from None


def _interrupted(stop: Stop) -> str:
    if stop.begun:
        return f"interrupted; calls that were in flight are settled by: migrator resume {stop.run}"
    go_on = f"; go on with: migrator resume {stop.run}" if stop.run else ""
    return f"interrupted before anything was sent{go_on}"


@contextlib.contextmanager
def _interruptible(stop: Stop, say: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C once lets what is in flight finish; where nothing is sent yet, or twice, it leaves at once.

    While reports are written nobody hears the first: the second one ends that.
    """
    running = asyncio.get_running_loop()
    task = asyncio.current_task()
    unheard = 0

    def once() -> None:
        nonlocal unheard
        unheard = 0
        if not stop.heard or stop.wished.is_set():
            if task is not None:
                task.cancel()
            return
        stop.wished.set()
        say("Stopping: no further call leaves, those in flight finish. Ctrl-C again leaves at once.")

    def handle(_signal: int, _frame: object) -> None:
        nonlocal unheard
        unheard += 1
        if unheard > 1:
            raise KeyboardInterrupt
        if stop.wished.is_set():
            signal.signal(signal.SIGINT, signal.default_int_handler)
        running.call_soon_threadsafe(once)

    with interrupts(handle):
        yield
