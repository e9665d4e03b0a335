"""Ends what takes too long, with one timer for all of it."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Endable(Protocol):
    """Something that takes its time; each is a key of its own."""

    def give_up(self) -> None:
        """It took too long: whoever waits for it shall not wait any more."""
        ...


class Patience:
    """Everything may take equally long, `seconds` from its begin; so whoever began first is due first.

    A timer for each exchange would cost more than the exchange's own bookkeeping. Needs a running event loop.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._due: dict[Endable, float] = {}  # in the order in which they began
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, what: Endable) -> None:
        """From now on it has so many seconds."""
        self._due[what] = self._loop.time() + self.seconds
        if self._timer is None:
            self._timer = self._loop.call_later(self.seconds, self._ring)

    def end(self, what: Endable) -> None:
        """It is over, one way or the other."""
        self._due.pop(what, None)

    def close(self) -> None:
        """Nobody's time is measured any more."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        for what in [what for what, due in self._due.items() if due <= now]:
            del self._due[what]
            what.give_up()
        if self._due:
            self._timer = self._loop.call_at(next(iter(self._due.values())), self._ring)
