"""One exchange over a real socket, whatever stands at its other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from migrator import __version__
from migrator.graph import transport as transport_module
from migrator.graph.protocol import Call, Fault, Meaning, Reply, classify
from migrator.graph.transport import Transport, checked_root, is_loopback
from migrator.model.errors import UsageError
from tests.graph.certificates import bundle, server_context
from tests.graph.server import assign, get, in_turn, said, serving, text
from tests.virtual_clock import VirtualClock

TOKEN = "eyJ.secret.token"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(talk: Talk) -> AsyncIterator[str]:
    """A server that does with the connection what a test says, then drops it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def exchange(url: str, call: Call | None = None, ca_bundle: Path | None = None) -> Reply:
    async with Transport(url, VirtualClock(), ca_bundle=ca_bundle) as transport:
        reply, _ = await transport.exchange(call or get(), TOKEN, "my-id")
        return reply


async def test_what_is_sent_and_what_comes_back() -> None:
    async with serving(in_turn(said({"value": []}, request_id="abc"))) as served:
        reply = await exchange(served.url, assign("/beta/things/a%2Fb/assign?$x='y'", {"assignments": []}))
        asked = served.asked[0]
    assert (reply.status, reply.request_id, reply.json()) == (200, "abc", {"value": []})
    assert (asked.method, asked.path, asked.body) == (
        "POST",
        "/beta/things/a%2Fb/assign?$x='y'",
        b'{"assignments": []}',
    )
    assert asked.token == TOKEN
    assert asked.headers["client-request-id"] == "my-id"
    assert asked.headers["user-agent"] == f"migrator/{__version__}"
    assert asked.headers["content-type"] == "application/json"


async def test_a_call_has_headers_of_its_own_but_never_its_own_token() -> None:
    async with serving(in_turn(said({}))) as served:
        await exchange(served.url, get(headers=(("ConsistencyLevel", "eventual"), ("Authorization", "Bearer other"))))
        assert served.asked[0].headers["consistencylevel"] == "eventual"
        assert served.asked[0].token == TOKEN


async def test_a_redirect_is_not_followed() -> None:
    async with serving(in_turn(said({"stolen": True}))) as thief:
        async with serving(in_turn(said(None, 302, Location=f"{thief.url}/signin"))) as served:
            reply = await exchange(served.url)
        assert reply.status == 302
        assert not thief.asked
    assert classify(get(), reply) is Meaning.REFUSED


async def test_a_path_that_would_change_the_host_is_not_sent() -> None:
    async with Transport("https://graph.microsoft.com", VirtualClock()) as transport:
        with pytest.raises(ValueError, match="not a path"):
            await transport.exchange(get(".evil.example/beta"), TOKEN, "my-id")


async def test_nobody_there_means_that_nothing_was_sent() -> None:
    async with raw(_drop) as url:
        pass
    reply = await exchange(url)
    assert (reply.status, reply.fault) == (0, Fault.UNREACHABLE)
    assert classify(assign(), reply) is Meaning.TRANSIENT


async def _drop(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""


async def _abort(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"value": [')
    await writer.drain()


async def _foreign(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(
    ("talk", "status", "fault"),
    [
        (_drop, 0, Fault.RESET),
        (_abort, 0, Fault.RESET),
        (_half, 200, Fault.TRUNCATED),
        (_foreign, 0, Fault.FOREIGN),
    ],
)
async def test_a_broken_answer_leaves_an_assign_in_doubt(talk: Talk, status: int, fault: Fault) -> None:
    async with raw(talk) as url:
        reply = await exchange(url, assign())
    assert (reply.status, reply.fault) == (status, fault)
    assert reply.error.startswith(str(fault))
    assert TOKEN not in reply.error
    assert classify(assign(), reply) is Meaning.UNKNOWN


async def test_silence_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = asyncio.Event()

    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await silence.wait()

    monkeypatch.setattr(transport_module, "_WITHIN", 0.05)
    async with raw(talk) as url:
        reply = await exchange(url, assign())
        silence.set()
    assert reply.fault is Fault.TIMED_OUT
    assert classify(assign(), reply) is Meaning.UNKNOWN


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "LARGEST_ANSWER", 2**16)
    async with serving(in_turn(text("x" * 2**17))) as served:
        reply = await exchange(served.url)
    assert reply.fault is Fault.OVERSIZED
    assert not reply.body


async def test_so_is_one_that_only_unpacks_to_that_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "LARGEST_ANSWER", 2**16)

    async def respond(_request: web.Request) -> web.StreamResponse:
        response = web.Response(text=" " * 2**18)
        response.enable_compression()
        return response

    async with serving(respond) as served:
        assert (await exchange(served.url)).fault is Fault.OVERSIZED


async def test_headers_are_in_lower_case_and_repeated_ones_are_joined() -> None:
    async def respond(_request: web.Request) -> web.StreamResponse:
        response = web.Response(status=401)
        response.headers.add("WWW-Authenticate", "Bearer a")
        response.headers.add("WWW-Authenticate", "Bearer b")
        return response

    async with serving(respond) as served:
        assert (await exchange(served.url)).headers["www-authenticate"] == "Bearer a, Bearer b"


async def test_no_more_exchanges_at_a_time_than_allowed() -> None:
    now = most = 0

    async def respond(_request: web.Request) -> web.StreamResponse:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.005)
        now -= 1
        return web.json_response({})

    async with serving(respond) as served, Transport(served.url, VirtualClock(), connections=3) as transport:
        await asyncio.gather(*(transport.exchange(get(), TOKEN, "id") for _ in range(12)))
    assert most == 3


async def over_tls(folder: Path, ca_bundle: Path | None) -> Reply:
    async def respond(_request: web.Request) -> web.Response:
        return web.json_response({"value": []})

    app = web.Application()
    app.router.add_get("/beta/things", respond)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=server_context(folder))
    try:
        return await exchange(str(server.make_url("/")), ca_bundle=ca_bundle)
    finally:
        await server.close()


async def test_an_authority_of_ones_own_is_trusted_by_a_bundle(tmp_path: Path) -> None:
    assert (await over_tls(tmp_path, bundle(tmp_path))).json() == {"value": []}


async def test_without_it_nothing_is_sent_and_nothing_tried_again(tmp_path: Path) -> None:
    reply = await over_tls(tmp_path, None)
    assert reply.fault is Fault.BLOCKED
    assert classify(get(), reply) is Meaning.REFUSED


@pytest.mark.parametrize("content", ["", "no certificate"])
async def test_a_bundle_that_is_none_is_a_wrong_setting(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"ca\.pem"):
        await exchange("https://127.0.0.1:9", ca_bundle=path)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://graph.microsoft.com", "https://graph.microsoft.com"),
        (" https://graph.microsoft.com/ ", "https://graph.microsoft.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://gate.example/graph/", "https://gate.example/graph"),
    ],
)
def test_a_root_that_may_be_used(url: str, root: str) -> None:
    assert checked_root(url) == root


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://graph.microsoft.com", "not encrypted"),
        ("http://127.0.0.1.evil.example", "not encrypted"),
        ("http://localhost.evil.example", "not encrypted"),
        ("graph.microsoft.com", "not understood"),
        ("ftp://graph.microsoft.com", "not understood"),
        ("https://", "not understood"),
        ("https://graph.microsoft.com/?x=y", "not understood"),
        ("https://graph.microsoft.com/beta", "version"),
        ("https://graph.microsoft.com/v1.0/", "version"),
        ("https://graph.microsoft.com:port", "cannot be read"),
        ("https://me:word@graph.microsoft.com", "password"),
    ],
)
def test_a_root_that_may_not(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        checked_root(url)
    assert "word@" not in str(caught.value)


def test_loopback() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("::1")
    assert is_loopback("LocalHost")
    assert not is_loopback("10.0.0.1")


async def test_an_unopened_transport_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Transport("https://graph.microsoft.com", VirtualClock()).exchange(get(), TOKEN, "id")
