"""What is the same at all times, or a function of time: a limit, a rate, a share of faults."""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Callable

Level = float | Callable[[float], float]


def at_all_times(level: Level) -> Callable[[float], float]:
    """The level as a function of seconds."""
    if callable(level):
        return level
    constant = level
    return lambda _at: constant


def steps(*pairs: tuple[float, float]) -> Callable[[float], float]:
    """`steps((0, 100), (150, 50))` is 100 until second 150, and 50 from then on."""
    moments = [moment for moment, _ in pairs]
    values = [value for _, value in pairs]
    return lambda at: values[max(0, bisect.bisect_right(moments, at) - 1)]


def wave(middle: float, swing: float, period: float) -> Callable[[float], float]:
    """Goes up and down around the middle, once in `period` seconds."""
    return lambda at: middle + swing * math.sin(2 * math.pi * at / period)


def bursts(level: float, lasting: float, every: float) -> Callable[[float], float]:
    """`level` for the first `lasting` seconds of every `every`, then nothing."""
    return lambda at: level if at % every < lasting else 0.0


def unsteady(middle: float, swing: float, every: float) -> Callable[[float], float]:
    """Another value, by chance, in each stretch of `every` seconds; the same whenever it is asked."""

    def level(at: float) -> float:
        chance = random.Random(math.floor(at / every))
        return middle + swing * (2 * chance.random() - 1)

    return level
