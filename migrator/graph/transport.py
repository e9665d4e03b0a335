"""One HTTP exchange with Graph: the only place that opens a socket to it, and where the token stays on its host."""

from __future__ import annotations

import asyncio
import ipaddress
from base64 import b64encode
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from migrator.graph import tls
from migrator.graph.protocol import Call, Fault, Reply
from migrator.model.errors import UsageError
from migrator.model.version import VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from multidict import CIMultiDictProxy

    from migrator.model.ports import Clock

LARGEST_ANSWER = 64 * 2**20
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_TIMEOUT = aiohttp.ClientTimeout(total=180, sock_connect=20, sock_read=90)


class Transport:
    """A session with one Graph host, as an async context manager. It makes one try and never raises for the network.

    `graph_url` is the root without version: https, or plain http on loopback (UsageError otherwise). `ca_bundle`
    (PEM) adds to the system's store of authorities. The system's proxy settings hold (`HTTPS_PROXY`, `NO_PROXY`),
    except on loopback. At most `connections` exchanges happen at a time.
    """

    def __init__(self, graph_url: str, clock: Clock, *, ca_bundle: Path | None = None, connections: int = 64) -> None:
        self.graph_url = checked_root(graph_url)
        self._clock = clock
        self._ca_bundle = ca_bundle
        self._room = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None
        self._proxy: URL | None = None
        self._proxy_headers: Mapping[str, str] | None = None

    async def __aenter__(self) -> Self:
        self._proxy, self._proxy_headers = _proxy_for(self.graph_url)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls.context(self._ca_bundle), ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_TIMEOUT,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def exchange(self, call: Call, token: str, client_request_id: str) -> tuple[Reply, float]:
        """Sends the call once. Gives what came back, or a Reply that says what came instead, and how many seconds."""
        async with self._room:
            started = self._clock.monotonic()
            reply = await self._reply(call, token, client_request_id)
            return reply, self._clock.monotonic() - started

    async def _reply(self, call: Call, token: str, client_request_id: str) -> Reply:
        status, headers = 0, _NO_HEADERS
        try:
            async with self._request(call, token, client_request_id) as response:
                status, headers = response.status, _lower(response.headers)
                body = await _bounded(response.content)
        except aiohttp.ClientHttpProxyError as error:
            return _refused_by_proxy(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = Fault.TRUNCATED if status else _fault_of(error)
            return Reply(status, headers, error=f"{fault}: {_told(error)}", fault=fault)
        if body is None:
            limit = f"{LARGEST_ANSWER // 2**20} MiB"
            return Reply(status, headers, error=f"the answer is larger than {limit}", fault=Fault.OVERSIZED)
        return Reply(status, headers, body)

    @asynccontextmanager
    async def _request(self, call: Call, token: str, client_request_id: str) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            raise RuntimeError("the transport is not open; use it with `async with`")
        if not call.path.startswith("/"):  # "https://host" + ".elsewhere/…" would be another host
            raise ValueError(f"{call.path!r} is not a path below Graph's root")
        headers = {
            "Accept": "application/json",
            "User-Agent": f"migrator/{VERSION}",
            **({} if call.body is None else {"Content-Type": "application/json"}),
            **dict(call.headers),
            "client-request-id": client_request_id,
            "return-client-request-id": "true",
            "Authorization": f"Bearer {token}",
        }
        url = URL(self.graph_url + call.path, encoded=True)
        async with self._session.request(
            call.method,
            url,
            data=call.body,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
        ) as response:
            yield response


def checked_root(graph_url: str) -> str:
    """Graph's root without a trailing slash; UsageError where it must not be used."""
    try:
        url = urlsplit(graph_url.strip())
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise UsageError(f"The Graph address {graph_url!r} cannot be read: {error}") from error
    if "@" in url.netloc:
        raise UsageError("The Graph address must not carry a name or a password")
    if not host or url.query or url.fragment or url.scheme not in ("http", "https"):
        raise UsageError(
            f"The Graph address {graph_url!r} is not understood; write it like https://graph.microsoft.com"
        )
    if url.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{graph_url} is not encrypted: http is accepted for this very machine only, use https")
    if url.path.rstrip("/").rpartition("/")[2] in ("v1.0", "beta"):
        raise UsageError(f"Leave the version out of the Graph address {graph_url}: it is the root that is wanted")
    return url.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _proxy_for(graph_url: str) -> tuple[URL | None, Mapping[str, str] | None]:
    """The proxy that the system's settings name for Graph, asked once, and what is said to it alone.

    aiohttp's own `trust_env` would ask for every request, and would put what it finds in ~/.netrc beside our token.
    """
    url = urlsplit(graph_url)
    host = url.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None, None
    named = getproxies().get(url.scheme) or getproxies().get("all")
    if not named:
        return None, None
    proxy = URL(named if "://" in named else f"http://{named}")
    if proxy.scheme not in ("http", "https"):
        raise UsageError(f"A proxy of the kind {proxy.scheme}:// cannot be used; it must be an http or https one")
    if not proxy.user:
        return proxy, None
    login = b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode("ascii")
    return proxy.with_user(None), {"Proxy-Authorization": f"Basic {login}"}


async def _bounded(content: aiohttp.StreamReader) -> bytes | None:
    """The whole body, None where there is too much of it."""
    body = bytearray()
    async for piece in content.iter_any():
        body += piece
        if len(body) > LARGEST_ANSWER:
            return None
    return bytes(body)


def _lower(headers: CIMultiDictProxy[str]) -> Mapping[str, str]:
    """Names in lower case; a header that comes several times is one, joined by commas."""
    joined: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _refused_by_proxy(error: aiohttp.ClientHttpProxyError) -> Reply:
    """The proxy did not let us through; nothing reached Graph. Nothing of the proxy's address is told."""
    fault = Fault.UNREACHABLE if error.status >= 500 or error.status == 429 else Fault.BLOCKED
    hint = "; it wants a name and a password, which go into HTTPS_PROXY" if error.status == 407 else ""
    return Reply(0, error=f"{fault}: the proxy answered {error.status} {error.message}{hint}", fault=fault)


_FAULTS: tuple[tuple[type[BaseException], Fault], ...] = (  # the first that fits
    (aiohttp.ClientConnectorCertificateError, Fault.BLOCKED),
    (aiohttp.ClientConnectorError, Fault.UNREACHABLE),
    (aiohttp.ConnectionTimeoutError, Fault.UNREACHABLE),
    (aiohttp.ClientPayloadError, Fault.TRUNCATED),
    (aiohttp.ClientResponseError, Fault.FOREIGN),
    (TimeoutError, Fault.TIMED_OUT),
)


def _fault_of(error: BaseException) -> Fault:
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), Fault.RESET)


def _told(error: BaseException) -> str:
    """The error in its own words, or at least its name. They name hosts and ports, never headers."""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message
    return str(error) or type(error).__name__
