"""Sign-in as the Azure resource that this runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from migrator.graph.auth.application import CAPABILITIES, App, http_session
from migrator.graph.auth.remembered import Remembered

if TYPE_CHECKING:
    from migrator.graph.auth.interface import Acquire, Circumstances, TokenSource


def source(circumstances: Circumstances) -> TokenSource:
    """A client id names a user-assigned identity; without one it is the resource's own."""
    return Remembered(_acquire(circumstances), circumstances)


def _acquire(circumstances: Circumstances) -> Acquire:
    def make() -> Any:
        import msal

        client = circumstances.sign_in.client_id
        identity = (
            msal.UserAssignedManagedIdentity(client_id=client) if client else msal.SystemAssignedManagedIdentity()
        )
        # the address that answers is local to the resource: no proxy leads there
        session = http_session(circumstances.ca_bundle, trust_env=False)
        return msal.ManagedIdentityClient(identity, http_client=session, client_capabilities=CAPABILITIES)

    app = App(make)

    async def acquire(claims: str | None, force: bool) -> Mapping[str, Any]:
        # MSAL renews a managed identity's token for claims only; claims that ask for nothing do no harm
        challenge = claims or ("{}" if force else None)
        return await app.call(
            lambda client: client.acquire_token_for_client(resource=circumstances.resource, claims_challenge=challenge)
        )

    return acquire
