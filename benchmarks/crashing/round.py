"""One round: a tenant, a mapping, a run that is struck until it ends, and a look at what came of it."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.crashing import judge
from benchmarks.crashing.case import Case, Holding, case, element, id_of
from benchmarks.crashing.journal import Told, read
from benchmarks.crashing.process import Blow, Ended, command, kill, never
from benchmarks.crashing.stages import Aim, aims, aims_called, stage_hit
from migrator.model.settings import Limit
from migrator.simulator.description import tenant_from_json
from migrator.simulator.server import Simulator
from migrator.simulator.settings import Fault, Faults, RetryAfter, SimulatorSettings

MOST_BLOWS = 12
MOST_ENDINGS = 6  # commands that may end by themselves before everything has succeeded


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: which command, at which stage."""

    command: str
    stage: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Ctrl-C that ended a command with 130: what was aimed at, and whether it was pressed twice."""

    aim: str
    twice: bool


@dataclass(slots=True)
class Round:
    """What a round came to; `complaints` should be empty."""

    seed: int
    configurations: int = 0
    calls: int = 0
    faults: int = 0
    kills: list[Kill] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Tenant:
    """The tenant of a round, asked by its control address."""

    environment: Mapping[str, str]
    control_url: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.control_url}{path}", timeout=30) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        request = urllib.request.Request(f"{self.control_url}{path}", json.dumps(body).encode(), method="POST")  # noqa: S310 - loopback
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - loopback


def play(
    seed: int, *, keep: Path | None = None, configurations: int = 10, aimed: Sequence[str] = (), stops: bool = True
) -> Round:
    """Plays one round, with blows at the moments of these names, or where there are none at some that chance decides.

    With `stops`, Ctrl-C takes the place of some kills where the system can send it.
    """
    chance = random.Random(seed)
    of = case(chance, configurations)
    done = Round(seed, configurations)
    with tempfile.TemporaryDirectory(prefix="crash-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with serving(of, chance, seed) as tenant:
            try:
                _Player(of, tenant, folder, chance, done, aimed, stops=stops and sys.platform != "win32").play()
            except (TimeoutError, RuntimeError) as error:
                done.complaints.append(f"stuck: {error}")
            if keep and done.complaints:
                (folder / "log.json").write_text(json.dumps(tenant.get("/log")), encoding="utf-8")
            counters = tenant.get("/counters")
            done.calls, done.faults = counters["assigns"], sum(counters["faults"].values())
        if keep and done.complaints:
            shutil.copytree(folder, keep / str(seed), dirs_exist_ok=True)
    return done


@dataclass(slots=True)
class _Player:
    case: Case
    tenant: _Tenant
    folder: Path
    chance: random.Random
    done: Round
    aimed: Sequence[str]
    stops: bool
    kept: dict[str, int] = field(default_factory=dict)
    meddled: dict[str, Holding] = field(default_factory=dict)
    workers: Mapping[str, str] = field(default_factory=dict)

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def play(self) -> None:
        self.reports.mkdir()
        self.workers = {"MIGRATOR_CONCURRENCY": str(self.chance.choice((1, 3, 32)))}
        self.case.write_mapping(self.folder / "mapping.csv")
        waiting = aims_called(self.aimed, self.chance) if self.aimed else aims(self.chance)
        blows, most, endings = 0, self.chance.randint(4, MOST_BLOWS), 0
        while True:
            run = self._run()
            aim = next((a for a in waiting if run is None or not a.anew), None) if blows < most else None
            if aim is not None:
                waiting.remove(aim)
            ended = self._command(run, aim)
            if ended.struck and (ended.status < 0 or sys.platform == "win32"):
                blows += 1
                self._note_kill(ended, aim.name if aim else "")
            elif ended.status == 130:
                blows += 1
                self._note_stop(ended, aim.name if aim else "")
            else:
                endings += 1
                if self._settled(ended) or endings >= MOST_ENDINGS:
                    break
                self.done.story.append(f"ended with {ended.status}")
            if "Traceback" in ended.stderr or "Unexpected" in ended.stderr:
                self.done.complaints.append(f"unexpected: {ended.stderr[-1500:]}")
            if ended.status not in (0, 1, 4, 130) and not ended.struck:
                self.done.complaints.append(f"status: {ended.command} ended with {ended.status}: {ended.stderr[-500:]}")
                return
            self._meddle()
        self._judge(ended)

    def _command(self, run: Path | None, aim: Aim | None) -> Ended:
        mapping = str(self.folder / "mapping.csv")
        arguments = ("run", mapping, "--yes", "--json") if run is None else ("resume", "last", "--yes", "--json")
        environment = {**self.tenant.environment, **self.workers, "XDG_STATE_HOME": str(self.folder / "state")}
        if aim is None:
            return command(arguments, self.reports, environment, never)
        self.done.story.append(aim.name)
        delay = self.chance.random() * aim.spread
        return command(arguments, self.reports, environment, aim.moment, self._blow(), delay)

    def _blow(self) -> Blow:
        if not self.stops or self.chance.random() > 0.12:
            return kill
        return _ctrl_c if self.chance.random() < 0.5 else _ctrl_c_twice

    def _run(self) -> Path | None:
        """The run that there is, if there is one yet."""
        found = [path.parent for path in self.reports.glob("*/run.sqlite")]
        if len(found) > 1:
            raise RuntimeError(f"there are {len(found)} runs, where each was to be resumed")
        return found[0] if found else None

    def _note_kill(self, ended: Ended, aim: str) -> None:
        newest = max((path for path in self.reports.iterdir() if path.is_dir()), default=None, key=_age)
        left = {p.name for p in newest.rglob("*") if p.stat().st_mtime >= ended.began} if newest else set()
        stage = stage_hit(ended, aim, newest if left else None, left)
        self.done.kills.append(Kill(ended.command.split()[0], stage))
        self.done.story.append(f"-> {stage}")
        self._remember()

    def _note_stop(self, ended: Ended, aim: str) -> None:
        stop = Stop(aim, ended.blow is _ctrl_c_twice)
        self.done.stops.append(stop)
        self.done.story.append(f"-> Ctrl-C{' twice' if stop.twice else ''}")
        if "interrupted" not in ended.stderr and '"run"' not in ended.stdout:
            self.done.complaints.append(f"stopped without a word: {ended.stderr[-300:]}")
        self._remember()

    def _remember(self) -> None:
        """Which had succeeded by now, and how often each was sent until now."""
        run = self._run()
        if run is None:
            return
        told = read(run)
        if told.sound != "ok":
            self.done.complaints.append(f"journal: {told.sound} after a kill")
        calls = judge.assign_calls(self.tenant.get("/log"))
        for id_, outcome in told.standing.items():
            if outcome["status"] == "succeeded":
                self.kept.setdefault(id_, len(calls.get(id_, ())))

    def _settled(self, ended: Ended) -> bool:
        """Whether a command that ended by itself has done everything; where something failed, it is resumed."""
        run = self._run()
        if run is None:
            return ended.status != 1  # Graph gave out before there was a run: that is tried again as well
        told = read(run)
        self.done.complaints += judge.status_complaints(ended, told)
        self._remember()
        return ended.status in (0, 4)

    def _meddle(self) -> None:
        """Somebody else edits a configuration that has not been sent yet, now and then."""
        run = self._run()
        if run is None or self.meddled or self.chance.random() > 0.1:
            return
        told, calls = read(run), judge.assign_calls(self.tenant.get("/log"))
        time.sleep(0.3)  # what a killed process had sent arrives
        free = [n for n in self.case.rows if id_of(n) not in told.standing and id_of(n) not in calls]
        free = [n for n in free if self.case.after[n] != self.case.before[n]]
        if not free:
            return
        name = self.chance.choice(free)
        after = frozenset(sorted(self.case.before[name])[1:]) | frozenset(sorted(self.case.after[name])[:1])
        if after in (self.case.before[name], self.case.after[name]) or not after:
            return
        elements = [element(self.case.kinds[name], one) for one in sorted(after)]
        self.tenant.post("/changes", {"configuration": name, "assignments": elements})
        self.meddled[name] = after
        self.done.story.append("-> drift")

    def _judge(self, ended: Ended) -> None:
        run = self._run()
        if run is None:
            self.done.complaints.append(f"lost: no run came of it: {ended.stderr[-500:]}")
            return
        told: Told = read(run)
        complaints = self.done.complaints
        complaints += judge.journal_complaints(self.case, told)
        complaints += judge.tenant_complaints(self.case, self.tenant.get("/state"), told, self.meddled)
        complaints += judge.doubled_complaints(self.tenant.get("/log"), told, self.kept)
        complaints += judge.left_over_complaints(run, told)
        complaints += judge.report_complaints(self.case, run, told, self.meddled)


@contextmanager
def serving(of: Case, chance: random.Random, seed: int) -> Iterator[_Tenant]:
    """The tenant of a case, served with troubles by a thread of its own."""
    settings = troubles(chance, seed, list(of.rows))
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    served: list[_Tenant] = []

    async def serve() -> None:
        async with Simulator(tenant_from_json(of.description(), seed), settings) as simulator:
            served.append(_Tenant(simulator.environment, simulator.control_url))
            ready.set()
            await over.wait()

    def work() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=work, name="tenant")
    thread.start()
    ready.wait()
    try:
        (tenant,) = served
        stated = tenant.environment["MIGRATOR_LIMIT"] if chance.random() < 0.5 else "none"
        yield replace(tenant, environment={**tenant.environment, "MIGRATOR_LIMIT": stated})
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


def troubles(chance: random.Random, seed: int, names: Sequence[str]) -> SimulatorSettings:
    """Limits that are met, every kind of fault that passes by itself, and now and then a refusal.

    What arrives and is not answered is common, what does not arrive is rare: a client waits for seconds before it
    believes that.
    """
    statuses = (Fault.INTERNAL, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.UNAVAILABLE_FOR)
    writes = {
        **dict.fromkeys(statuses, 0.02),
        Fault.RESET_AFTER: 0.08,
        Fault.TIMEOUT_AFTER: 0.05,
        Fault.TRUNCATED: 0.05,
        Fault.LAG: 0.06,
        Fault.RESET_BEFORE: 0.006,
        Fault.PROXY_PAGE: 0.006,
        Fault.CLAIMS: 0.02,
    }
    reads = dict.fromkeys((*statuses, Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.TRUNCATED, Fault.CLAIMS), 0.008)
    calm = chance.random() < 0.25
    refused = dict.fromkeys(chance.sample(names, chance.choice((0, 0, 1, 2))), (Fault.CONFLICT,))
    faults = Faults(planned_writes=refused)
    if not calm:
        faults = replace(faults, writes=writes, reads=reads, retry_after=1.0)
    return SimulatorSettings(
        seed=seed,
        writes=chance.choice((Limit(None), Limit(6, 0.6), Limit(20, 1.0))),
        requests=chance.choice((Limit(None), Limit(100, 1.0))),
        retry_after=chance.choice((RetryAfter.SECONDS, RetryAfter.ONE, RetryAfter.ABSENT)),
        latency=chance.choice((0.005, 0.03, 0.08)),
        lag=0.7,
        faults=faults,
        token_lifetime=chance.choice((3600.0, 6.0)),
    )


def _ctrl_c(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)


def _ctrl_c_twice(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)


def _age(path: Path) -> float:
    return path.stat().st_mtime
