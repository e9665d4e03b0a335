"""Sign-in in the browser of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from migrator.graph.auth.application import public_app, silently
from migrator.graph.auth.remembered import Remembered

if TYPE_CHECKING:
    from migrator.graph.auth.interface import Acquire, Circumstances, TokenSource

_PATIENCE = 300  # seconds for a person to find the window and sign in


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where the client id is missing. The app needs the redirect URI `http://localhost`."""
    return Remembered(_acquire(circumstances), circumstances)


def _acquire(circumstances: Circumstances) -> Acquire:
    app, scope = public_app(circumstances), circumstances.scope

    async def acquire(claims: str | None, force: bool) -> Mapping[str, Any]:
        if known := await app.call(lambda msal: silently(msal, scope, claims, force) or {}):
            return known
        circumstances.say("Sign in with the browser window that opens now.")
        return await app.call(
            lambda msal: msal.acquire_token_interactive([scope], claims_challenge=claims, timeout=_PATIENCE),
            by_a_person=True,
        )

    return acquire
