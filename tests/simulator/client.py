"""A plain HTTP client for the embedded tenant, and time that a test moves by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import msgspec

from migrator.model.kinds import KINDS
from migrator.simulator import Lies, Simulator, SimulatorSettings, TenantState
from migrator.simulator.clock import Clock

TOKEN = "a-ready-token"
HONEST = SimulatorSettings(access_token=TOKEN, lies=Lies(), vary=False)
OFFICE = KINDS["officeClientConfigurations"]
CATALOG = KINDS["configurationPolicies"]
APPS = KINDS["mobileApps"]


class HandTime:
    """Real time as a test wants it; sleeping moves it on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def clock(self, speed: float = 1.0) -> Clock:
        return Clock(speed, self.monotonic, self.sleep)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.text)

    @property
    def value(self) -> list[Any]:
        found = self.json["value"]
        assert isinstance(found, list)
        return found

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the embedded tenant, signed in with a ready token unless a test says otherwise."""

    tenant: Simulator
    session: aiohttp.ClientSession

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        token: str = TOKEN,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        url = path if "://" in path else self.tenant.graph_url + path
        async with self.session.request(
            method, url, data=data, params=params, headers={**sent, **(headers or {})}
        ) as response:
            text = await response.text()
            return Reply(response.status, {n.lower(): v for n, v in response.headers.items()}, text)

    async def get(self, path: str, params: Mapping[str, str] | None = None, **more: Any) -> Reply:
        return await self.ask("GET", path, params=params, **more)

    async def post(self, path: str, body: object, **more: Any) -> Reply:
        return await self.ask("POST", path, body, **more)

    async def pages(self, path: str, params: Mapping[str, str] | None = None) -> list[list[Any]]:
        """Every page of a list."""
        reply = await self.get(path, params)
        pages = [reply.value]
        while "@odata.nextLink" in reply.json:
            reply = await self.get(reply.json["@odata.nextLink"])
            pages.append(reply.value)
        return pages

    async def batch(self, *requests: Mapping[str, Any], version: str = "beta") -> dict[str, Any]:
        """The answers inside a batch, by id in lower case."""
        reply = await self.post(f"/{version}/$batch", {"requests": requests})
        assert reply.status == 200, reply.text
        return {answer["id"].lower(): answer for answer in reply.json["responses"]}


@asynccontextmanager
async def connected(
    state: TenantState,
    settings: SimulatorSettings = HONEST,
    *,
    clock: Clock | None = None,
    **changes: Any,
) -> AsyncIterator[Client]:
    """An embedded tenant that is being served, and a client to it."""
    async with (
        Simulator(state, replace(settings, **changes), clock=clock) as tenant,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        yield Client(tenant, session)


def path_of(state: TenantState, name: str, *below: str) -> str:
    """The path of a configuration by its name, and what is below it."""
    configuration = state.configuration(name)
    version = configuration.kind.version
    return "/".join((f"/{version}{configuration.kind.path}", configuration.id, *below))


def office_body(group_ids: Iterable[str]) -> dict[str, Any]:
    """An assign body that names these groups, for office configurations."""
    return {
        OFFICE.body: [
            {
                "@odata.type": OFFICE.assignment,
                "target": {
                    "@odata.type": "#microsoft.graph.officeConfigurationGroupAssignmentTarget",
                    "groupId": group_id,
                },
            }
            for group_id in group_ids
        ]
    }


def group(group_id: str, **more: Any) -> dict[str, Any]:
    """An assignment to a group, for Intune's kinds."""
    return {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group_id, **more}}


def exclusion(group_id: str, **more: Any) -> dict[str, Any]:
    return {"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": group_id, **more}}


def target_ids(assignments: Iterable[Mapping[str, Any]]) -> set[str]:
    return {a["target"]["groupId"] for a in assignments}
