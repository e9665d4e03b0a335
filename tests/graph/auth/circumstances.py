"""Settings to sign in with, made short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migrator.graph.auth.interface import Circumstances
from migrator.model.settings import Auth, Secret, SignIn

TENANT, CLIENT = "aaaabbbb-0000-cccc-1111-dddd2222eeee", "11112222-bbbb-3333-cccc-4444dddd5555"


def circumstances(auth: Auth = Auth.SECRET, ca_bundle: Path | None = None, **sign_in: Any) -> Circumstances:
    given: dict[str, Any] = {"authority": "https://127.0.0.1:9", "tenant_id": TENANT, "client_id": CLIENT, **sign_in}
    given.update({name: Secret(given[name]) for name in ("secret", "token") if name in given})
    return Circumstances(SignIn(auth, **given), "127.0.0.1", ca_bundle, lambda _text: None)
