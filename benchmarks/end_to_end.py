"""Whole runs: without throttling as fast as they go, and under the documented limits as fast as those allow.

    python benchmarks/end_to_end.py [--speed 10] [--quick]

The client is a process of its own, whose seconds and peak memory are shown, and so is the tenant. Under limits both
live in hurried time (`hurried.py`), so that a run of three minutes takes twenty seconds.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mappings import run_mapping
from benchmarks.measure import against, machine, measure, python, shown, table
from benchmarks.whole import run, serving

FREE_HEADINGS = (
    "configurations",
    "rows",
    "seconds",
    "processor s",
    "configurations/s",
    "calls each",
    "peak MiB",
)
LIMITED_HEADINGS = (
    "configurations",
    "assigning, s",
    "optimum, s",
    "times optimum",
    "refused %",
    "calls each",
    "peak MiB",
)
WINDOW, SPAN = 100, 20.0  # assign calls in so many seconds, as documented
LATENCY = 0.15  # seconds that an answer takes at the median


@dataclass(frozen=True, slots=True)
class Case:
    """A run without throttling, and what it may take: seconds and MiB (infinite where nothing is said)."""

    configurations: int
    rows_each: int
    seconds: float = math.inf
    memory: float = math.inf


CASES = (Case(4_000, 2, 40, 400), Case(5_000, 10))


def main(argv: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--speed", type=float, default=10.0, help="how fast time passes under limits (10)")
    options.add_argument(
        "--quick", action="store_true", help="30 configurations, and 220 under limits, four times as fast"
    )
    chosen = options.parse_args(argv)
    cases = (Case(30, 2),) if chosen.quick else CASES
    print(f"end_to_end: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        print("\nWithout throttling\n")
        print(table(FREE_HEADINGS, [free(case, Path(folder)) for case in cases]))
        print("\nUnder the documented limits\n")
        number, speed = (220, 4 * chosen.speed) if chosen.quick else (1_000, chosen.speed)
        print(table(LIMITED_HEADINGS, [limited(number, speed, Path(folder))]))


def free(case: Case, folder: Path) -> Sequence[str]:
    """A run that nothing holds up but itself."""
    done = run(run_mapping(folder, case.configurations, case.rows_each))
    taken = done.taken
    return (
        f"{done.configurations:,}",
        f"{done.answer['rows']:,}",
        held(taken.seconds, case.seconds, ".1f"),
        shown(taken.processor, ".1f"),
        f"{done.configurations / taken.seconds:,.0f}",
        f"{done.calls_each:.3f}",
        held(taken.peak, case.memory, ",.0f"),
    )


def limited(configurations: int, speed: float, folder: Path) -> Sequence[str]:
    """A run that the tenant's window of assign calls holds up."""
    mapping = run_mapping(folder, configurations)
    reports = folder / "hurried"
    reports.mkdir()
    with serving(python("benchmarks.hurried", "serve", mapping, speed, LATENCY)) as environment:
        taken = measure(python("benchmarks.hurried", "run", mapping, speed, reports), environment)
    told = json.loads(taken.output.splitlines()[-1])
    least = optimum(configurations)
    return (
        f"{configurations:,}",
        f"{told['makespan']:.1f}",
        f"{least:.1f}",
        against(told["makespan"] / least, 1.04, ".3f"),
        against(100 * told["refused"] / told["calls"], 0.3),
        f"{told['requests'] / configurations:.3f}",
        shown(taken.peak, ",.0f"),
    )


def optimum(calls: int) -> float:
    """Seconds from the first of so many assign calls to the end of the last, where whatever the window has room for is
    sent at once, and all of it arrives as fast as a single call."""
    return (math.ceil(calls / WINDOW) - 1) * SPAN + LATENCY


def held(value: float | None, most: float, form: str) -> str:
    return shown(value, form) if most == math.inf else against(value, most, form)


if __name__ == "__main__":
    main()
