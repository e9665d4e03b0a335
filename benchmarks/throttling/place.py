"""A bounded, sensible domain of servers: what a service might really do."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.throttling.answers import RetryAfter, absent, always, date, exact, half, moody, twice
from benchmarks.throttling.case import Case, Faults
from benchmarks.throttling.latencies import around
from benchmarks.throttling.levels import Level, steps
from benchmarks.throttling.others import Others
from benchmarks.throttling.servers import AllOf, Bucket, ClockWindow, Server, Window
from migrator.model.settings import Limit

_SPREAD = 0.8  # of the latencies
_CHANGES_AT = 40.0  # seconds, where the limit changes at all
_SHORTEST_RUN = 120.0  # seconds that the server should need, and that many spans
_SPANS = 4
_LEAST_LIMIT = 3  # calls in a span
_FEWEST, _MOST = 100, 2500  # calls

ANSWERS: dict[str, RetryAfter] = {
    "exact": exact,
    "absent": absent,
    "always 1": always(1.0),
    "a date": date,
    "half": half,
    "twice as long": twice,
    "moody": moody,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the domain: `rate` in calls a second, `others` a share of it, times in seconds.

    `told` is the documented limit over the true one (0.0: none is documented), `becomes` what the limit and the others'
    calls are multiplied by after a while, `faults` the share of calls that end in a 503 or a reset.
    """

    kind: str
    rate: float
    span: float
    penal: bool
    told: float
    becomes: float
    others: float
    answer: str
    latency: float
    arrives: float
    workers: int
    faults: float

    @property
    def limit(self) -> int:
        """Calls in a span, or what a bucket holds."""
        return max(_LEAST_LIMIT, round(self.rate * self.span))

    @property
    def pace(self) -> float:
        """Calls a second that the limit comes to."""
        return self.limit / self.span

    def server(self) -> Server:
        others = Others(self._changing(self.others * self.pace, 0.0)) if self.others else None
        limit, pace = self._changing(self.limit, 1.0), self._changing(self.pace, 0.1)
        match self.kind:
            case "window":
                return Window(limit, self.span, penal=self.penal, others=others)
            case "window by the clock":
                return ClockWindow(limit, self.span, self.span / 3, penal=self.penal, others=others)
            case "bucket":
                return Bucket(pace, self.limit, others=others)
            case _:
                return AllOf(Window(2 * self.limit, self.span), Bucket(pace, self.limit, others=others))

    def case(self) -> Case:
        """So many calls that the server needs some spans for them."""
        told = Limit(max(1, round(self.told * self.limit)), self.span) if self.told else Limit(None)
        calls = round(self.pace * max(_SHORTEST_RUN, _SPANS * self.span))
        return Case(
            "- found",
            self.server,
            told,
            calls=min(_MOST, max(_FEWEST, calls)),
            workers=self.workers,
            latency=around(self.latency, _SPREAD, 20 * self.latency),
            arrives=self.arrives,
            retry_after=ANSWERS[self.answer],
            faults=Faults(self.faults),
        )

    def _changing(self, level: float, least: float) -> Level:
        return level if self.becomes == 1.0 else steps((0.0, level), (_CHANGES_AT, max(least, level * self.becomes)))


VALUES: dict[str, tuple[Any, ...]] = {
    "kind": ("window", "window by the clock", "bucket", "bucket behind a window"),
    "rate": (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
    "span": (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0),
    "penal": (False, True),
    "told": (0.0, 0.5, 1.0, 2.0, 5.0),
    "becomes": (0.3, 0.6, 1.0, 2.0),
    "others": (0.0, 0.2, 0.4),
    "answer": tuple(ANSWERS),
    "latency": (0.05, 0.1, 0.3, 0.6, 1.2),
    "arrives": (0.1, 0.5, 0.9),
    "workers": (4, 16, 32, 64),
    "faults": (0.0, 0.02, 0.1),
}


def anywhere(chance: random.Random) -> Place:
    return Place(**{name: chance.choice(values) for name, values in VALUES.items()})


def beside(place: Place, chance: random.Random) -> Place:
    """One property moved to the value before or after."""
    name, values = chance.choice(list(VALUES.items()))
    number = values.index(getattr(place, name)) + chance.choice((-1, 1))
    return replace(place, **{name: values[number % len(values)]})
