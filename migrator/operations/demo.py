"""The whole story on the embedded tenant: planned, applied under throttling and faults, verified, reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.model.settings import Settings
from migrator.operations.configure import configure
from migrator.operations.simulate import sample, simulated

if TYPE_CHECKING:
    from migrator.simulator.settings import SimulatorSettings

SPEED = 10.0
"""The embedded tenant's clock runs so many times faster, so that its documented limits last a demo's time."""


@asynccontextmanager
async def demo_tenant(reports: Path, speed: float = SPEED) -> AsyncIterator[Settings]:
    """Serves a tenant made from the sample, with troubles in it; gives the settings that lead to it."""
    async with simulated(sample(), demo_settings(speed)) as simulator:
        yield configure({"reports": reports}, environ=simulator.environment, folder=Path(simulator.ca_bundle).parent)


def demo_settings(speed: float = SPEED) -> SimulatorSettings:
    """Documented limits, answers that take their time, and two in a hundred requests that go wrong."""
    from migrator.simulator.settings import Faults, SimulatorSettings

    return SimulatorSettings(seed=7, speed=speed, latency=0.3, faults=Faults.everywhere(0.02))
