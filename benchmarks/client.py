"""How many calls a second the client makes where nothing throttles, beside what others make of the same payload.

    python benchmarks/client.py [--rounds 5] [--workers 64] [--quick] [--intunecd PYTHON | --install-intunecd]

A bare server on loopback, in a process of its own, answers every call alike. Each peer is a process too; they take
turns, and what is compared is the median over the rounds. Processor time is the peer's own, all threads, without the
server's. The bars: our complete client at least 0.8 times a raw aiohttp loop, and 10 times Microsoft's stack.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client_peers.ground import Ground, Taken
from benchmarks.measure import ROOT, machine, table

CALLS = 4_000
TARGETS = 20


@dataclass(frozen=True, slots=True)
class Entrant:
    """A peer, which share of the calls it makes (slow ones would take minutes), and the bar of ours against it."""

    name: str
    module: str
    share: float = 1.0
    options: tuple[str, ...] = ()
    bar: float | None = None


OURS = "ours, complete"
ENTRANTS = (
    Entrant("aiohttp, raw loop", "raw", bar=0.8),
    Entrant(OURS, "ours"),
    Entrant("ours, with lists and log", "whole", 0.5),
    Entrant("aiohttp on uvloop", "raw", options=("--uvloop",)),
    Entrant("ours on uvloop", "ours", options=("--uvloop",)),
    Entrant("requests in threads", "with_requests", 0.2),
    Entrant("httpx", "with_httpx", 0.1),
    Entrant("Microsoft's SDK stack", "microsoft", 0.1, bar=10.0),
    Entrant("IntuneCD's request layer", "intunecd", 0.1),
)


@dataclass(slots=True)
class Runner:
    """An entrant's process."""

    entrant: Entrant
    process: subprocess.Popen[str]
    rounds: list[Taken] = field(default_factory=list)

    def tell(self, line: str) -> str:
        """Its answer to a line; RuntimeError where it has gone."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("it was started without pipes")
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"{self.entrant.name} ended with {self.process.wait()}")
        return answer

    def run(self, calls: int) -> None:
        self.rounds.append(Taken(**json.loads(self.tell(str(round(calls * self.entrant.share))))))

    @property
    def rate(self) -> float:
        """Calls a second."""
        return statistics.median(taken.calls / taken.seconds for taken in self.rounds)

    @property
    def processor(self) -> float:
        """Seconds of processor time for ten thousand calls."""
        return statistics.median(10_000 * taken.processor / taken.calls for taken in self.rounds)


def main(argv: Sequence[str] | None = None) -> None:
    chosen = options().parse_args(argv)
    calls, rounds = (CALLS // 4, 2) if chosen.quick else (CALLS, chosen.rounds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        interpreter = chosen.intunecd or (install_intunecd(folder) if chosen.install_intunecd else sys.executable)
        body = assign_body()
        ground = Ground(stack.enter_context(served(folder, body)), body, chosen.workers)
        runners = []
        for entrant in ENTRANTS:
            python = interpreter if entrant.module == "intunecd" else sys.executable
            runner = stack.enter_context(started(entrant, python))
            answer = runner.tell(ground.to_json())
            if answer == "ready":
                runners.append(runner)
            else:
                print(f"{entrant.name} takes no part: {json.loads(answer)['unusable']}", flush=True)
        for _ in range(rounds):
            for runner in runners:
                runner.run(calls)
    print(f"{machine()}; {chosen.workers} workers, body {len(body):,} bytes, median of {rounds} rounds")
    print(report(runners))


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=64, help="calls under way at a time (64)")
    parser.add_argument("--quick", action="store_true", help="a quarter of the calls, two rounds")
    parser.add_argument("--intunecd", metavar="PYTHON", help="the interpreter of an environment that has IntuneCD")
    parser.add_argument(
        "--install-intunecd", action="store_true", help="make one, from the package index, for this run"
    )
    return parser


def assign_body() -> str:
    """An assign call's body as we send it: twenty groups, every third with a filter."""
    from migrator.graph.tenant.codec import body
    from migrator.model.assignment import Assignment, Filter, Target, TargetType
    from migrator.model.kinds import KINDS

    filter_ = Filter("f1000000-0000-4000-8000-00000000f11e")
    assignments = [
        Assignment(
            Target(TargetType.GROUP, f"{number:08x}-0000-4000-8000-0000000090af"),
            filter=filter_ if number % 3 == 0 else None,
        )
        for number in range(TARGETS)
    ]
    return body(KINDS["configurationPolicies"], assignments).decode()


@contextmanager
def served(folder: Path, body: str) -> Iterator[str]:
    """The bare server's address, while the block runs. It answers as Graph does: with the list that holds now."""
    answer = folder / "answer.json"
    document = {"@odata.context": "https://graph.microsoft.com/beta/$metadata#assignments"}
    (elements,) = json.loads(body).values()
    answer.write_text(json.dumps(document | {"value": elements}), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.client_peers.server", str(answer)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@contextmanager
def started(entrant: Entrant, python: str) -> Iterator[Runner]:
    """An entrant's process, which waits for orders while the block runs."""
    command = [python, "-m", "benchmarks.client_peers.worker", entrant.module, *entrant.options]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Runner(entrant, process)
        finally:
            process.kill()


def install_intunecd(folder: Path) -> str:
    """The interpreter of a new environment with IntuneCD; without it where it cannot be had."""
    environment = folder / "intunecd"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = str(environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", "IntuneCD"], check=False, stdout=subprocess.DEVNULL)
    return python


def report(runners: Sequence[Runner]) -> str:
    ours = next(runner for runner in runners if runner.entrant.name == OURS)
    rows = []
    for runner in runners:
        ratio = versus(ours, runner)
        bar = runner.entrant.bar
        kept = "" if bar is None else f"at least {bar:g}" + ("" if ratio >= bar else " MISSED")
        rows.append((runner.entrant.name, f"{runner.rate:,.0f}", f"{runner.processor:.2f}", f"{ratio:.2f}", kept))
    return table(("", "calls/s", "processor s per 10,000", "ours / it", "bar"), rows)


def versus(ours: Runner, other: Runner) -> float:
    """How many calls ours makes for one of the other's, round by round, since a machine's speed drifts."""
    pairs = zip(ours.rounds, other.rounds, strict=True)
    return statistics.median((o.calls / o.seconds) / (t.calls / t.seconds) for o, t in pairs)


if __name__ == "__main__":
    main()
