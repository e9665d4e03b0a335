"""Is the service down for everybody? Then nothing is sent for a while, one call is tried, and all go on. Pure."""

from __future__ import annotations

import math

from migrator.model.outcome import Outcome, Settled, Status

AFTER = 3
"""So many configurations in a row that nobody answered, and it is the service's fault and not theirs."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds before the first call that is tried, and at most before any other; each pause is twice the one before."""
PATIENCE = 600.0
"""Seconds since it opened after which a service that does not come back is not waited for any longer."""

UNREAD = "unread"
"""The code of one that nobody answered when it was to be read, right before its call or after it."""

_NO_ANSWER = (0, 408, 429, 502, 503, 504)


def unanswered(outcome: Outcome) -> bool:
    """Whether a call came to nothing although it was tried again and again: no connection, no answer in time, a server
    that was broken or busy, or something else that answered in Graph's place. A 500 may be about this one configuration
    each time: it is only where nobody answered either when that was read."""
    if outcome.status is not Status.FAILED:
        return False
    if not outcome.tries or outcome.http_status == 500:
        return outcome.code == UNREAD
    foreign = 200 <= outcome.http_status < 300 and outcome.settled is Settled.READING
    return outcome.http_status in _NO_ANSWER or foreign


class Circuit:
    """Closed: everybody may go. Open: nobody, but one call after each pause. Over: nobody any more.

    In all methods `now` is seconds of a clock that never goes back.
    """

    def __init__(self) -> None:
        self._row = 0
        self._since = 0.0
        self._pause = 0.0
        self._next = 0.0
        self._trying = False
        self.open = False
        self.over = False

    @property
    def pause(self) -> float:
        """Seconds from the last failure to the next call that is tried; 0.0 while it is closed."""
        return self._pause if self.open else 0.0

    def delay(self, now: float) -> float:
        """0.0: go (while it is open, as the one that is tried); math.inf: ask again after the next `note`; else seconds
        until it is worth asking."""
        if self.over:
            return math.inf
        if not self.open:
            return 0.0
        if self._trying:
            return math.inf
        if now < self._next:
            return self._next - now
        self._trying = True
        return 0.0

    def note(self, now: float, *, down: bool, tried: bool = False, count: int = 1) -> None:
        """A call for so many configurations came back: nobody answered it (`down`), or somebody did. `tried`: it was
        let go while this was open."""
        self._trying = self._trying and not tried
        if not down:
            self._row, self.open, self.over = 0, False, False
            return
        self._row += count
        if self.open and not tried:  # it was on the way before: it tells nothing new
            return
        if self.open or self._row >= AFTER:
            self._since = self._since if self.open else now
            self._pause = min(LONGEST_PAUSE, 2 * self._pause) if self.open else FIRST_PAUSE
            self.open, self._next = True, now + self._pause
            self.over = self._next - self._since > PATIENCE

    def gave_up(self) -> None:
        """Whoever was to try a call had none to send: another may."""
        self._trying = False
