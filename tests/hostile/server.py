"""A Graph that answers as it should, but for chosen requests, which meet whatever a test says: byte by byte.

It speaks HTTP by hand, for most of what a server can do wrong no library lets it do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.foreign_graph import TOKEN, ForeignGraph

Json = dict[str, Any]


class Place(StrEnum):
    """A request of a run."""

    ABOUT = "about"
    LIST = "list"
    LOOK_UP = "look-up"
    READ = "read in a batch"
    ASSIGN = "assign"
    VERIFY = "verify"


READS = (Place.LIST, Place.LOOK_UP, Place.READ, Place.VERIFY)
BATCHES = (Place.READ, Place.VERIFY)
EVERYWHERE = (*READS, Place.ASSIGN)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Exchange:
    """One request and the connection it came on. What is written is written as it is."""

    def __init__(self, graph: HostileGraph, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self._graph = graph
        self._writer = writer
        self.asked = asked

    def carry_out(self) -> tuple[int, Json]:
        """What an honest Graph does and answers."""
        return self._graph.honest(self.asked)

    async def write(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()

    def end(self) -> None:
        """Says that nothing more comes, and keeps listening."""
        self._writer.write_eof()

    async def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        self._writer.transport.abort()

    async def gone(self) -> None:
        """Returns once the other side has given up."""
        while not self._writer.is_closing():
            await self._graph.tick()


Trouble = Callable[[Exchange], Awaitable[None]]


@dataclass
class HostileGraph:
    """`trouble` meets the first `times` requests at `place`; `asked` is everything that came."""

    graph: ForeignGraph
    place: Place | None = None
    trouble: Trouble | None = None
    times: int = 0
    asked: list[Asked] = field(default_factory=list)
    met: int = 0
    url: str = ""

    def honest(self, asked: Asked) -> tuple[int, Json]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": {"code": "InvalidAuthenticationToken", "message": "no good token"}}
        body: Any = json.loads(asked.body) if asked.body else None
        if not asked.target.endswith("/$batch"):
            return self.graph._respond(asked.method, asked.target, body)
        version = asked.target.split("/")[1]
        responses = []
        for one in body["requests"]:
            status, content = self.graph._respond(one["method"], f"/{version}{one['url']}", one.get("body"))
            responses.append({"id": one["id"], "status": status, "headers": {}, "body": content})
        return 200, {"responses": responses}

    async def tick(self) -> None:
        await asyncio.sleep(0.01)

    def _place_of(self, asked: Asked) -> Place:
        text = asked.target + asked.body.decode("utf-8", "replace")
        if asked.target.endswith("/assign"):
            return Place.ASSIGN
        if "/organization" in text:
            return Place.ABOUT
        if "/assignments" in text or "expand=assignments" in asked.body.decode("utf-8", "replace"):
            return Place.VERIFY if self.graph.assigns or self._assigned else Place.READ
        return Place.LOOK_UP if "/groups" in text or "getByIds" in text else Place.LIST

    @property
    def _assigned(self) -> bool:
        return any(one.target.endswith("/assign") for one in self.asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                asked = await _read(reader)
                self.asked.append(asked)
                exchange = Exchange(self, asked, writer)
                if self.trouble and self._place_of(asked) is self.place and self.met < self.times:
                    self.met += 1
                    await self.trouble(exchange)
                else:
                    status, content = exchange.carry_out()
                    await exchange.write(answer(status, content))
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def head(status: int, length: int | None, headers: str = "", kind: str = "application/json") -> bytes:
    """The head of an answer; further `headers` as they are spelled, each ended by CR LF."""
    measured = "" if length is None else f"Content-Length: {length}\r\n"
    typed = f"Content-Type: {kind}\r\n" if kind else ""
    return f"HTTP/1.1 {status} Whatever\r\n{typed}{measured}{headers}\r\n".encode("latin-1")


def answer(status: int, content: Any, headers: str = "request-id: r1\r\n") -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return head(status, len(body), headers) + body


@asynccontextmanager
async def serving(hostile: HostileGraph) -> AsyncIterator[HostileGraph]:
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(hostile.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    hostile.url = hostile.graph.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hostile
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
