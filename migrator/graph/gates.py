"""A gate for each quota of Graph's services, so that a full one keeps nobody else waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.graph.areas import area_of
from migrator.graph.gate import Gate
from migrator.graph.held import Held
from migrator.model.limits import quota_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from migrator.graph.pacing import Pacer
    from migrator.graph.protocol import Call
    from migrator.model.limits import Area, Quota
    from migrator.model.outcome import Attempt
    from migrator.model.ports import Clock
    from migrator.model.settings import Limit

    State = Mapping[str, Any]
    """A pacer's `snapshot()`, with its "age" in seconds."""
    MakePacer = Callable[[Quota, dict[str, Any] | None], Pacer]

HORIZON = 60.0
"""Seconds; what was called longer ago counts no more, but where a limit says that it is one of a longer time."""


@dataclass(frozen=True, slots=True)
class _Made:
    quota: Quota
    pacer: Pacer
    gate: Gate


class Gates:
    """The gates that calls wait at, each made when the first call comes to it.

    `make` gives the pacer of a quota, with what is known of it from earlier, if anything is. `stated` is the limit of
    writes that a person stated. `states` are what earlier pacers learned, by the names of their quotas, with their ages
    as of now. `held` has for how long calls are kept back, at all gates together.
    """

    def __init__(
        self, clock: Clock, make: MakePacer, *, stated: Limit | None = None, states: Mapping[str, State] | None = None
    ) -> None:
        self.held = Held()
        self._clock = clock
        self._make = make
        self._stated = stated
        self._states = {name: dict(state) for name, state in (states or {}).items()}
        self._began = clock.time()
        self._began_monotonic = clock.monotonic()
        self._by_area: dict[tuple[Area, bool], Gate] = {}
        self._made: dict[str, _Made] = {}
        self._shut = self._shut_reads = False

    def of(self, call: Call) -> Gate:
        """The gate for this call: that of its service, and of reading or writing there."""
        place = (area_of(call.path), call.write)
        return self._by_area.get(place) or self._opened(place)

    def __iter__(self) -> Iterator[tuple[Quota, Gate]]:
        """The gates that calls came to so far, each with what is counted there, those for writes first."""
        for made in sorted(self._made.values(), key=lambda made: not made.quota.write):
            yield made.quota, made.gate

    def remind(self, attempts: Iterable[Attempt]) -> None:
        """What an earlier command sent a moment ago, in the order in which it came back: the service still counts it.

        It is for the gates to which no call came yet; the others saw better. What a pacer remembers itself holds where
        it is the newer one.
        """
        for name, ages in _recent(attempts, self._stated, self._began).items():
            state = self._states.setdefault(name, {})
            newest = min(ages)
            if "recent" not in state or newest < state["age"]:
                state |= {"age": newest, "recent": [age - newest for age in reversed(ages)]}

    def snapshots(self) -> dict[str, dict[str, Any]]:
        """What the pacers learned, by the names of their quotas."""
        return {name: made.pacer.snapshot() for name, made in self._made.items()}

    def shut(self, *, reads: bool = False) -> None:
        """From now on no write is let in anywhere, and with `reads` nothing at all: Stopped for all who wait, and for
        all who come. What is on the way comes back as ever."""
        self._shut, self._shut_reads = True, reads
        for made in self._made.values():
            if made.quota.write or reads:
                made.gate.shut()

    def close(self) -> None:
        """Lets nobody in any more."""
        for made in self._made.values():
            made.gate.close()

    def _opened(self, place: tuple[Area, bool]) -> Gate:
        area, write = place
        quota = quota_of(area, write=write, stated=self._stated)
        made = self._made.get(quota.name)
        if made is None:
            pacer = self._make(quota, self._state(quota.name))
            made = self._made[quota.name] = _Made(quota, pacer, Gate(pacer, self._clock, self.held))
            if self._shut_reads or (write and self._shut):
                made.gate.shut()
        self._by_area[place] = made.gate
        return made.gate

    def _state(self, name: str) -> dict[str, Any] | None:
        """What is known from earlier, as old as it is by now."""
        state = self._states.get(name)
        if state is None:
            return None
        return {**state, "age": state.get("age", 0.0) + self._clock.monotonic() - self._began_monotonic}


def _recent(attempts: Iterable[Attempt], stated: Limit | None, now: float) -> dict[str, list[float]]:
    """How many seconds ago the calls of each quota came back, for those that may still count."""
    recent: dict[str, list[float]] = {}
    for attempt in reversed(tuple(attempts)):
        age = max(0.0, now - attempt.started - attempt.seconds)
        if attempt.envelope:
            continue
        quota = quota_of(area_of(attempt.path), write=attempt.purpose == "assign", stated=stated)
        if age <= max(HORIZON, quota.limit.span):
            recent.setdefault(quota.name, []).append(age)
    return recent
