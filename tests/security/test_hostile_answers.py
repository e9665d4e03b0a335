"""Answers made to do harm: whatever a service or something in its place says, a call ends, within bounds, in words."""

from __future__ import annotations

import base64
import json
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from migrator.graph.batch import send_batch
from migrator.graph.protocol import Call, Fault, Meaning, claims_of, in_words
from migrator.graph.tenant.codec import parse_list
from migrator.graph.transport import LARGEST_ANSWER
from migrator.model.errors import GraphError, SignInError
from migrator.model.kinds import KINDS
from tests.graph.server import Tokens, client_of, in_turn, said

MIB = 2**20
TOKEN = "a-token-that-is-ours"
READ = Call("GET", "/beta/a", "read")
DEPTHS = (150, 600, 950, 5_000, 1_000_000)
KIND = KINDS["configurationPolicies"]


def packed(unit: bytes, times: int) -> bytes:
    """gzip of `unit` so many times, made without ever being there whole."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = packer.compress(b"") + packer.flush()
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + once * times + end + bytes(8)


def streamed(pieces: int, piece: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(pieces):
            try:
                await response.write(piece)
            except ConnectionError:
                break
        return response

    return respond


async def test_a_compressed_answer_is_bounded_by_what_it_unpacks_to() -> None:
    """10 MiB that would be 10 GiB."""
    bomb = packed(b" " * MIB, 10_000)
    assert 9 * MIB < len(bomb) < 11 * MIB

    def answer() -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    async with client_of(in_turn(answer)) as bench:
        tracemalloc.start()
        try:
            told = await bench.client.send(READ)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert told.reply.fault in (Fault.OVERSIZED, Fault.TRUNCATED, Fault.FOREIGN, Fault.RESET)
    assert told.meaning is not Meaning.OK
    assert peak < 3 * LARGEST_ANSWER


async def test_an_answer_without_an_end_is_bounded() -> None:
    async with client_of(streamed(80, b" " * MIB)) as bench:
        answer = await bench.client.send(READ)
    assert (answer.reply.fault, answer.meaning) == (Fault.OVERSIZED, Meaning.REFUSED)
    assert "larger than 64 MiB" in in_words(answer.reply)


@pytest.mark.parametrize(
    "headers",
    [{"X-Long": "x" * 100_000}, {f"X-{n}": "x" * 1_000 for n in range(1_000)}],
    ids=["one long header", "a thousand headers"],
)
async def test_headers_are_bounded(headers: dict[str, str]) -> None:
    async with client_of(in_turn(lambda: web.json_response({"value": []}, headers=headers))) as bench:
        answer = await bench.client.send(READ)
    assert answer.meaning is Meaning.OK or answer.reply.fault is Fault.FOREIGN


@pytest.mark.parametrize("depth", DEPTHS)
async def test_json_nested_without_end_is_an_answer_that_is_not_understood(depth: int) -> None:
    nested = b'{"value": [{"id": "1", "target": {"@odata.type": "x", "deep": ' + b"[" * depth + b"]" * depth + b"}}]}"

    def answer() -> web.Response:
        return web.Response(body=nested, content_type="application/json")

    async with client_of(in_turn(answer)) as bench:
        told = await bench.client.send(READ)
        if told.ok:
            assert parse_list(KIND, told.json()["value"]) is None
        else:
            with pytest.raises(GraphError, match="not JSON"):
                told.require()


@pytest.mark.parametrize("depth", DEPTHS)
async def test_nor_is_it_inside_a_batch_or_an_error(depth: int) -> None:
    inner = b"[" * depth + b"]" * depth
    batch = b'{"responses": [{"id": "1", "status": 200, "body": {"value": [{"id": "1", "deep": ' + inner + b"}]}}]}"
    error = b'{"error": {"code": "x", "message": "{\\"Message\\": ' + inner + b'}"}}'

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("$batch"):
            return web.Response(body=batch, content_type="application/json")
        return web.Response(status=400, body=error, content_type="application/json")

    async with client_of(respond) as bench:
        (answer,) = await send_batch(bench.client, [READ], "beta")
        assert not answer.ok or parse_list(KIND, answer.json()["value"]) is None
        refused = await bench.client.send(READ)
    assert in_words(refused.reply).startswith("400")


def test_a_claims_challenge_nested_without_end_is_none() -> None:
    challenge = base64.b64encode(b"[" * 5_000 + b"]" * 5_000).decode()
    assert claims_of(f'Bearer claims="{challenge}"') is None


async def test_what_an_answer_repeats_of_our_token_goes_no_further() -> None:
    """A gateway's error page may show the request that it refused; what it says is kept, and shown in reports."""

    async def gateway(request: web.Request) -> web.StreamResponse:
        authorization = request.headers["Authorization"]
        token = authorization.removeprefix("Bearer ")
        document = {"error": {"code": "denied", "message": f"You sent {authorization}; no {token}"}}
        headers = {"request-id": token, "Location": f"/{token}"}
        if request.path.endswith("$batch"):
            inner = {"id": "1", "status": 403, "headers": headers, "body": document}
            return web.json_response({"responses": [inner]}, headers=headers)
        return web.json_response(document, status=403, headers=headers)

    async with client_of(gateway, tokens=Tokens([TOKEN])) as bench:
        answers = [await bench.client.send(READ), *await send_batch(bench.client, [READ], "beta")]
        for answer in answers:
            kept = repr((answer, answer.reply.body, answer.reply.headers, in_words(answer.reply)))
            assert TOKEN not in kept
        assert not any(TOKEN in repr(attempt) for attempt in bench.attempts)


async def test_a_token_that_is_not_taken_is_not_shown() -> None:
    async def refuses(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"code": "x", "message": str(dict(request.headers))}}, status=401)

    async with client_of(refuses, tokens=Tokens([TOKEN])) as bench:
        with pytest.raises(SignInError) as refused:
            await bench.client.send(READ)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "wait", ["99999999999", "1e400", "inf", "nan", "-5", "1_0", "Fri, 31 Dec 9999 23:59:59 GMT", "x"]
)
async def test_no_retry_after_is_waited_for_ever(wait: str) -> None:
    for status in (429, 503):
        busy = said({"error": {}}, status, Retry_After=wait)
        async with client_of(in_turn(busy, busy, said({"value": []}))) as bench:
            before = bench.clock.monotonic()
            answer = await bench.client.send(READ)
            waited = bench.clock.monotonic() - before
        assert answer.ok
        assert waited <= 3_600 + 60


async def test_pages_that_lead_back_or_on_without_end_are_followed_no_further() -> None:
    pages = 0

    async def respond(request: web.Request) -> web.StreamResponse:
        nonlocal pages
        pages += 1
        link = f"http://{request.host}/beta/a?page={pages % 3}"
        return web.Response(body=json.dumps({"value": [], "@odata.nextLink": link}), content_type="application/json")

    async with client_of(respond) as bench:
        with pytest.raises(GraphError, match="leads back to a page"):
            async for _ in bench.client.pages(READ):
                pass
    assert pages <= 4
