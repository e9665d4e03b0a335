"""A tenant and a run in which time passes faster, for both alike.

    python -m benchmarks.hurried serve MAPPING SPEED LATENCY
    python -m benchmarks.hurried run MAPPING SPEED REPORTS

Client and tenant each have a clock whose seconds are so many times shorter than real ones. The tenant's windows, its
answers' latency and its Retry-After, and the client's pacers, pauses and patience are all meant in those seconds, so
nothing but the pace differs from a real run, except what the machine itself needs for a call: that becomes longer by
the speed. At speed 10 a window of 20 seconds is two real ones, and two milliseconds of work are twenty of latency.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from migrator.journal.folder import RunFolder
from migrator.mapping.load import load
from migrator.model.outcome import Attempt
from migrator.model.plan import Plan
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.run import run
from migrator.simulator.clock import Clock
from migrator.simulator.sample import tenant_from_mapping
from migrator.simulator.server import Simulator
from migrator.simulator.settings import SimulatorSettings


class Hurried:
    """A clock that runs so many times faster than real time (`migrator.model.ports.Clock`)."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began, self._at = time.time(), time.monotonic()

    def time(self) -> float:
        return self._began + (time.monotonic() - self._at) * self._speed

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)


async def serve(mapping: Path, speed: float, latency: float) -> None:
    """Serves the tenant of a mapping under the documented limits, until the process is stopped."""
    hurried = Hurried(speed)
    clock = Clock(1.0, hurried.monotonic, hurried.sleep)
    settings = SimulatorSettings(latency=latency)
    async with Simulator(tenant_from_mapping(load(mapping)), settings, clock=clock) as simulator:
        print(json.dumps({"environment": dict(simulator.environment)}), flush=True)
        await asyncio.Event().wait()


async def carry_out(mapping: Path, speed: float, reports: Path) -> None:
    """Runs a mapping whole, and prints what its calls tell."""
    settings = configure({"reports": reports}, environ=os.environ, folder=reports)
    async with connect(settings, clock=Hurried(speed)) as connection:
        result = await run(mapping, settings, connection, approve=_approved, stop=Stop())
    if not isinstance(result, Result) or result.exit_code:
        raise SystemExit("the run did not end well")
    print(json.dumps(figures(result.record.attempts)))


def figures(attempts: Sequence[Attempt]) -> dict[str, float]:
    """Seconds, by the hurried clock, from the first assign call to the end of the last; what was refused of all calls
    as Graph counts them; and HTTP requests."""
    counted = [a for a in attempts if a.counts]
    assigns = [a for a in counted if a.purpose == "assign"]
    return {
        "makespan": max(a.started + a.seconds for a in assigns) - min(a.started for a in assigns),
        "calls": len(counted),
        "refused": sum(a.throttled for a in counted),
        "requests": sum(not a.inner for a in attempts),
    }


async def _approved(_plan: Plan, _folder: RunFolder) -> bool:
    return True


def main() -> None:
    what, mapping, speed, last = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        if what == "serve":
            asyncio.run(serve(Path(mapping), float(speed), float(last)))
        else:
            asyncio.run(carry_out(Path(mapping), float(speed), Path(last)))


if __name__ == "__main__":
    main()
