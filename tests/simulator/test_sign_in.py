"""MSAL's own code signs in by every flow, and is refused as Entra refuses."""

from __future__ import annotations

import asyncio
import base64
import html
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from migrator.simulator import Fault, Faults, Simulator, SimulatorSettings, tenant_of
from migrator.simulator.tokens import Tokens
from tests.simulator.client import HONEST, Client, HandTime

SCOPE = "https://127.0.0.1/.default"


@asynccontextmanager
async def signing_in(settings: SimulatorSettings = HONEST) -> AsyncIterator[Client]:
    state = tenant_of({"One": []})
    async with Simulator(state, settings) as tenant, aiohttp.ClientSession() as session:
        yield Client(tenant, session)


async def with_msal(work: Callable[[requests.Session], Any], tenant: Simulator) -> Any:
    """MSAL is synchronous; its connections are closed here, which it leaves to others."""

    def run() -> Any:
        with requests.Session() as session:
            session.verify = str(tenant.ca_bundle)
            session.trust_env = False  # REQUESTS_CA_BUNDLE would win over the line above
            return work(session)

    return await asyncio.to_thread(run)


def authority(tenant: Simulator) -> str:
    return f"{tenant.authority}/{tenant.state.id}"


async def app_token(tenant: Simulator, credential: Any, **more: Any) -> dict[str, Any]:
    def work(session: requests.Session) -> Any:
        app = msal.ConfidentialClientApplication(
            tenant.settings.client_id,
            client_credential=credential,
            authority=authority(tenant),
            instance_discovery=False,
            http_client=session,
        )
        return app.acquire_token_for_client([SCOPE], **more)

    result = await with_msal(work, tenant)
    assert isinstance(result, dict)
    return result


async def status_with(client: Client, token: str) -> int:
    return (await client.get("/v1.0/organization", token=token)).status


async def test_an_app_signs_in_with_its_secret() -> None:
    async with signing_in() as client:
        result = await app_token(client.tenant, client.tenant.settings.client_secret)
        assert result["expires_in"] == 3600
        assert await status_with(client, result["access_token"]) == 200


async def test_msal_trusts_the_certificate_by_the_bundle_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    async with signing_in() as client:
        tenant = client.tenant
        app = await asyncio.to_thread(
            msal.ConfidentialClientApplication,
            tenant.settings.client_id,
            client_credential=tenant.settings.client_secret,
            authority=authority(tenant),
            instance_discovery=False,
            verify=str(tenant.ca_bundle),
        )
        result = await asyncio.to_thread(app.acquire_token_for_client, [SCOPE])
        app.http_client.close()
        assert await status_with(client, result["access_token"]) == 200


@pytest.mark.parametrize(
    ("credential", "number"),
    [
        ("wrong", 7000215),
        ({"client_assertion": lambda: "x.y.z"}, 700027),
        ({"client_assertion": lambda: "noise"}, 700027),
    ],
)
async def test_a_wrong_credential_is_refused_in_entras_words(credential: Any, number: int) -> None:
    async with signing_in() as client:
        result = await app_token(client.tenant, credential)
        assert result["error"] == "invalid_client"
        assert result["error_codes"] == [number]
        assert result["error_description"].startswith(f"AADSTS{number}: ")
        assert client.tenant.settings.client_secret not in str(result)


async def test_another_app_a_missing_secret_and_an_odd_scope_are_refused() -> None:
    async with signing_in() as client:
        tenant = client.tenant
        good = {"grant_type": "client_credentials", "client_id": tenant.settings.client_id, "scope": SCOPE}
        secret = {"client_secret": tenant.settings.client_secret}
        context = ssl.create_default_context(cafile=str(tenant.ca_bundle))
        for form, error in (
            ({**good, **secret, "client_id": "other"}, "unauthorized_client"),
            (good, "invalid_client"),
            ({**good, **secret, "scope": "Group.Read.All"}, "invalid_scope"),
            ({**good, **secret, "grant_type": "password"}, "unsupported_grant_type"),
            ({**good, "grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ):
            url = f"{authority(tenant)}/oauth2/v2.0/token"
            async with client.session.post(url, data=form, ssl=context) as response:
                body = await response.json()
                assert (body["error"], response.status >= 400) == (error, True)
        async with client.session.post(
            f"{authority(tenant)}/oauth2/v2.0/devicecode", data={"client_id": "other"}, ssl=context
        ) as response:
            assert (await response.json())["error"] == "unauthorized_client"


async def test_an_unknown_tenant_has_no_metadata() -> None:
    async with signing_in() as client:
        context = ssl.create_default_context(cafile=str(client.tenant.ca_bundle))
        url = f"{client.tenant.authority}/contoso.example/v2.0/.well-known/openid-configuration"
        async with client.session.get(url, ssl=context) as response:
            assert (response.status, (await response.json())["error"]) == (400, "invalid_tenant")


def make_app_certificate() -> tuple[str, str]:
    """A certificate and its private key, both as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM).decode(), private.decode()


async def test_an_app_signs_in_with_its_certificate_and_with_no_other() -> None:
    certificate, key = make_app_certificate()
    other, other_key = make_app_certificate()
    async with signing_in(replace(HONEST, certificate=certificate)) as client:
        by_sha256 = {"private_key": key, "public_certificate": certificate}
        thumbprint = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA1()).hex()  # noqa: S303 - what Entra calls a certificate by
        by_sha1 = {"private_key": key, "thumbprint": thumbprint}
        for credential in (by_sha256, by_sha1):
            result = await app_token(client.tenant, credential)
            assert await status_with(client, result["access_token"]) == 200
        for credential in (
            {"private_key": other_key, "public_certificate": other},
            {"private_key": other_key, "public_certificate": certificate},
        ):
            assert (await app_token(client.tenant, credential))["error"] == "invalid_client"


async def test_an_app_signs_in_with_the_assertion_of_someone_trusted() -> None:
    async with signing_in(replace(HONEST, federated_token="from.the.platform")) as client:
        result = await app_token(client.tenant, {"client_assertion": lambda: "from.the.platform"})
        assert await status_with(client, result["access_token"]) == 200


async def test_a_person_signs_in_by_device_code_and_the_token_is_refreshed() -> None:
    async with signing_in() as client:
        tenant = client.tenant

        def work(session: requests.Session) -> Any:
            app = msal.PublicClientApplication(
                tenant.settings.client_id, authority=authority(tenant), instance_discovery=False, http_client=session
            )
            flow = app.initiate_device_flow([SCOPE])
            pending = app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
            approved = app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
            account = app.get_accounts()[0]
            refreshed = app.acquire_token_silent([SCOPE], account, force_refresh=True)
            return flow, pending, approved, account, refreshed

        flow, pending, approved, account, refreshed = await with_msal(work, tenant)
        assert flow["user_code"] in flow["message"]
        assert pending["error"] == "authorization_pending"
        assert account["username"] == approved["id_token_claims"]["preferred_username"]
        assert await status_with(client, approved["access_token"]) == 200
        assert refreshed["access_token"] != approved["access_token"]
        assert await status_with(client, refreshed["access_token"]) == 200


def browse(ca_bundle: Path, uri: str) -> None:
    """What a browser does with the sign-in page: it sends the form that the page asks it to send."""
    context = ssl.create_default_context(cafile=str(ca_bundle))
    with urllib.request.urlopen(uri, context=context) as response:  # noqa: S310 - our own https address
        page = response.read().decode()
    action = re.search(r'action="([^"]+)"', page)
    assert action
    fields = {n: html.unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', page)}
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(html.unescape(action[1]), data=data) as response:  # noqa: S310 - MSAL's own listener
        response.read()


async def test_a_person_signs_in_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    async with signing_in() as client:
        tenant = client.tenant
        opened: list[asyncio.Future[None]] = []
        loop = asyncio.get_running_loop()

        def open_browser(uri: str, *_: Any, **__: Any) -> bool:
            opened.append(asyncio.run_coroutine_threadsafe(asyncio.to_thread(browse, tenant.ca_bundle, uri), loop))  # type: ignore[arg-type] # a concurrent future is as good here
            return True

        monkeypatch.setattr("webbrowser.open", open_browser)
        monkeypatch.setattr("webbrowser.get", lambda *_: type("Browser", (), {"name": "b", "open": open_browser})())

        def work(session: requests.Session) -> Any:
            app = msal.PublicClientApplication(
                tenant.settings.client_id, authority=authority(tenant), instance_discovery=False, http_client=session
            )
            return app.acquire_token_interactive([SCOPE], timeout=20)

        result = await with_msal(work, tenant)
        assert "access_token" in result, result
        assert await status_with(client, result["access_token"]) == 200


async def test_the_sign_in_page_redirects_at_once_and_to_this_machine_only() -> None:
    async with signing_in() as client:
        tenant = client.tenant
        context = ssl.create_default_context(cafile=str(tenant.ca_bundle))
        asked = {"client_id": tenant.settings.client_id, "state": "s&1", "redirect_uri": "http://localhost:1/back"}
        url = f"{authority(tenant)}/oauth2/v2.0/authorize"
        async with client.session.get(url, params=asked, ssl=context, allow_redirects=False) as response:
            assert response.status == 302
            told = urllib.parse.parse_qs(urllib.parse.urlsplit(response.headers["Location"]).query)
            assert told["state"] == ["s&1"]
        form = {
            "grant_type": "authorization_code",
            "client_id": tenant.settings.client_id,
            "code": told["code"][0],
            "redirect_uri": asked["redirect_uri"],
            "scope": SCOPE,
        }
        token_url = f"{authority(tenant)}/oauth2/v2.0/token"
        for status in (200, 400):
            async with client.session.post(token_url, data=form, ssl=context) as response:
                assert response.status == status, "a code is good once"
        elsewhere = {**asked, "redirect_uri": "https://elsewhere.example/"}
        async with client.session.get(url, params=elsewhere, ssl=context) as response:
            assert response.status == 400


async def test_a_managed_identity_gets_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async with signing_in() as client:
        for name, value in client.tenant.identity_environment.items():
            monkeypatch.setenv(name, value)

        def work(session: requests.Session) -> Any:
            identity = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=session)
            return identity.acquire_token_for_client(resource="https://127.0.0.1")

        result = await with_msal(work, client.tenant)
        assert await status_with(client, result["access_token"]) == 200
        bare = await client.get(client.tenant.identity_environment["IDENTITY_ENDPOINT"], {"resource": "x"})
        assert bare.status == 400


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer unknown"])
async def test_without_a_good_token_nothing_is_served(header: str) -> None:
    async with signing_in() as client:
        reply = await client.get("/v1.0/groups", token="", headers={"Authorization": header} if header else {})
        assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")
        assert reply.headers["www-authenticate"].startswith("Bearer ")
        assert client.tenant.record.reads == 0


async def test_an_expired_token_is_refused() -> None:
    async with signing_in(replace(HONEST, token_lifetime=0.0)) as client:
        token = (await app_token(client.tenant, client.tenant.settings.client_secret))["access_token"]
        reply = await client.get("/v1.0/organization", token=token)
        assert (reply.status, "expired" in reply.json["error"]["message"]) == (401, True)


def test_a_token_is_good_for_its_lifetime() -> None:
    time = HandTime()
    tokens = Tokens(replace(HONEST, token_lifetime=60.0), "tenant", time.monotonic)
    token = tokens.issue("https://graph")
    time.seconds += 59
    assert tokens.refuse(f"Bearer {token}") is None
    time.seconds += 2
    refusal = tokens.refuse(f"bearer {token}")
    assert refusal is not None
    assert refusal.status == 401


async def test_msal_answers_a_claims_challenge() -> None:
    faults = Faults(planned_reads={"One": (Fault.CLAIMS,)})
    async with signing_in(replace(HONEST, faults=faults)) as client:
        tenant = client.tenant
        secret = tenant.settings.client_secret
        token = (await app_token(tenant, secret))["access_token"]
        path = f"/beta/officeConfiguration/clientConfigurations/{tenant.state.configuration('One').id}"
        refused = await client.get(path, token=token)
        assert refused.status == 401
        encoded = refused.headers["www-authenticate"].partition('claims="')[2].partition('"')[0]
        claims = urllib.parse.unquote(base64.b64decode(encoded).decode())
        fresh = await app_token(tenant, secret, claims_challenge=claims)
        assert (await client.get(path, token=fresh["access_token"])).status == 200


def test_no_secret_shows_in_the_settings() -> None:
    shown = repr(replace(HONEST, client_secret="s3cret", access_token="t0ken", federated_token="f3d"))
    assert not re.search("s3cret|t0ken|f3d", shown)
