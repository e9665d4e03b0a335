"""Our sending, with all that a run does for a configuration: its list encoded, the service's read and compared with it,
and a log beside the journal. The others do none of that."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks.client_peers.ground import Ground, Make, configuration
from benchmarks.client_peers.run import KIND, running
from migrator.graph.tenant.codec import parse_list
from migrator.model.configuration import Configuration
from migrator.model.outcome import Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading
from migrator.operations.log import logged
from migrator.sending.dispatch import Dispatcher
from migrator.sending.feed import Feed
from migrator.sending.guard import Checked
from migrator.sending.pool import send_all


def plans(ground: Ground, numbers: Sequence[int]) -> list[ConfigurationPlan]:
    """As many plans as numbers, all of the list that the body has."""
    after = parse_list(KIND, json.loads(ground.body)[KIND.body]) or ()
    made = []
    for number in numbers:
        one = Configuration(KIND.name, configuration(number), f"Win - Baseline - Area {number % 40} - {number}")
        made.append(ConfigurationPlan(one, Reading(settled=True, assignments=after[1:]), after, (), ()))
    return made


async def _fresh(_plans: Sequence[ConfigurationPlan]) -> Sequence[Checked]:
    raise RuntimeError("a reading went stale: too many calls for one round")


async def _decided(_checked: Checked) -> None:
    raise RuntimeError("nothing is decided before it is sent")


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    numbers = itertools.count()
    async with running(ground) as (run, connection, journal):
        dispatcher = Dispatcher(connection.tenant, journal, connection.clock, connection.watch)

        async def make(calls: int) -> None:
            planned = plans(ground, list(itertools.islice(numbers, calls)))
            feed = Feed(planned, connection.clock.monotonic(), connection.clock, reread=_fresh, decided=_decided)
            sent = await send_all(
                feed,
                dispatcher.dispatch,
                workers=ground.workers,
                journal=journal,
                watch=connection.watch,
                stop=asyncio.Event(),
            )
            if not all(outcome.status is Status.SUCCEEDED for outcome in sent.outcomes):
                raise RuntimeError(sent.outcomes)

        with logged(run, connection.settings, connection):
            yield make
