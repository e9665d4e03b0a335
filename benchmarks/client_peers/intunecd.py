"""IntuneCD's request layer, in as many threads as there are workers (it has ten unless told otherwise)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from IntuneCD.intunecdlib.BaseGraphModule import BaseGraphModule  # type: ignore[import-not-found]  # in an environment of its own

from benchmarks.client_peers.ground import TOKEN, Ground, Make, path, repeated_in


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    module = BaseGraphModule()
    module.token, module.report = {"access_token": TOKEN}, False

    def post(number: int) -> None:
        module.make_graph_request(ground.url + path(number), method="POST", data=ground.body)

    with ThreadPoolExecutor(ground.workers) as threads:
        yield repeated_in(threads, post)
