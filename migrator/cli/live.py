"""Progress on a terminal, drawn by rich a few times a second, whatever number of events there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from migrator.cli.tally import REFUSED, RETRIED, Progress, Tally
from migrator.cli.words import duration, one_line, pace
from migrator.model.events import Event, Said
from migrator.model.outcome import Status

_FRAMES = 6  # a second
_BAR = 24
_COLOURS = {
    Status.SUCCEEDED.value: "green",
    Status.FAILED.value: "bold red",
    Status.DRIFTED.value: "magenta",
    Status.WAITING.value: "cyan",
    REFUSED: "yellow",
    RETRIED: "yellow",
}


class Board:
    """A Watch that keeps a board of bars and counts up to date at the bottom of a terminal.

    `open` and `close` begin and end the drawing; the last board stays. `clock` gives monotonic seconds.
    """

    def __init__(self, stream: TextIO, tally: Tally, clock: Callable[[], float]) -> None:
        self._console = Console(file=stream, force_terminal=True, highlight=False)
        self._tally = tally
        self._clock = clock
        self._guard = threading.Lock()  # events come from the program's thread, the drawing from rich's
        self._live: Live | None = None

    def __call__(self, event: Event) -> None:
        with self._guard:
            self._tally.take(event, self._clock())
        if isinstance(event, Said):
            self._console.print(Text(one_line(event.text)))

    def open(self) -> None:
        self._live = Live(
            get_renderable=self._draw,
            console=self._console,
            refresh_per_second=_FRAMES,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def close(self, *, keep: bool = True) -> None:
        """Ends the drawing; `keep` leaves the board where it is."""
        if self._live is not None:
            self._live.transient = not (keep and self._tally.stages)
            self._live.stop()
            self._live = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Takes the board away while the block runs, so that a person can be asked something."""
        self.close(keep=False)
        try:
            yield
        finally:
            self.open()

    def _draw(self) -> RenderableType:
        with self._guard:
            return board(self._tally, self._clock())


def board(tally: Tally, now: float) -> RenderableType:
    """All there is to see at one moment: a bar for every stage, the counts, how the calls and their limits stand, the
    last problems."""
    lines: list[RenderableType] = [_bars(list(tally.stages.values()), now)]
    counts = [Text(f"{n} {word}", style=_COLOURS.get(word, "")) for word, n in tally.counts()]
    if counts:
        lines.append(_line(Text(", ").join(counts)))
    if tally.under_way():
        lines.extend(_line(Text(part, style="dim")) for part in tally.standing(now))
    lines.extend(_line(Text(problem, style="red")) for problem in tally.problems)
    return Group(*lines)


def _bars(stages: list[Progress], now: float) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for justify in ("right", "right", "left"):
        table.add_column(no_wrap=True, justify=justify)
    for progress in stages:
        rate, remaining = progress.rate(now), progress.remaining(now)
        table.add_row(
            Text(progress.stage.value, style="" if progress.finished is None else "dim"),
            _bar(progress, now),
            progress.count if progress.done or progress.total is not None else "",
            "" if rate is None else pace(rate),
            _time(progress, remaining, now),
        )
    return table


def _bar(progress: Progress, now: float) -> ProgressBar:
    if progress.finished is not None:
        return ProgressBar(total=1, completed=1, width=_BAR)
    return ProgressBar(
        total=progress.total, completed=progress.done, width=_BAR, pulse=progress.total is None, animation_time=now
    )


def _time(progress: Progress, remaining: float | None, now: float) -> str:
    if progress.finished is None and remaining is not None:
        return f"{duration(remaining)} left"
    return duration(progress.seconds(now))


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
