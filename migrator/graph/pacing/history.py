"""What became of our calls, in the order in which the service decided on them, as far as can be told from outside."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

MIDDLE, LATE = 0.5, 1.0
"""Where between send and reply a decision is dated: LATE is never too early, and costs a latency a window."""

_KEPT = 8192  # moments, before old ones are thrown away
_OLD = 600.0  # seconds, after which nothing counts
_SMOOTH = 1 / 16


class History:
    """Moments of admissions and refusals, both ascending; `share` says how they are dated, `latency` is the usual one
    in seconds, `flying` how many calls are out and `total` how many were ever admitted."""

    def __init__(self) -> None:
        self.share = MIDDLE
        self.latency = 0.3
        self.flying = 0
        self.total = 0
        self.admitted: list[float] = []
        self.refused: list[float] = []

    def remember(self, moments: Iterable[float]) -> None:
        """What an earlier run had admitted, before anything of this one."""
        earlier = sorted(moments)
        self.admitted[:0] = earlier
        self.total += len(earlier)

    def admit(self, sent: float, now: float) -> float:
        """A call came back admitted; gives the moment at which that was decided."""
        self.latency += (min(now - sent, 4 * self.latency) - self.latency) * _SMOOTH
        moment = self._dated(sent, now)
        insort(self.admitted, moment)
        self.total += 1
        if len(self.admitted) > _KEPT:
            del self.admitted[: bisect_right(self.admitted, now - _OLD)]
            del self.refused[: bisect_right(self.refused, now - _OLD)]
        return moment

    def refuse(self, sent: float, now: float) -> float:
        """A call came back refused; gives the moment at which that was decided."""
        moment = self._dated(sent, now)
        insort(self.refused, moment)
        return moment

    def forgive(self, moment: float) -> None:
        """This refusal was a question of ours: it is not held against anybody."""
        del self.refused[bisect_left(self.refused, moment)]

    def redate(self, share: float, since: float, now: float) -> None:
        """From now on decisions are dated so; and those since that moment as well, by what a latency usually is."""
        later = (share - self.share) * self.latency
        first = bisect_right(self.admitted, since)
        self.admitted[first:] = sorted(min(now, moment + later) for moment in self.admitted[first:])
        self.share = share

    def admitted_since(self, moment: float) -> int:
        return len(self.admitted) - bisect_right(self.admitted, moment)

    def refused_since(self, moment: float) -> int:
        return len(self.refused) - bisect_right(self.refused, moment)

    def admitted_between(self, after: float, until: float) -> int:
        return bisect_right(self.admitted, until) - bisect_right(self.admitted, after)

    def refused_between(self, after: float, until: float) -> int:
        return bisect_right(self.refused, until) - bisect_right(self.refused, after)

    def _dated(self, sent: float, now: float) -> float:
        return sent + self.share * (now - sent)


def first_after(moments: list[float], moment: float) -> float | None:
    """The first of them that is later than this moment."""
    i = bisect_right(moments, moment)
    return moments[i] if i < len(moments) else None
