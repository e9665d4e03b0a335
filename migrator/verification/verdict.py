"""Does what was read back equal what was intended? Pure."""

from __future__ import annotations

from migrator.model.assignment import Assignments
from migrator.model.configuration import Key
from migrator.model.lists import difference
from migrator.model.outcome import Verdict, Verification
from migrator.model.reading import Reading


def verdict(key: Key, intended: Assignments, reading: Reading, at: float) -> Verification:
    """One verification, with a sentence that says how far off it is."""
    if not reading.settled:
        note = reading.note or "no route gave a list"
        return Verification(key, Verdict.UNREADABLE, at, reading.assignments or None, note)
    off = difference(intended, reading.assignments)
    if off:
        parts = ((len(off.missing), "missing"), (len(off.extra), "extra"), (len(off.changed), "changed"))
        note = ", ".join(f"{n} {what}" for n, what in parts if n)
        return Verification(key, Verdict.DIFFERENT, at, reading.assignments, note)
    return Verification(key, Verdict.VERIFIED, at, reading.assignments, reading.note)
