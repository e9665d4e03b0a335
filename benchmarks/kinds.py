"""Looking over a whole tenant: 3,000 configurations over 20 kinds with 12,000 assignments.

    python benchmarks/kinds.py [--page N ...] [--quick]

`where` asks for all that one group is assigned to, over all kinds; `plan` swaps it in the 500 configurations that it is
assigned to; `export` writes everything as a mapping. Each is a process of its own, and so is the tenant, which tells
the lies that are known of Graph. Calls are HTTP requests: a batch of twenty is one. The bars are those of a tenant
whose pages hold 100.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import wide
from benchmarks.measure import Measured, against, machine, measure, python, table
from benchmarks.whole import serving

CALLS = {"where": 120, "plan": 180}
PEAK = 512  # MiB
HEADINGS = ("command", "page", "calls", "seconds", "peak MiB", "found")


def main(argv: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--page", type=int, nargs="+", default=[100, 25])
    options.add_argument("--quick", action="store_true", help="pages of 100 only")
    chosen = options.parse_args(argv)
    print(f"kinds: {machine()}")
    lines = [line for page in ([100] if chosen.quick else chosen.page) for line in measured(page)]
    print(table(HEADINGS, lines))


def measured(page: int) -> Iterator[Sequence[str]]:
    """A line for each command against a tenant with pages of this size."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(python("benchmarks.wide", "--page", page)) as environment,
    ):
        mapping = Path(folder, "mapping.csv")
        with mapping.open("w", encoding="utf-8", newline="") as file:
            headings = ("Kind", "Configuration", "Legacy group", "New group")
            csv.writer(file).writerows([headings, *wide.mapping_rows(wide.tenant())])
        kept = ("--reports", folder, "--json")
        yield _line("where", page, measure(python("migrator", "where", wide.LEGACY, *kept), environment))
        yield _line("plan", page, measure(python("migrator", "plan", mapping, *kept), environment))
        export = ("export", Path(folder, "export.xlsx"), "--json")
        yield _line("export", page, measure(python("migrator", *export), environment))


def _line(command: str, page: int, taken: Measured) -> Sequence[str]:
    answer = json.loads(taken.output.splitlines()[-1])
    found = len(answer["assignments"]) if command == "where" else answer["changing" if command == "plan" else "rows"]
    there = wide.ASSIGNMENTS if command == "export" else wide.TOUCHED
    if found != there:
        raise RuntimeError(f"{command} found {found} of {there}: {str(answer)[:500]}")
    calls = _calls(answer)
    bar = page >= 100 and command in CALLS
    return (
        command,
        str(page),
        against(calls, CALLS[command], ",.0f") if bar else f"{calls:,}",
        f"{taken.seconds:.1f}",
        against(taken.peak, PEAK, ",.0f"),
        f"{found:,}",
    )


def _calls(answer: Mapping[str, object]) -> int:
    """What `where` says of itself, and what the journal of a plan says."""
    if "requests" in answer:
        return int(str(answer["requests"]))
    from migrator.journal.folder import RunFolder
    from migrator.journal.reader import read_record

    record = read_record(RunFolder(Path(str(answer["folder"]))))
    return sum(not attempt.inner for attempt in record.attempts)


if __name__ == "__main__":
    main()
