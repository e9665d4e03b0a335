"""How near the pacer comes to what a server allows, beside what clients usually do; in virtual time.

    python benchmarks/pacing.py [-k PART] [-s SEEDS] [--ours] [--quick] [--pacer MODULE] [--jobs N] [--search]

For each case and policy: makespan over the optimum (what the server's limits, or the workers alone, would take), and
the share of calls that was refused. At the end the families' means as a table; `ours / best` compares makespans with
the quickest of the others, case by case, whatever it had refused. `--search` looks for servers on which ours is worst.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
from collections.abc import Sequence

from benchmarks import measure
from benchmarks.throttling.case import Case
from benchmarks.throttling.contest import ALL_FAMILIES, CASES, OURS, PEERS, Row, contest
from benchmarks.throttling.figures import Figures, mean
from benchmarks.throttling.search import search

QUICK_CALLS = 5000  # cases with more calls are left out when it must be quick


def main(argv: Sequence[str] | None = None) -> None:
    chosen = options().parse_args(argv)
    if chosen.search:
        search(chosen.pacer, budget=60 if chosen.quick else 600)
        return
    names = [name for name, case in CASES.items() if chosen.k.casefold() in name.casefold()]
    if chosen.quick:
        names = [name for name in names if CASES[name].calls <= QUICK_CALLS]
    policies = [chosen.pacer] if chosen.ours else [chosen.pacer, *PEERS]
    seeds = 1 if chosen.quick else chosen.s
    print(heading(policies))
    rows = []
    for case, row in contest(names, policies, seeds, chosen.jobs):
        rows.append((case, row))
        print(line(case, row), flush=True)
    print(f"\n{table(rows, policies)}")


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="PART", help="only cases with this in their name")
    parser.add_argument("-s", type=int, default=3, metavar="SEEDS", help="runs of each case (3)")
    parser.add_argument("--ours", action="store_true", help="the pacer only, without its peers")
    parser.add_argument("--quick", action="store_true", help="one seed, and no case of very many calls")
    parser.add_argument("--pacer", default=OURS, metavar="MODULE", help=f"another module's Pacer instead of {OURS}'s")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (one per core)")
    parser.add_argument("--search", action="store_true", help="look for the servers on which it is worst")
    return parser


def heading(policies: Sequence[str]) -> str:
    names = ["ours", *policies[1:]]
    return f"{'makespan / optimum, refused %':58}" + "".join(f"{name:>16}" for name in names)


def line(case: Case, row: Row) -> str:
    """One case, all policies; with several clients how evenly ours were served, in all and after a minute."""
    ours = next(iter(row.values()))
    fair = "" if ours.fairness is None else f"   even {ours.fairness:.2f}, settled {ours.settled:.2f}"
    return f"{case.name:58}" + "".join(f"{pair(figures):>16}" for figures in row.values()) + fair


def pair(figures: Figures) -> str:
    ratio = f"{figures.ratio:.3f}" if figures.ratio < math.inf else "never"
    return f"{ratio} {100 * figures.refused:5.1f}"


def table(rows: Sequence[tuple[Case, Row]], policies: Sequence[str]) -> str:
    """The families' means, in Markdown."""
    head = ["family", "ours", *policies[1:], *(["ours / best"] if len(policies) > 1 else [])]
    lines: list[list[str]] = []
    for letter, title in ALL_FAMILIES.items():
        family = [row for case, row in rows if case.family == letter]
        if family:
            lines.append([f"{letter} {title}", *cells(family, policies)])
    if rows:
        lines.append(["all", *cells([row for _, row in rows], policies)])
    return measure.table(head, lines)


def cells(family: Sequence[Row], policies: Sequence[str]) -> list[str]:
    texts = [cell(mean([row[name] for row in family])) for name in policies]
    if len(policies) > 1:
        texts.append(f"{statistics.fmean(against_best(row) for row in family):.2f}")
    return texts


def cell(figures: Figures) -> str:
    ratio = f"{figures.ratio:.2f}" if figures.ratio < math.inf else "–"
    return f"{ratio} / {100 * figures.refused:.1f}" + (f" ({figures.given_up} never)" if figures.given_up else "")


def against_best(row: Row) -> float:
    """Ours over the quickest of the others; 1.0 where ours did not finish, which `never` tells."""
    ours, *others = (figures.ratio for figures in row.values())
    return ours / min(others) if ours < math.inf else 1.0


if __name__ == "__main__":
    main()
