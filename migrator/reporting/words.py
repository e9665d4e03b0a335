"""How things are called in a report, and the tone in which they are said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from migrator.model.configuration import Served
from migrator.model.finding import Level
from migrator.model.kinds import KINDS
from migrator.model.outcome import Settled, Status, Verdict, Verification
from migrator.model.plan import Effect
from migrator.model.row import Row
from migrator.reporting.facts import Facts, Line, RowStatus
from migrator.workbook.cells import Tag
from migrator.workbook.style import Tone

STATUS: Mapping[Status, Tag] = {
    Status.SUCCEEDED: Tag("succeeded", Tone.GOOD),
    Status.UNCHANGED: Tag("unchanged", Tone.QUIET),
    Status.FAILED: Tag("failed", Tone.BAD),
    Status.DRIFTED: Tag("drifted", Tone.WARN),
    Status.WAITING: Tag("waiting", Tone.HOLD),
}
LEFT_OUT = Tag("left out", Tone.HOLD)
EFFECT: Mapping[Effect, Tag] = {
    Effect.ADDED: Tag("added", Tone.GOOD),
    Effect.REMOVED: Tag("removed", Tone.BAD),
    Effect.SWAPPED: Tag("swapped", Tone.ACCENT),
    Effect.CHANGED: Tag("changed", Tone.WARN),
    Effect.KEPT: Tag("kept", Tone.QUIET),
}
PLANNED: Mapping[Effect, str] = {
    Effect.ADDED: "to add",
    Effect.REMOVED: "to remove",
    Effect.SWAPPED: "to swap",
    Effect.CHANGED: "to change",
    Effect.KEPT: "to keep",
}
"""The effects where nothing has come of them (yet)."""
ROW: Mapping[RowStatus, Tag] = {
    RowStatus.DONE: Tag("done", Tone.GOOD),
    RowStatus.PUT_BACK: Tag("put back", Tone.GOOD),
    RowStatus.NOTHING: Tag("nothing to do", Tone.QUIET),
    RowStatus.FAILED: Tag("failed", Tone.BAD),
    RowStatus.LEFT_ALONE: Tag("left alone", Tone.WARN),
    RowStatus.LEFT_OUT: LEFT_OUT,
    RowStatus.WAITING: Tag("waiting", Tone.HOLD),
    RowStatus.OPEN: Tag("open", Tone.WARN),
}
LEVEL: Mapping[Level, Tag] = {
    Level.ERROR: Tag("error", Tone.BAD),
    Level.WARNING: Tag("warning", Tone.WARN),
    Level.NOTE: Tag("note", Tone.QUIET),
}
SERVED: Mapping[Served, Tag] = {
    Served.READ: Tag("read", Tone.GOOD),
    Served.NOT_SERVED: Tag("not served", Tone.QUIET),
    Served.FORBIDDEN: Tag("forbidden", Tone.WARN),
    Served.FAILED: Tag("failed", Tone.BAD),
}
_VERDICT: Mapping[Verdict, Tag] = {
    Verdict.VERIFIED: Tag("verified", Tone.GOOD),
    Verdict.DIFFERENT: Tag("different", Tone.BAD),
    Verdict.UNREADABLE: Tag("unreadable", Tone.WARN),
}
NOT_READ_BACK = Tag("not read back", Tone.QUIET)
SETTLED: Mapping[Settled, str] = {
    Settled.ANSWER: "from the service's answer",
    Settled.READING: "by reading it again",
    Settled.NOTHING_SENT: "nothing was sent",
}
SETTLED_BRIEFLY: Mapping[Settled, str] = {
    Settled.ANSWER: "",
    Settled.READING: "settled by reading",
    Settled.NOTHING_SENT: "nothing to change",
}
"""The same for one that is as intended, where there is room for a few words."""


def status(line: Line) -> Tag:
    """What became of a configuration; one that was left out is not called unchanged."""
    return LEFT_OUT if line.left_out else STATUS[line.status]


def verdict(verification: Verification | None) -> Tag:
    """What reading back showed; that it was not done is a word of its own."""
    return _VERDICT[verification.verdict] if verification else NOT_READ_BACK


def kind_title(kind: str) -> str:
    """What a kind is called by people; its own name where the table does not know it."""
    known = KINDS.get(kind)
    return known.title if known else kind


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `3,000 rows`."""
    return f"{number:,} {either(number, noun, plural or noun + 's')}"


def either(number: int, one: str, several: str) -> str:
    """What is said of one, or of several (and of none)."""
    return one if number == 1 else several


def drifted_too(figures: Facts) -> str:
    """Those that drifted, for the end of a sentence that says something worse first; "" for none."""
    return f"; {figures.drifted:,} drifted" if figures.drifted else ""


def share(part: int, whole: int) -> str:
    """`1.2 %`, `less than 0.1 %`."""
    percent = 100 * part / whole
    return f"{percent:,.1f} %" if percent >= 0.1 or not part else "less than 0.1 %"


def duration(seconds: float) -> str:
    """`0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock(seconds: int) -> str:
    """`0:05`, `12:30`, `1:02:30`: how long something has been going."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(seconds: float) -> str:
    """`2026-11-23 20:45:12 UTC`, "" for none."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC" if seconds else ""


def places(rows: Iterable[Row]) -> str:
    """Where rows stand in the mapping: `Sheet1: 7, 9; Sheet2: 3`, or `7, 9` where the sheet has no name."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.sheet].append(row.number)
    named = ((sheet, ", ".join(str(n) for n in sorted(found))) for sheet, found in numbers.items())
    return "; ".join(f"{sheet}: {found}" if sheet else found for sheet, found in named)


def legacy_group(row: Row) -> str:
    """The group that a swap takes away, as the row writes it; "" for all other rows."""
    return _written(row, 0) if len(row.groups) > 1 else ""


def new_group(row: Row) -> str:
    """The group that the row is about, as it writes it, in whichever column it stands."""
    return _written(row, -1) if row.groups else ""


def _written(row: Row, position: int) -> str:
    name, group_id = row.groups[position]
    found = name or group_id
    return found.text if found else ""
