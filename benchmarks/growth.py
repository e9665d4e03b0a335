"""Whole runs of more and more configurations without throttling: does what they take grow faster than the work?

    python benchmarks/growth.py [--configurations N ...] [--quick]

Each run loads a mapping of two rows and three groups a configuration, plans, sends, verifies and writes all reports;
it is a process of its own, and so is the tenant. `grows` is how much more a configuration costs than in the run before,
in processor time and in memory: 1 is in step with the work, less is better.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mappings import run_mapping
from benchmarks.measure import against, cost, machine, shown, table
from benchmarks.whole import Run, run

IN_STEP = 1.1  # a tenth is left to chance
CALLS_EACH = 1.14  # in a run of a thousand: one that takes longer than a minute reads again what is still to be sent
HEADINGS = ("configurations", "seconds", "processor s", "grows", "peak MiB", "grows", "calls each")


def main(argv: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--configurations", type=int, nargs="+", default=[100, 1_000, 10_000, 50_000])
    options.add_argument("--quick", action="store_true", help="20 and 60 configurations")
    chosen = options.parse_args(argv)
    print(f"growth: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        runs = [run(run_mapping(Path(folder), n)) for n in ([20, 60] if chosen.quick else chosen.configurations)]
    print(table(HEADINGS, list(lines(runs))))


def lines(runs: Sequence[Run]) -> Iterator[Sequence[str]]:
    """A line a run, held against the one before."""
    for before, now in zip((None, *runs), runs, strict=False):
        yield (
            f"{now.configurations:,}",
            f"{now.taken.seconds:.1f}",
            shown(now.taken.processor, ".1f"),
            grown(before, now, cost(before.taken) if before else None, cost(now.taken)),
            shown(now.taken.peak, ",.0f"),
            grown(before, now, before.taken.peak if before else None, now.taken.peak),
            against(now.calls_each, CALLS_EACH, ".3f") if now.configurations == 1_000 else f"{now.calls_each:.3f}",
        )


def grown(before: Run | None, now: Run, then: float | None, amount: float | None) -> str:
    """How much more of something one configuration takes than it did in the run before."""
    if before is None or then is None or amount is None:
        return ""
    return against(amount / now.configurations / (then / before.configurations), IN_STEP)


if __name__ == "__main__":
    main()
