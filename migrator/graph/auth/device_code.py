"""Sign-in by a code that a person types into a browser anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from migrator.graph.auth.application import public_app, silently
from migrator.graph.auth.remembered import Remembered

if TYPE_CHECKING:
    from migrator.graph.auth.interface import Acquire, Circumstances, TokenSource


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where the client id is missing."""
    return Remembered(_acquire(circumstances), circumstances)


def _acquire(circumstances: Circumstances) -> Acquire:
    app, scope = public_app(circumstances), circumstances.scope

    async def acquire(claims: str | None, force: bool) -> Mapping[str, Any]:
        if known := await app.call(lambda msal: silently(msal, scope, claims, force) or {}):
            return known
        flow = dict(await app.call(lambda msal: msal.initiate_device_flow(scopes=[scope])))
        if "user_code" not in flow:
            return flow  # the service's error
        circumstances.say(str(flow["message"]))
        try:
            return await app.call(
                lambda msal: msal.acquire_token_by_device_flow(flow, claims_challenge=claims), by_a_person=True
            )
        except asyncio.CancelledError:
            flow["expires_at"] = 0  # ends MSAL's polling in its thread
            raise

    return acquire
