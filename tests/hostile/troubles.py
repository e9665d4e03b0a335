"""What a server can do to a request. `applied` troubles carry the request out first; the others do not."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.hostile.server import Exchange, Json, Trouble, answer, head

PIECE = b" " * 2**16


def says(status: int, content: Any, headers: str = "request-id: r1\r\n") -> Trouble:
    """An answer of its own."""

    async def trouble(exchange: Exchange) -> None:
        await exchange.write(answer(status, content, headers))

    return trouble


def error(status: int, code: str = "Code", message: str = "Message", headers: str = "request-id: r1\r\n") -> Trouble:
    return says(status, {"error": {"code": code, "message": message}}, headers)


def applied(trouble: Trouble) -> Trouble:
    """The request is carried out, whatever is said of it then."""

    async def both(exchange: Exchange) -> None:
        exchange.carry_out()
        await trouble(exchange)

    return both


def raw(*pieces: bytes, close: bool = True) -> Trouble:
    """These very bytes, and the end of the connection."""

    async def trouble(exchange: Exchange) -> None:
        await exchange.write(*pieces)
        if close:
            await exchange.close()

    return trouble


def honest(respell: Callable[[bytes], bytes]) -> Trouble:
    """The right answer, as `respell` puts its JSON into bytes of the wire, and the end of the connection."""

    async def trouble(exchange: Exchange) -> None:
        _status, content = exchange.carry_out()
        await exchange.write(respell(json.dumps(content).encode()))
        await exchange.close()

    return trouble


def changed(change: Callable[[Json], Any]) -> Trouble:
    """The right answer but for what `change` makes of it."""

    async def trouble(exchange: Exchange) -> None:
        status, content = exchange.carry_out()
        await exchange.write(answer(status, change(content)))

    return trouble


async def reset(exchange: Exchange) -> None:
    exchange.reset()


async def closed(exchange: Exchange) -> None:
    await exchange.close()


async def silent(exchange: Exchange) -> None:
    """No answer, for ever."""
    await exchange.gone()


async def half_closed(exchange: Exchange) -> None:
    status, content = exchange.carry_out()
    await exchange.write(answer(status, content))
    exchange.end()


async def stops_halfway(exchange: Exchange) -> None:
    """The head and a part of the body; the rest never comes, and nobody says so."""
    await exchange.write(head(200, 1000), b'{"value": [')
    await exchange.gone()


async def drips(exchange: Exchange) -> None:
    """A byte at a time, for ever: something comes all the time, and it never is an answer."""
    await exchange.write(head(200, 10**6))
    while True:
        await exchange.write(b" ")
        await asyncio.sleep(0.005)


async def drips_its_head(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        await exchange.write(b"x")
        await asyncio.sleep(0.005)


async def never_gets_to_the_point(exchange: Exchange) -> None:
    while True:
        await exchange.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.005)


async def gigantic(exchange: Exchange) -> None:
    await exchange.write(head(200, 2**40))
    while True:
        await exchange.write(PIECE)


async def header_bomb(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        await exchange.write(f"X-{number}: {'x' * 1000}\r\n".encode())


async def one_long_header(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        await exchange.write(PIECE.replace(b" ", b"x"))


async def gzip_bomb(exchange: Exchange) -> None:
    await exchange.write(head(200, len(bomb()), "Content-Encoding: gzip\r\n"), bomb())


@cache
def bomb() -> bytes:
    """A hundred MiB of blanks in a hundred KiB."""
    return gzip.compress(b" " * 100 * 2**20, compresslevel=1)


def truncated(body: bytes) -> bytes:
    return head(200, len(body)) + body[: len(body) // 2]


def without_length(body: bytes) -> bytes:
    return b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body


def after_others(body: bytes) -> bytes:
    return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head(200, len(body)) + body


def in_chunks(body: bytes) -> bytes:
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return head(200, None, "Transfer-Encoding: chunked\r\n") + chunks + b"0\r\n\r\n"


def in_broken_chunks(body: bytes) -> bytes:
    return head(200, None, "Transfer-Encoding: chunked\r\n") + b"zz\r\n" + body


def zipped(body: bytes) -> bytes:
    packed = gzip.compress(body)
    return head(200, len(packed), "Content-Encoding: gzip\r\n") + packed


def not_zipped(body: bytes) -> bytes:
    return head(200, len(body), "Content-Encoding: gzip\r\n") + body


def typed(kind: str) -> Callable[[bytes], bytes]:
    return lambda body: head(200, len(body), kind=kind) + body


def with_headers(headers: str) -> Callable[[bytes], bytes]:
    return lambda body: head(200, len(body), headers) + body


def with_bom(body: bytes) -> bytes:
    return answer(200, b"\xef\xbb\xbf" + body)


def in_utf_16(body: bytes) -> bytes:
    text = body.decode().encode("utf-16")
    return head(200, len(text), kind="application/json; charset=utf-16") + text


def not_utf_8(body: bytes) -> bytes:
    return answer(200, body[:-1] + b', "x": "\xff\xfe"}')


def not_a_number(body: bytes) -> bytes:
    return answer(200, body[:-1] + b', "x": NaN, "y": -Infinity}')


def deep(_body: bytes) -> bytes:
    return answer(200, b'{"value": ' + b"[" * 200_000)


def deep_beside(body: bytes) -> bytes:
    """Well-formed, with something in it that no parser by recursion gets through."""
    return answer(200, body[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def each(change: Callable[[Json], Any], name: str = "value") -> Callable[[Json], Any]:
    """Changes every element of a list, in an answer by itself or inside a batch."""
    return inside(lambda page: {**page, name: [change(element) for element in page.get(name, ())]})


def inside(change: Callable[[Json], Any]) -> Callable[[Json], Any]:
    """Changes a page of a list, in an answer by itself or inside a batch."""

    def whole(document: Json) -> Any:
        if "responses" in document:
            return {"responses": [{**one, "body": change(one["body"])} for one in document["responses"]]}
        return change(document)

    return whole


def instead_of_the_list(value: Any) -> Callable[[Json], Any]:
    return inside(lambda page: {**page, "value": value})


def without_a_list(document: Json) -> Any:
    return inside(lambda page: {name: value for name, value in page.items() if name != "value"})(document)


def always(document: Any) -> Callable[[Json], Any]:
    return lambda _: document


def twice(document: Json) -> Any:
    return inside(lambda page: {**page, "value": page.get("value", []) * 2})(document)


def without(name: str) -> Callable[[Json], Any]:
    return each(lambda element: {n: value for n, value in element.items() if n != name})


def throughout(value: Any) -> Callable[[Json], Any]:
    """Every property of every element is this."""
    return each(lambda element: dict.fromkeys(element, value))


def leading_to(link: str) -> Callable[[Json], Any]:
    return inside(lambda page: {**page, "@odata.nextLink": link})


def responses(change: Callable[[list[Json]], Any]) -> Callable[[Json], Any]:
    """Changes what a batch brings."""
    return lambda document: {"responses": change(document["responses"])} if "responses" in document else document


def all_of_them(**changes: Any) -> Callable[[Json], Any]:
    """Every answer of a batch with these things changed."""
    return responses(lambda answers: [{**one, **changes} for one in answers])
