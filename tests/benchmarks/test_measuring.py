"""The benchmarks run, small, and what they are made of says what it measured."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import ROOT, against, measure, shown, table


def ran(*arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout.splitlines()


def test_one_command_runs_those_that_are_named() -> None:
    first, _, _, *lines = ran("benchmarks", "load", "--quick")
    assert first.startswith("load: ")
    assert [line.split("|")[1:3] for line in lines if line] == [
        [" 2,000 ", f" {way:20} "] for way in ("calamine alone", "load", "`check`", "pandas with openpyxl")
    ]


def test_a_whole_run_is_measured_against_a_tenant_of_its_own() -> None:
    *_, line = ran("benchmarks/growth.py", "--configurations", "5")
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[0] == "5"
    assert float(cells[1]) > 0
    assert 1 < float(cells[-1]) < 3  # an assign call each, and a few to find, read and read back


def test_looking_over_a_whole_tenant_keeps_its_bars() -> None:
    *_, where, plan, export = ran("benchmarks/kinds.py", "--quick")
    for line, found in ((where, "500"), (plan, "500"), (export, "12,000")):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[-1] == found
        assert "MISSED" not in line


def test_a_process_is_measured_whole() -> None:
    measured = measure([sys.executable, "-c", "print(len(bytearray(50 * 2**20)))"])
    assert measured.output == f"{50 * 2**20}\n"
    assert measured.seconds > 0
    if sys.platform == "win32":
        assert measured.processor is measured.peak is None
    else:
        assert measured.peak is not None
        assert measured.peak > 50  # it begins with what the parent has, which is more in a test


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="ended with 3: out of luck"):
        measure([sys.executable, "-c", "import sys; print('out of luck', file=sys.stderr); sys.exit(3)"])


def test_what_is_not_known_is_said_and_a_missed_bar_is_seen() -> None:
    assert shown(None) == against(None, 2.0) == "not known"
    assert against(1.9, 2.0) == "1.90 (at most 2.00)"
    assert against(2.1, 2.0) == "2.10 (at most 2.00) MISSED"
    assert table(("a", "figure"), [("long", 1)]) == "| a    | figure |\n|------|--------|\n| long | 1      |"
