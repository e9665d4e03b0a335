"""What is the same for all peers. Standard library only, for some of them live in environments of their own."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import NoReturn

TOKEN = f"eyJ0eXAiOiJKV1QifQ.{'x' * 1500}.signature"
"""As long as Microsoft's are."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the calls go to, what they carry (JSON), and how many are under way at a time."""

    url: str
    body: str
    workers: int

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Ground:
        return Ground(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Taken:
    """What so many calls took: seconds by the clock, and seconds of this process's processor time."""

    calls: int
    seconds: float
    processor: float


Make = Callable[[int], Awaitable[None]]
"""Makes so many calls and returns when all are answered; raises where one is not answered with a success."""

Peer = Callable[[Ground], AbstractAsyncContextManager[Make]]


def repeated(post: Callable[[int], Awaitable[object]], workers: int) -> Make:
    """Makes calls by this one, which is told its number, so many at a time."""
    numbers = itertools.count()

    async def make(calls: int) -> None:
        waiting = itertools.islice(numbers, calls)

        async def work() -> None:
            for number in waiting:
                await post(number)

        await asyncio.gather(*(work() for _ in range(workers)))

    return make


def repeated_in(threads: Executor, post: Callable[[int], object]) -> Make:
    """The same in as many threads as there are."""
    numbers = itertools.count()

    async def make(calls: int) -> None:
        for _ in threads.map(post, itertools.islice(numbers, calls)):
            pass

    return make


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes uvloop's event loop; None where it is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def configuration(number: int) -> str:
    """The id of a configuration."""
    return f"{number:08x}-0000-4000-8000-00000000c0de"


def path(number: int) -> str:
    """The assign call of a configuration, below the root."""
    return f"/beta/deviceManagement/configurationPolicies/{configuration(number)}/assign"


def headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


def unusable(why: str) -> NoReturn:
    """Ends a process whose peer cannot take part here."""
    print(json.dumps({"unusable": why}), flush=True)
    sys.exit(0)
