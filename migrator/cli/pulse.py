"""How fast calls go and what holds them up, in the words of a display."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from migrator.cli.words import duration
from migrator.model.outcome import Attempt
from migrator.model.throttle import GateState, Lost, ThrottleState

_WINDOW = 20  # seconds over which calls are counted: the span of Graph's own limits, so that their bursts even out
_TOLD = 0.5  # seconds from which on a loss is worth a word


@dataclass(slots=True)
class Pulse:
    """Calls a second over the last seconds, since it `began`. Times are those of the display's clock."""

    began: float = 0.0
    counts: deque[list[int]] = field(default_factory=deque)  # the second, and how many calls came back in it

    def beat(self, attempt: Attempt, now: float) -> None:
        """A request came back; what Graph does not count is no call."""
        if not attempt.counts:
            return
        second = int(now)
        if self.counts and self.counts[-1][0] == second:
            self.counts[-1][1] += 1
            return
        self.counts.append([second, 1])
        while self.counts[0][0] < second - _WINDOW:
            self.counts.popleft()

    def rate(self, now: float) -> float | None:
        """None before there is a second to judge by, and where no call is made."""
        if not self.counts or now - self.began < 1.0:
            return None
        since = max(now - _WINDOW, self.began)
        return sum(count for second, count in self.counts if second >= int(since)) / (now - since)


def standing(rate: float | None, state: ThrottleState | None, passed: float, writes: Collection[bool]) -> Iterator[str]:
    """What there is to say of calls and limits, part by part: `5.0 calls/s`, `writes 83 of 100/20s, next in 3.2 s: the
    limit is used up`, `held back 1 min 12 s by the limit, 3.0 s by refusals`.

    The state was seen `passed` seconds ago. Of the gates, those are told of that keep calls back, and those that are
    in use by what is under way (writes, reads, both).
    """
    if rate is not None:
        yield f"{rate:.1f} calls/s"
    if state is None:
        return
    for gate in state.gates:
        if gate.wait is not None or (gate.used and gate.writes in writes):
            yield _limit(gate, passed)
    told = losses(state.lost)
    if told:
        yield told


def losses(lost: Lost) -> str:
    """`held back 1 min 12 s by the limit, 3.0 s by refusals`; "" where it is nothing to speak of."""
    parts = ((lost.paced, "by the limit"), (lost.refused, "by refusals"))
    told = [f"{duration(seconds)} {why}" for seconds, why in parts if seconds >= _TOLD]
    return f"held back {', '.join(told)}" if told else ""


def _limit(gate: GateState, passed: float) -> str:
    told = _share(gate)
    return told if gate.wait is None else f"{told}, next in {duration(gate.wait - passed)}: {gate.why}"


def _share(gate: GateState) -> str:
    if gate.rate is None:
        return f"{gate.gate} {gate.used}, no limit known"
    if gate.limit.endswith("/s"):  # a mere rate: nothing that calls fill up
        return f"{gate.gate} at most {gate.limit}"
    return f"{gate.gate} {gate.used} of {gate.limit}"
