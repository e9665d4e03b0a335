"""A Graph that is not ours: written from the documentation alone, sharing no line with the package or its simulator.

It serves office client configurations and groups, pages by four configurations and ten assignments, answers batches in
reverse, insists on the documented shapes, and keeps what it was sent.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

Json = dict[str, Any]
CONFIGURATIONS = "/beta/officeConfiguration/clientConfigurations"
TOKEN = "ready-made"
TARGET = "#microsoft.graph.officeConfigurationGroupAssignmentTarget"
ELEMENT = "#microsoft.graph.officeClientConfigurationAssignment"


class ForeignGraph:
    """`assigned` holds group ids by configuration id; `calls` what was asked, batches counting once."""

    def __init__(self, groups: dict[str, str], configurations: dict[str, str], assigned: dict[str, list[str]]) -> None:
        self.groups, self.configurations, self.assigned = groups, configurations, assigned
        self.calls: list[str] = []
        self.assigns: list[str] = []
        self.url = ""
        self._ids = itertools.count(1)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response(self._error("InvalidAuthenticationToken"), status=401)
        body = await request.content.read()
        if request.path == "/beta/$batch" or request.path == "/v1.0/$batch":
            version = request.path.split("/")[1]
            asked = json.loads(body)["requests"]
            assert 1 <= len(asked) <= 20
            answers = []
            for one in reversed(asked):
                status, content = self._respond(one["method"], f"/{version}{one['url']}", one.get("body"))
                answers.append({"id": one["id"], "status": status, "headers": {}, "body": content})
            return web.json_response({"responses": answers})
        status, content = self._respond(request.method, request.raw_path, json.loads(body) if body else None)
        return web.json_response(content, status=status, headers={"request-id": f"r{next(self._ids)}"})

    def _respond(self, method: str, target: str, body: Json | None) -> tuple[int, Json]:
        parts = urlsplit(target)
        path, query = unquote(parts.path), {k: v[0] for k, v in parse_qs(parts.query).items()}
        if path == "/v1.0/groups":
            return self._groups(query)
        if path == "/v1.0/directoryObjects/getByIds" and body:
            return 200, {"value": [self._group(i) for i in body["ids"] if i in self.groups]}
        if path == CONFIGURATIONS:
            return self._listed(query)
        found = re.fullmatch(re.escape(CONFIGURATIONS) + r"/([^/]+)/(assign|assignments)", path)
        if not found or found[1] not in self.configurations:
            return 404, self._error("ResourceNotFound")
        if found[2] == "assignments" and method == "GET":
            return self._page(self._assignments(found[1]), 10, target, query)
        if found[2] == "assign" and method == "POST" and body:
            return self._assign(found[1], body)
        return 405, self._error("MethodNotAllowed")

    def _groups(self, query: Json) -> tuple[int, Json]:
        text = query.get("$filter", "")
        one_of = re.fullmatch(r"(\w+) in \((.*)\)", text)
        values = re.findall(r"'((?:[^']|'')*)'", text)
        if len(values) > 15:
            return 400, self._error("Too many child clauses specified in search filter expression")
        wanted = {v.replace("''", "'").casefold() for v in values}
        if one_of and one_of[1] == "displayName":
            return 200, {"value": [self._group(i) for i, name in self.groups.items() if name.casefold() in wanted]}
        return 200, {"value": []}

    def _listed(self, query: Json) -> tuple[int, Json]:
        items: list[Json] = [{"id": i, "displayName": name} for i, name in self.configurations.items()]
        if query.get("$expand") == "assignments":
            items = [{**item, "assignments": self._assignments(item["id"])} for item in items]
        return self._page(items, 100, CONFIGURATIONS, query)

    def _page(self, items: list[Json], size: int, target: str, query: Json) -> tuple[int, Json]:
        start = int(query.get("$skiptoken", 0))
        page: Json = {"value": items[start : start + size]}
        if start + size < len(items):
            kept = "&".join(f"{k}={v}" for k, v in query.items() if k != "$skiptoken")
            link = f"{self.url}{target.split('?')[0]}?{kept}&$skiptoken={start + size}"
            page["@odata.nextLink"] = link
        return 200, page

    def _assign(self, configuration: str, body: Json) -> tuple[int, Json]:
        elements = body["officeConfigurationAssignments"]
        assert list(body) == ["officeConfigurationAssignments"]
        for element in elements:
            assert element["@odata.type"] == ELEMENT
            assert element["target"]["@odata.type"] == TARGET
            assert element["target"]["groupId"] in self.groups
        self.assigns.append(configuration)
        self.assigned[configuration] = [element["target"]["groupId"] for element in elements]
        return 200, {"value": self._assignments(configuration)}

    def _assignments(self, configuration: str) -> list[Json]:
        return [
            {"id": f"{configuration}_{group}", "target": {"@odata.type": TARGET, "groupId": group}}
            for group in self.assigned[configuration]
        ]

    def _group(self, identity: str) -> Json:
        return {"@odata.type": "#microsoft.graph.group", "id": identity, "displayName": self.groups[identity]}

    def _error(self, code: str) -> Json:
        return {"error": {"code": code, "message": code}}


@asynccontextmanager
async def serving(graph: ForeignGraph) -> AsyncIterator[ForeignGraph]:
    runner = web.ServerRunner(web.Server(graph.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    graph.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield graph
    finally:
        await runner.cleanup()
