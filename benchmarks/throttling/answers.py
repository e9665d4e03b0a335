"""What a server says: how long to wait after a refusal, and how full it is. Some say it badly.

A `RetryAfter` is asked with the seconds until there is room, the server's moment of the refusal, and the client's
moment at which it becomes known; it gives the seconds that the client is told, None where nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

RetryAfter = Callable[[float, float, float], float | None]
Hint = Callable[[float], float | None]

_NEAR = 0.8  # of the limit: what `x-ms-throttle-limit-percentage` begins to speak at


def exact(wait: float, _refused: float, _known: float) -> float:
    """Whole seconds, rounded up, at least one."""
    return float(max(1, math.ceil(wait)))


def decimals(wait: float, _refused: float, _known: float) -> float:
    """To the millisecond, as inside a batch."""
    return max(0.001, math.ceil(1000 * wait) / 1000)


def absent(_wait: float, _refused: float, _known: float) -> None:
    """Nothing at all."""


def always(seconds: float) -> RetryAfter:
    """The same whatever the truth is."""
    return lambda _wait, _refused, _known: seconds


def date(wait: float, refused: float, known: float) -> float:
    """An HTTP date, rounded up to whole seconds."""
    return max(0.0, math.floor(refused + wait + 1) - known)


def date_rounded_down(wait: float, refused: float, known: float) -> float:
    """An HTTP date that loses up to a second."""
    return max(0.0, math.floor(refused + wait) - known)


def half(wait: float, _refused: float, _known: float) -> float:
    """Half of what it should be, at least one second."""
    return float(max(1, math.ceil(wait) // 2))


def twice(wait: float, _refused: float, _known: float) -> float:
    """Twice what it should be."""
    return 2.0 * max(1, math.ceil(wait))


def longer_by(seconds: float) -> RetryAfter:
    """More than it should be."""
    return lambda wait, refused, known: exact(wait, refused, known) + seconds


def moody(wait: float, refused: float, known: float) -> float | None:
    """Now right, now absent, now one second, now ten too long: by chance, but the same each time."""
    mood = random.Random(math.floor(1000 * refused)).choice((exact, absent, always(1.0), longer_by(10)))
    return mood(wait, refused, known)


def honest(load: float) -> float | None:
    """How full it is, once that is worth saying."""
    return load if load >= _NEAR else None


def always_says(load: float) -> Hint:
    """The same hint with every answer."""
    return lambda _load: load


def upside_down(load: float) -> float | None:
    """Says that it is full when it is empty, and nothing when it is full."""
    return 1.2 if load < _NEAR else None
