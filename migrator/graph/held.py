"""For how long calls were kept from going, and by what. Adds up what it is told; time comes in as an argument."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING

from migrator.model.throttle import NOTHING_LOST, Lost

if TYPE_CHECKING:
    from collections.abc import Hashable


class Cause(StrEnum):
    """What keeps a call that is ready, and has a place to go, from going."""

    LIMIT = "limit"
    REFUSAL = "refusal"


class Held:
    """One count for all gates of a client. In all methods `now` is seconds of a clock that never goes back.

    A second in which several gates keep calls back counts once in the whole, as a refusal's if any of them waits one
    out.
    """

    def __init__(self) -> None:
        self._causes: dict[Hashable, Cause] = {}
        self._since = 0.0
        self._whole = NOTHING_LOST
        self._by_gate: defaultdict[Hashable, Lost] = defaultdict(Lost)

    def change(self, gate: Hashable, cause: Cause | None, now: float) -> None:
        """From now on this gate keeps a call back for this cause; None: it keeps none back."""
        if self._causes.get(gate) is cause:
            return
        self._add_up(now)
        if cause is None:
            del self._causes[gate]
        else:
            self._causes[gate] = cause

    def whole(self, now: float) -> Lost:
        """What was lost until now, at whichever gate."""
        self._add_up(now)
        return self._whole

    def at(self, gate: Hashable, now: float) -> Lost:
        """What was lost until now at one gate."""
        self._add_up(now)
        return self._by_gate[gate]

    def _add_up(self, now: float) -> None:
        seconds, self._since = max(0.0, now - self._since), now
        if not self._causes:
            return
        causes = self._causes.values()
        self._whole += _lost(Cause.REFUSAL if Cause.REFUSAL in causes else Cause.LIMIT, seconds)
        for gate, cause in self._causes.items():
            self._by_gate[gate] += _lost(cause, seconds)


def _lost(cause: Cause, seconds: float) -> Lost:
    return Lost(refused=seconds) if cause is Cause.REFUSAL else Lost(paced=seconds)
