"""Who runs on what: policies and cases by name, so that the work can be shared out to processes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from benchmarks.throttling.case import Case, MakePolicy, told, untold
from benchmarks.throttling.cases import FAMILIES, USUAL_CASES
from benchmarks.throttling.cubic import AdaptiveCubic
from benchmarks.throttling.figures import Figures, measure
from benchmarks.throttling.harder import HARDER_CASES, HARDER_FAMILIES
from benchmarks.throttling.policies import EachItsOwn, GatherWithJitter, Sequential, SharedGate

OURS = "migrator.graph.pacing"
PEERS: dict[str, MakePolicy] = {
    "sequential": untold(Sequential),
    "gather": untold(GatherWithJitter),
    "own wait": untold(EachItsOwn),
    "shared gate": untold(SharedGate),
    "CUBIC": untold(AdaptiveCubic),
}
ALL_FAMILIES = FAMILIES | HARDER_FAMILIES
CASES: dict[str, Case] = {case.name: case for case in (*USUAL_CASES, *HARDER_CASES)}

Row = dict[str, Figures]


def policy(name: str) -> MakePolicy:
    """One of the peers, or the class `Pacer` of the module of that name."""
    return PEERS[name] if name in PEERS else told(importlib.import_module(name).Pacer)


def measured(name: str, policies: Sequence[str], seeds: int) -> Row:
    """What each policy reaches on the case of that name."""
    return {one: measure(CASES[name], policy(one), range(1, seeds + 1)) for one in policies}


def contest(names: Sequence[str], policies: Sequence[str], seeds: int, processes: int) -> Iterator[tuple[Case, Row]]:
    """Case by case, in the order of the names."""
    cases = [CASES[name] for name in names]
    if processes < 2:
        yield from ((case, measured(case.name, policies, seeds)) for case in cases)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from zip(cases, pool.map(measured, names, repeat(policies), repeat(seeds)), strict=True)
