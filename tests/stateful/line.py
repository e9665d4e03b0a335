"""The wire between client and embedded tenant without a socket: what the real transport makes of bytes, made directly.

An exchange costs a fiftieth of one over HTTP, which is what makes a thousand stories affordable. That the two say the
same of every trouble is what `test_line.py` holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from migrator.graph.protocol import Call, Fault, Reply
from migrator.model.ports import Clock
from migrator.simulator.messages import parse
from migrator.simulator.service import Served, Service
from migrator.simulator.settings import Fault as Trouble

GRAPH_URL = "http://127.0.0.1:9"
"""Loopback and a port that nobody serves: should anything open a socket after all, it fails."""


class Line:
    """Has what the client needs of `migrator.graph.transport.Transport`."""

    graph_url = GRAPH_URL

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    async def exchange(self, call: Call, token: str, client_request_id: str) -> tuple[Reply, float]:
        """One try, as the real transport makes it."""
        started = self._clock.monotonic()
        headers = {
            "authorization": f"Bearer {token}",
            "client-request-id": client_request_id,
            "content-type": "application/json",
            **{name.lower(): value for name, value in call.headers},
        }
        await asyncio.sleep(0)
        served = self._service.serve(parse(call.method, call.path, headers, call.body or b""))
        await asyncio.sleep(0)
        return reply_of(served), self._clock.monotonic() - started


def reply_of(served: Served) -> Reply:
    """What reaches the client of an answer that was damaged on its way, or was not."""
    answer = served.answer
    headers: Mapping[str, str] = {name.lower(): value for name, value in answer.headers}
    match served.damage:
        case Trouble.RESET_BEFORE | Trouble.RESET_AFTER:
            return Reply(0, error="reset: the connection was closed", fault=Fault.RESET)
        case Trouble.PROXY_PAGE:
            return Reply(200, {**headers, "content-type": "text/html"}, b"<html>Please sign in.</html>")
        case Trouble.TRUNCATED:
            return Reply(200, headers, error="truncated: half of it came", fault=Fault.TRUNCATED)
        case _:
            body = b"" if answer.body is None else msgspec.json.encode(answer.body)
            return Reply(answer.status, {**headers, "content-type": "application/json"}, body)
