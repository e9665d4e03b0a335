"""What a display knows: the events so far, added up. Neither face keeps count itself."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from migrator.cli.forecast import Outlook, pressure
from migrator.cli.pulse import Pulse, standing
from migrator.cli.words import duration, one_line, pace
from migrator.model.configuration import Key
from migrator.model.events import (
    AttemptMade,
    Concluded,
    Event,
    ReadBack,
    Stage,
    StageAdvanced,
    StageFinished,
    StageStarted,
    ThrottleSeen,
)
from migrator.model.outcome import Status, Verdict
from migrator.model.throttle import ThrottleState

_TROUBLES = (Status.FAILED, Status.DRIFTED, Status.WAITING)
REFUSED, RETRIED = "refused with 429", "tried again"

_GLANCE = 0.02  # seconds between two looks ahead
_TOO_EARLY = 1.0  # seconds before which a rate says nothing
_WRITES = {  # at which gates a stage's calls wait
    Stage.LIST: False,
    Stage.LOOK_UP: False,
    Stage.READ: False,
    Stage.COUNT: False,
    Stage.ASSIGN: True,
    Stage.VERIFY: False,
}


def plain_name(key: Key) -> str:
    """What a configuration is called where nobody knows its name."""
    return f"{key.kind} {key.id}"


@dataclass(slots=True)
class Progress:
    """How far one stage is; times are those of the display's clock."""

    stage: Stage
    total: int | None
    started: float
    outlook: Outlook
    done: int = 0
    finished: float | None = None
    looked: float = -math.inf  # when what is ahead was reckoned last

    def seconds(self, now: float) -> float:
        return (now if self.finished is None else self.finished) - self.started

    def rate(self, now: float) -> float | None:
        """Steps a second since the stage began: the only figure that a throttle's bursts leave steady."""
        seconds = self.seconds(now)
        if not self.done or seconds <= 0 or (self.finished is None and seconds < _TOO_EARLY):
            return None
        return self.done / seconds

    def look_ahead(self, now: float, throttle: ThrottleState | None) -> None:
        """Takes in how far it is, and how the throttle stands if that is known; not for each of very many steps."""
        if self.total is not None and self.finished is None and not self.looked < now < self.looked + _GLANCE:
            self.looked = now
            under = pressure(throttle, writes=_WRITES.get(self.stage))
            self.outlook.take(now, max(0, self.total - self.done), self.done, under)

    def remaining(self, now: float) -> float | None:
        """Seconds until it is done, waiting included; None where that cannot be said."""
        return self.outlook.left(now) if self.finished is None else None

    def figures(self, now: float) -> str:
        """`120 of 240, 5.1/s, 24 s left`, or `240 in 47 s, 5.1/s` at the end; "" where there is nothing to say."""
        rate, remaining = self.rate(now), self.remaining(now)
        speed = [] if rate is None else [pace(rate)]
        if self.finished is not None:
            return ", ".join([f"{self.done:,} in {duration(self.seconds(now))}", *speed])
        count = [] if not self.done and self.total is None else [self.count]
        return ", ".join([*count, *speed, *([] if remaining is None else [f"{duration(remaining)} left"])])

    @property
    def count(self) -> str:
        return f"{self.done:,}" if self.total is None else f"{self.done:,} of {self.total:,}"


@dataclass(slots=True)
class Tally:
    """Everything a display shows. `name` gives a configuration's name for people."""

    name: Callable[[Key], str] = plain_name
    stages: dict[Stage, Progress] = field(default_factory=dict)
    statuses: dict[Key, Status] = field(default_factory=dict)
    throttled: int = 0
    retries: int = 0
    pulse: Pulse = field(default_factory=Pulse)
    throttle: ThrottleState | None = None
    seen: float = 0.0
    problems: deque[str] = field(default_factory=lambda: deque(maxlen=3))

    def take(self, event: Event, now: float) -> str:
        """Counts an event in, and gives the sentence if it is a problem ("" otherwise)."""
        problem = ""
        match event:
            case StageStarted(stage, total):
                self.stages.pop(stage, None)  # one that begins again (the guard's reading) goes to the end
                self.stages[stage] = self._new(stage, total, now)
            case StageAdvanced(stage, by):
                progress = self._progress(stage, now)
                progress.done += by
                progress.look_ahead(now, self.throttle)
            case StageFinished(stage):
                self._progress(stage, now).finished = now
            case AttemptMade(attempt):
                self.pulse.beat(attempt, now)
                self.throttled += attempt.throttled
                self.retries += attempt.number > 1
            case ThrottleSeen(state):
                self.throttle, self.seen = state, now
                for progress in self.under_way():
                    progress.look_ahead(now, state)
            case Concluded(outcome):
                self.statuses[outcome.key] = outcome.status
                if outcome.status in _TROUBLES:
                    problem = self._problem(outcome.key, outcome.status, outcome.reason)
            case ReadBack(verification):
                if verification.verdict is not Verdict.VERIFIED:
                    problem = self._problem(verification.key, f"read back {verification.verdict}", verification.note)
            case _:
                pass
        if problem:
            self.problems.append(problem)
        return problem

    def counts(self) -> list[tuple[str, int]]:
        """What there is some of, in the order in which it is shown: the outcomes, then the throttle's doings."""
        by_status = Counter(self.statuses.values())
        counts = [(status.value, by_status[status]) for status in Status]
        return [(word, n) for word, n in (*counts, (REFUSED, self.throttled), (RETRIED, self.retries)) if n]

    def standing(self, now: float) -> list[str]:
        """How fast calls go and what holds them up, part by part."""
        writes = {_WRITES[progress.stage] for progress in self.under_way() if progress.stage in _WRITES}
        return list(standing(self.pulse.rate(now), self.throttle, now - self.seen, writes))

    def under_way(self) -> list[Progress]:
        return [progress for progress in self.stages.values() if progress.finished is None]

    def _progress(self, stage: Stage, now: float) -> Progress:
        if stage not in self.stages:
            self.stages[stage] = self._new(stage, None, now)
        return self.stages[stage]

    def _new(self, stage: Stage, total: int | None, now: float) -> Progress:
        self.pulse = Pulse(now)  # what another stage's calls did says nothing of this one's
        return Progress(stage, total, now, Outlook.of(now, self.throttle.lost.seconds if self.throttle else 0.0))

    def _problem(self, key: Key, what: str, why: str) -> str:
        return one_line(f"{self.name(key)}: {what}: {why}").rstrip(": ")
