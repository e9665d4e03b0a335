"""Serves the embedded tenant, for every other command to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.mapping.load import load
from migrator.model.errors import UsageError
from migrator.model.kinds import find_kinds
from migrator.operations.configure import no_kind
from migrator.operations.draw_up import refuse

if TYPE_CHECKING:
    from migrator.model.kind import Kind
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


def kinds_named(word: str) -> tuple[Kind, ...]:
    """The kinds that a person means by a word; UsageError where there is none."""
    found = find_kinds(word)
    if not found:
        raise no_kind(word)
    return found


@asynccontextmanager
async def simulated(source: Path, settings: SimulatorSettings, seed: int = 1) -> AsyncIterator[Simulator]:
    """An embedded tenant that is being served: read from a JSON file, or made from a mapping."""
    from migrator.simulator.description import read_tenant
    from migrator.simulator.sample import tenant_from_mapping
    from migrator.simulator.server import Simulator

    if source.suffix.casefold() == ".json":
        state = read_tenant(source)
    else:
        mapping = load(source)
        refuse(mapping.findings, mapping.source)
        state = tenant_from_mapping(mapping, seed)
    simulator = Simulator(state, settings)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(simulator)
        except OSError as error:
            raise UsageError(f"the embedded tenant cannot be served: {error.strerror or error}") from error
        yield simulator
