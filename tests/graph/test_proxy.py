"""Proxies, as the system's settings name them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from migrator.graph.protocol import Fault, Meaning, Reply, classify
from migrator.graph.transport import Transport
from migrator.model.errors import UsageError
from tests.graph.server import get, in_turn, said, serving
from tests.virtual_clock import VirtualClock

GRAPH = "https://graph.example"


@asynccontextmanager
async def proxy(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that answers every CONNECT so."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def exchange(url: str = GRAPH) -> Reply:
    async with Transport(url, VirtualClock()) as transport:
        return (await transport.exchange(get(), "eyJ.secret", "id"))[0]


async def test_the_proxy_is_asked_for_a_tunnel_with_its_own_password_and_never_sees_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with proxy(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as (address, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@{address}")
        reply = await exchange()
    assert asked[0].startswith(b"CONNECT graph.example:443 ")
    assert base64.b64encode(b"me:word") in asked[0]
    assert b"eyJ.secret" not in asked[0]
    assert reply.fault is Fault.UNREACHABLE
    assert "word" not in reply.error


async def test_a_proxy_that_wants_a_password_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (address, _):
        monkeypatch.setenv("HTTPS_PROXY", address)  # without a scheme, as many write it
        reply = await exchange()
    assert classify(get(), reply) is Meaning.REFUSED
    assert "HTTPS_PROXY" in reply.error


async def test_a_host_that_is_exempt_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxy(b"HTTP/1.1 407 No\r\n\r\n") as (address, asked):
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv("NO_PROXY", "graph.invalid")
        await exchange("https://graph.invalid")
    assert not asked


async def test_loopback_goes_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with serving(in_turn(said({}))) as served:
        assert (await exchange(served.url)).status == 200


async def test_a_socks_proxy_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(UsageError, match="socks5"):
        await exchange()


async def test_a_netrc_does_not_get_between(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login someone password something\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    async with serving(in_turn(said({}))) as served:
        await exchange(served.url)
        assert served.asked[0].token == "eyJ.secret"
