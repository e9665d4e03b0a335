"""Small servers on loopback that answer as a test says, and remember what they were asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from migrator.graph.auth.interface import TokenSource
from migrator.graph.batch import LARGEST
from migrator.graph.client import Client
from migrator.graph.gates import Gates
from migrator.graph.pacing import Pacer
from migrator.graph.protocol import Call
from migrator.graph.transport import Transport
from migrator.model.outcome import Attempt
from tests.virtual_clock import VirtualClock

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers["authorization"].removeprefix("Bearer ")


@dataclass
class Served:
    url: str
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def serving(respond: Respond) -> AsyncIterator[Served]:
    served = Served("")

    async def handle(request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        served.asked.append(Asked(request.method, request.raw_path, headers, await request.read()))
        return await respond(request)

    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        served.url = str(server.make_url("/")).rstrip("/")
        yield served


def in_turn(*responses: Callable[[], web.StreamResponse]) -> Respond:
    """One after the other; the last again and again."""
    left = list(responses)

    async def respond(_request: web.Request) -> web.StreamResponse:
        return (left.pop(0) if len(left) > 1 else left[0])()

    return respond


def said(body: Any = None, status: int = 200, **headers: str) -> Callable[[], web.StreamResponse]:
    """A JSON answer; names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return lambda: web.Response(status=status, headers=named)
    return lambda: web.json_response(body, status=status, headers=named)


def error(status: int, code: str = "", message: str = "", **headers: str) -> Callable[[], web.StreamResponse]:
    return said({"error": {"code": code, "message": message}}, status, **headers)


def text(body: str, status: int = 200, kind: str = "text/html") -> Callable[[], web.StreamResponse]:
    return lambda: web.Response(text=body, status=status, content_type=kind)


@dataclass
class Tokens:
    """Gives the first of its tokens until it is forced to give the next."""

    names: list[str] = field(default_factory=lambda: ["first", "second", "third"])
    claims: list[str | None] = field(default_factory=list)

    async def token(self, claims: str | None = None, *, force: bool = False) -> str:
        if force:
            self.claims.append(claims)
            if len(self.names) > 1:
                self.names.pop(0)
        return self.names[0]


@dataclass
class Bench:
    """A client with all that is around it, in sight."""

    client: Client
    clock: VirtualClock
    attempts: list[Attempt]
    served: Served

    @property
    def statuses(self) -> list[int]:
        return [attempt.status for attempt in self.attempts]


@asynccontextmanager
async def client_of(
    respond: Respond, *, tokens: TokenSource | None = None, workers: int = 32 * LARGEST, limit: int | None = None
) -> AsyncIterator[Bench]:
    """A real client against a server that answers so, in virtual time."""
    clock, attempts = VirtualClock(), list[Attempt]()
    gates = Gates(clock, lambda _quota, _state: Pacer(workers, limit, firm=True))
    async with (
        serving(respond) as served,
        Transport(served.url, clock) as transport,
        Client(transport, tokens or Tokens(), gates, clock, attempts.append) as client,
    ):
        yield Bench(client, clock, attempts, served)


def get(path: str = "/beta/things", **more: Any) -> Call:
    return Call("GET", path, "read", **more)


def assign(path: str = "/beta/things/1/assign", body: object = None) -> Call:
    return Call("POST", path, "assign", body=json.dumps(body or {}).encode(), write=True, repeatable=False)


def paths(asked: Sequence[Asked]) -> list[str]:
    return [one.path for one in asked]


async def until(condition: Callable[[], bool]) -> None:
    """Gives the loop turns until it is so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what a test looks at sets no event
            await asyncio.sleep(0)
