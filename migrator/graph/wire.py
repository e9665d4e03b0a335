"""HTTP/1.1 with one host, on connections that are kept: aiohttp's connector and its parser, below its session.

aiohttp's session spends most of a small request's processor time on what a call to Graph must not have or does not
need: cookies, redirects, logins out of addresses and ~/.netrc, forms, a task for writing the body, a timer for each
request, a silent second try. Here a request is its bytes, written at once; what connects, encrypts, goes through
proxies, keeps connections and reads answers is aiohttp's. `docs/adr/0008-below-the-session.md` has the figures.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from migrator.graph.patience import Patience

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from aiohttp.connector import Connection
    from multidict import CIMultiDictProxy
    from yarl import URL

KEEP_ALIVE = 50.0
"""Seconds that a connection is kept unused: longer than a throttle's window, shorter than services and proxies do."""

_CONNECT = aiohttp.ClientTimeout(connect=60, sock_connect=20)  # all of a host's addresses, tunnel and TLS; one address
_DNS_LASTS = 300


class Foreign(aiohttp.ClientError):
    """What answered does not speak HTTP; the message is the kind of mistake, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer that came, its body unpacked. `body` is None where there is more of it than was allowed; `broken` is
    what ended it before its end."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes | None = b""
    broken: Exception | None = None


class Wire:
    """Connections to the host of `root`, through `proxy` where there is one. Made and used in a running event loop.

    An answer has to be there, whole, `within` so many seconds.
    """

    def __init__(
        self,
        root: URL,
        context: ssl.SSLContext,
        *,
        within: float,
        proxy: URL | None = None,
        proxy_headers: Mapping[str, str] | None = None,
    ) -> None:
        self._connector = aiohttp.TCPConnector(
            limit=0, ssl=context, ttl_dns_cache=_DNS_LASTS, keepalive_timeout=KEEP_ALIVE
        )
        if proxy_headers is not None:  # the connector would add it to those of its first request alone
            proxy_headers = {**proxy_headers, "Host": root.host_port_subcomponent or ""}
        # It says whom to connect to, and through whom; it is never sent.
        self._goal = aiohttp.ClientRequest(
            "GET", root, loop=asyncio.get_running_loop(), proxy=proxy, proxy_headers=proxy_headers
        )
        self._patience = Patience(within)

    async def close(self) -> None:
        """Closes all connections."""
        self._patience.close()
        await self._connector.close()

    async def exchange(self, request: bytes, at_most: int) -> Received:
        """Sends the bytes of one request, once, and gives the answer with up to `at_most` bytes of body.

        Raises what aiohttp does for a connection that cannot be made, or that ends before there is an answer;
        TimeoutError where none came in time, Foreign where it is not HTTP.
        """
        connection = await self._connected()
        exchange = _Exchange(connection)
        self._patience.begin(exchange)
        try:
            received = await exchange.run(request, at_most)
        except BaseException:
            connection.close()
            raise
        finally:
            self._patience.end(exchange)
        if received.broken or received.body is None:
            connection.close()
        else:
            connection.release()  # it is kept, unless the answer said otherwise
        return received

    async def _connected(self) -> Connection:
        try:
            return await self._connector.connect(self._goal, traces=[], timeout=_CONNECT)
        except TimeoutError as error:  # told apart from one while an answer is waited for: nothing was sent yet
            raise aiohttp.ConnectionTimeoutError("no connection came about in time") from error


class _Exchange:
    """One request and its answer on one connection."""

    def __init__(self, connection: Connection) -> None:
        if connection.protocol is None:  # the connector gives none that is closed
            raise aiohttp.ServerDisconnectedError
        self._protocol = connection.protocol
        self._content: aiohttp.StreamReader | None = None

    async def run(self, request: bytes, at_most: int) -> Received:
        protocol = self._protocol
        protocol.set_response_params(read_until_eof=True, auto_decompress=True)
        if protocol.transport is None:
            raise aiohttp.ServerDisconnectedError
        protocol.transport.write(request)
        try:
            head, content = await protocol.read()
            while head.code in range(100, 200) and head.code != 101:  # not the answer yet
                head, content = await protocol.read()
        except HttpProcessingError as error:
            raise Foreign(type(error.__cause__ or error).__name__) from None  # its message quotes what came
        self._content = content
        try:
            return Received(head.code, head.headers, await _whole(content, at_most))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Received(head.code, head.headers, broken=error)

    def give_up(self) -> None:
        error = TimeoutError("no whole answer came in time")
        self._protocol.set_exception(error)
        if self._content is not None:
            self._content.set_exception(error)


async def _whole(content: aiohttp.StreamReader, at_most: int) -> bytes | None:
    """The whole body, None where there is too much of it. Most are there already, in one piece."""
    body = await content.readany()
    if not content.at_eof():
        pieces = bytearray(body)
        while not content.at_eof() and len(pieces) <= at_most:
            pieces += await content.readany()
        body = bytes(pieces)
    return body if len(body) <= at_most else None
