"""What a display knows: the events so far, added up. Neither face keeps count itself."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

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
)
from migrator.model.outcome import Status, Verdict

_TROUBLES = (Status.FAILED, Status.DRIFTED, Status.WAITING)
_TOO_EARLY = 1.0  # seconds before which a rate says nothing


def plain_name(key: Key) -> str:
    """What a configuration is called where nobody knows its name."""
    return f"{key.kind} {key.id}"


def one_line(text: str) -> str:
    """A text of the tenant as it may go to a terminal: on one line, and without anything a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def duration(seconds: float) -> str:
    """`0.4 s`, `47 s`, `2 min 05 s`, `1 h 03 min`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


@dataclass(slots=True)
class Progress:
    """How far one stage is; times are those of the display's clock."""

    stage: Stage
    total: int | None
    started: float
    done: int = 0
    finished: float | None = None

    def seconds(self, now: float) -> float:
        return (now if self.finished is None else self.finished) - self.started

    def rate(self, now: float) -> float | None:
        """Steps a second since the stage began: the only figure that a throttle's bursts leave steady."""
        seconds = self.seconds(now)
        if not self.done or seconds <= 0 or (self.finished is None and seconds < _TOO_EARLY):
            return None
        return self.done / seconds

    def remaining(self, now: float) -> float | None:
        """Seconds until it is done if it goes on like this; None where that cannot be said."""
        rate = self.rate(now)
        if rate is None or self.total is None or self.finished is not None:
            return None
        return max(0, self.total - self.done) / rate

    def figures(self, now: float) -> str:
        """`120 of 240, 5.1/s, 24 s left`, or `240 in 47 s, 5.1/s` at the end; "" where there is nothing to say."""
        rate, remaining = self.rate(now), self.remaining(now)
        speed = [] if rate is None else [f"{rate:.1f}/s"]
        if self.finished is not None:
            return ", ".join([f"{self.done} in {duration(self.seconds(now))}", *speed])
        count = [] if not self.done and self.total is None else [self.count]
        return ", ".join([*count, *speed, *([] if remaining is None else [f"{duration(remaining)} left"])])

    @property
    def count(self) -> str:
        return f"{self.done}" if self.total is None else f"{self.done} of {self.total}"


@dataclass(slots=True)
class Tally:
    """Everything a display shows. `name` gives a configuration's name for people."""

    name: Callable[[Key], str] = plain_name
    stages: dict[Stage, Progress] = field(default_factory=dict)
    statuses: dict[Key, Status] = field(default_factory=dict)
    throttled: int = 0
    retries: int = 0
    problems: deque[str] = field(default_factory=lambda: deque(maxlen=3))

    def take(self, event: Event, now: float) -> str:
        """Counts an event in, and gives the sentence if it is a problem ("" otherwise)."""
        problem = ""
        match event:
            case StageStarted(stage, total):
                self.stages.pop(stage, None)  # one that begins again (the guard's reading) goes to the end
                self.stages[stage] = Progress(stage, total, now)
            case StageAdvanced(stage, by):
                self._progress(stage, now).done += by
            case StageFinished(stage):
                self._progress(stage, now).finished = now
            case AttemptMade(attempt):
                self.throttled += attempt.status == 429
                self.retries += attempt.number > 1
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
        return [(word, n) for word, n in (*counts, ("throttled", self.throttled), ("retries", self.retries)) if n]

    def under_way(self) -> list[Progress]:
        return [progress for progress in self.stages.values() if progress.finished is None]

    def _progress(self, stage: Stage, now: float) -> Progress:
        return self.stages.setdefault(stage, Progress(stage, None, now))

    def _problem(self, key: Key, what: str, why: str) -> str:
        return one_line(f"{self.name(key)}: {what}: {why}").rstrip(": ")
