"""Breaks a copy of the package in one place after the other, and shows which tests notice.

    python -m benchmarks.mutants [WORD …] [--table FILE] [--tests FILE] [--at-once] [--list]

WORDs choose the mutants whose names hold one of them. Each is one replacement in one file (`table.py`,
`every_kind.py`); a text that is not found exactly once, and tests that fail already without a mutant, are errors: the
table is to stay true. Exit status 1 where a mutant survives. It takes some seconds a mutant.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutants.every_kind import EVERY_KIND
from benchmarks.mutants.table import MUTANTS as TABLE
from benchmarks.mutants.table import Mutant

MUTANTS = (*TABLE, *EVERY_KIND)
ROOT = Path(__file__).resolve().parents[2]
COPIED = ("migrator", "tests", "mappings", "docs", "benchmarks", "pyproject.toml", "README.md")
PATIENCE = 120.0  # seconds for the tests of one mutant; one that makes them hang is noticed, too
SHOWN = 3
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Caught:
    """A mutant, and the tests that failed because of it; none: it survived."""

    mutant: Mutant
    tests: Sequence[str]


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("words", nargs="*", metavar="WORD")
    options.add_argument("--table", type=Path, metavar="FILE", help="write the table as Markdown")
    options.add_argument("--list", action="store_true", help="only check that every text is found")
    options.add_argument("--tests", default="", metavar="FILE", help="run these tests for every mutant")
    options.add_argument("--at-once", action="store_true", help="without running the tests unmutated first")
    chosen = options.parse_args()
    mutants = [m for m in MUTANTS if not chosen.words or any(word in m.name for word in chosen.words)]
    if wrong := list(stale(mutants)):
        sys.exit("\n".join([*wrong, "put the table right"]))
    if chosen.list:
        print("\n".join(f"{m.name}: {m.file}" for m in mutants))
        return
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "reports"))
            else:
                shutil.copy(source, copy / name)
        if not chosen.at_once:
            failing = failures(copy, sorted({test for m in mutants for test in tests_of(m, chosen.tests)}))
            if failing:
                sys.exit(f"these tests fail without any mutant: {', '.join(failing)}")
        caught = [tried(copy, mutant, tests_of(mutant, chosen.tests)) for mutant in mutants]
    if chosen.table:
        chosen.table.write_text(markdown(caught), encoding="utf-8")
    survivors = [one.mutant.name for one in caught if not one.tests]
    print(f"\n{len(caught) - len(survivors)} of {len(caught)} mutants were caught")
    if survivors:
        sys.exit("survived: " + "; ".join(survivors))


def stale(mutants: Iterable[Mutant]) -> Iterator[str]:
    """Those whose text is not there once any more: such a mutant says nothing."""
    for mutant in mutants:
        found = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)
        if found != 1:
            yield f"mutant {mutant.name!r}: its text is {found} times in {mutant.file}"


def tests_of(mutant: Mutant, chosen: str) -> Sequence[str]:
    return [chosen] if chosen else mutant.tests


def tried(copy: Path, mutant: Mutant, where: Sequence[str]) -> Caught:
    """Runs one file of tests after the other until some fail."""
    path = copy / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        tests = next((failed for one in where if (failed := failures(copy, [one]))), ())
    finally:
        path.write_text(whole, encoding="utf-8")
    print(f"{'caught  ' if tests else 'SURVIVED'} {mutant.name}: {', '.join(tests) or '-'}", flush=True)
    return Caught(mutant, tests)


def failures(copy: Path, tests: Sequence[str]) -> Sequence[str]:
    """The first few of these that fail in the copy; "(they hang)" where they do not end."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--maxfail={SHOWN}", "--tb=no", "-rfE"]
    # Compiled files are told apart by whole seconds and sizes: a mutant may have both in common with what it replaces.
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environ |= {"MIGRATOR_EXAMPLES": "600", "MIGRATOR_UNSHRUNK": "yes"}
    try:
        done = subprocess.run(
            [*command, *tests], cwd=copy, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return ["(they hang)"]
    if done.returncode in (0, 1):
        return _FAILED.findall(done.stdout)
    if done.returncode == 2 and "error" in done.stdout.lower():
        return _FAILED.findall(done.stdout) or ["(they cannot be collected)"]
    sys.exit(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def markdown(caught: Iterable[Caught]) -> str:
    lines = ["| Mutant | In | Caught by |", "|---|---|---|"]
    for one in caught:
        tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in one.tests) or "**nothing**"
        lines.append(f"| {one.mutant.name} | `{one.mutant.file.removeprefix('migrator/')}` | {tests} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
