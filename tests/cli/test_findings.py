"""What is shown of many findings: every error, and of what says the same of other places only the first few."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.cli.main import run_command_line


def sheet(folder: Path, *rows: str) -> Path:
    path = folder / "mapping.csv"
    path.write_text("\n".join(("Policy;Legacy group;New group;Action", *rows)), encoding="utf-8")
    return path


def test_warnings_that_say_the_same_are_folded_and_errors_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = sheet(tmp_path, *["Edge;GPO;SG;"] * 10, *[f"Edge;GPO {n};SG {n};nonsense" for n in range(8)])
    assert run_command_line(["check", str(mapping)]) == 2
    out = capsys.readouterr().out
    assert out.count("[repeated_row]") == 3 + 1
    assert "warning … and 6 more like these  [repeated_row]; --json lists all of them" in out
    assert out.count("nonsense") == 8
    run_command_line(["check", str(mapping), "--json"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["findings"]
    assert sum(f["code"] == "repeated_row" for f in found) == 9


def test_what_is_shown_whole_says_nothing_of_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", str(sheet(tmp_path, *["Edge;GPO;SG;"] * 4))]) == 0
    out = capsys.readouterr().out
    assert (out.count("[repeated_row]"), "more" in out) == (3, False)


def test_very_many_errors_are_counted_beyond_the_first_fifty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = sheet(tmp_path, *[f"Edge;GPO {n};SG {n};nonsense" for n in range(53)])
    assert run_command_line(["check", str(mapping)]) == 2
    out = capsys.readouterr().out
    assert out.count("nonsense") == 50
    assert "error   … and 3 more; --json lists all of them" in out
