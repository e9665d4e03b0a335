"""HTTP as it may come: on connections that are kept as long as they are good for another request."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from migrator.graph import transport as transport_module
from migrator.graph import wire as wire_module
from migrator.graph.protocol import Fault, Meaning, Reply, classify
from migrator.graph.transport import Transport
from tests.graph.certificates import bundle, server_context
from tests.graph.server import assign, get
from tests.virtual_clock import VirtualClock

TOKEN = "eyJ.secret.token"
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"value":[]}'


class Talker:
    """A server that gives its answers one after the other, whatever is asked, and counts its connections.

    An answer of None ends the connection instead.
    """

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self.connections = 0
        self.asked: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                _, _, stated = head.lower().partition(b"content-length: ")
                await reader.readexactly(int(stated.split(b"\r\n")[0] or 0) if stated else 0)
                self.asked.append(head)
                answer = self._answers.pop(0) if self._answers else OK
                if answer is None:
                    break
                writer.write(answer)
        writer.close()


@asynccontextmanager
async def talking(talker: Talker) -> AsyncIterator[Transport]:
    server = await asyncio.start_server(talker.talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, Transport(url, VirtualClock()) as transport:
        yield transport


async def replies(talker: Talker, calls: int) -> Sequence[Reply]:
    async with talking(talker) as transport:
        return [(await transport.exchange(assign(), TOKEN, "id"))[0] for _ in range(calls)]


async def test_a_connection_is_kept() -> None:
    talker = Talker()
    assert [reply.status for reply in await replies(talker, 5)] == [200] * 5
    assert talker.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + OK.replace(b"value", b"stray"),
    ],
    ids=["says so", "more than was asked for"],
)
async def test_one_that_is_of_no_further_use_is_not(answer: bytes) -> None:
    talker = Talker(answer)
    assert [reply.body for reply in await replies(talker, 2)] == [b"{}", b'{"value":[]}']
    assert talker.connections == 2


async def test_one_that_the_service_ended_is_replaced_and_no_call_is_sent_twice() -> None:
    talker = Talker(OK, None)
    first, second, third = await replies(talker, 3)
    assert (first.status, second.fault, third.status) == (200, Fault.RESET, 200)
    assert classify(assign(), second) is Meaning.UNKNOWN
    assert len(talker.asked) == 3


async def test_a_read_is_not_sent_again_behind_our_back_either() -> None:
    talker = Talker(OK, None)
    async with talking(talker) as transport:
        faults = [(await transport.exchange(get(), TOKEN, "id"))[0].fault for _ in range(2)]
    assert faults == [Fault.NONE, Fault.RESET]
    assert len(talker.asked) == 2


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + OK, 200, b'{"value":[]}'),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, b"{}"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(b"{}"))
            + gzip.compress(b"{}"),
            200,
            b"{}",
        ),
    ],
    ids=["not the answer yet", "nothing", "in chunks", "packed"],
)
async def test_all_of_an_answer_is_read_and_no_more(answer: bytes, status: int, body: bytes) -> None:
    talker = Talker(answer)
    first, second = await replies(talker, 2)
    assert (first.status, first.body, first.fault) == (status, body, Fault.NONE)
    assert (second.status, talker.connections) == (200, 1)


class Ending(Talker):
    """Says by ending the connection that its answer is at an end."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\n\r\n{"value"')
        await writer.drain()
        writer.write(b": []}")
        writer.close()


async def test_an_answer_that_ends_with_its_connection_is_whole() -> None:
    async with talking(Ending()) as transport:
        reply, _ = await transport.exchange(get(), TOKEN, "id")
    assert reply.json() == {"value": []}


async def test_silence_after_half_an_answer_is_a_truncated_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "_WITHIN", 0.05)
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"value'
    first, second = await replies(Talker(half), 2)
    assert (first.status, first.fault, second.status) == (200, Fault.TRUNCATED, 200)


async def test_a_connection_that_does_not_come_about_in_time_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silence = asyncio.Event()

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence.wait()  # no word of TLS comes
        writer.close()

    monkeypatch.setattr(wire_module, "_CONNECT", aiohttp.ClientTimeout(connect=0.05))
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, Transport(url, VirtualClock(), ca_bundle=bundle(tmp_path)) as transport:
        reply, _ = await transport.exchange(assign(), TOKEN, "id")
        silence.set()
    assert reply.fault is Fault.UNREACHABLE
    assert classify(assign(), reply) is Meaning.TRANSIENT


async def test_a_call_that_is_cancelled_leaves_no_half_answer_to_the_next() -> None:
    talker = Talker(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    async with talking(talker) as transport:
        task = asyncio.create_task(transport.exchange(get(), TOKEN, "id"))
        while not talker.asked:  # noqa: ASYNC110 - until it is under way
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        reply, _ = await transport.exchange(get(), TOKEN, "id")
    assert reply.json() == {"value": []}
    assert talker.connections == 2


@pytest.mark.parametrize("path", ["/beta/x HTTP/1.1", "/beta/x\r\nHost: elsewhere", "/beta/ü"])
async def test_a_path_that_would_be_another_request_is_not_sent(path: str) -> None:
    talker = Talker()
    async with talking(talker) as transport:
        with pytest.raises(ValueError, match=r"path|percent"):
            await transport.exchange(get(path), TOKEN, "id")
    assert not talker.asked


async def test_a_header_that_would_be_several_is_not_sent_and_not_told() -> None:
    talker = Talker()
    async with talking(talker) as transport:
        with pytest.raises(ValueError, match="Authorization") as caught:
            await transport.exchange(get(), "secret\r\nHost: elsewhere", "id")
        assert "secret" not in str(caught.value)
        with pytest.raises(ValueError, match="Prefer"):
            await transport.exchange(get(headers=(("Prefer", "a\nb"),)), TOKEN, "id")
    assert not talker.asked


async def test_many_calls_through_a_proxy_share_a_tunnel_that_sees_no_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(transport_module, "is_loopback", lambda _host: False)  # else no proxy would be asked
    talker, heads = Talker(), list[bytes]()
    server = await asyncio.start_server(talker.talk, "127.0.0.1", 0, ssl=server_context(tmp_path))
    port = server.sockets[0].getsockname()[1]
    pipes = set[asyncio.Task[None]]()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(2**16):
            writer.write(data)
        writer.close()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        there, to = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pipes.update({asyncio.create_task(pipe(reader, to)), asyncio.create_task(pipe(there, writer))})

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    async with server, proxy:
        async with Transport(f"https://127.0.0.1:{port}", VirtualClock(), ca_bundle=bundle(tmp_path)) as transport:
            for _ in range(3):
                reply, _ = await transport.exchange(assign(), TOKEN, "id")
                assert reply.status == 200
        await asyncio.gather(*pipes)
    assert len(heads) == talker.connections == 1
    assert len(talker.asked) == 3
    assert base64.b64encode(b"me:word") in heads[0]
    assert b"eyJ" not in heads[0]
    assert b"me:word" not in b"".join(talker.asked)
    assert all(b"proxy-" not in head.lower() for head in talker.asked)
