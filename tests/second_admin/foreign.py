"""Multi Admin Approval on a server that is not ours, in the words and habits that are known of the service."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from migrator.model.settings import Settings
from migrator.operations.configure import configure
from tests.foreign_kinds import FACTS, GRAPH, GROUP, TOKEN, ForeignKinds, Json, Stored, serving
from tests.whole import World

ASKS, NAMES = "x-msft-approval-justification", "x-msft-approval-code"
REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
CATALOG = next(fact for fact in FACTS if fact.word == "configurationPolicies")
NUMBERS = {"Old": 1, "New": 2, "Kept": 3}
IDS = {name: f"{number:08d}-0000-4000-8000-00000000000a" for name, number in NUMBERS.items()}


@dataclass(slots=True)
class Habits:
    """How it says what it says: the status and the error's code of a call that waits, where its request is named, the
    status of one without a justification, whether its message is JSON inside JSON, and what of the requests is shown:
    `all`, a `page` of one at a time, nothing (`hidden`), the same page again and again (`circle`), or an error (`404`,
    `403`)."""

    waits: int = 412
    code: str = "BadRequest"
    in_header: bool = True
    in_message: bool = True
    unjustified: int = 400
    nested: bool = True
    shows: str = "all"
    more: Json = field(default_factory=dict)  # of every request that is shown


@dataclass(slots=True)
class Asked:
    """A request: the call to the byte, and by whom."""

    id: str
    call: tuple[str, str, bytes]
    by: str
    text: str
    status: str = "needsApproval"
    answered: str | None = None


class Guarded(ForeignKinds):
    """Settings catalog policies are protected: nothing is written there without an approval for that very call."""

    def __init__(self, habits: Habits) -> None:
        super().__init__({identity: name for name, identity in IDS.items()}, {})
        self.habits = habits
        self.asked: list[Asked] = []
        self.applied: list[tuple[str, str, bytes]] = []
        self.app = "the app"
        self.used = 0  # calls that named a request, whatever came of them

    def policy(self, name: str) -> Stored:
        element = GRAPH + CATALOG.element
        groups = [IDS[group] for group in ("Old", "Kept")]
        target = [{"@odata.type": GRAPH + GROUP, "groupId": group} for group in groups]
        return self.add(CATALOG, name, [{"@odata.type": element, "target": one} for one in target])

    def decide(self, status: str, words: str | None = None) -> None:
        for one in self.asked:
            if one.status == "needsApproval":
                one.status, one.answered = status, words

    def groups_of(self, stored: Stored) -> set[str]:
        return {self.groups[a["target"]["groupId"]] for a in stored.assignments}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == REQUESTS and self.habits.shows.isdecimal():
            return self._error(int(self.habits.shows), "Forbidden", "not here")
        if request.path == REQUESTS:
            return web.json_response(self._shown(int(request.query.get("$skiptoken", 0))))
        if request.method != "POST" or not request.path.endswith("/assign"):
            return await super().answer(request)
        call = (request.method, request.raw_path, await request.content.read())
        refused = self._refused(request, call)
        if refused is not None:
            return refused
        status, told = self._respond(request.method, request.raw_path, json.loads(call[2]))
        if status < 300:
            self.applied.append(call)
        return web.json_response(told, status=status)

    def _shown(self, start: int) -> Json:
        shown = [] if self.habits.shows == "hidden" else [self._told(one) for one in self.asked if one.by == self.app]
        if self.habits.shows == "circle":
            return {"value": [], "@odata.nextLink": f"{self.url}{REQUESTS}"}
        if self.habits.shows != "page":
            return {"value": shown}
        page: Json = {"value": shown[start : start + 1]}
        if start + 1 < len(shown):
            page["@odata.nextLink"] = f"{self.url}{REQUESTS}?$skiptoken={start + 1}"
        return page

    def _told(self, one: Asked) -> Json:
        return {
            "@odata.type": "#microsoft.graph.operationApprovalRequest",
            "id": one.id,
            "requestDateTime": "0001-01-01T00:00:00Z",
            "expirationDateTime": "9999-12-31T23:59:59.9999999Z",
            "lastModifiedDateTime": "0001-01-01T00:00:00Z",
            "requestor": {"application": {"id": one.by}, "user": None},
            "approver": {"user": {"id": "u", "displayName": None}, "application": None} if one.answered else None,
            "status": one.status,
            "requestJustification": one.text,
            "approvalJustification": one.answered,
            **self.habits.more,
        }

    def _refused(self, request: web.BaseRequest, call: tuple[str, str, bytes]) -> web.Response | None:
        asks, names = request.headers.get(ASKS), request.headers.get(NAMES)
        if names is not None:
            self.used += 1
            assert asks is None, "a code and a justification exclude each other"
            return self._of_a_code(names, call)
        if asks is None:
            return self._error(
                self.habits.unjustified, "BadRequest", f"Header '{ASKS}' is required to request approval"
            )
        text = base64.b64decode(asks, validate=True).decode("utf-8")
        if len(text.encode("utf-16-le")) // 2 > 1024:  # as that service counts
            said = f"Decoded content of '{ASKS}' header must be no greater than 1024 characters"
            return self._error(400, "BadRequest", said)
        if any(one.call[1] == call[1] and one.status in ("needsApproval", "approved") for one in self.asked):
            return self._error(409, "Conflict", "An active Approval Request already exists for this entity")
        self.asked.append(Asked(str(uuid.uuid4()), call, self.app, text))
        return self._required(self.asked[-1])

    def _of_a_code(self, code: str, call: tuple[str, str, bytes]) -> web.Response | None:
        assert str(uuid.UUID(code)) == code, "Invalid approval header format, expected GUID format"
        one = next((one for one in self.asked if one.id == code), None)
        if one is None or one.by != self.app or one.call != call or one.status not in ("needsApproval", "approved"):
            return self._error(403, "Forbidden", "An error has occurred")
        if one.status == "needsApproval":
            return self._required(one)
        one.status = "completed"
        return None

    def _required(self, one: Asked) -> web.Response:
        said = "Approval Required. Request Approval using the request ID returned as part of the response header."
        if self.habits.in_message:
            said += f" {NAMES}: {one.id}"
        refused = self._error(self.habits.waits, self.habits.code, said)
        if self.habits.in_header:
            refused.headers[NAMES] = one.id
        return refused

    def _error(self, status: int, code: str, said: str) -> web.Response:
        message: Any = json.dumps({"_version": 3, "Message": said}) if self.habits.nested else said
        return web.json_response({"error": {"code": code, "message": message}}, status=status)


@dataclass
class There(World):
    """The tenant's side of it, with a World's commands."""

    graph: Guarded = field(default_factory=lambda: Guarded(Habits()))

    def use(self, **settings: Any) -> None:
        self.settings: Settings = replace(self.settings, **settings)


@asynccontextmanager
async def guarded(folder: Path, habits: Habits, policies: int = 1) -> AsyncIterator[tuple[There, list[Stored]]]:
    """So many policies, `Policy 00` and so on, each assigned to Old and Kept."""
    graph = Guarded(habits)
    stored = [graph.policy(f"Policy {number:02d}") for number in range(policies)]
    async with serving(graph):
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN, "MIGRATOR_LIMIT": "none"}
        settings = configure(
            {"reports": folder / "reports", "kind": ("configurationPolicies",), "no_impact": True},
            environ=environ,
            folder=folder,
        )
        yield There(None, settings, folder, None, graph), stored  # type: ignore[arg-type]
