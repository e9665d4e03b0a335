"""The sign-in endpoint: OpenID metadata, and tokens by every grant that the tool uses."""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from migrator.simulator.assertion import accepted
from migrator.simulator.chance import stable_id
from migrator.simulator.messages import Json
from migrator.simulator.settings import SimulatorSettings
from migrator.simulator.tokens import Tokens, encode_part, web_token

POLLS_UNTIL_APPROVED = 2
IDENTITY_HEADER = "invented-identity-header"

_ANY_TENANT = frozenset({"common", "organizations"})
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORM = """<!doctype html><title>Signing in</title><body onload="document.forms[0].submit()">
<form method="post" action="{action}">{fields}<button>Continue</button></form></body>"""


class SignInRefused(Exception):
    """No token; `body` is the error as Entra words it."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(error)
        self.status = status
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        self.body: Json = {
            "error": error,
            "error_description": f"AADSTS{number}: {text} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        }


@dataclass(frozen=True, slots=True)
class _Code:
    """What an authorization code was given for."""

    redirect_uri: str
    challenge: str
    nonce: str
    claims: str


class SignIn:
    """Signs in whoever shows what the settings say; people are approved at once."""

    def __init__(self, tokens: Tokens, tenant_id: str) -> None:
        self._tokens = tokens
        self._tenant_id = tenant_id
        self._polls: dict[str, int] = {}
        self._codes: dict[str, _Code] = {}
        self._refresh_tokens: set[str] = set()
        self.authority = ""

    @property
    def _settings(self) -> SimulatorSettings:
        return self._tokens.settings

    def application(self) -> web.Application:
        """The endpoint, to be served over https."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
                web.get("/{tenant}/discovery/v2.0/keys", self._keys),
                web.post("/{tenant}/oauth2/v2.0/token", self._token),
                web.post("/{tenant}/oauth2/v2.0/devicecode", self._device_code),
                web.get("/{tenant}/oauth2/v2.0/authorize", self._authorize),
            ]
        )
        return application

    async def _metadata(self, request: web.Request) -> web.Response:
        tenant = request.match_info["tenant"]
        if tenant.lower() not in _ANY_TENANT | {self._tenant_id.lower()}:
            return _refused(SignInRefused(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found."))
        root = f"{self.authority}/{tenant}"
        return web.json_response(
            {
                "issuer": f"{self.authority}/{self._tenant_id}/v2.0",
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "form_post"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": []})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        grants = {
            "client_credentials": self._by_app,
            "urn:ietf:params:oauth:grant-type:device_code": self._by_device_code,
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
        }
        try:
            self._check_client(form)
            grant = grants.get(form.get("grant_type", form.get("grantType", "")))
            if grant is None:
                raise SignInRefused(
                    400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type."
                )
            endpoint = f"{self.authority}/{request.match_info['tenant']}/oauth2/v2.0/token"
            return web.json_response(grant(form, endpoint), headers={"Cache-Control": "no-store"})
        except SignInRefused as refused:
            return _refused(refused)

    async def _device_code(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            self._check_client(form)
        except SignInRefused as refused:
            return _refused(refused)
        code, page = secrets.token_urlsafe(24), f"{self.authority}/device"
        self._polls[code] = 0
        user_code = secrets.token_hex(4).upper()
        return web.json_response(
            {
                "device_code": code,
                "user_code": user_code,
                "verification_uri": page,
                "expires_in": 900,
                "interval": self._settings.device_code_interval,
                "message": f"To sign in, open the page {page} and enter the code {user_code}.",
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        back = asked.get("redirect_uri", "")
        try:
            self._check_client(asked)
            if urlsplit(back).hostname not in _LOOPBACK:
                raise SignInRefused(400, "invalid_request", 50011, "The redirect URI does not match the app's.")
        except SignInRefused as refused:
            return _refused(refused)
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            back, asked.get("code_challenge", ""), asked.get("nonce", ""), asked.get("claims", "")
        )
        given = {"code": code, "state": asked.get("state", ""), "client_info": self._client_info()}
        if asked.get("response_mode") == "form_post":
            fields = "".join(f'<input type="hidden" name="{n}" value="{html.escape(v)}">' for n, v in given.items())
            page = _FORM.format(action=html.escape(back), fields=fields)
            return web.Response(text=page, content_type="text/html")
        return web.Response(status=302, headers={"Location": f"{back}{'&' if '?' in back else '?'}{urlencode(given)}"})

    def _check_client(self, form: Mapping[str, str]) -> None:
        client_id = form.get("client_id", "")
        if client_id.lower() != self._settings.client_id.lower():
            raise SignInRefused(
                400, "unauthorized_client", 700016, f"Application with identifier '{client_id}' was not found."
            )

    def _by_app(self, form: Mapping[str, str], endpoint: str) -> Json:
        if "client_assertion" in form:
            good = form.get("client_assertion_type") == _ASSERTION
            if not (good and accepted(self._settings, form["client_assertion"], endpoint)):
                raise SignInRefused(401, "invalid_client", 700027, "The certificate or assertion is not registered.")
        elif not form.get("client_secret"):
            raise SignInRefused(
                401, "invalid_client", 7000218, "The request body must contain 'client_assertion' or 'client_secret'."
            )
        elif not secrets.compare_digest(form["client_secret"].encode(), self._settings.client_secret.encode()):
            raise SignInRefused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        if not form.get("scope", "").endswith("/.default"):
            raise SignInRefused(400, "invalid_scope", 1002012, "The scope must end with '/.default' in this flow.")
        return self._granted(form)

    def _by_device_code(self, form: Mapping[str, str], _: str) -> Json:
        code = form.get("device_code", "")
        if code not in self._polls:
            raise SignInRefused(400, "invalid_grant", 70008, "The device code is not known or has expired.")
        self._polls[code] += 1
        if self._polls[code] < POLLS_UNTIL_APPROVED:
            raise SignInRefused(400, "authorization_pending", 70016, "Authorization is pending. Continue polling.")
        del self._polls[code]
        return {**self._granted(form), **self._user(form, nonce="")}

    def _by_code(self, form: Mapping[str, str], _: str) -> Json:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.redirect_uri != form.get("redirect_uri"):
            raise SignInRefused(400, "invalid_grant", 70008, "The authorization code is not known or has expired.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if code.challenge and base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
            raise SignInRefused(400, "invalid_grant", 501481, "The code verifier does not match the code challenge.")
        return {**self._granted(form, code.claims), **self._user(form, code.nonce)}

    def _by_refresh_token(self, form: Mapping[str, str], _: str) -> Json:
        if form.get("refresh_token") not in self._refresh_tokens:
            raise SignInRefused(400, "invalid_grant", 700082, "The refresh token is not known or has expired.")
        return {**self._granted(form), **self._user(form, nonce="")}

    def _granted(self, form: Mapping[str, str], claims: str = "") -> Json:
        scope = next((s for s in form.get("scope", "").split() if "://" in s), "")
        lifetime = int(self._settings.token_lifetime)
        return {
            "token_type": "Bearer",  # a kind of token # nosec B105
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": self._tokens.issue(scope.removesuffix("/.default"), form.get("claims") or claims),
        }

    def _user(self, form: Mapping[str, str], nonce: str) -> Json:
        now = int(time.time())
        claims: dict[str, Any] = {
            "aud": self._settings.client_id,
            "iss": f"{self.authority}/{self._tenant_id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "sub": "embedded-admin",
            "oid": stable_id(0, "admin"),
            "tid": self._tenant_id,
            "name": "Admin of the embedded tenant",
            "preferred_username": "admin@embedded.example",
            **({"nonce": nonce} if nonce else {}),
        }
        refresh_token = secrets.token_urlsafe(32)
        self._refresh_tokens.add(refresh_token)
        return {
            "scope": form.get("scope", ""),
            "refresh_token": refresh_token,
            "id_token": web_token(claims),
            "client_info": self._client_info(),
        }

    def _client_info(self) -> str:
        return encode_part({"uid": stable_id(0, "admin"), "utid": self._tenant_id})

    def identity_token(self, resource: str) -> Json:
        """A managed identity's token, as App Service gives it."""
        return {
            "access_token": self._tokens.issue(resource),
            "expires_on": str(int(time.time() + self._settings.token_lifetime)),
            "resource": resource,
            "token_type": "Bearer",  # a kind of token # nosec B105
            "client_id": self._settings.client_id,
        }


def _refused(refused: SignInRefused) -> web.Response:
    return web.json_response(refused.body, status=refused.status)
