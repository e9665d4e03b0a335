"""Progress as plain lines: for files, pipes, schedulers and terminals that can do no more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

from migrator.cli.tally import Progress, Tally
from migrator.cli.words import one_line
from migrator.model.events import Event, Said, StageFinished, StageStarted

_INTERVAL = 5.0  # seconds between two lines of progress
_MOST_PROBLEMS = 20


class Lines:
    """A Watch that prints a line where a stage begins and ends, and in between now and then.

    It is driven by events alone, some of which come on a timer, and by the injected clock (monotonic seconds).
    """

    def __init__(self, stream: TextIO, tally: Tally, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._tally = tally
        self._clock = clock
        self._printed = clock()
        self._problems = 0

    def __call__(self, event: Event) -> None:
        now = self._clock()
        problem = self._tally.take(event, now)
        if problem:
            self._print_problem(problem)
        match event:
            case Said(text):
                self._print(one_line(text))
            case StageStarted(stage, total):
                self._printed = now
                self._print(stage.value if total is None else f"{stage.value}: {total:,} to do")
            case StageFinished(stage):
                self._print(self._line(self._tally.stages[stage], now))
            case _ if now - self._printed >= _INTERVAL:
                self._print_progress(now)

    def paused(self) -> AbstractContextManager[None]:
        """Nothing moves here, so there is nothing to hold."""
        return nullcontext()

    def _print_progress(self, now: float) -> None:
        self._printed = now
        standing = self._tally.standing(now)
        for progress in self._tally.under_way():
            self._print("; ".join((self._line(progress, now), *standing)))

    def _line(self, progress: Progress, now: float) -> str:
        figures, counts = progress.figures(now), ", ".join(f"{n} {word}" for word, n in self._tally.counts())
        line = f"{progress.stage.value}: {figures}" if figures else progress.stage.value
        return f"{line} ({counts})" if counts else line

    def _print_problem(self, problem: str) -> None:
        self._problems += 1
        if self._problems <= _MOST_PROBLEMS:
            self._print(problem)
        elif self._problems == _MOST_PROBLEMS + 1:
            self._print("There are more problems; they are only counted here, the reports have them all.")

    def _print(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()
