"""requests, with a session in each of as many threads as there are workers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import requests

from benchmarks.client_peers.ground import Ground, Make, headers, path


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body, numbers, own = ground.body.encode(), itertools.count(), threading.local()

    def session() -> None:
        own.session = requests.Session()
        own.session.headers.update(headers())

    def post(number: int) -> None:
        with own.session.post(ground.url + path(number), data=body) as response:
            response.raise_for_status()

    with ThreadPoolExecutor(ground.workers, initializer=session) as threads:

        async def make(calls: int) -> None:
            for _ in threads.map(post, itertools.islice(numbers, calls)):
                pass

        yield make
