from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest
from rich.console import Console

from migrator.cli.display import display
from migrator.cli.live import board
from migrator.cli.tally import Tally
from migrator.cli.words import duration, one_line
from migrator.model.configuration import Key
from migrator.model.events import (
    AttemptMade,
    Concluded,
    Dispatched,
    Event,
    ReadBack,
    Said,
    Stage,
    StageAdvanced,
    StageFinished,
    StageStarted,
    ThrottleSeen,
)
from migrator.model.outcome import Attempt, Outcome, Status, Verdict, Verification
from migrator.model.throttle import GateState, Lost, ThrottleState


class Clock:
    """Monotonic seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def key(number: int) -> Key:
    return Key("apps", str(number))


def concluded(number: int, status: Status = Status.SUCCEEDED, reason: str = "") -> Event:
    return Concluded(Outcome(key(number), status, reason))


def attempt(status: int = 200, number: int = 1) -> Event:
    return AttemptMade(Attempt("assign", "POST", "/assign", number, 0.0, 0.1, status))


WAITING = ThrottleState(
    0.0,
    (
        GateState("writes", True, "100/20s", 5.0, used=83, wait=3.0, why="the limit is used up"),
        GateState("reads", False, "900/20s", 45.0),
    ),
    Lost(paced=72.0),
)


def a_run(clock: Clock) -> list[tuple[float, Event]]:
    """Events and the seconds that pass before each."""
    return [
        (0, StageStarted(Stage.LIST)),
        (0.5, StageAdvanced(Stage.LIST, 250)),
        (0, StageFinished(Stage.LIST)),
        (0, StageStarted(Stage.ASSIGN, 4)),
        (0, Dispatched(key(1))),
        (0, attempt(429)),
        (0, attempt(200, 2)),
        (0, concluded(1)),
        (2, StageAdvanced(Stage.ASSIGN)),
        (0, concluded(2, Status.FAILED, "the service refused it")),
        (0, StageAdvanced(Stage.ASSIGN)),
        (0, Said("the tenant asks us to wait 12 s")),
        (0, concluded(3, Status.UNCHANGED)),
        (2, StageAdvanced(Stage.ASSIGN, 2)),
        (0, StageFinished(Stage.ASSIGN)),
        (0, ReadBack(Verification(key(1), Verdict.DIFFERENT, 0.0, note="a group is missing"))),
    ]


def show(stream: TextIO, *, quiet: bool = False) -> None:
    clock = Clock()
    with display(stream, quiet=quiet, clock=clock, name=lambda k: f"Policy {k.id}") as watch:
        for seconds, event in a_run(clock):
            clock.now += seconds
            watch(event)


def test_where_there_is_no_terminal_every_stage_is_a_plain_line_at_its_start_and_at_its_end() -> None:
    stream = io.StringIO()
    show(stream)
    assert stream.getvalue().splitlines() == [
        "Listing configurations",
        "Listing configurations: 250 in 0.5 s, 500/s",
        "Assigning: 4 to do",
        "Policy 2: failed: the service refused it",
        "the tenant asks us to wait 12 s",
        "Assigning: 4 in 4.0 s, 1.0/s (1 succeeded, 1 unchanged, 1 failed, 1 refused with 429, 1 tried again)",
        "Policy 1: read back different: a group is missing",
    ]


def test_plain_progress_comes_every_few_seconds_however_many_events_there_are() -> None:
    stream, clock = io.StringIO(), Clock()
    with display(stream, clock=clock) as watch:
        watch(StageStarted(Stage.VERIFY, 2000))
        for _ in range(700):
            clock.now += 1 / 64
            watch(StageAdvanced(Stage.VERIFY))
    assert stream.getvalue().splitlines() == [
        "Verifying: 2,000 to do",
        "Verifying: 320 of 2,000, 64.0/s, 26 s left",
        "Verifying: 640 of 2,000, 64.0/s, 21 s left",
    ]


def test_plain_progress_comes_while_nothing_moves_and_says_what_holds_it_up() -> None:
    stream, clock = io.StringIO(), Clock()
    with display(stream, clock=clock) as watch:
        watch(StageStarted(Stage.ASSIGN, 1000))
        for _ in range(10):
            clock.now += 0.1
            watch(attempt())
            watch(StageAdvanced(Stage.ASSIGN, 10))
        for _ in range(17):
            clock.now += 0.25
            watch(ThrottleSeen(WAITING))
    assert stream.getvalue().splitlines()[1:] == [
        "Assigning: 100 of 1,000, 20.0/s, 2 min 56 s left; 2.0 calls/s; "
        "writes 83 of 100/20s, next in 3.0 s: the limit is used up; held back 1 min 12 s by the limit",
    ]


def test_a_flood_of_problems_ends_in_one_sentence() -> None:
    stream = io.StringIO()
    with display(stream, clock=Clock()) as watch:
        for number in range(500):
            watch(concluded(number, Status.DRIFTED, "somebody changed it"))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 21
    assert lines[0] == "apps 0: drifted: somebody changed it"
    assert "the reports have them all" in lines[-1]


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_shows_nothing(stream: io.StringIO) -> None:
    show(stream, quiet=True)
    with display(stream, quiet=True) as watch, watch.paused():
        pass
    assert stream.getvalue() == ""


def test_a_terminal_that_can_do_nothing_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    show(terminal)
    assert "\x1b" not in terminal.getvalue()
    assert "Assigning: 4 to do" in terminal.getvalue()


def test_a_terminal_keeps_the_last_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal = Terminal()
    show(terminal)
    shown = terminal.getvalue()
    last = shown[shown.rindex("Listing") :]
    assert "Assigning" in last
    assert "Policy 1: read back different: a group is missing" in last
    assert "the tenant asks us to wait 12 s" in shown


def test_the_board_steps_aside_for_a_question_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with display(terminal, clock=Clock()) as watch:
        watch(StageStarted(Stage.ASSIGN, 4))
        with watch.paused():
            length = len(terminal.getvalue())
            terminal.write("Go on? ")
            watch(StageAdvanced(Stage.ASSIGN, 3))
            assert terminal.getvalue()[length:] == "Go on? "
    assert "3 of 4" in terminal.getvalue()[length:]


def drawn(tally: Tally, now: float, width: int = 100) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(board(tally, now))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_board_has_bars_with_count_rate_and_time_then_counts_throttle_and_problems() -> None:
    tally, clock = Tally(), Clock()
    for seconds, event in a_run(clock)[:11]:
        clock.now += seconds
        tally.take(event, clock.now)
    tally.take(ThrottleSeen(WAITING), clock.now)
    first, second, *rest = drawn(tally, clock.now)
    assert first.split() == ["Listing", "configurations", "━" * 24, "250", "500/s", "0.5", "s"]
    assert second.split() == ["Assigning", *second.split()[1:2], "2", "of", "4", "1.0/s", "3.0", "s", "left"]
    assert rest == [
        "1 succeeded, 1 failed, 1 refused with 429, 1 tried again",
        "1.0 calls/s",
        "writes 83 of 100/20s, next in 3.0 s: the limit is used up",
        "held back 1 min 12 s by the limit",
        "apps 2: failed: the service refused it",
    ]


def test_a_narrow_terminal_breaks_no_line() -> None:
    tally = Tally()
    tally.take(StageStarted(Stage.ASSIGN, 4), 0.0)
    tally.take(concluded(1, Status.FAILED, "a long story " * 20), 0.0)
    tally.take(ThrottleSeen(WAITING), 0.0)
    assert len(drawn(tally, 0.0, width=40)) == 5


def test_what_a_terminal_would_obey_is_shown_as_nothing() -> None:
    assert one_line("a\x1b[2Jb\r\nc\td \u202e\ud83d") == "a [2Jb c d"
    tally = Tally(name=lambda _: "[bold]evil[/]\x1b]0;title\x07")
    assert tally.take(concluded(1, Status.FAILED, "x\ny"), 0.0) == "[bold]evil[/] ]0;title : failed: x y"
    assert "[bold]evil[/]" in drawn(tally, 0.0)[-1]


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_console_of_any_encoding_survives_any_name(
    encoding: str, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, errors="strict") as stream:
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
        with display(stream, clock=Clock(), name=lambda _: "営業部 → ½") as watch:
            watch(StageStarted(Stage.ASSIGN, 4))
            watch(concluded(1, Status.FAILED, "–"))
            watch(StageFinished(Stage.ASSIGN))
        shown = raw.getvalue().decode(encoding)
    assert "Assigning" in shown
    assert ("営業部" in shown) == (encoding == "utf-8")


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_stream_that_is_gone_or_closed_disturbs_nobody() -> None:
    closed = io.StringIO()
    closed.close()
    show(Gone())
    show(closed)


def test_a_stage_that_begins_again_counts_anew() -> None:
    tally = Tally()
    for event in (StageStarted(Stage.READ, 5), StageAdvanced(Stage.READ, 5), StageFinished(Stage.READ)):
        tally.take(event, 0.0)
    tally.take(StageStarted(Stage.LOOK_UP, 1), 1.0)
    tally.take(StageStarted(Stage.READ, 7), 2.0)
    assert [(p.stage, p.count) for p in tally.under_way()] == [(Stage.LOOK_UP, "0 of 1"), (Stage.READ, "0 of 7")]


def test_a_stage_nobody_announced_is_shown_all_the_same() -> None:
    tally = Tally()
    tally.take(StageAdvanced(Stage.REPORT, 3), 0.0)
    tally.take(StageFinished(Stage.REPORT), 2.0)
    assert tally.stages[Stage.REPORT].figures(5.0) == "3 in 2.0 s, 1.5/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0 s"), (0.44, "0.4 s"), (9.97, "10 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (3780, "1 h 03 min")],
)
def test_durations_read_as_a_person_would_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_plain_lines_do_not_load_rich() -> None:
    code = (
        "import io, sys; from migrator.cli.display import display\n"
        "with display(io.StringIO()): print([m for m in sys.modules if m.split('.')[0] == 'rich'])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals in Python")
def test_on_a_real_terminal_the_board_is_drawn_and_standard_output_stays_clean() -> None:
    import pty

    code = (
        "import sys; from migrator.cli.display import display; from migrator.model.events import *\n"
        "with display(sys.stderr) as watch:\n"
        "    watch(StageStarted(Stage.ASSIGN, 3)); watch(StageAdvanced(Stage.ASSIGN, 3))\n"
        "print('{}')"
    )
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TERM": "xterm-256color"},
    )
    shown = os.read(ours, 100_000).decode("utf-8")
    os.close(ours)
    os.close(theirs)
    assert done.stdout == b"{}\n"
    assert "3 of 3" in shown
    assert "\x1b[?25h" in shown  # the cursor is back
