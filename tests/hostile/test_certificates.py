"""Certificates that must not be trusted: one clear error at once, and no token is shown to whoever has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from migrator.graph.auth.registry import token_source
from migrator.model.errors import GraphError, SignInError
from migrator.model.settings import Auth, Secret, SignIn
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.plan import plan
from tests.graph.certificates import Issued, bundle, expired, for_another_host, not_yet_valid, server_context
from tests.virtual_clock import VirtualClock

BAD: tuple[Callable[[], Issued], ...] = (expired, not_yet_valid, for_another_host)


@asynccontextmanager
async def served(folder: Path, issued: Issued, asked: list[str]) -> AsyncIterator[str]:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        return web.json_response({"value": []})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(folder, issued)).start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("issue", BAD, ids=lambda issue: issue.__name__)
async def test_graph_is_not_believed_to_be_graph(tmp_path: Path, issue: Callable[[], Issued]) -> None:
    asked, clock = list[str](), VirtualClock()
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("Policy,Legacy group,New group\nOne,Old,New\n")
    async with asyncio.timeout(20), served(tmp_path, issue(), asked) as url:
        environ = {"MIGRATOR_GRAPH_URL": url, "MIGRATOR_ACCESS_TOKEN": "ready"}
        settings = configure({"reports": tmp_path / "reports"}, environ=environ, folder=tmp_path)
        settings = replace(settings, ca_bundle=bundle(tmp_path, issue()), kinds=("officeClientConfigurations",))
        async with connect(settings, clock=clock) as connection:
            with pytest.raises(GraphError, match="certificate") as raised:
                await plan(mapping, settings, connection)
    assert not asked
    assert "\n" not in str(raised.value)
    assert clock.now == 0  # asking again would not help


@pytest.mark.parametrize("issue", BAD, ids=lambda issue: issue.__name__)
async def test_nor_is_a_sign_in_endpoint(tmp_path: Path, issue: Callable[[], Issued]) -> None:
    asked = list[str]()
    async with asyncio.timeout(20), served(tmp_path, issue(), asked) as url:
        sign_in = SignIn(Auth.SECRET, url, tenant_id="tenant", client_id="app", secret=Secret("hidden"))
        source = token_source(sign_in, "graph.example", bundle(tmp_path, issue()), lambda _: None)
        with pytest.raises(SignInError, match="certificate") as raised:
            await source.token()
    assert not asked
    assert "\n" not in str(raised.value)
    assert "hidden" not in str(raised.value)
