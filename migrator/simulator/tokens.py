"""Bearer tokens: who issued them, how long they are good, and which claims they must come with."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from migrator.model.kinds import KINDS
from migrator.simulator.messages import Answer, Json, failure
from migrator.simulator.settings import SimulatorSettings


def roles() -> list[str]:
    """What a token allows: everything that the kinds need."""
    return sorted({kind.permission for kind in KINDS.values()} | {"Group.Read.All"})


@dataclass(frozen=True, slots=True)
class _Issued:
    expires: float
    nonce: str


class Tokens:
    """The tokens that are good at the moment. Their values are in no message and no log."""

    def __init__(self, settings: SimulatorSettings, tenant_id: str, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._tenant_id = tenant_id
        self._clock = clock
        self._issued: dict[str, _Issued] = {}
        self._nonce = ""
        self._challenges = 0
        self.authority = ""

    def issue(self, audience: str, claims: str = "") -> str:
        """A token that is good for the lifetime in the settings. `claims` is what the request for it asked for."""
        now = self._clock()
        self._issued = {token: issued for token, issued in self._issued.items() if issued.expires > now}
        expires = now + self.settings.token_lifetime
        payload = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(expires),
            "appid": self.settings.client_id,
            "tid": self._tenant_id,
            "roles": roles(),
        }
        token = web_token(payload)
        self._issued[token] = _Issued(expires, _asked_nonce(claims))
        return token

    def challenge(self) -> Answer:
        """Demands of every token from now on that it was asked for with claims that only this answer tells."""
        self._challenges += 1
        self._nonce = str(int(self._clock()) + self._challenges)
        return self._refusal("insufficient_claims")

    def refuse(self, authorization: str) -> Answer | None:
        """None for a good `Authorization` header, else the 401 that it gets."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return self._refusal("", "InvalidAuthenticationToken", "Access token is empty.")
        ready = self.settings.access_token
        if ready and secrets.compare_digest(token.encode(), ready.encode()):
            return None
        issued = self._issued.get(token)
        if issued is None:
            return self._refusal("invalid_token", "InvalidAuthenticationToken", "Access token validation failure.")
        if issued.expires <= self._clock():
            return self._refusal(
                "invalid_token", "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."
            )
        if self._nonce and issued.nonce != self._nonce:
            return self._refusal("insufficient_claims")
        return None

    def _refusal(self, error: str, code: str = "InvalidAuthenticationToken", message: str = "") -> Answer:
        parts = ['realm=""', f'authorization_uri="{self.authority}/common/oauth2/authorize"']
        parts.append(f'client_id="{self.settings.client_id}"')
        if error:
            parts.append(f'error="{error}"')
        if error == "insufficient_claims":
            claims = {"access_token": {"nbf": {"essential": True, "value": self._nonce}}}
            parts.append(f'claims="{base64.b64encode(msgspec.json.encode(claims)).decode()}"')
            message = "Continuous access evaluation resulted in challenge with result: InteractionRequired."
        return failure(401, code, message, (("WWW-Authenticate", "Bearer " + ", ".join(parts)),))


def web_token(payload: Json) -> str:
    """A JSON web token to look at; its signature is only noise, and what makes it good is that we remember it."""
    return f"{encode_part({'typ': 'JWT', 'alg': 'RS256'})}.{encode_part(payload)}.{secrets.token_urlsafe(32)}"


def encode_part(part: Json) -> str:
    """A part of a JSON web token."""
    return base64.urlsafe_b64encode(msgspec.json.encode(part)).decode().rstrip("=")


def _asked_nonce(claims: str) -> str:
    try:
        asked = msgspec.json.decode(claims or "{}")
        return str(asked["access_token"]["nbf"]["value"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
