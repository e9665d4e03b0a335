"""What the throttle is doing: told on a timer to whoever watches, and noted for the journal where it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.graph.held import Cause
from migrator.model.events import ThrottleSeen, Watch
from migrator.model.throttle import NOTHING_LOST, GateState, Lost, ThrottleState

if TYPE_CHECKING:
    from migrator.graph.client import Client
    from migrator.graph.gate import Gate
    from migrator.model.limits import Quota
    from migrator.model.ports import Journal

_TICK = 0.25  # real seconds, for the eyes of a person, however fast the clock of the calls goes
_LEAST_GAP = 1.0  # seconds between two notes of a limit that changes
_LOST_GAP = 5.0  # and between two of nothing but time that is lost


class Notes:
    """Decides which states are worth keeping, and makes each tell what was lost since the one kept before."""

    def __init__(self) -> None:
        self._last: ThrottleState | None = None

    def take(self, state: ThrottleState, *, begins: bool = False, ends: bool = False) -> ThrottleState | None:
        """The state as the journal keeps it, None where it is not worth it. What `begins` is always kept; of what
        `ends` all that is new."""
        last = self._last
        if last is not None and not begins and not _worth_keeping(state, last, ends=ends):
            return None
        self._last = state
        return _since(last, replace(state, begins=begins))


class Throttle:
    """The throttle of a connection, seen from outside. `watch` is told on a timer while `ticking` lasts; the journal
    that `keep_in` names gets what changes, and what was noted while there was none."""

    def __init__(self, look: Callable[[], ThrottleState], watch: Watch) -> None:
        self._look = look
        self._watch = watch
        self._notes = Notes()
        self._waiting: list[ThrottleState] = []
        self._journal: Journal | None = None

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """Looks a few times a second while the block runs."""
        self._note(self._notes.take(self._look(), begins=True))
        timer = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            timer.cancel()
            await asyncio.gather(timer, return_exceptions=True)

    def keep_in(self, journal: Journal | None) -> None:
        """From now on notes are kept there; None: they wait again."""
        if journal is None:
            self._note(self._notes.take(self._look(), ends=True))
        self._journal = journal
        if journal is not None:
            for state in self._waiting:
                journal.throttle(state)
            self._waiting.clear()
            self._note(self._notes.take(self._look(), begins=True))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            state = self._look()
            self._watch(ThrottleSeen(state))
            self._note(self._notes.take(state))

    def _note(self, state: ThrottleState | None) -> None:
        if state is None:
            return
        if self._journal is None:
            self._waiting.append(state)
        else:
            self._journal.throttle(state)


def throttle_of(client: Client) -> ThrottleState:
    """How all gates of a client stand now."""
    now = client.clock.monotonic()
    gates = tuple(_gate(quota, gate, now) for quota, gate in client.gates)
    return ThrottleState(client.clock.time(), gates, client.held.whole(now))


def _gate(quota: Quota, gate: Gate, now: float) -> GateState:
    status = gate.status()
    kept_back = gate.cause is not None and status.waiting_until is not None
    return GateState(
        gate=quota.name,
        writes=quota.write,
        limit=status.limit,
        rate=status.rate,
        documented=str(quota.limit),
        span=quota.limit.span,
        used=status.used,
        wait=max(0.0, (status.waiting_until or now) - now) if kept_back else None,
        why=status.why if kept_back else "",
        refused=gate.cause is Cause.REFUSAL,
        lost=gate.lost(),
    )


def _worth_keeping(state: ThrottleState, last: ThrottleState, *, ends: bool) -> bool:
    passed = state.at - last.at
    if len(state.gates) > len(last.gates):  # a new one, of which the limit that it begins with is to be known
        return True
    if _limits(state) != _limits(last):
        return ends or passed >= _LEAST_GAP
    return state.lost != last.lost and (ends or passed >= _LOST_GAP)


def _limits(state: ThrottleState) -> tuple[tuple[str, str, float | None], ...]:
    return tuple((gate.gate, gate.limit, gate.rate) for gate in state.gates)


def _since(last: ThrottleState | None, state: ThrottleState) -> ThrottleState:
    if last is None:
        return state
    before: dict[str, Lost] = {gate.gate: gate.lost for gate in last.gates}
    gates = tuple(replace(g, lost=g.lost - before.get(g.gate, NOTHING_LOST)) for g in state.gates)
    return replace(state, gates=gates, lost=state.lost - last.lost)
