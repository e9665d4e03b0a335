"""Sign-in as an app with a client secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.auth.application import AppOnly, required
from migrator.graph.auth.remembered import Remembered

if TYPE_CHECKING:
    from migrator.graph.auth.interface import Circumstances, TokenSource


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where tenant id, client id or secret is missing."""
    secret = circumstances.sign_in.secret
    required(secret.reveal(), "a client secret (AZURE_CLIENT_SECRET, from the environment, a file or the keyring)")
    return Remembered(AppOnly(circumstances, secret.reveal), circumstances)
