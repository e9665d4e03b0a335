"""Promise 7: the token goes to the Graph host that was configured, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from migrator.model.errors import GraphError, MigratorError
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.draw_up import draw_up

TOKEN = "a-token-that-must-not-travel"
MAPPING = Mapping("m", (Row("S", 2, Action.ADD, Ref("Policy"), new=Ref("New")),))


@asynccontextmanager
async def served(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("way", ["nextLink", "redirect"])
async def test_neither_a_next_link_nor_a_redirect_takes_it_elsewhere(tmp_path: Path, way: str) -> None:
    seen: list[str] = []

    async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", "none"))
        return web.json_response({"value": []})

    async with served(elsewhere) as other:

        async def graph(request: web.BaseRequest) -> web.StreamResponse:
            if "onfigurations" in request.path or "configurationPolicies" in request.path:
                if way == "redirect":
                    raise web.HTTPTemporaryRedirect(f"{other}/beta/x")
                return web.json_response({"value": [], "@odata.nextLink": f"{other}/beta/x"})
            return web.json_response({"value": []})

        async with served(graph) as url:
            environ = {"MIGRATOR_GRAPH_URL": url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
            settings = configure(environ=environ, folder=tmp_path)
            async with connect(settings) as connection:
                with pytest.raises(MigratorError) as refused:
                    await draw_up(MAPPING, connection)
    assert seen == []
    assert isinstance(refused.value, GraphError)
    assert TOKEN not in str(refused.value)
