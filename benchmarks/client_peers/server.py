"""A loopback server that does next to nothing: every request gets the same answer. Prints its port; `ANSWER` is a file.

python -m benchmarks.client_peers.server ANSWER
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import cast

from benchmarks.client_peers.ground import fast_loop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Bare(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, for requests that state their length."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._got = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's are not derived from it

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (length := self._whole()) and self._transport is not None:
            self._got = self._got[length:]
            self._transport.write(self._answer)

    def _whole(self) -> int:
        """How long the first request is; 0 while it is not here yet."""
        end = self._got.find(_END)
        if end < 0:
            return 0
        stated = _LENGTH.search(self._got, 0, end + 2)
        length = end + len(_END) + (int(stated[1]) if stated else 0)
        return length if length <= len(self._got) else 0


def answer(body: bytes) -> bytes:
    """An answer with the headers that Graph's have."""
    head = (
        "HTTP/1.1 200 OK",
        "Cache-Control: no-cache",
        "Content-Type: application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8",
        "Strict-Transport-Security: max-age=31536000",
        "request-id: 8b9f5c1e-2a6e-4d3c-9a86-0d8f5f6c7b11",
        "client-request-id: 8b9f5c1e-2a6e-4d3c-9a86-0d8f5f6c7b11",
        'x-ms-ags-diagnostic: {"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5"}}',
        "OData-Version: 4.0",
        "Date: Wed, 25 Nov 2026 10:00:00 GMT",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(head).encode("ascii") + _END + body


async def serve(body: bytes) -> None:
    whole = answer(body)
    server = await asyncio.get_running_loop().create_server(lambda: Bare(whole), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        runner.run(serve(Path(sys.argv[1]).read_bytes()))


if __name__ == "__main__":
    main()
