"""How long reading and checking a mapping takes, against calamine's bare iteration of the same file.

    python benchmarks/load.py [--rows 200000] [--repeat 5] [--distinct]

Each measurement is a process of its own, taken in turns; its processor time (all threads, interpreter and imports
included) counts, and the median is compared. The bars: loading at most 2.0 times calamine alone, `check`, which looks
for contradictions besides, at most 2.5 times.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

BARE = """
from python_calamine import CalamineWorkbook
rows = 0
for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
    rows += 1
rows -= 1
"""
LOADED = """
from migrator.mapping.load import load
mapping = load(path)
rows = len(mapping.rows)
assert not any(f.level == "error" for f in mapping.findings), mapping.findings[:5]
"""
CHECKED = """
from migrator.operations.check import check
mapping = check(path)
rows = len(mapping.rows)
assert not any(f.level == "error" for f in mapping.findings), mapping.findings[:5]
"""
FRAME = """
import json, sys, time
path = sys.argv[1]
{body}
used = time.process_time()
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
except ImportError:  # Windows
    peak = 0.0
print(json.dumps([rows, used, peak]))
"""
HEADINGS = ("Configuration", "Kind", "Legacy group", "New group", "Action", "Filter", "Comment")


def write(path: Path, rows: int, distinct: bool) -> None:
    """A long mapping of 2,000 configurations and as many comments as rows; no row twice.

    There are 20,000 groups on either side, or, where `distinct`, as many as rows.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Mapping")
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            group = row if distinct else (row // 2_000 + 97 * row) % 20_000
            values = (
                f"Win - Baseline - SC - Area {row % 40} - Policy {row % 2_000} - v3.2",
                "Settings catalog policy",
                f"GPO-Site-{group % 300}-Workstations-{group}",
                f"SG-Intune-{group % 300}-Workstations-{group}",
                "swap",
                "Corporate devices" if group % 3 else "",
                f"CHG{row:07}",
            )
            for column, value in enumerate(values):
                sheet.write_string(row, column, value)


def measure(body: str, path: Path) -> tuple[int, float, float]:
    """Rows, seconds of processor time and peak MiB of one process."""
    command = [sys.executable, "-c", FRAME.format(body=body), str(path)]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    rows, seconds, peak = json.loads(done.stdout)
    return rows, seconds, peak


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--distinct", action="store_true", help="as many groups as rows, instead of 20,000")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.xlsx"
        # In a process of its own: on Linux a child's peak begins with what its parent has.
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, chosen.rows, chosen.distinct))
        writer.start()
        writer.join()
        taken = [[measure(body, path) for body in (BARE, LOADED, CHECKED)] for _ in range(chosen.repeat)]
    bare, *ours = zip(*taken, strict=True)
    alone = report("calamine alone", bare)
    for name, runs, bar in zip(("load", "check"), ours, (2.0, 2.5), strict=True):
        print(f"{'ratio':>15}: {report(name, runs) / alone:.2f} (bar: {bar})")


def report(name: str, runs: Sequence[tuple[int, float, float]]) -> float:
    """Prints what one way took, and gives its median of seconds."""
    seconds, peak = statistics.median(run[1] for run in runs), max(run[2] for run in runs)
    print(f"{name:>15}: {runs[0][0]:,} rows, {seconds:.2f} s, {peak:,.0f} MiB")
    return seconds


if __name__ == "__main__":
    main()
