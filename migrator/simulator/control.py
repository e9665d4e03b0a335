"""The control address: what is in the tenant, what was asked, and changes from outside. JSON over plain HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from migrator.model.errors import UsageError
from migrator.simulator.changes import change
from migrator.simulator.description import tenant_to_json
from migrator.simulator.second_admin import decide
from migrator.simulator.service import Service
from migrator.simulator.settings import changed
from migrator.simulator.sign_in import IDENTITY_HEADER, SignIn

PREFIX = "/_simulator"


class Control:
    """Serves the paths below the prefix. Nothing that is asked here counts or is written down."""

    def __init__(self, service: Service, sign_in: SignIn) -> None:
        self._service = service
        self._sign_in = sign_in
        self._routes: Mapping[tuple[str, str], Callable[[web.BaseRequest], Awaitable[web.Response]]] = {
            ("GET", "/state"): self._state,
            ("GET", "/log"): self._log,
            ("GET", "/counters"): self._counters,
            ("POST", "/changes"): self._changes,
            ("POST", "/settings"): self._settings,
            ("POST", "/faults"): self._faults,
            ("POST", "/reset"): self._reset,
            ("GET", "/identity"): self._identity,
        }

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """The answer to one request; 400 with a sentence for one that cannot be carried out."""
        path = request.path.removeprefix(PREFIX).rstrip("/")
        route = self._routes.get((request.method, path))
        if route is None:
            known = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._routes)
            return _json({"message": f"There is only {known}."}, 404)
        try:
            return await route(request)
        except (UsageError, LookupError, ValueError, TypeError, msgspec.MsgspecError) as error:
            return _json({"message": str(error)}, 400)

    async def _state(self, _: web.BaseRequest) -> web.Response:
        return _json(tenant_to_json(self._service.tenant))

    async def _log(self, _: web.BaseRequest) -> web.Response:
        return _json(list(self._service.record.entries))

    async def _counters(self, _: web.BaseRequest) -> web.Response:
        faults = {fault.value: count for fault, count in self._service.faults.dealt.items()}
        return _json({**self._service.record.counters(), "faults": faults})

    async def _changes(self, request: web.BaseRequest) -> web.Response:
        wanted = await _object(request)
        if "configuration" in wanted:
            change(self._service.tenant, wanted)
        else:
            decide(self._service.tenant, wanted, self._service.clock.now())
        return web.Response(status=204)

    async def _settings(self, request: web.BaseRequest) -> web.Response:
        self._service.use(changed(self._service.settings, await _object(request)))
        return web.Response(status=204)

    async def _faults(self, request: web.BaseRequest) -> web.Response:
        self._service.use(changed(self._service.settings, {"faults": await _object(request)}))
        return web.Response(status=204)

    async def _reset(self, _: web.BaseRequest) -> web.Response:
        self._service.reset()
        return web.Response(status=204)

    async def _identity(self, request: web.BaseRequest) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != IDENTITY_HEADER or "resource" not in request.query:
            return _json({"statusCode": 400, "message": "The identity header or the resource is missing."}, 400)
        return _json(self._sign_in.identity_token(request.query["resource"]))


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


async def _object(request: web.BaseRequest) -> dict[str, Any]:
    return msgspec.json.decode(await request.read(), type=dict[str, Any])
