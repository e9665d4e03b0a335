"""The embedded tenant as a server: Graph over http and its sign-in over https, both on this machine only."""

from __future__ import annotations

import math
import os
import random
import ssl
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from migrator.model.settings import Limit
from migrator.simulator.certificate import make_certificate
from migrator.simulator.changes import change
from migrator.simulator.clock import Clock
from migrator.simulator.control import PREFIX, Control
from migrator.simulator.messages import Answer, Json, parse
from migrator.simulator.record import Record
from migrator.simulator.second_admin import decide
from migrator.simulator.service import Served, Service
from migrator.simulator.settings import Fault, SimulatorSettings
from migrator.simulator.sign_in import IDENTITY_HEADER, SignIn
from migrator.simulator.state import TenantState

HOST = "127.0.0.1"

_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_PROXY_PAGE = (
    "<!doctype html><html><head><title>Sign in to the network</title></head><body>Please sign in.</body></html>"
)
Runner = web.AppRunner | web.ServerRunner

_PATIENCE = 0.05  # seconds that a request under way is given when the tenant stops
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Simulator:
    """A Microsoft 365 tenant on this machine, for as long as the context lasts.

        async with Simulator(state, SimulatorSettings(speed=10)) as tenant:
            tenant.graph_url, tenant.authority, tenant.ca_bundle, tenant.control_url, tenant.environment

    `state` is the live tenant and changes as requests come in; `record` holds what was asked.
    """

    def __init__(
        self, state: TenantState, settings: SimulatorSettings | None = None, *, clock: Clock | None = None
    ) -> None:
        settings = settings or SimulatorSettings()
        self.service = Service(state, settings, clock or Clock(settings.speed), "")
        self.graph_url = ""
        self.authority = ""
        self._sign_in = SignIn(self.service.tokens, state.id)
        self._control = Control(self.service, self._sign_in)
        self._latency = random.Random(settings.seed)  # noqa: S311 - chance that is the same each time, not a secret # nosec B311
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._runners: list[Runner] = []
        self.ca_bundle = Path()

    @property
    def state(self) -> TenantState:
        return self.service.tenant

    @property
    def settings(self) -> SimulatorSettings:
        return self.service.settings

    @property
    def record(self) -> Record:
        return self.service.record

    @property
    def control_url(self) -> str:
        return f"{self.graph_url}{PREFIX}"

    @property
    def environment(self) -> dict[str, str]:
        """The names that make every command talk to this tenant and to no other."""
        settings = self.settings
        environment = {
            "MIGRATOR_GRAPH_URL": self.graph_url,
            "MIGRATOR_AUTHORITY": self.authority,
            "MIGRATOR_TENANT_ID": self.state.id,
            "MIGRATOR_CLIENT_ID": settings.client_id,
            "MIGRATOR_CLIENT_SECRET": settings.client_secret,
            "MIGRATOR_AUTH": "secret",
            "MIGRATOR_CA_BUNDLE": str(self.ca_bundle),
            "MIGRATOR_LIMIT": str(scaled(settings.writes, settings.speed)),
        }
        return environment | _around_proxies()

    @property
    def identity_environment(self) -> dict[str, str]:
        """The names with which App Service tells a program where its managed identity's tokens are."""
        return {"IDENTITY_ENDPOINT": f"{self.control_url}/identity", "IDENTITY_HEADER": IDENTITY_HEADER}

    def use(self, settings: SimulatorSettings) -> None:
        """These settings hold from now on; limits and faults begin anew. Ports stay as they are."""
        self.service.use(settings)

    def reset(self) -> None:
        """Everything as it was at first: assignments, limits, faults, counts."""
        self.service.reset()

    def decide(self, **wanted: str) -> None:
        """A second admin approves, rejects or cancels what waits (`second_admin.decide`)."""
        decide(self.state, wanted, self.service.clock.now())

    def change(
        self,
        configuration: str,
        *,
        kind: str = "",
        assignments: Iterable[str | Json] | None = None,
        add: Iterable[str | Json] = (),
        remove: Iterable[str | Json] = (),
    ) -> None:
        """Someone else edits a configuration (`changes.change`)."""
        wanted: Json = {"configuration": configuration, "kind": kind, "add": [*add], "remove": [*remove]}
        change(self.state, wanted if assignments is None else {**wanted, "assignments": [*assignments]})

    async def __aenter__(self) -> Self:
        # On Windows a client's process may still have the bundle open for a moment.
        self._folder = tempfile.TemporaryDirectory(prefix="migrator-", ignore_cleanup_errors=True)
        try:
            self.ca_bundle, context = make_certificate(Path(self._folder.name))
            graph = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=_PATIENCE)
            self.graph_url = f"http://{HOST}:{await self._start(graph, self.settings.port)}"
            sign_in = web.AppRunner(self._sign_in.application(), access_log=None, shutdown_timeout=_PATIENCE)
            self.authority = f"https://{HOST}:{await self._start(sign_in, self.settings.sign_in_port, context)}"
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        self._sign_in.authority = self.service.tokens.authority = self.authority
        self.service.graph_url = self.graph_url
        self.service.use(self.settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._runners:
            await self._runners.pop().cleanup()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def _start(self, runner: Runner, port: int, context: ssl.SSLContext | None = None) -> int:
        """Serves on this port, or on any free one for 0; gives the port."""
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, HOST, port, ssl_context=context).start()
        return int(runner.addresses[0][1])

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await self._control.handle(request)
        latency = self._drawn_latency()
        body = await request.content.read() if request.can_read_body else b""
        # Half of the time passes on the way there and half on the way back, so a request is admitted in the middle.
        await self.service.clock.sleep(latency / 2)
        served = self.service.serve(parse(request.method, request.raw_path, request.headers, body))
        await self.service.clock.sleep(latency / 2)
        return await _deliver(request, served)

    def _drawn_latency(self) -> float:
        median = self.settings.latency
        return median * math.exp(0.4 * self._latency.gauss()) if median else 0.0


def scaled(limit: Limit, speed: float) -> Limit:
    """A limit of the tenant's as a client sees it, whose seconds are longer."""
    return limit if limit.calls is None else Limit(limit.calls, max(0.001, round(limit.span / speed, 3)))


async def _deliver(request: web.BaseRequest, served: Served) -> web.StreamResponse:
    answer = served.answer
    match served.damage:
        case Fault.RESET_BEFORE | Fault.RESET_AFTER:
            _hang_up(request)
            return web.Response()
        case Fault.PROXY_PAGE:
            return web.Response(text=_PROXY_PAGE, content_type="text/html", headers=dict(answer.headers))
        case Fault.TRUNCATED:
            return await _cut_off(request, answer)
        case _:
            return _response(answer)


def _response(answer: Answer) -> web.Response:
    if answer.text is not None:
        return web.Response(status=answer.status, text=answer.text, content_type="text/plain", headers=answer.headers)
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    headers = (*answer.headers, ("Content-Type", _JSON))
    return web.Response(status=answer.status, body=msgspec.json.encode(answer.body), headers=headers)


async def _cut_off(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promises a whole body and sends half of it."""
    body = msgspec.json.encode(answer.body) if answer.body is not None else b'{"value": []}'
    response = web.StreamResponse(status=200, headers=(*answer.headers, ("Content-Type", _JSON)))
    response.content_length = len(body)
    with suppress(ConnectionError):  # whoever asked has gone meanwhile
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def _around_proxies() -> dict[str, str]:
    """Where a proxy is set, this machine's own addresses must not go through it."""
    if not any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES):
        return {}
    before = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    around = ",".join(filter(None, (before, HOST, "localhost")))
    return {"NO_PROXY": around, "no_proxy": around}
