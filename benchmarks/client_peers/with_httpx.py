"""httpx, told to keep as many connections as there are workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from benchmarks.client_peers.ground import Ground, Make, headers, path, repeated


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body = ground.body.encode()
    limits = httpx.Limits(max_connections=ground.workers, max_keepalive_connections=ground.workers)
    async with httpx.AsyncClient(headers=headers(), limits=limits) as client:

        async def post(number: int) -> None:
            (await client.post(ground.url + path(number), content=body)).raise_for_status()

        yield repeated(post, ground.workers)
