"""migrator simulate"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import click

from migrator.cli import loop, options


@click.command()
@click.argument("tenant", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--seed", type=int, metavar="N", default=1, show_default=True, help="Decides everything that is left to chance."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.01),
    metavar="N",
    default=1.0,
    show_default=True,
    help="How fast its clock runs.",
)
@click.option(
    "--faults",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Share of requests that go wrong.",
)
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    default=0.0,
    show_default=True,
    help="Median seconds of an answer.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=0,
    help="The Graph address's port; a free one unless said.",
)
@click.option("--limit", "writes", metavar="N/Ts", default="", help="Writes it admits; 100/20s unless said, or none.")
@click.option("--access-token", metavar="TEXT", default="", help="A ready token that it accepts, for tests.")
@click.option(
    "--approval", metavar="KIND", multiple=True, help="A kind whose every write a second admin approves; repeatable."
)
@options.answering
def command(tenant: Path | None, **given: Any) -> int:
    """Serves the embedded tenant until it is stopped; prints what every other command needs to talk to it.

    TENANT is a JSON file that describes one (docs/simulator.md), or a mapping to make one from; left out, the sample.
    """
    from migrator.cli.answer import show_json
    from migrator.model.settings import DOCUMENTED_READS, DOCUMENTED_WRITES, Limit, parse_limit
    from migrator.operations.simulate import kinds_named, sample, simulated
    from migrator.simulator.settings import Faults, SimulatorSettings

    limit = parse_limit(given["writes"]) if given["writes"] else DOCUMENTED_WRITES
    settings = SimulatorSettings(
        seed=given["seed"],
        speed=given["speed"],
        latency=given["latency"],
        faults=Faults.everywhere(given["faults"]) if given["faults"] else Faults(),
        writes=limit,
        requests=DOCUMENTED_READS if limit.calls is not None else Limit(None),
        access_token=given["access_token"],
        port=given["port"],
        approval=frozenset(kind.name for word in given["approval"] for kind in kinds_named(word)),
    )

    async def serve() -> None:
        async with simulated(tenant or sample(), settings, given["seed"]) as simulator:
            if given["as_json"]:
                show_json({"environment": dict(simulator.environment)})
            else:
                _tell(simulator.environment, simulator.control_url, quiet=given["quiet"])
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped either way, it clears up behind itself
    with contextlib.suppress(KeyboardInterrupt):
        loop.run(serve())
    return 0


def _tell(environment: dict[str, str], control_url: str, *, quiet: bool) -> None:
    spelled = '$env:{} = "{}"' if os.name == "nt" else "export {}='{}'"
    for name, value in environment.items():
        click.echo(spelled.format(name, value))
    if not quiet:
        click.echo("", err=True)
        click.echo("Set these in another terminal, and every command talks to this tenant.", err=True)
        click.echo(f"Its state: {control_url}/state", err=True)
        click.echo("Ctrl-C stops it.", err=True)
