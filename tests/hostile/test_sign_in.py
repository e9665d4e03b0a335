"""A sign-in endpoint that does everything wrong, asked by MSAL itself: a token, or one clear error, never for ever."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from migrator.graph.auth import application
from migrator.graph.auth.registry import token_source
from migrator.model.errors import SignInError
from migrator.model.settings import Auth, Secret, SignIn
from tests.graph.certificates import bundle, server_context

SECRET = "not-to-be-seen"
WATCHDOG = 20  # real seconds


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_TIMEOUT", (0.3, 0.3))


@asynccontextmanager
async def endpoint(folder: Path, status: int, content: bytes | None) -> AsyncIterator[SignIn]:
    """Good metadata, and this for every token; None: no answer."""
    root = ""
    over = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "openid-configuration" in request.path:
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
            named = {name: f"{root}/tenant/oauth2/v2.0/{end}" for name, end in ends.items()}
            return web.json_response({"issuer": f"{root}/tenant/v2.0", **named})
        if content is None:
            await over.wait()
        return web.Response(status=status, body=content, content_type="application/json")

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(folder)).start()
    root = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield SignIn(Auth.SECRET, root, tenant_id="tenant", client_id="app", secret=Secret(SECRET))
    finally:
        over.set()
        await runner.cleanup()


def granted(**changed: Any) -> bytes:
    return json.dumps({"token_type": "Bearer", "expires_in": 3600, "access_token": "good", **changed}).encode()


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>Please sign in</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b'"text"'),
        (200, b"\xff\xfe"),
        (200, b"{"),
        (200, b"{}"),
        (200, b"[" * 100_000),
        (200, granted(access_token=None)),
        (200, granted(access_token=5)),
        (200, granted(access_token="")),
        (200, granted(access_token="good\r\nX-More: of it")),
        (200, granted(expires_in="soon")),
        (400, b'{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}'),
        (400, b'{"error": null, "error_description": null}'),
        (400, b"{}"),
        (401, b""),
        (403, b"<html>blocked</html>"),
        (429, b"{}"),
        (500, b"{}"),
        (503, b"not now"),
        (200, None),
    ],
    ids=repr,
)
async def test_no_token_is_one_clear_error(tmp_path: Path, status: int, content: bytes | None) -> None:
    async with asyncio.timeout(WATCHDOG), endpoint(tmp_path, status, content) as sign_in:
        source = token_source(sign_in, "graph.example", bundle(tmp_path), lambda _: None)
        with pytest.raises(SignInError) as raised:
            await source.token()
    told = str(raised.value)
    assert told.startswith("Sign-in")
    assert "\n" not in told
    assert len(told) < 400
    assert SECRET not in told
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("life", [0, -5, 1, 10**12, "3600", 3600.0])
async def test_a_token_is_used_whatever_is_said_of_its_life(tmp_path: Path, life: object) -> None:
    async with asyncio.timeout(WATCHDOG), endpoint(tmp_path, 200, granted(expires_in=life)) as sign_in:
        source = token_source(sign_in, "graph.example", bundle(tmp_path), lambda _: None)
        before = time.monotonic()
        assert [await source.token() for _ in range(3)] == ["good"] * 3
        assert time.monotonic() - before < WATCHDOG


@pytest.mark.parametrize("head", [b"X-Slow: ", b"Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"])
async def test_an_answer_that_comes_byte_by_byte_is_not_waited_for_for_ever(
    tmp_path: Path, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, and the last one never."""
    monkeypatch.setattr(application, "_WITHIN", 1.0)

    over, gone = asyncio.Event(), asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + head)
            while not over.is_set():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except OSError:
            pass
        finally:
            writer.transport.abort()
            gone.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0, ssl=server_context(tmp_path))
    root = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    sign_in = SignIn(Auth.SECRET, root, tenant_id="tenant", client_id="app", secret=Secret(SECRET))
    source = token_source(sign_in, "graph.example", bundle(tmp_path), lambda _: None)
    try:
        async with asyncio.timeout(WATCHDOG):
            with pytest.raises(SignInError, match="took longer than 1 seconds"):
                await source.token()
    finally:
        server.close()
        over.set()
        await gone.wait()


async def test_the_request_itself_gives_up_an_answer_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a person takes part, for whom there is no bound of all of it."""
    monkeypatch.setattr(application, "_WHOLE_ANSWER", 0.3)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    root = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    session = application.http_session(None, trust_env=False)
    try:
        async with asyncio.timeout(WATCHDOG):
            with pytest.raises(OSError, match="takes longer than"):
                await asyncio.to_thread(session.request, "GET", root)
    finally:
        server.close()
