"""Every way to sign in, by its name. A new one is a file beside this one and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.auth import (
    certificate,
    device_code,
    federated,
    interactive,
    managed_identity,
    ready,
    secret,
)
from migrator.graph.auth.interface import Circumstances, TokenSource
from migrator.model.settings import Auth, SignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_FLOWS: Mapping[Auth, Callable[[Circumstances], TokenSource]] = {
    Auth.SECRET: secret.source,
    Auth.CERTIFICATE: certificate.source,
    Auth.DEVICE_CODE: device_code.source,
    Auth.INTERACTIVE: interactive.source,
    Auth.MANAGED_IDENTITY: managed_identity.source,
    Auth.FEDERATED: federated.source,
    Auth.TOKEN: ready.source,
}


def token_source(sign_in: SignIn, graph_host: str, ca_bundle: Path | None, say: Callable[[str], None]) -> TokenSource:
    """Where the tokens for this Graph host come from. UsageError where the settings lack what this way needs.

    Nothing is sent before the first token is asked for. `say` is called in the event loop's thread.
    """
    return _FLOWS[sign_in.auth](Circumstances(sign_in, graph_host, ca_bundle, say))
