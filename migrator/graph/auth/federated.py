"""Sign-in as an app with another identity provider's token: Kubernetes, a pipeline, any workload identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.auth.application import AppOnly
from migrator.graph.auth.remembered import Remembered
from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrator.graph.auth.interface import Circumstances, TokenSource


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where the token file is not named or not there."""
    path = circumstances.sign_in.federated_token_file
    if path is None:
        raise UsageError("This way to sign in needs a token file (AZURE_FEDERATED_TOKEN_FILE)")
    if not path.is_file():
        raise UsageError(f"The token file {path} is not there")
    return Remembered(AppOnly(circumstances, lambda: {"client_assertion": _reader(path)}), circumstances)


def _reader(path: Path) -> Callable[[], str]:
    """The file is read for each sign-in anew: whoever provides it replaces it before it ends."""
    return lambda: path.read_text(encoding="utf-8").strip()
