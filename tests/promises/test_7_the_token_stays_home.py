"""Promise 7: the token goes to the Graph host that was configured, and nowhere else."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from migrator.graph.batch import send_batch
from migrator.graph.odata import next_link
from migrator.graph.protocol import Call, Meaning
from migrator.graph.transport import checked_root
from migrator.model.errors import GraphError, MigratorError, SignInError, UsageError
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.operations.configure import configure
from migrator.operations.connect import Connection, connect
from migrator.operations.draw_up import draw_up
from migrator.simulator.certificate import make_certificate
from tests.whole import HURRIED

SECRET = "a-secret-that-must-not-travel"
TOKEN = "a-token-that-must-not-travel"
MAPPING = Mapping(
    "m", (Row("S", 2, Action.ADD, Ref("Policy"), kind=Ref("officeClientConfigurations"), new=Ref("New")),)
)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
REDIRECTS = (301, 302, 303, 307, 308)


@asynccontextmanager
async def served(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Elsewhere:
    """Another port of the same machine: all that ever came there."""

    url: str = ""
    heard: list[str] = field(default_factory=list)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        told = [f"{name}: {value}" for name, value in request.headers.items()]
        self.heard += [request.raw_path, *told, (await request.read()).decode("utf-8", "replace")]
        return web.json_response({"value": []})


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    other = Elsewhere()
    async with served(other.answer) as other.url:
        yield other


@asynccontextmanager
async def connected(graph: Handler, folder: Path) -> AsyncIterator[Connection]:
    async with served(graph) as url:
        environ = {"MIGRATOR_GRAPH_URL": url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
        async with connect(configure(environ=environ, folder=folder), clock=HURRIED) as connection:
            yield connection


@pytest.mark.parametrize("way", ["nextLink", *REDIRECTS])
async def test_neither_a_next_link_nor_a_redirect_takes_it_elsewhere(tmp_path: Path, way: str | int) -> None:
    async with elsewhere() as other:

        async def graph(request: web.BaseRequest) -> web.StreamResponse:
            if "onfigurations" in request.path or "configurationPolicies" in request.path:
                if isinstance(way, int):
                    return web.Response(status=way, headers={"Location": f"{other.url}/beta/x"})
                return web.json_response({"value": [], "@odata.nextLink": f"{other.url}/beta/x"})
            return web.json_response({"value": []})

        async with connected(graph, tmp_path) as connection:
            with pytest.raises(MigratorError) as refused:
                await draw_up(MAPPING, connection.settings, connection)
    assert other.heard == []
    assert isinstance(refused.value, GraphError)
    assert TOKEN not in str(refused.value)
    port = other.url.rpartition(":")[2]
    assert port in str(refused.value), "it is said where it would have gone"


@pytest.mark.parametrize("status", [201, 202, 204, 300, *REDIRECTS, 429, 503])
async def test_no_location_of_any_answer_is_followed(tmp_path: Path, status: int) -> None:
    """Whether read or written, alone or inside a batch, at once or after a wait."""
    async with elsewhere() as other:
        leads = {"Location": f"{other.url}/x", "Content-Location": f"{other.url}/y", "Azure-AsyncOperation": other.url}
        asked: list[str] = []

        async def graph(request: web.BaseRequest) -> web.StreamResponse:
            asked.append(request.path)
            if request.path.endswith("$batch"):
                if len(asked) > 1:
                    return web.json_response({"responses": [{"id": "1", "status": 200, "body": {"value": []}}]})
                return web.json_response({"responses": [{"id": "1", "status": status, "headers": leads}]})
            if status in (429, 503) and len(asked) > 1:
                return web.json_response({"value": []})
            return web.Response(status=status, headers={**leads, "Retry-After": "0"})

        read = Call("GET", "/beta/a", "read")
        for call in (read, Call("POST", "/beta/a/assign", "assign", b"{}", write=True, repeatable=False)):
            asked.clear()
            async with connected(graph, tmp_path) as connection:
                await connection.client.send(call)
        asked.clear()
        async with connected(graph, tmp_path) as connection:
            await send_batch(connection.client, [read], "beta")
        assert asked
        assert all(path.startswith("/beta/") for path in asked)
    assert other.heard == []


@pytest.mark.parametrize("status", REDIRECTS)
async def test_a_redirect_of_the_sign_in_takes_no_secret_elsewhere(tmp_path: Path, status: int) -> None:
    """With a 307 or a 308 a client sends the same form again, the secret in it."""
    bundle, context = make_certificate(tmp_path)
    async with elsewhere() as other:
        asked: list[str] = []

        async def sign_in(request: web.BaseRequest) -> web.StreamResponse:
            asked.append(request.path)
            root = f"https://{request.host}/t"
            if request.method == "GET":
                document = {"issuer": root, "authorization_endpoint": root, "token_endpoint": f"{root}/token"}
                return web.json_response(document)
            return web.Response(status=status, headers={"Location": f"{other.url}/token"})

        async with served(sign_in, context) as authority:
            environ = {
                "MIGRATOR_AUTHORITY": authority,
                "MIGRATOR_TENANT_ID": "t",
                "MIGRATOR_CLIENT_ID": "c",
                "MIGRATOR_CLIENT_SECRET": SECRET,
                "MIGRATOR_CA_BUNDLE": str(bundle),
            }
            async with connect(configure(environ=environ, folder=tmp_path), clock=HURRIED) as connection:
                with pytest.raises(SignInError, match=r"a redirect to 127\.0\.0\.1") as refused:
                    await connection.client.token()
    assert asked[-1] == "/t/token"
    assert other.heard == []
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
async def test_no_proxy_hears_what_is_said_to_this_very_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def graph(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"value": []})

    async with elsewhere() as other:
        monkeypatch.setenv(name, other.url)
        async with connected(graph, tmp_path) as connection:
            answer = await connection.client.send(Call("GET", "/beta/a", "read"))
    assert answer.meaning is Meaning.OK
    assert other.heard == []


async def test_a_proxy_of_an_encrypted_host_learns_its_name_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with elsewhere() as other:
        monkeypatch.setenv("HTTPS_PROXY", other.url)
        settings = configure(environ={"MIGRATOR_ACCESS_TOKEN": TOKEN}, folder=tmp_path)
        async with connect(replace(settings, graph_url="https://graph.example"), clock=HURRIED) as connection:
            answer = await connection.client.send(Call("GET", "/beta/a", "read"))
    assert answer.meaning is not Meaning.OK
    assert not any(TOKEN in text for text in other.heard)


ROOT = "https://graph.microsoft.com"


@pytest.mark.parametrize(
    "link",
    [
        "http://graph.microsoft.com/beta/x",
        "https://graph.microsoft.com:8443/beta/x",
        "https://graph.microsoft.com:0/beta/x",
        "https://graph.microsoft.com:x/beta/x",
        "https://graph.microsoft.com@evil.example/beta/x",
        "https://user:word@graph.microsoft.com/beta/x",
        "https://graph.microsoft.com\\@evil.example/beta/x",
        "https://graph.microsoft.com\\.evil.example/beta/x",
        "https://graph.microsoft.com./beta/x",
        "https://graph.microsoft.com.evil.example/beta/x",
        "https://ｇraph.microsoft.com/beta/x",
        "https://graph。microsoft.com/beta/x",
        "https://gr\u0430ph.microsoft.com/beta/x",
        "https://graph.microsoft.com#@evil.example/beta/x",
        "https://graph.microsoft.com?@evil.example/beta/x",
        "https:graph.microsoft.com/beta/x",
        "https:///beta/x",
        "//graph.microsoft.com/beta/x",
        "/beta/x",
        "file:///etc/passwd",
        "https://[::1/beta/x",
        f"{ROOT}/beta/\ud83d",
    ],
)
def test_scheme_host_and_port_of_a_link_all_count(link: str) -> None:
    with pytest.raises(GraphError, match="goes on at another place"):
        next_link(link, ROOT)


@pytest.mark.parametrize("link", [f"{ROOT}/beta/x", f"{ROOT}:443/beta/x", "HTTPS://GRAPH.microsoft.COM/beta/x"])
def test_the_same_place_in_other_letters_is_the_same(link: str) -> None:
    assert next_link(link, ROOT) == "/beta/x"


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.microsoft.com",
        "http://localhost.",
        "http://127.1",
        "http://2130706433",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "https://graph.microsoft.com@evil.example",
        "https://graph.microsoft.com\\@evil.example",
        "https://evil.example\\.graph.microsoft.com",
        "https://graph.microsoft.com.",
        "https://graph..microsoft.com",
        "https://ｇraph.microsoft.com",
        "https://gr\u0430ph.microsoft.com",
        "https://graph microsoft.com",
        "https://graph%2emicrosoft.com",
        "https://graph.microsoft.com:0",
        "https://graph.microsoft.com/a b",
        "https://graph.microsoft.com/\r\nX: y",
        "https://graph.microsoft.com/a\\b",
        "https://graph.microsoft.com?x",
        "ftp://graph.microsoft.com",
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_root(address)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not socket.has_ipv6 or os.name == "nt", reason="needs the other loopback")
def test_loopback_is_an_address_and_not_a_spelling() -> None:
    for address in ("http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://LOCALHOST"):
        assert checked_root(address) == address
