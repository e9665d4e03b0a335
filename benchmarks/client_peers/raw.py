"""What aiohttp alone can do: many workers, a body that is encoded already, an answer that nobody looks at."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.client_peers.ground import Ground, Make, headers, path


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body, numbers = ground.body.encode(), itertools.count()
    connector = aiohttp.TCPConnector(limit=ground.workers)
    async with aiohttp.ClientSession(connector=connector, headers=headers()) as session:

        async def make(calls: int) -> None:
            waiting = itertools.islice(numbers, calls)

            async def work() -> None:
                for number in waiting:
                    async with session.post(ground.url + path(number), data=body) as response:
                        await response.read()
                        response.raise_for_status()

            await asyncio.gather(*(work() for _ in range(ground.workers)))

        yield make
