"""What is read back is held against what was intended; what lags is given time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration, Key
from migrator.model.events import ignore
from migrator.model.outcome import Verdict, Verification
from migrator.model.reading import Reading
from migrator.verification.read_back import read_back
from tests.memory import MemoryJournal, MemoryTenant, assigned
from tests.virtual_clock import VirtualClock

POLICY = Configuration("configurationPolicies", "p", "Policy")


class Lagging(MemoryTenant):
    """Shows the old list for so many readings."""

    lag = 0

    async def read(self, configurations: Sequence[Configuration], *more: Any, **named: Any) -> Mapping[Key, Reading]:
        self.lag -= 1
        if self.lag >= 0:
            return {c.key: Reading(assigned(1), True) for c in configurations}
        return await super().read(configurations, *more, **named)


async def verified(there: MemoryTenant, intended: Assignments, journal: MemoryJournal | None = None) -> Verification:
    (found,) = await read_back(
        [POLICY], {POLICY.key: intended}, there, journal=journal, clock=VirtualClock(), watch=ignore
    )
    return found


async def test_what_holds_is_verified_and_kept_in_the_journal() -> None:
    journal = MemoryJournal()
    found = await verified(MemoryTenant([POLICY], {POLICY.key: assigned(2, 1)}), assigned(1, 2), journal)
    assert found.verdict is Verdict.VERIFIED
    assert journal.told == [found]


async def test_what_lags_is_read_again() -> None:
    there = Lagging([POLICY], {POLICY.key: assigned(1, 2)})
    there.lag = 2
    assert (await verified(there, assigned(1, 2))).verdict is Verdict.VERIFIED


async def test_what_differs_says_how() -> None:
    found = await verified(MemoryTenant([POLICY], {POLICY.key: assigned(1, 3)}), assigned(1, 2))
    assert found.verdict is Verdict.DIFFERENT
    assert found.note == "1 missing, 1 extra"
    assert found.found == assigned(1, 3)


async def test_what_cannot_be_read_is_unreadable_not_different() -> None:
    there = MemoryTenant([POLICY], {POLICY.key: ()}, unsettled={POLICY.key})
    assert (await verified(there, assigned(1))).verdict is Verdict.UNREADABLE
