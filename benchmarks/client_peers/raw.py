"""What aiohttp alone can do: many workers, a body that is encoded already, an answer that nobody looks at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.client_peers.ground import Ground, Make, headers, path, repeated


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body = ground.body.encode()
    connector = aiohttp.TCPConnector(limit=ground.workers)
    async with aiohttp.ClientSession(connector=connector, headers=headers()) as session:

        async def post(number: int) -> None:
            async with session.post(ground.url + path(number), data=body) as response:
                await response.read()
                response.raise_for_status()

        yield repeated(post, ground.workers)
