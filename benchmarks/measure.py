"""What a whole process takes: seconds, processor time and peak memory; and tables to show them in.

Every case is a process of its own, so that its peak is its own. The one that measures imports nothing heavy, for on
Linux a child's peak begins with what its parent has.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Measured:
    """One process that ended well: seconds by the clock, and what the system has accounted for it.

    `processor` is user and system time in seconds, that of processes it had started and waited for included. `peak` is
    the most MiB that it, or the largest of those, held at a time. Both are None where the system does not tell
    (Windows).
    """

    output: str
    seconds: float
    processor: float | None
    peak: float | None


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Runs a command to its end; RuntimeError with the end of what it complained where it fails."""
    with tempfile.TemporaryFile() as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
        )
        with process:
            output = process.stdout.read() if process.stdout else ""
            processor, peak = _reaped(process)
        seconds = time.perf_counter() - began
        if process.returncode:
            complaints.seek(0)
            told = complaints.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {told}")
    return Measured(output, seconds, processor, peak)


def _reaped(process: subprocess.Popen[str]) -> tuple[float | None, float | None]:
    """Processor seconds and peak MiB of a process that is about to end, or None for each."""
    if sys.platform == "win32":
        process.wait()
        return None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module with this interpreter."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def median(runs: Sequence[Measured]) -> Measured:
    """The run in the middle by its cost."""
    return sorted(runs, key=cost)[(len(runs) - 1) // 2]


def cost(run: Measured) -> float:
    """What runs are compared by: processor time, which other processes disturb least."""
    return run.seconds if run.processor is None else run.processor


def machine() -> str:
    """What the figures were measured on, in a line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    cores = os.cpu_count()
    return f"{cores} cores{load}, Python {platform.python_version()}, {platform.system()}, {time.strftime('%Y-%m-%d')}"


def shown(value: float | None, form: str = ",.2f") -> str:
    return UNKNOWN if value is None else format(value, form)


def against(value: float | None, most: float, form: str = ",.2f") -> str:
    """A figure with its bar, which it may reach and not pass."""
    if value is None:
        return UNKNOWN
    kept = "" if value <= most else " MISSED"
    return f"{value:{form}} (at most {most:{form}}){kept}"


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as Markdown has it, readable as it is."""
    lines = [list(map(str, row)) for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    drawn = [" | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
    rule = "|".join("-" * (width + 2) for width in widths)
    return "\n".join((f"| {drawn[0]} |", f"|{rule}|", *(f"| {line} |" for line in drawn[1:])))
