"""Whole runs of `migrator run` as processes of their own, against the embedded tenant in another one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, Measured, measure, python


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to, and what it took. `answer` is its last line, what `--json` prints."""

    answer: Mapping[str, Any]
    taken: Measured

    @property
    def configurations(self) -> int:
        return int(self.answer["configurations"])

    @property
    def calls_each(self) -> float:
        """HTTP requests per configuration, all of them: listing, looking up, reading, sending, reading back."""
        return float(self.answer["requests"]) / self.configurations


def run(mapping: Path, limit: str = "none") -> Run:
    """One run without throttling: loaded, planned, sent, verified and reported, each of it checked to have been."""
    with (
        serving(python("migrator", "simulate", mapping, "--limit", limit, "--json")) as environment,
        tempfile.TemporaryDirectory() as reports,
    ):
        taken = measure(python("migrator", "run", mapping, "--yes", "--json", "--reports", reports), environment)
        answer = json.loads(taken.output.splitlines()[-1])
        written = len(list(Path(answer["folder"], "configurations").iterdir()))
        _check(answer, written)
        shutil.rmtree(reports, ignore_errors=True)
    return Run(answer, taken)


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """A tenant for as long as the block runs; gives the environment that leads to it, which is the first thing that
    the command says."""
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            if not said:
                raise RuntimeError(f"{' '.join(command)} did not come up")
            yield json.loads(said)["environment"]
        finally:
            process.terminate()


def _check(answer: Mapping[str, Any], written: int) -> None:
    every = answer["configurations"]
    if answer["succeeded"] != every or answer["unverified"] or written != every:
        raise RuntimeError(f"the run did not do all that is measured: {answer}, {written} workbooks")
