"""What answers with our own token: whatever is made of the answer, the token is not in it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from migrator.graph import echo
from migrator.graph.batch import send_batch
from migrator.graph.protocol import Fault, Reply
from migrator.graph.transport import Transport
from tests.graph.server import Tokens, client_of, get
from tests.virtual_clock import VirtualClock

OPAQUE = "EwB4+A8l6BAA/U4sVXE5" + "Q" * 40 + "=="
TOKENS = (OPAQUE, "eyJhbGciOiJub25lIn0.eyJhIjoiYiJ9AAAAAAAAAAAA.SIGNATUREsignature")
OK = b"HTTP/1.1 200 OK\r\n"


def _json(token: bytes) -> bytes:
    return json.dumps({"said": token.decode()}).encode()


# What comes in answer to a request whose Authorization is `Bearer token`, as bytes of the connection.
ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "a header without a colon": lambda token: OK + b"Authorization Bearer " + token + b"\r\n\r\n",
    "a version that is none": lambda token: b"HTTP/9.9 Bearer " + token + b"\r\n\r\n",
    "a status that is none": lambda token: b"HTTP/1.1 2x0 Bearer " + token + b"\r\n\r\n",
    "a reason": lambda token: b"HTTP/1.1 500 Bearer " + token + b"\r\n\r\n",
    "a chunk": lambda token: OK + b"Transfer-Encoding: chunked\r\n\r\nBearer " + token + b"\r\n",
    "a length": lambda token: OK + b"Content-Length: " + token + b"\r\n\r\n",
    "the name of a header": lambda token: OK + b"\x01" + token + b": x\r\n\r\n",
    "a header's value": lambda token: OK + b"X-Echo: Bearer " + token + b"\r\nContent-Length: 0\r\n\r\n",
    "a value that is none": lambda token: OK + b"X-Echo: \x00" + token + b"\r\n\r\n",
    "a body that is not packed": lambda token: OK + b"Content-Encoding: gzip\r\nContent-Length: 80\r\n\r\n" + token * 2,
    "a body that ends early": lambda token: OK + b"Content-Length: 8000\r\n\r\n" + token,
    "a head that ends early": lambda token: OK + b"X-Echo: " + token,
    "a body": lambda token: OK + b"\r\nBearer " + token,
    "JSON": lambda token: OK + b"\r\n" + json.dumps({"said": token.decode()}).encode().replace(b"/", b"\\/"),
    "escaped JSON": lambda token: (
        OK + b"\r\n" + json.dumps({"said": token.decode()}).encode().replace(b"+", b"\\u002B")
    ),
}


@asynccontextmanager
async def answering(answer: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(asked.split(b"Bearer ")[1].split(b"\r\n")[0]))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("name", ANSWERS)
async def test_no_answer_repeats_the_token(name: str, token: str) -> None:
    async with answering(ANSWERS[name]) as url, Transport(url, VirtualClock()) as transport:
        reply, _ = await transport.exchange(get(), token, "id")
    texts = [reply.error, repr(reply.headers), reply.body.decode()]
    if reply.is_json:
        texts.append(str(reply.json()))
    assert not any(token in text or token[:20] in text or token[-20:] in text for text in texts)
    assert reply.fault is Fault.NONE or reply.error.startswith(f"{reply.fault}: ")


async def test_what_is_no_http_is_called_by_the_kind_of_its_mistake() -> None:
    async with answering(ANSWERS["a status that is none"]) as url, Transport(url, VirtualClock()) as transport:
        reply, _ = await transport.exchange(get(), OPAQUE, "id")
    assert reply.error == "foreign: what answered does not speak HTTP as it should (BadStatusLine)"


@pytest.mark.parametrize("before", ["", "a", "ab"])
async def test_no_part_of_a_batch_repeats_the_token_though_it_is_packed(before: str) -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        said = json.dumps({"error": {"code": "x", "message": f"{before}{request.headers['Authorization']}"}})
        body = base64.b64encode(said.encode()).decode()
        return web.json_response({"responses": [{"id": "1", "status": 400, "body": body}]})

    async with client_of(respond, tokens=Tokens([OPAQUE])) as bench:
        (answer,) = await send_batch(bench.client, [get("/beta/things/1")], "beta")
    assert answer.reply.body.count(echo.HIDDEN.encode()) == 1
    assert answer.reply.graph_error == ("", "")


def test_a_packed_token_is_found_wherever_it_begins_and_a_short_one_hides_nothing_else() -> None:
    for start in range(9):
        packed = base64.b64encode(b"x" * start + OPAQUE.encode() + b"and more")
        assert echo.HIDDEN.encode() in echo.without(echo.spellings(OPAQUE), Reply(200, body=packed)).body
    assert echo.spellings("abc") == ("abc",)
    assert echo.spellings("") == ()
