"""A bearer token that somebody else got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from migrator.graph.auth.interface import Circumstances, TokenSource
    from migrator.model.settings import Secret


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where there is no token, or what is given cannot be one."""
    return Ready(circumstances.sign_in.token)


class Ready:
    """The same token as long as it lasts: nothing here can renew it."""

    def __init__(self, given: Secret) -> None:
        text = given.reveal().strip()
        if text[:7].casefold() == "bearer ":
            text = text[7:].strip()
        if not text:
            raise UsageError("This way to sign in needs a token (MIGRATOR_ACCESS_TOKEN)")
        if not all("!" <= letter <= "~" for letter in text):
            raise UsageError("The token in MIGRATOR_ACCESS_TOKEN is damaged: it holds blanks, line breaks or the like")
        self._text = text

    async def token(self, claims: str | None = None, *, force: bool = False) -> str:  # noqa: ARG002 - TokenSource's
        return self._text
