"""A policy on a case, over some seeds: what counts of it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.throttling.case import Case, MakePolicy
from benchmarks.throttling.optimum import optimum
from benchmarks.throttling.simulate import simulate

A_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over runs: `ratio` is the makespan over the optimum, `refused` the share of all calls that was.

    `worst` is the highest ratio. Runs that were given up (`given_up` is how many) count in neither, and all runs in
    `refused`. `fairness` is the lowest of all runs while all clients were at work, `settled` the same from a minute on;
    None with one client, not a number where they were never together so long.
    """

    ratio: float
    worst: float
    refused: float
    given_up: int = 0
    fairness: float | None = None
    settled: float | None = None


def measure(case: Case, make: MakePolicy, seeds: Iterable[int]) -> Figures:
    """Runs the case once for each seed."""
    runs = [(simulate(case, case.policies(make), seed), optimum(case, seed)) for seed in seeds]
    ratios = [story.makespan / best for story, best in runs if story.finished]
    several = len(case.starts) > 1
    return Figures(
        _mean(ratios),
        max(ratios, default=math.inf),
        statistics.fmean(story.refused for story, _ in runs),
        len(runs) - len(ratios),
        min(story.fairness() for story, _ in runs) if several else None,
        min(story.fairness(A_MINUTE) for story, _ in runs) if several else None,
    )


def mean(figures: Sequence[Figures]) -> Figures:
    """Of several cases, each counting the same; fairness is left out."""
    finished = [f for f in figures if f.ratio < math.inf]
    return Figures(
        _mean([f.ratio for f in finished]),
        max((f.worst for f in finished), default=math.inf),
        statistics.fmean(f.refused for f in figures),
        sum(f.given_up for f in figures),
    )


def _mean(ratios: Sequence[float]) -> float:
    return statistics.fmean(ratios) if ratios else math.inf
