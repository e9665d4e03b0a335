"""How long a call is on its way, there and back, in seconds."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

Latency = Callable[[random.Random], float]


def around(median: float, spread: float, longest: float) -> Latency:
    """Log-normal, as latencies are: many near the median, a tail that grows with `spread`, none over the longest."""
    return lambda chance: min(longest, median * math.exp(chance.gauss(0, spread)))


USUAL = around(0.3, 0.8, 8.0)
NEAR = around(0.05, 0.5, 2.0)
EVEN = around(0.3, 0.3, 3.0)
TAILS = around(1.2, 1.0, 20.0)
HEAVY_TAILS = around(0.5, 1.6, 60.0)
