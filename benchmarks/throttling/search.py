"""A search for the servers on which a pacer is worst: climbing by chance, the same each time.

From some places of the domain (place.py), one property at a time is moved to a neighbouring value, and what made it
worse is kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.throttling.case import MakePolicy
from benchmarks.throttling.contest import PEERS, policy
from benchmarks.throttling.figures import Figures, measure
from benchmarks.throttling.place import Place, anywhere, beside

_SEEDS = (1, 2)
_CLIMBS = 10

Badness = Callable[[Place, Figures], float]


def slowness(place: Place, figures: Figures) -> float:
    """Makespan over the optimum of what the others leave; a run that was given up is the worst of all."""
    return figures.ratio * (1 - place.others)


def waste(_place: Place, figures: Figures) -> float:
    """The share of calls that was refused."""
    return figures.refused


GOALS: dict[str, Badness] = {"slowest": slowness, "most refused": waste}


def search(module: str, budget: int, seed: int = 1) -> None:
    """Prints the places where the module's Pacer is slowest and where it is refused most, and what peers do there.

    `budget` is how many places are tried for each of the two.
    """
    for goal, badness in GOALS.items():
        place, figures = worst(policy(module), badness, budget, seed)
        print(f"{goal}, of {budget} places:\n  {place}")
        reached = {"ours": figures} | {name: measure(place.case(), make, _SEEDS) for name, make in PEERS.items()}
        for name, found in reached.items():
            given_up = f", {found.given_up} of {len(_SEEDS)} given up" if found.given_up else ""
            print(f"  {name:12} {found.ratio:8.3f} x optimum, {100 * found.refused:5.1f} % refused{given_up}")


def worst(make: MakePolicy, badness: Badness, budget: int, seed: int) -> tuple[Place, Figures]:
    """The worst place found, and what the policy reaches there."""
    chance = random.Random(seed)
    tops = [_climb(make, badness, budget // _CLIMBS, chance) for _ in range(_CLIMBS)]
    return max(tops, key=lambda top: badness(*top))


def _climb(make: MakePolicy, badness: Badness, places: int, chance: random.Random) -> tuple[Place, Figures]:
    here = anywhere(chance)
    figures = measure(here.case(), make, _SEEDS)
    for _ in range(places - 1):
        there = beside(here, chance)
        then = measure(there.case(), make, _SEEDS)
        if badness(there, then) >= badness(here, figures):
            here, figures = there, then
    return here, figures
