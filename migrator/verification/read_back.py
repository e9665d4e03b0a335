"""Reads back what holds, by a second route, and gives readings that lag the time they need."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from migrator.model.assignment import Assignments
from migrator.model.configuration import Configuration, Key
from migrator.model.events import ReadBack, Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.outcome import Verdict, Verification
from migrator.model.ports import Clock, Journal, Tenant
from migrator.model.reading import Reading
from migrator.verification.verdict import verdict

PATIENCE = (1.0, 2.0, 4.0)
"""Seconds between readings of those that are not yet as intended: reads lag writes."""
ENOUGH = 60.0
"""Seconds after which nothing is read again: reading that takes so long has made tries of its own, and a service that
does not answer would be asked for hours."""


async def read_back(
    configurations: Sequence[Configuration],
    intended: Mapping[Key, Assignments],
    tenant: Tenant,
    *,
    journal: Journal | None,
    clock: Clock,
    watch: Watch,
    patience: Sequence[float] = PATIENCE,
    hopeless: Container[Key] = frozenset(),
) -> tuple[Verification, ...]:
    """One verification per configuration, the last one each.

    Those that differ are read again a few times, but for the `hopeless`, whose calls were refused.
    """
    watch(StageStarted(Stage.VERIFY, len(configurations)))
    done: dict[Key, Verification] = {}
    left = list(configurations)
    deadline = clock.monotonic() + ENOUGH
    for planned in (*patience, None):
        readings = await tenant.read(left, purpose="verify")
        pause = planned if clock.monotonic() <= deadline else None
        now = {c.key: verdict(c.key, intended[c.key], _read(readings, c.key), clock.time()) for c in left}
        settled = [v for v in now.values() if v.verdict is Verdict.VERIFIED or pause is None or v.key in hopeless]
        done |= {v.key: v for v in settled}
        if journal is not None and settled:
            await journal.verified(settled)
        for verification in settled:
            watch(ReadBack(verification))
        watch(StageAdvanced(Stage.VERIFY, len(settled)))
        left = [c for c in left if c.key not in done]
        if not left or pause is None:
            break
        await clock.sleep(pause)
    watch(StageFinished(Stage.VERIFY))
    return tuple(done[c.key] for c in configurations)


def _read(readings: Mapping[Key, Reading], key: Key) -> Reading:
    return readings.get(key) or Reading((), settled=False, note="it was not read")
