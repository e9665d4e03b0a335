"""A Graph of a few lines: paths and what they answer, in turn, inside batches as well as outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.configuration import Configuration
from tests.graph.server import Bench, client_of

Json = dict[str, Any]
Said = tuple[int, Json | None] | tuple[int, Json | None, Mapping[str, str]]
NOT_FOUND: Said = (404, {"error": {"code": "NotFound", "message": "there is no such thing"}})
BAD: Said = (400, {"error": {"code": "BadRequest", "message": "not like this"}})


@dataclass
class SmallGraph:
    """`answers` by decoded path with query; each list is used up in turn, its last again and again."""

    answers: dict[str, list[Said]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)
    batches: int = 0
    root: str = ""

    def say(self, path: str, *said: Said) -> None:
        self.answers[path] = list(said)

    def link(self, path: str) -> str:
        return f"{self.root}{path}"

    async def respond(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/$batch"):
            return await self._batch(request)
        if request.method == "POST":
            self.bodies.append(await request.json())
        said = self._said(request.path_qs)
        headers = said[2] if len(said) == 3 else {}
        if said[1] is None:
            return web.Response(status=said[0], headers=headers)
        return web.json_response(said[1], status=said[0], headers=headers)

    async def _batch(self, request: web.Request) -> web.StreamResponse:
        self.batches += 1
        version = request.path.split("/")[1]
        responses = []
        for inner in reversed((await request.json())["requests"]):
            said = self._said(f"/{version}{inner['url']}")
            headers = dict(said[2]) if len(said) == 3 else {}
            responses.append({"id": inner["id"], "status": said[0], "headers": headers, "body": said[1]})
        return web.json_response({"responses": responses})

    def _said(self, path: str) -> Said:
        wanted = unquote(path)
        self.asked.append(wanted)
        left = self.answers.get(wanted, [NOT_FOUND])
        return left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def small_tenant(graph: SmallGraph) -> AsyncIterator[tuple[GraphTenant, Bench]]:
    """The real tenant, client and transport against a small Graph, in virtual time."""
    async with client_of(graph.respond, workers=640) as bench:
        graph.root = bench.served.url
        yield GraphTenant(bench.client), bench


def catalog(identity: str, *, kind: str = "configurationPolicies", is_assigned: bool | None = None) -> Configuration:
    return Configuration(kind, identity, f"Policy {identity}", is_assigned=is_assigned)
