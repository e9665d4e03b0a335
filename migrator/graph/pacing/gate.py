"""The pause that is asked for, and the scout that goes first after a surprise."""

from __future__ import annotations

import math

from migrator.model.limits import ABSURD_RETRY_AFTER

LEAST = 1.0  # seconds of pause after any refusal
_FIRST_POLL, _GROWTH, _RAREST_POLL = 0.5, 1.3, 60.0  # seconds, and by how much each wait for the scout is longer


class Gate:
    """Nobody leaves before `until`, the end of the longest Retry-After that was told. While `scouting`, one call goes
    alone; `polls` counts the scouts in a row that were refused."""

    def __init__(self) -> None:
        self.until = -math.inf
        self.scouting = False
        self.polls = 0

    def shut(self, now: float, told: float | None) -> None:
        self.until = max(self.until, now + max(LEAST, told or LEAST))

    def scout_refused(self, now: float) -> None:
        """The next one goes later, and later, for whatever is told."""
        self.polls += 1
        self.until = max(self.until, now + min(_RAREST_POLL, _FIRST_POLL * _GROWTH ** min(self.polls, 30)))

    def scout_admitted(self) -> None:
        self.scouting = False


def believable(retry_after: float | None) -> float | None:
    """A Retry-After that can be used, in seconds; None for none, and for what makes no sense."""
    return retry_after if retry_after is not None and 0 < retry_after <= ABSURD_RETRY_AFTER else None
