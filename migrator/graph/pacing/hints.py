"""What `x-ms-throttle-limit-percentage` says: how near the limit is, before anything is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.graph.pacing.history import History
    from migrator.graph.pacing.mirror import Mirror

NEAR = 0.8  # of the limit: from here on the service tells
_ABOVE = 1.05  # of the limit: who lets calls through and tells so is not telling of a limit
_AGREE = 3  # hints in a row that agree with the one before them, until they are believed
_ALIKE = 0.25  # of what the hint before said
_SLACK, _SLACK_SHARE = 2, 0.05  # calls, and of those inside: so far apart may the hint and the mirror be
_ROUND_TRIPS = 2.0  # for which a hint holds


class Hints:
    """Narrows what may be in flight where the service has less room than the mirror shows, and reads the limit off
    where it says that it is full."""

    def __init__(self) -> None:
        self._room = math.inf
        self._until = -math.inf
        self._full_at = -math.inf
        self._full = 0
        self._told = 0.0  # the limit, by the last hint
        self._agree = 0

    def width(self, now: float) -> float:
        """How many calls may be in flight for all that hints say."""
        return max(1, int(self._room)) if now < self._until else math.inf

    def admitted(self, sent: float, mirror: Mirror) -> None:
        """A call came back admitted; if it was under way when the service was full, it had been counted by then."""
        if sent <= self._full_at:
            self._full += 1
            mirror.limit = max(mirror.limit, float(self._full))

    def hear(self, now: float, load: float, mirror: Mirror, history: History) -> bool:
        """A `load` of 1.0 is a full service. Says whether it is full now."""
        if not NEAR <= load <= _ABOVE:
            return False
        inside = mirror.inside(now) if mirror.known else history.total
        told, self._told = self._told, inside / load
        self._agree = self._agree + 1 if abs(self._told - told) <= _ALIKE * told else 0
        if self._agree < _AGREE:
            return False
        slack = _SLACK + _SLACK_SHARE * inside
        room = max(0.0, inside / load - inside)
        if room < mirror.limit - inside - history.flying - slack:
            self._room, self._until = room, now + _ROUND_TRIPS * history.latency
        full = load >= 1 - 0.5 / max(1, inside)
        if full and inside + history.flying < mirror.limit - slack and now > self._full_at + mirror.span / 2:
            self._full_at, self._full = now, inside
            mirror.limit = float(max(1, inside))
        return full
