"""The rules of the house that no linter knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "migrator"
LIBRARIES = ("aiohttp", "msal", "tenacity", "pandas", "xlsxwriter", "openpyxl", "rich", "python_calamine")
HEAVY = (*LIBRARIES, "msgspec")


def test_no_file_has_more_than_one_subject() -> None:
    long = {p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys; from migrator.cli.main import run_command_line; "
        f"assert run_command_line({arguments!r}) == 0; "
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


@pytest.mark.parametrize("name", LIBRARIES)
def test_heavy_imports_live_in_few_files(name: str) -> None:
    lines = (f"import {name}", f"from {name}")
    doors = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if any(line.strip().startswith(lines) for line in path.read_text(encoding="utf-8").splitlines())
    }
    assert len(doors - {"api.py"}) <= 3
