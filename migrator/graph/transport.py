"""One HTTP exchange with Graph: the only place that opens a socket to it, and where the token stays on its host."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import responses
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from migrator.graph import echo, tls
from migrator.graph.protocol import Call, Fault, Reply
from migrator.graph.wire import Foreign, Wire
from migrator.model.errors import UsageError
from migrator.model.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from multidict import CIMultiDictProxy

    from migrator.model.ports import Clock

LARGEST_ANSWER = 64 * 2**20
_OURS = frozenset(
    {
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "client-request-id",
        "return-client-request-id",
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
    }
)
"""What no call says for itself."""
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_WITHIN = 180.0  # seconds; the service's own gateways give up earlier


@dataclass(frozen=True, slots=True)
class _Signed:
    """The token of the last call, the header it makes, and how an answer may repeat it."""

    token: str = field(repr=False)
    header: str = field(repr=False)
    spellings: tuple[str, ...] = field(repr=False)


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
        self._below = urlsplit(self.graph_url).path
        self._fixed = (
            _header("Host", URL(self.graph_url).host_port_subcomponent or "")
            + _header("Accept", "application/json")
            + _header("Accept-Encoding", "gzip, deflate")
            + _header("User-Agent", f"migrator/{VERSION}")
            + _header("return-client-request-id", "true")
        )
        self._signed = _Signed("", "", ())
        self._wire: Wire | None = None

    async def __aenter__(self) -> Self:
        proxy, proxy_headers = _proxy_for(self.graph_url)
        self._wire = Wire(
            URL(self.graph_url),
            tls.context(self._ca_bundle),
            within=_WITHIN,
            proxy=proxy,
            proxy_headers=proxy_headers,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wire is not None:
            await self._wire.close()

    async def exchange(self, call: Call, token: str, client_request_id: str) -> tuple[Reply, float]:
        """Sends the call once. Gives what came back, or a Reply that says what came instead, and how many seconds."""
        if self._wire is None:
            raise RuntimeError("the transport is not open; use it with `async with`")
        request = self._spelled(call, token, client_request_id)
        spellings = self._signed.spellings
        async with self._room:
            started = self._clock.monotonic()
            reply = echo.without(spellings, await _reply(self._wire, request))
            return reply, self._clock.monotonic() - started

    def _spelled(self, call: Call, token: str, client_request_id: str) -> bytes:
        """The request as it goes over the wire; ValueError for a path or a header that would be another request."""
        if not call.path.startswith("/") or " " in call.path:  # "https://host" + ".elsewhere/…" would be another host
            raise ValueError(f"{call.path!r} is not a path below Graph's root")
        first = f"{call.method} {self._below}{call.path} HTTP/1.1"
        if not _is_a_line(first):
            raise ValueError(f"{call.path!r} is not percent-encoded")
        if self._signed.token != token:
            self._signed = _Signed(token, _header("Authorization", f"Bearer {token}"), echo.spellings(token))
        own = "".join([_header(name, value) for name, value in call.headers if name.lower() not in _OURS])
        body = call.body or b""
        if call.body is not None or call.method != "GET":
            own += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        named = f"client-request-id: {client_request_id}\r\n"
        return f"{first}\r\n{self._fixed}{own}{named}{self._signed.header}\r\n".encode("ascii") + body


def _header(name: str, value: str) -> str:
    """A header as it is spelled; ValueError for one that would be more than one."""
    header = f"{name}: {value}"
    if not _is_a_line(header):
        raise ValueError(f"the header {name} cannot be spelled in one line of ASCII")
    return f"{header}\r\n"


def _is_a_line(text: str) -> bool:
    return text.isascii() and text.isprintable()


async def _reply(wire: Wire, request: bytes) -> Reply:
    try:
        received = await wire.exchange(request, LARGEST_ANSWER)
    except aiohttp.ClientHttpProxyError as error:
        return _refused_by_proxy(error)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        fault = _fault_of(error)
        return Reply(0, error=f"{fault}: {_told(error)}", fault=fault)
    status, headers = received.status, _lower(received.headers)
    if received.broken:
        fault = Fault.TRUNCATED
        return Reply(status, headers, error=f"{fault}: {_told(received.broken)}", fault=fault)
    if received.body is None:
        limit = f"{LARGEST_ANSWER // 2**20} MiB"
        return Reply(status, headers, error=f"the answer is larger than {limit}", fault=Fault.OVERSIZED)
    return Reply(status, headers, received.body)


def checked_root(graph_url: str) -> str:
    """Graph's root without a trailing slash; UsageError where it must not be used."""
    try:
        url = urlsplit(graph_url.strip())
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise UsageError(f"The Graph address {graph_url!r} cannot be read: {error}") from error
    if "@" in url.netloc:
        raise UsageError("The Graph address must not carry a name or a password")
    if not _plain_host(host) or url.port == 0 or url.query or url.fragment or url.scheme not in ("http", "https"):
        raise UsageError(
            f"The Graph address {graph_url!r} is not understood; write it like https://graph.microsoft.com"
        )
    if url.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{graph_url} is not encrypted: http is accepted for this very machine only, use https")
    if not _is_a_line(url.path) or " " in url.path or "\\" in url.path:
        raise UsageError(f"The path in the Graph address {graph_url!r} is not percent-encoded")
    if url.path.rstrip("/").rpartition("/")[2] in ("v1.0", "beta"):
        raise UsageError(f"Leave the version out of the Graph address {graph_url}: it is the root that is wanted")
    return url.geturl().rstrip("/")


def _plain_host(host: str) -> bool:
    """Whether a host is spelled in the one way that leaves nothing to be read differently by somebody else: letters,
    digits, hyphens and single dots, or an address. A name in another script is written as `xn--…`."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return bool(_HOST.fullmatch(host))


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


def _lower(headers: CIMultiDictProxy[str]) -> Mapping[str, str]:
    """Names in lower case; a header that comes several times is one, joined by commas."""
    joined = {name.lower(): value for name, value in headers.items()}
    if len(joined) == len(headers):
        return joined
    joined = {}
    for name, value in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _refused_by_proxy(error: aiohttp.ClientHttpProxyError) -> Reply:
    """The proxy did not let us through; nothing reached Graph. Nothing of the proxy's address is told, and nothing in
    its words, which may repeat our password."""
    fault = Fault.UNREACHABLE if error.status >= 500 or error.status == 429 else Fault.BLOCKED
    hint = "; it wants a name and a password, which go into HTTPS_PROXY" if error.status == 407 else ""
    return Reply(0, error=f"{fault}: the proxy answered {error.status}{_phrase(error.status)}{hint}", fault=fault)


def _phrase(status: int) -> str:
    """What a status is called, after a blank; nothing for one without a name."""
    return f" {responses[status]}" if status in responses else ""


_FAULTS: tuple[tuple[type[BaseException], Fault], ...] = (  # the first that fits
    (aiohttp.ClientConnectorCertificateError, Fault.BLOCKED),
    (aiohttp.ClientConnectorError, Fault.UNREACHABLE),
    (aiohttp.ConnectionTimeoutError, Fault.UNREACHABLE),
    (aiohttp.ClientPayloadError, Fault.TRUNCATED),
    (Foreign, Fault.FOREIGN),
    (TimeoutError, Fault.TIMED_OUT),
)


def _fault_of(error: BaseException) -> Fault:
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), Fault.RESET)


def _told(error: BaseException) -> str:
    """The error in one line: in its own words, which name hosts and ports, or at least its name.

    aiohttp's parser quotes what it stumbles over, whole or in part, and that may be our own request come back. So of an
    answer that is no HTTP, or is broken off, nothing is told but that.
    """
    if isinstance(error, Foreign):
        return f"what answered does not speak HTTP as it should ({error})"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the proxy does not speak HTTP as it should"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer is damaged, or ends before its end"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection ended before an answer came"
    return " ".join(str(error).split()) or type(error).__name__
