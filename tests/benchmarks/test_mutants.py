"""The table of mutants stays in step with the code that it breaks."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mutants.__main__ import MUTANTS, ROOT, stale


def test_every_mutant_finds_its_text() -> None:
    assert list(stale(MUTANTS)) == []


def test_every_mutant_changes_something_and_its_tests_are_there() -> None:
    for mutant in MUTANTS:
        assert mutant.old != mutant.new, mutant.name
        assert mutant.tests, mutant.name
        assert all(Path(ROOT, test).is_file() for test in mutant.tests), mutant.name
