"""Where tokens come from, as the client sees it, and what every flow is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.model.settings import SignIn


class TokenSource(Protocol):
    """Gives bearer tokens for Graph. The text of a token must never reach a log, an error or a `repr`."""

    async def token(self, claims: str | None = None, *, force: bool = False) -> str:
        """A token that is good by all that is known; SignInError where none can be had.

        `force` asks for one that was not given before, `claims` (JSON) for one that answers this challenge.
        """
        ...


@dataclass(frozen=True)
class Circumstances:
    """What a flow may need: the settings, Graph's host (with its port, if any), a CA bundle, and how to tell a person
    what to do."""

    sign_in: SignIn
    graph_host: str
    ca_bundle: Path | None
    say: Callable[[str], None]

    @property
    def resource(self) -> str:
        return f"https://{self.graph_host}"

    @property
    def scope(self) -> str:
        return f"{self.resource}/.default"


Acquire = Callable[[str | None, bool], Awaitable[Mapping[str, Any]]]
"""(claims, force) → MSAL's result: `access_token` and `expires_in`, or `error` and `error_description`."""
