"""Where a blow falls: the moments that are aimed at, and the stage that was hit, told from what is left."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crashing.process import Ended, Moment, Seen

FRAME_HEADER, WAL_HEADER = 24, 32

STARTING = "starting up"
LOADING = "reading the mapping"
PLANNING = "planning: listing, looking up, reading"
OPENING = "opening the run: its journal"
PLAN_XLSX = "opening the run: plan.xlsx"
GUARDING = "guarding: reading again before sending"
SENDING = "sending"
COMMIT = "sending, as a commit was being written"
HALF = "sending, half of a commit in the log"
VERIFYING = "verifying"
ENDING = "closing the journal"
SUMMARY = "writing summary.xlsx"
WORKBOOKS = "writing a configuration's workbook"
RETRY = "writing retry.xlsx"
BETWEEN = "writing reports, between two files"
CLOSING = "closing, everything written"
STAGES = (
    STARTING,
    LOADING,
    PLANNING,
    OPENING,
    PLAN_XLSX,
    GUARDING,
    SENDING,
    COMMIT,
    HALF,
    VERIFYING,
    ENDING,
    SUMMARY,
    WORKBOOKS,
    RETRY,
    BETWEEN,
    CLOSING,
)


A_COMMIT = "a commit"
"""The log was seen to grow, less than a millisecond ago: its pages are being written, or synced."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A moment to strike at, and up to how many seconds later by chance."""

    name: str
    moment: Moment
    spread: float
    anew: bool = False
    """Whether it comes only where a run begins."""


def _says(beginning: str, part: str = "") -> Moment:
    return lambda seen: any(line.startswith(beginning) and part in line for line in seen.lines)


def _wrote(pattern: str, least: int = 1) -> Moment:
    return lambda seen: len(seen.wrote(pattern)) >= least


def _after(seconds: float) -> Moment:
    return lambda seen: seen.seconds() >= seconds


def _grown(times: int) -> Moment:
    """The journal's log was seen to grow so many times."""
    sizes: set[int] = set()

    def moment(seen: Seen) -> bool:
        for path in seen.wrote("run.sqlite-wal"):
            sizes.add(_size(path))
        return len(sizes) > times

    return moment


def _emptied() -> Moment:
    """The journal's log was there and has gone: it is being closed."""
    there: list[Path] = []
    planned = _says("Reading assignments:", " in ")

    def moment(seen: Seen) -> bool:
        if not planned(seen):
            return False
        found = seen.wrote("run.sqlite-wal")
        there.extend(found)
        return bool(there) and not found

    return moment


_EARLY, _LATE, _SURELY = 0.25, 0.6, 0.8  # how often a moment is among a round's; the early ones come more surely

# In the order in which they come.
_AIMS: tuple[Callable[[random.Random], Aim], ...] = (
    lambda chance: Aim("at any time", _after(chance.uniform(0.0, 2.2)), 0.0),
    lambda _: Aim("starting", _after(0.05), 0.5),
    lambda _: Aim("loading", _says("Reading the mapping"), 0.003, anew=True),
    lambda _: Aim("listing", _says("Listing"), 0.08, anew=True),
    lambda _: Aim("looking up", _says("Looking up"), 0.04, anew=True),
    lambda _: Aim("reading", _says("Reading assignments"), 0.1, anew=True),
    lambda _: Aim("the journal is made", _wrote("run.sqlite.new"), 0.002, anew=True),
    lambda _: Aim("the run exists", _wrote("run.sqlite"), 0.004, anew=True),
    lambda _: Aim("plan.xlsx", _wrote("run.sqlite-wal"), 0.03, anew=True),
    lambda _: Aim("plan.xlsx", _wrote("plan.part"), 0.001, anew=True),
    lambda _: Aim("guarding", _says("Reading assignments"), 0.1),
    lambda _: Aim("sending", _says("Assigning"), 0.2),
    lambda _: Aim("sending", _says("Assigning"), 0.4),
    lambda chance: Aim(A_COMMIT, _grown(chance.randint(1, 4)), 0.0),
    lambda chance: Aim(A_COMMIT, _grown(chance.randint(1, 8)), 0.0),
    lambda chance: Aim(A_COMMIT, _grown(chance.randint(2, 12)), 0.0),
    lambda _: Aim("sending", _says("Assigning"), 1.5),
    lambda _: Aim("verifying", _says("Verifying"), 0.06),
    lambda _: Aim("verifying", _says("Verifying"), 0.12),
    lambda _: Aim("the journal is closed", _says("Verifying:", " in "), 0.01),
    lambda _: Aim("the journal is closed", _emptied(), 0.004),
    lambda _: Aim("retry.xlsx", _wrote("retry.*"), 0.004),
    lambda _: Aim("summary.xlsx", _says("Writing reports"), 0.02),
    lambda chance: Aim("a workbook", _wrote("configurations/*.part", chance.randint(1, 2)), 0.001),
    lambda chance: Aim("workbooks", _wrote("configurations/*.xlsx", chance.randint(1, 8)), 0.012),
    lambda _: Aim("retry.xlsx", _wrote("retry.*"), 0.002),
    lambda _: Aim("summary.xlsx", _wrote("summary.part"), 0.002),
    lambda _: Aim("closing", _says("Writing reports", " in "), 0.03),
)


_READING_BACK = next(i for i, make in enumerate(_AIMS) if make(random.Random(0)).name == "verifying")


def aims(chance: random.Random) -> list[Aim]:
    """Some of the moments, mostly in their order, so that many of them come: what is over does not come again.

    Half of the time they are those from reading back on, which hardly come where a run was killed often before.
    """
    made = [make(chance) for make in _AIMS]
    if chance.random() < 0.5:
        return [aim for aim in made[_READING_BACK:] if chance.random() < _SURELY]
    chosen = [aim for aim in made if chance.random() < (_EARLY if aim.anew else _LATE)]
    if chance.random() < 0.2:
        chance.shuffle(chosen)
    return chosen


def aims_called(names: Sequence[str], chance: random.Random) -> list[Aim]:
    """The moments of these names, in this order."""
    made = {aim.name: aim for aim in (make(chance) for make in reversed(_AIMS))}
    return [made[name] for name in names]


def stage_hit(ended: Ended, aim: str, folder: Path | None, left: set[str]) -> str:
    """The stage at which a process ended.

    `aim` is what was aimed at, `folder` the newest folder of a run, if there is any, and `left` are the names of the
    files in it that this process wrote, unfinished ones included.
    """
    shown = [line for line in ended.lines if line.startswith(_SHOWN)]
    if not shown:
        return GUARDING if ended.command.startswith("resume") and _begun(left) else STARTING
    last, over = shown[-1], " in " in shown[-1]
    if last.startswith("Writing reports"):
        return CLOSING if over else _report(left)
    if last.startswith("Verifying"):
        return ENDING if over else VERIFYING
    if last.startswith("Assigning"):
        if folder is not None and half_written(folder / "run.sqlite-wal"):
            return HALF
        return COMMIT if aim == A_COMMIT else SENDING
    if ended.command.startswith("resume"):
        return GUARDING
    if last.startswith("Reading the mapping"):
        return LOADING
    if "run.lock" in left:
        return GUARDING
    if "run.sqlite" in left:
        return PLAN_XLSX
    return OPENING if folder is not None and left else PLANNING


_SHOWN = (
    "Reading the mapping",
    "Listing configurations",
    "Looking up groups",
    "Reading assignments",
    "Assigning",
    "Verifying",
    "Writing reports",
)


def _begun(left: set[str]) -> bool:
    return "run.lock" in left


def _report(left: set[str]) -> str:
    if "summary.part" in left:
        return SUMMARY
    if "retry.part" in left:
        return RETRY
    return WORKBOOKS if any(name.endswith(".part") for name in left) else BETWEEN


def half_written(wal: Path) -> bool:
    """Whether SQLite's log ends with pages that no commit follows (https://sqlite.org/fileformat2.html#walformat)."""
    try:
        content = wal.read_bytes()
    except OSError:
        return False
    if len(content) < WAL_HEADER:
        return bool(content)
    page, salts = int.from_bytes(content[8:12]), content[16:24]
    at, committed = WAL_HEADER, True
    while at + FRAME_HEADER <= len(content) and content[at + 8 : at + 16] == salts:
        committed = content[at + 4 : at + 8] != bytes(4) and at + FRAME_HEADER + page <= len(content)
        at += FRAME_HEADER + page
    return not committed


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
