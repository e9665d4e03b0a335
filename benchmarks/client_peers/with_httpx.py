"""httpx, told to keep as many connections as there are workers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from benchmarks.client_peers.ground import Ground, Make, headers, path


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body, numbers = ground.body.encode(), itertools.count()
    limits = httpx.Limits(max_connections=ground.workers, max_keepalive_connections=ground.workers)
    async with httpx.AsyncClient(headers=headers(), limits=limits) as client:

        async def make(calls: int) -> None:
            waiting = itertools.islice(numbers, calls)

            async def work() -> None:
                for number in waiting:
                    (await client.post(ground.url + path(number), content=body)).raise_for_status()

            await asyncio.gather(*(work() for _ in range(ground.workers)))

        yield make
