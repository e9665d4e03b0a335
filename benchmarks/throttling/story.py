"""What became of a run: every call, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Ending(Enum):
    """How a call came back."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    FAILED = "failed"


class Call(NamedTuple):
    """One call of client number `client`; `arrived` at the server, `told` is the Retry-After of a refusal."""

    client: int
    sent: float
    arrived: float
    back: float
    ending: Ending
    told: float | None


@dataclass(frozen=True, slots=True)
class Story:
    """All calls in the order in which they came back, tries again included.

    `finished` is false where it was given up: too long, too many calls, or nothing could ever leave again. `most` is
    the highest number in flight, over all clients.
    """

    calls: Sequence[Call]
    starts: Sequence[float]
    finished: bool
    most: int

    @property
    def makespan(self) -> float:
        """Seconds until the last call was admitted; infinite where that never was."""
        return max(call.back for call in self.ended(Ending.ADMITTED)) if self.finished else math.inf

    @property
    def refused(self) -> float:
        """The share of all calls that was refused."""
        return len(self.ended(Ending.REFUSED)) / max(1, len(self.calls))

    def ended(self, ending: Ending) -> list[Call]:
        return [call for call in self.calls if call.ending is ending]

    def fairness(self, after: float = 0.0) -> float:
        """How evenly the clients were served while all were at work (Jain: 1.0 is even, 1/clients is one alone).

        Counted from `after` seconds past the last one's start. Not a number where that is after the first one's end.
        """
        clients = range(len(self.starts))
        served = [[call.back for call in self.ended(Ending.ADMITTED) if call.client == client] for client in clients]
        begins, ends = max(self.starts) + after, min(max(times, default=0.0) for times in served)
        return jain([sum(begins <= back <= ends for back in times) for times in served])


def jain(shares: Sequence[float]) -> float:
    """The square of the sum over the sum of squares, by the number of shares."""
    squares = len(shares) * sum(share * share for share in shares)
    return sum(shares) ** 2 / squares if squares else math.nan
