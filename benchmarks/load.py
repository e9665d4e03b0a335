"""How long reading and checking a mapping takes, and how much memory, beside calamine alone and pandas with openpyxl.

    python benchmarks/load.py [--rows N ...] [--repeat 5] [--slow] [--quick]

Each measurement is a process of its own, taken in turns; its processor time (all threads, interpreter and imports
included) counts, of which the median is compared. 200,000 rows are measured once more where hardly any group comes
twice. pandas with openpyxl reads each file once, and a million rows only with `--slow`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mappings import long_mapping
from benchmarks.measure import Measured, against, cost, machine, measure, median, python, shown, table

PATIENCE = 200_000  # rows that pandas with openpyxl is given to read unasked
MEMORY = 1.2 * 1024  # MiB for a million rows
HEADINGS = ("rows", "way", "processor s", "times calamine", "peak MiB")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to read, and how many times calamine's own time it may take (None: it is a peer)."""

    name: str
    title: str
    most: float | None = None


CALAMINE = Way("calamine", "calamine alone")
PANDAS = Way("pandas_with_openpyxl", "pandas with openpyxl")
OURS = (Way("load", "load", 2.0), Way("check", "`check`", 2.5))


def main(argv: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    options.add_argument("--repeat", type=int, default=5, help="measurements of each (5)")
    options.add_argument("--slow", action="store_true", help="pandas with openpyxl reads the largest file as well")
    options.add_argument("--quick", action="store_true", help="2,000 rows, once")
    chosen = options.parse_args(argv)
    sizes, repeat = ([2_000], 1) if chosen.quick else (chosen.rows, chosen.repeat)
    print(f"load: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for size in sizes:
            slow = size <= PATIENCE or chosen.slow
            rows += compared(long_mapping(Path(folder), size), size, repeat, slow=slow)
        if PATIENCE in sizes:
            rows += compared(long_mapping(Path(folder), PATIENCE, distinct=True), PATIENCE, repeat, "all distinct")
    print(table(HEADINGS, rows))


def compared(path: Path, size: int, repeat: int, note: str = "", *, slow: bool = False) -> list[Sequence[str]]:
    """A line of the table for each way to read one file."""
    ways = (CALAMINE, *OURS)
    runs: dict[Way, list[Measured]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way in ways:
            runs[way].append(read(way, path, size))
    if slow:
        runs[PANDAS] = [read(PANDAS, path, size)]
    alone = cost(median(runs[CALAMINE]))
    told = f"{size:,} {note}".strip()
    return [line(told, way, taken, alone, size) for way, taken in runs.items()]


def read(way: Way, path: Path, size: int) -> Measured:
    measured = measure(python("benchmarks.reading", way.name, path))
    if int(measured.output) != size:
        raise RuntimeError(f"{way.title} found {measured.output.strip()} rows of {size}")
    return measured


def line(told: str, way: Way, runs: Sequence[Measured], alone: float, size: int) -> Sequence[str]:
    seconds = cost(median(runs))
    times = seconds / alone
    # Below the size that the bars are about, starting the interpreter is most of what is measured.
    bounded = way.most is not None and size >= PATIENCE
    ratio = against(times, way.most) if bounded and way.most is not None else f"{times:.2f}"
    peak = max((run.peak for run in runs if run.peak is not None), default=None)
    bounded = bounded and size >= 1_000_000
    memory = against(peak, MEMORY, ",.0f") if bounded else shown(peak, ",.0f")
    return told, way.title, f"{seconds:.2f}", ratio, memory


if __name__ == "__main__":
    main()
