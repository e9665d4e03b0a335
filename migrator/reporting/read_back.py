"""What was found when a configuration was read back, assignment by assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.model.assignment import Assignment, Assignments, Identity
from migrator.model.lists import by_identity, difference
from migrator.model.outcome import Verification
from migrator.model.plan import Change
from migrator.workbook.cells import Tag
from migrator.workbook.style import Tone

FOUND = Tag("✓ found", Tone.GOOD)
GONE = Tag("✓ gone", Tone.GOOD)
MISSING = Tag("✗ missing", Tone.BAD)
STILL_THERE = Tag("✗ still there", Tone.BAD)
DIFFERS = Tag("≠ differs", Tone.BAD)
UNEXPECTED = Tag("✗ not expected", Tone.BAD)
NOT_KNOWN = Tag("not read back", Tone.QUIET)
POLICY_SET = Tag("policy set", Tone.QUIET)

_ByIdentity = Mapping[Identity, Assignment]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was found for each change, in the same order, with the assignment that differs; and what nobody planned."""

    tags: tuple[Tag, ...]
    differing: tuple[Assignment | None, ...]
    unexpected: Assignments


def read_back(changes: Sequence[Change], after: Assignments, verification: Verification | None) -> ReadBack:
    """Compares what was planned with what was found, by the rules by which a run is verified."""
    if verification is None or verification.found is None:
        return ReadBack((NOT_KNOWN,) * len(changes), (None,) * len(changes), ())
    found, wanted = by_identity(verification.found), by_identity(after)
    differing = {expected.identity: there for expected, there in difference(after, verification.found).changed}
    old = {c.before.identity for c in changes if c.before}
    return ReadBack(
        tuple(_judge(change, found, wanted, differing) for change in changes),
        tuple(differing.get(change.after.identity) if change.after else None for change in changes),
        tuple(a for identity, a in found.items() if identity not in wanted and identity not in old),
    )


def _judge(change: Change, found: _ByIdentity, wanted: _ByIdentity, differing: Mapping[Identity, Assignment]) -> Tag:
    before, after = change.before, change.after
    if any(a.from_policy_set for a in (before, after) if a):
        return POLICY_SET
    if after is not None and after.identity not in found:
        return MISSING
    if after is not None and after.identity in differing:
        return DIFFERS
    if before is not None and before.identity in found and before.identity not in wanted:
        return STILL_THERE
    return FOUND if after is not None else GONE
