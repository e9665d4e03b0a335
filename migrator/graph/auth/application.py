"""MSAL, set up once for all flows that use it. It takes a fifth of a second to import, so that waits for a sign-in."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.graph import tls
from migrator.model.clouds import CLOUDS
from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import requests

    from migrator.graph.auth.interface import Circumstances

_MICROSOFT = frozenset(cloud.authority for cloud in CLOUDS.values())
_TIMEOUT = (20.0, 60.0)  # seconds to connect, and to wait for an answer
_WHOLE_ANSWER = 60.0  # seconds for one answer's body
_WITHIN = 180.0  # seconds for a sign-in in which no person takes part: every try of all its requests
_LARGEST_ANSWER = 4 * 2**20
CAPABILITIES = ["CP1"]
"""Told at sign-in: this client answers claims challenges, and so gets long-lived tokens."""


class App:
    """One MSAL application, made when it is first needed. Its calls are made in a thread, one at a time."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None  # MSAL publishes no types

    async def call(self, use: Callable[[Any], Mapping[str, Any]], *, by_a_person: bool = False) -> Mapping[str, Any]:
        """What `use` makes of the application; TimeoutError where it takes longer than a sign-in can.

        One that waits for a person takes as long as MSAL lets that person take. The thread of one that is given up
        goes on until its own request ends; nobody hears what comes of it.
        """
        try:
            async with asyncio.timeout(None if by_a_person else _WITHIN):
                return await _in_a_thread(partial(self._use, use))
        except TimeoutError as error:
            if str(error):  # the network's own
                raise
            raise TimeoutError(f"it took longer than {_WITHIN:g} seconds") from None

    def _use(self, use: Callable[[Any], Mapping[str, Any]]) -> Mapping[str, Any]:
        if self._made is None:
            self._made = self._make()
        return use(self._made)


async def _in_a_thread(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Like `asyncio.to_thread`, but a program that is told to stop does not wait for a browser or a silent network."""
    future: Future[Mapping[str, Any]] = Future()
    future.set_running_or_notify_cancel()  # whoever awaits may go; the thread still has where to put its result

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - not swallowed: it is raised where the result is awaited
            future.set_exception(error)

    Thread(target=run, name="sign-in", daemon=True).start()
    return await asyncio.wrap_future(future)


class AppOnly:
    """Signs in as the app itself: the Acquire of all flows that have a credential of the app's own."""

    def __init__(self, circumstances: Circumstances, credential: Callable[[], Any]) -> None:
        tenant = required(circumstances.sign_in.tenant_id, "a tenant id (--tenant-id or AZURE_TENANT_ID)")
        client = required(circumstances.sign_in.client_id, "a client id (--client-id or AZURE_CLIENT_ID)")
        self._scope = circumstances.scope
        self._app = App(lambda: _confidential(circumstances, tenant, client, credential()))

    async def __call__(self, claims: str | None, force: bool) -> Mapping[str, Any]:
        return await self._app.call(lambda app: self._acquire(app, claims, force))

    def _acquire(self, app: Any, claims: str | None, force: bool) -> Mapping[str, Any]:
        if force:
            app.remove_tokens_for_client()
        result: Mapping[str, Any] = app.acquire_token_for_client([self._scope], claims_challenge=claims)
        return result


def public_app(circumstances: Circumstances) -> App:
    """For flows in which a person signs in. Without a tenant id, any work account's own tenant."""
    client = required(circumstances.sign_in.client_id, "a client id (--client-id or AZURE_CLIENT_ID)")
    tenant = circumstances.sign_in.tenant_id or "organizations"

    def make() -> Any:
        import msal

        return msal.PublicClientApplication(client, **_common(circumstances, tenant))

    return App(make)


def silently(app: Any, scope: str, claims: str | None, force: bool) -> Mapping[str, Any] | None:
    """A new token for whoever signed in before, without asking anybody; None where that does not work any more."""
    for account in app.get_accounts():
        result: Mapping[str, Any] | None = app.acquire_token_silent(
            [scope], account=account, force_refresh=force, claims_challenge=claims
        )
        if result:
            return result
    return None


def required(value: str, what: str) -> str:
    """The value, or a UsageError that says what is missing."""
    if not value:
        raise UsageError(f"This way to sign in needs {what}")
    return value


def http_session(ca_bundle: Path | None, *, trust_env: bool = True) -> requests.Session:
    """What MSAL talks through: the system's store of authorities, short patience, no connection left open."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Trusting(HTTPAdapter):
        """Gives our TLS context to every pool of connections, those through a proxy as well."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, ssl_context=tls.context(ca_bundle), **kwargs)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=tls.context(ca_bundle), **kwargs)

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
            # requests would add a bundle of its own choice, or the one that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE
            # names, and fail where that is missing. Whom to trust is the context's to say, as for Graph itself.
            conn.cert_reqs, conn.ca_certs, conn.ca_cert_dir = "CERT_REQUIRED", None, None

    patience = Retry(
        total=2,
        backoff_factor=0.3,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods=None,
        raise_on_status=False,
        respect_retry_after_header=False,  # it would be waited out, however long it is
    )
    session = requests.Session()
    session.trust_env = trust_env
    session.auth = _as_it_is  # else a login out of ~/.netrc would be put in
    session.headers["Connection"] = "close"
    session.mount("https://", Trusting(max_retries=patience))
    session.mount("http://", HTTPAdapter(max_retries=patience))
    session.request = partial(_request, session.request)  # type: ignore[method-assign]  # what MSAL does not ask for
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _request(send: Callable[..., requests.Response], *args: Any, **kwargs: Any) -> requests.Response:
    """Sends a request of MSAL's, and takes no more of its answer than a sign-in can have.

    A redirect is not followed: with a 307 or 308 the request would be sent again as it is, with the client's secret in
    it, to wherever the answer says.
    """
    import requests

    kwargs = {"timeout": _TIMEOUT, **kwargs, "allow_redirects": False, "stream": True}
    with send(*args, **kwargs) as answer:
        if answer.is_redirect:
            goal = urlsplit(answer.headers["location"]).netloc.rpartition("@")[2] or "another place"
            raise requests.TooManyRedirects(f"it answers with a redirect to {goal}, which is not followed")
        content, due = bytearray(), time.monotonic() + _WHOLE_ANSWER  # _TIMEOUT is for each piece
        for piece in answer.iter_content(2**16):
            content += piece
            if len(content) > _LARGEST_ANSWER:
                raise requests.ConnectionError(f"its answer is larger than {_LARGEST_ANSWER // 2**20} MiB")
            if time.monotonic() > due:
                raise requests.ConnectionError(f"its answer takes longer than {_WHOLE_ANSWER:g} seconds")
        answer._content = bytes(content)  # what requests itself does with an answer that it reads whole
    return answer


def _confidential(circumstances: Circumstances, tenant: str, client: str, credential: Any) -> Any:
    import msal

    return msal.ConfidentialClientApplication(client, client_credential=credential, **_common(circumstances, tenant))


def _common(circumstances: Circumstances, tenant: str) -> dict[str, Any]:
    authority = circumstances.sign_in.authority.rstrip("/")
    return {
        "authority": f"{authority}/{tenant}",
        "http_client": http_session(circumstances.ca_bundle),
        "client_capabilities": CAPABILITIES,
        # Microsoft does not know a private authority, and need not hear of it.
        "instance_discovery": None if authority in _MICROSOFT else False,
    }
