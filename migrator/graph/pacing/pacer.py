"""When may a call leave? The mechanisms, put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from migrator.graph.pacing.gate import Gate, believable
from migrator.graph.pacing.history import History
from migrator.graph.pacing.mirror import TICK, Mirror
from migrator.graph.pacing.ramp import Ramp
from migrator.graph.pacing.rate import Burst, Rate
from migrator.graph.pacing.state import State, read_state
from migrator.graph.pacing.status import Status
from migrator.graph.pacing.window import Lesson, Window


class Pacer:
    """Decides for one class of calls.

    `workers` is how many may be in flight. `limit` calls in `span` seconds are what the service documents, or None if
    nothing is known. A documented limit is put to the question now and then; a `firm` one is a person's word, and never
    exceeded. `state` is an earlier `snapshot()`, with its "age" in seconds beside it; whatever in it makes no sense is
    passed over.

    In all methods `now` is seconds of any clock that never goes back, and `sent` the `now` at which `delay` gave 0.0.

    The service is taken for a sliding window until it shows that it is a bucket; see `docs/throttling.md`.
    """

    def __init__(
        self,
        workers: int,
        limit: int | None = None,
        span: float = 20.0,
        state: Mapping[str, Any] | None = None,
        *,
        firm: bool = False,
    ) -> None:
        self.workers = workers
        self._history = History()
        self._window = Window(self._history, limit, span, firm=firm)
        self._rate: Rate | None = None
        self._stated = Mirror(self._history, float(limit), span) if firm and limit is not None else None
        self._gate = Gate()
        self._news = -math.inf  # when the last refusal came that said something new
        self._last_refused = -math.inf
        self._seen = -math.inf
        self._remembered: State | None = read_state(state)
        self._window.recall(self._remembered)
        self._ramp = Ramp(workers, known=self._window.mirror.known, firm=firm and limit is not None)

    def delay(self, now: float) -> float:
        """0.0: go now, and it is booked; `math.inf`: ask again after the next reply; else seconds to wait."""
        self._seen = now
        if self._remembered is not None:
            self._recall(self._remembered, now)
        if now < self._gate.until:
            return self._gate.until - now + TICK
        if self._history.flying >= self._width(now):
            return math.inf
        if self._stated is not None and (wait := self._stated.wait(now)):
            return wait
        if self._rate is not None:
            self._rate.learn(now, self._history)
            wait = self._rate.wait(now)
        else:
            wait = self._window.wait(now, scouting=self._gate.scouting)
        if wait > 0:
            return wait
        if self._rate is not None:
            self._rate.go(now)
        self._history.flying += 1
        return 0.0

    def places(self, now: float) -> float:
        """How many more calls may be in flight at this moment, whatever the limit says."""
        return self._width(now) - self._history.flying

    def succeeded(self, now: float, sent: float, load: float | None = None, left: float | None = None) -> None:
        """An admitted call came back; `load` is the share of the limit that the service says is used, `left` when the
        call really left, where that was later than `sent`."""
        self._seen = now
        self._history.flying -= 1
        moment = self._history.admit(sent if left is None else left, now)
        if sent <= self._news:  # it left before the last refusal was known, and was admitted before it
            self._window.admitted_late()
            if self._rate is not None:
                self._rate.admitted_late()
            return
        self._ramp.rise()
        if self._rate is not None:
            self._rate.admitted(now, self._history.latency)
        else:
            self._window.admitted(now, sent, load)
        if self._gate.scouting:
            self._scout_admitted(now, moment)
        self._gate.polls = 0

    def throttled(self, now: float, sent: float, retry_after: float | None, left: float | None = None) -> None:
        """A 429 came back; `retry_after` in seconds, None where it was absent or of no use; `left` as above."""
        self._seen = now
        self._history.flying -= 1
        moment = self._history.refuse(sent if left is None else left, now)
        told = believable(retry_after)
        self._gate.shut(now, told)
        if sent <= self._news:  # it left before we knew: nothing new
            self._window.refused_late(moment)
            return
        self._news, self._last_refused = now, moment
        self._ramp.fall()
        if self._gate.scouting:
            self._gate.scout_refused(now)
            if self._rate is None:
                self._window.scout_refused(sent, moment, told)
        elif self._rate is not None:
            self._rate.refused(now, moment)
        else:
            self._heed(self._window.refused(now, sent, moment, told, self._gate.until), now, moment)

    def failed(self, now: float, sent: float) -> None:
        """It came back otherwise (5xx, reset, time-out); the service may have counted it."""
        self._seen = now
        self._history.flying -= 1
        if sent <= self._news:
            return
        self._history.admit(sent, now)
        self._window.probe.answered(sent)

    def snapshot(self) -> dict[str, Any]:
        """What is worth remembering for the next run; plain JSON."""
        if (state := self._remembered) is not None:  # it was never asked, and knows nothing new
            return replace(state, recent=tuple(state.age + seconds for seconds in state.recent)).as_json()
        mirror = self._window.mirror
        refused = self._history.refused if mirror.refusals_count else []
        moments = sorted(m for m in (*self._history.admitted, *refused) if m > self._seen - mirror.span)
        recent = [*(self._seen - moment for moment in moments), *[0.0] * self._history.flying]
        burst = None if self._rate is None else self._rate.burst
        return State(
            limit=int(mirror.limit) if mirror.known and self._rate is None else None,
            span=mirror.span,
            rate=None if self._rate is None else self._rate.proven,
            burst=None if burst is None else (burst.calls, burst.seconds),
            share=self._history.share,
            refusals_count=mirror.refusals_count,
            recent=tuple(max(0.0, seconds) for seconds in recent),
        ).as_json()

    def status(self, now: float) -> Status:
        """What is in force at this moment."""
        mirror = self._window.mirror
        if self._rate is not None:
            limit, rate, used = f"{self._rate.proven:.1f}/s", self._rate.proven, self._history.flying
        elif mirror.known:
            limit, rate = f"{mirror.limit:.0f}/{mirror.span:g}s", mirror.limit / mirror.span
            used = mirror.used(now)
        else:
            limit, rate, used = "none", None, self._history.flying
        if self._stated is not None and rate is not None:
            rate = min(rate, self._stated.limit / self._stated.span)
        if now < self._gate.until:
            return Status(limit, rate, used, self._gate.until, "the service asked to wait (429)")
        full = mirror if self._rate is None else self._stated
        if full is not None and full.known and full.used(now) >= full.limit and full.opens(now) < math.inf:
            return Status(limit, rate, used, full.opens(now), "the limit is used up")
        return Status(limit, rate, used)

    def _width(self, now: float) -> float:
        if self._gate.scouting:
            return 1
        window = self._window
        if self._rate is not None:
            return self._ramp.free()
        hinted = window.hints.width(now)
        if not window.mirror.known:
            return min(hinted, self._ramp.unknown(self._history.total))
        latency, mirror = self._history.latency, window.mirror
        return min(hinted, self._ramp.window(mirror.limit, mirror.span, latency, window.part(now)))

    def _scout_admitted(self, now: float, moment: float) -> None:
        polls = self._gate.polls
        self._gate.scout_admitted()
        self._ramp.resume()
        if self._rate is None:
            lesson = self._window.scout_admitted(now, moment, polls=polls, last_refused=self._last_refused)
            self._heed(lesson, now, moment)

    def _heed(self, lesson: Lesson, now: float, moment: float) -> None:
        if lesson is Lesson.SCOUT:
            self._gate.scouting = True
        elif lesson is Lesson.NO_WINDOW:
            full, burst = self._window.as_burst(moment)
            self._rate = Rate(now, burst, full)

    def _recall(self, state: State, now: float) -> None:
        """Takes up where an earlier pacer left off, as far as its word goes."""
        self._remembered = None
        if state.share is not None:
            self._history.share = state.share
        self._history.remember(now - state.age - seconds for seconds in state.recent)
        if state.rate is not None and state.burst is not None:
            self._rate = Rate(now, Burst(int(state.burst[0]), state.burst[1]), now)
            self._rate.remembered(state.rate)
