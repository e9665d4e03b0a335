"""How fast calls went and how many were refused, over the time of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from migrator.model.outcome import Attempt
from migrator.reporting.facts import THROTTLED

_MOST_SPANS = 240  # more columns than that are not told apart in a chart


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the run: when it began (seconds since 1970, UTC, and since the first call), and calls a second by how
    they ended."""

    start: float
    offset: int
    admitted: float
    refused: float
    troubled: float


def timeline(attempts: Sequence[Attempt]) -> tuple[Span, ...]:
    """Calls as Graph counts them (those inside a batch one by one, the batch itself not), in spans of equal length by
    when they were answered. Empty for no calls."""
    counted = [a for a in attempts if a.inner or not a.path.endswith("/$batch")]
    if not counted:
        return ()
    first = min(a.started for a in counted)
    length = max(a.started + a.seconds for a in counted) - first
    step = max(1, math.ceil(length / _MOST_SPANS))
    spans = [[0, 0, 0] for _ in range(int(length // step) + 1)]
    for attempt in counted:
        spans[int((attempt.started + attempt.seconds - first) // step)][_ending(attempt)] += 1
    return tuple(
        Span(first + i * step, i * step, admitted / step, refused / step, troubled / step)
        for i, (admitted, refused, troubled) in enumerate(spans)
    )


def _ending(attempt: Attempt) -> int:
    if attempt.status == THROTTLED:
        return 1
    return 2 if attempt.status == 0 or attempt.status >= 500 else 0
