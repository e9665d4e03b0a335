"""requests, with a session in each of as many threads as there are workers."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import requests

from benchmarks.client_peers.ground import Ground, Make, headers, path, repeated_in


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body, own = ground.body.encode(), threading.local()

    def session() -> None:
        own.session = requests.Session()
        own.session.headers.update(headers())

    def post(number: int) -> None:
        with own.session.post(ground.url + path(number), data=body) as response:
            response.raise_for_status()

    with ThreadPoolExecutor(ground.workers, initializer=session) as threads:
        yield repeated_in(threads, post)
