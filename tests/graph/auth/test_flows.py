"""MSAL's own code signs in at the embedded tenant, by every way there is."""

from __future__ import annotations

import asyncio
import html
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from migrator.graph.auth.interface import TokenSource
from migrator.graph.auth.registry import token_source
from migrator.model.errors import SignInError
from migrator.model.settings import Auth, Secret, SignIn
from migrator.simulator import Simulator, SimulatorSettings, tenant_of
from tests.graph.certificates import for_an_app

HONEST = SimulatorSettings(vary=False)


class Place:
    """The tenant, and whoever signs in there."""

    def __init__(self, tenant: Simulator) -> None:
        self.tenant = tenant
        self.told: list[str] = []

    def source(self, auth: Auth, **sign_in: Any) -> TokenSource:
        given = {
            "authority": self.tenant.authority,
            "tenant_id": self.tenant.state.id,
            "client_id": self.tenant.settings.client_id,
            **sign_in,
        }
        host = urllib.parse.urlsplit(self.tenant.graph_url).netloc
        return token_source(SignIn(auth, **given), host, self.tenant.ca_bundle, self.told.append)

    async def served(self, token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.tenant.graph_url}/v1.0/organization"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
            return response.status == 200

    async def check(self, source: TokenSource) -> None:
        """The token is good, kept, and renewed when it is asked for."""
        first = await source.token()
        assert await self.served(first)
        assert await source.token() == first
        second = await source.token(force=True)
        assert second != first
        assert await self.served(second)


@asynccontextmanager
async def place(settings: SimulatorSettings = HONEST) -> AsyncIterator[Place]:
    async with Simulator(tenant_of({"One": []}), settings) as tenant:
        yield Place(tenant)


@pytest.fixture(autouse=True)
def _no_bundle_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name, raising=False)


async def test_with_a_secret() -> None:
    async with place() as here:
        await here.check(here.source(Auth.SECRET, secret=Secret(here.tenant.settings.client_secret)))


BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.mark.parametrize("variable", BUNDLES)
@pytest.mark.parametrize("there", [True, False])
async def test_bundles_meant_for_other_programs_do_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, there: bool
) -> None:
    path = tmp_path / "others.pem"
    if there:
        path.write_bytes(for_an_app().certificate_pem)
    monkeypatch.setenv(variable, str(path))
    async with place() as here:
        await here.check(here.source(Auth.SECRET, secret=Secret(here.tenant.settings.client_secret)))


@pytest.mark.parametrize("variable", BUNDLES)
async def test_bundles_meant_for_other_programs_make_nobody_trusted(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    async with place() as here:
        monkeypatch.setenv(variable, str(here.tenant.ca_bundle))
        given = SignIn(Auth.SECRET, here.tenant.authority, here.tenant.state.id, "client", Secret("hush"))
        with pytest.raises(SignInError, match=r"(?i)certificate"):
            await token_source(given, "127.0.0.1", None, print).token()


async def test_with_a_wrong_secret() -> None:
    async with place() as here:
        with pytest.raises(SignInError, match=r"the client secret is wrong.*AADSTS7000215") as caught:
            await here.source(Auth.SECRET, secret=Secret("quite-wrong")).token()
    assert "quite-wrong" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pfx", [False, True])
async def test_with_a_certificate(tmp_path: Path, pfx: bool) -> None:
    app, path = for_an_app(), tmp_path / "app"
    path.write_bytes(app.pfx("word") if pfx else app.certificate_pem + app.key_pem("word"))
    async with place(replace(HONEST, certificate=app.certificate_pem.decode())) as here:
        await here.check(here.source(Auth.CERTIFICATE, certificate_path=path, certificate_password=Secret("word")))


async def test_with_a_token_of_another_provider_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("stale", encoding="utf-8")
    async with place(replace(HONEST, federated_token="from.the.platform")) as here:
        source = here.source(Auth.FEDERATED, federated_token_file=path)
        with pytest.raises(SignInError, match="AADSTS700027"):
            await source.token()
        path.write_text("from.the.platform\n", encoding="utf-8")
        await here.check(source)


async def test_with_a_device_code() -> None:
    async with place(replace(HONEST, device_code_interval=0)) as here:
        await here.check(here.source(Auth.DEVICE_CODE))
        assert len(here.told) == 1  # the renewal asked nobody
        assert "enter the code" in here.told[0]


async def test_a_device_code_that_nobody_enters_is_given_up_when_the_caller_is() -> None:
    async with place(replace(HONEST, device_code_interval=1)) as here:
        waits = asyncio.ensure_future(here.source(Auth.DEVICE_CODE).token())
        async with asyncio.timeout(20):
            while not here.told:  # noqa: ASYNC110 - MSAL's thread sets no event
                await asyncio.sleep(0.01)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits


async def test_with_a_client_that_the_tenant_does_not_know() -> None:
    async with place() as here:
        with pytest.raises(SignInError, match=r"no such app in this tenant.*AADSTS700016"):
            await here.source(Auth.DEVICE_CODE, client_id="99999999-0000-0000-0000-000000000000").token()


def browse(ca_bundle: Path, uri: str) -> None:
    """What a browser does with the sign-in page: it sends the form that the page asks it to send."""
    context = ssl.create_default_context(cafile=str(ca_bundle))
    with urllib.request.urlopen(uri, context=context) as response:  # noqa: S310 - the embedded tenant's address
        page = response.read().decode()
    action = re.search(r'action="([^"]+)"', page)
    assert action
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page)}
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(html.unescape(action[1]), data=data) as response:  # noqa: S310 - MSAL's own listener
        response.read()


async def test_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    async with place() as here:
        loop = asyncio.get_running_loop()
        opened: list[Any] = []

        def open_browser(uri: str, *_: Any, **__: Any) -> bool:
            opened.append(loop.run_in_executor(None, browse, here.tenant.ca_bundle, uri))
            return True

        def called_from_a_thread(uri: str, *_: Any, **__: Any) -> bool:
            loop.call_soon_threadsafe(open_browser, uri)
            return True

        monkeypatch.setattr("webbrowser.open", called_from_a_thread)
        browser = type("Browser", (), {"name": "b", "open": staticmethod(called_from_a_thread)})
        monkeypatch.setattr("webbrowser.get", lambda *_: browser())
        await here.check(here.source(Auth.INTERACTIVE))
        await asyncio.gather(*opened)
        assert len(opened) == 1
        assert here.told == ["Sign in with the browser window that opens now."]


async def test_as_the_azure_resource_it_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with place() as here:
        for name, value in here.tenant.identity_environment.items():
            monkeypatch.setenv(name, value)
        await here.check(here.source(Auth.MANAGED_IDENTITY, client_id=""))


async def test_nobody_there_is_told_with_the_address() -> None:
    async with place() as here:
        authority = here.tenant.authority
    source = token_source(SignIn(Auth.SECRET, authority, "tenant", "client", Secret("hush")), "127.0.0.1", None, print)
    with pytest.raises(SignInError, match=re.escape(authority)):
        await source.token()


async def test_an_authority_that_is_not_trusted() -> None:
    async with place() as here:
        given = SignIn(Auth.SECRET, here.tenant.authority, here.tenant.state.id, "client", Secret("hush"))
        with pytest.raises(SignInError, match=r"(?i)certificate"):
            await token_source(given, "127.0.0.1", None, print).token()


async def test_a_tenant_that_is_none() -> None:
    async with place() as here:
        with pytest.raises(SignInError, match="tenant"):
            await here.source(Auth.SECRET, tenant_id="nowhere.example", secret=Secret("x")).token()
