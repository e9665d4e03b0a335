"""Serves the embedded tenant, for every other command to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.mapping.load import load
from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from migrator.simulator.server import Simulator
    from migrator.simulator.settings import SimulatorSettings

SAMPLE = "sample.xlsx"


def sample() -> Path:
    """The sample mapping: shipped inside the package, or beside it in a checkout."""
    shipped = Path(str(resources.files("migrator"))) / "samples" / SAMPLE
    beside = Path(__file__).resolve().parents[2] / "mappings" / SAMPLE
    for path in (shipped, beside):
        if path.is_file():
            return path
    raise UsageError("the sample mapping is missing from this installation; install migrator again")


@asynccontextmanager
async def simulated(source: Path, settings: SimulatorSettings, seed: int = 1) -> AsyncIterator[Simulator]:
    """An embedded tenant that is being served: read from a JSON file, or made from a mapping."""
    from migrator.simulator.description import read_tenant
    from migrator.simulator.sample import tenant_from_mapping
    from migrator.simulator.server import Simulator

    state = read_tenant(source) if source.suffix.casefold() == ".json" else tenant_from_mapping(load(source), seed)
    async with Simulator(state, settings) as simulator:
        yield simulator
