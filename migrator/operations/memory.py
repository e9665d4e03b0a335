"""What earlier commands learned of a tenant's limits: whose it is, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.graph.auth.claims import claims_in
from migrator.journal.learned import Learned, path_of, recall, remember
from migrator.model.settings import Auth, Settings, SignIn

if TYPE_CHECKING:
    from migrator.graph.gates import State

_NO_TENANT = ("", "common", "organizations", "consumers")


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of one app in one tenant, under one limit; `directory` None is where the system keeps such things."""

    scope: str
    directory: Path | None = None

    @property
    def path(self) -> Path:
        """The file that it is kept in. Whoever deletes it makes the next run learn anew."""
        return path_of(self.scope, self.directory)

    def recall(self, now: float) -> dict[str, Learned]:
        """What is remembered at `now` (seconds since 1970), by the names of the quotas."""
        return recall(self.scope, now, self.directory)

    def states(self, now: float) -> dict[str, State]:
        """The same as pacers take it."""
        return {name: {**one.snapshot, "age": one.age} for name, one in self.recall(now).items()}

    def keep(self, now: float, snapshots: Mapping[str, dict[str, Any]]) -> None:
        """Remembers these; raises nothing, for a run does not fail over it."""
        if snapshots:
            remember(self.scope, now, snapshots, self.directory)


def memory_of(settings: Settings, directory: Path | None = None) -> Memory | None:
    """The memory that belongs to these settings; None where nothing is to be remembered.

    That is so where it is not said whose limits they would be, with `--limit none`, and for a Graph on this very
    machine, which is an embedded tenant of a moment - unless a directory is named. What was learned under a limit that
    a person stated is kept apart. UsageError for an address that cannot be used.
    """
    from migrator.graph.transport import checked_root, is_loopback  # it brings aiohttp with it

    url = urlsplit(checked_root(settings.graph_url))
    if directory is None and is_loopback(url.hostname or ""):
        return None
    limit = settings.limit
    if limit is not None and limit.calls is None:
        return None
    tenant, app = _whose(settings.sign_in)
    if tenant in _NO_TENANT or not app:
        return None
    stated = "" if limit is None else str(limit)
    return Memory("\n".join((url.netloc.casefold(), tenant, app, stated)), directory)


def _whose(sign_in: SignIn) -> tuple[str, str]:
    """The tenant and the app: as a ready token says it, else as the settings do."""
    claims = claims_in(sign_in.token.reveal()) if sign_in.auth is Auth.TOKEN else {}
    tenant = claims.get("tid") or sign_in.tenant_id
    app = claims.get("appid") or claims.get("azp") or sign_in.client_id
    return str(tenant).casefold(), str(app).casefold()
