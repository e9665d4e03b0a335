"""What a person can set. Secrets are wrapped so that no log, report, journal or `repr` can show them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from migrator.model.errors import UsageError


class Secret:
    """A value that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, ("",))


class Auth(StrEnum):
    """The ways to sign in."""

    SECRET = "secret"  # noqa: S105 - the name of a flow, not a secret # nosec B105
    CERTIFICATE = "certificate"
    DEVICE_CODE = "device-code"
    INTERACTIVE = "interactive"
    MANAGED_IDENTITY = "managed-identity"
    FEDERATED = "federated"
    TOKEN = "token"  # noqa: S105 - the name of a flow, not a secret # nosec B105


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds; `calls` None means that no limit is known."""

    calls: int | None
    span: float = 20.0

    @property
    def rate(self) -> float:
        """Calls a second; 0.0 where no limit is known."""
        return (self.calls or 0) / self.span

    def __str__(self) -> str:
        return "none" if self.calls is None else f"{self.calls}/{self.span:g}s"


DOCUMENTED_WRITES = Limit(100, 20.0)
DOCUMENTED_READS = Limit(1000, 20.0)


def parse_limit(text: str) -> Limit:
    """`100/20s` or `none`; anything else is a UsageError that says how to write it."""
    if text.strip().casefold() == "none":
        return Limit(None)
    found = re.fullmatch(r"\s*(\d{1,6})\s*/\s*(\d{1,5}(?:\.\d{1,3})?)\s*s?\s*", text)
    if not found or int(found[1]) < 1 or float(found[2]) <= 0:
        raise UsageError(f"--limit {text!r} is not understood; write it like 100/20s, or none")
    return Limit(int(found[1]), float(found[2]))


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to get a token, and for which authority; `authority` is its root, without the tenant."""

    auth: Auth
    authority: str
    tenant_id: str = ""
    client_id: str = ""
    secret: Secret = field(default_factory=lambda: Secret(""))
    certificate_path: Path | None = None
    certificate_password: Secret = field(default_factory=lambda: Secret(""))
    federated_token_file: Path | None = None
    token: Secret = field(default_factory=lambda: Secret(""))


class GuardMode(StrEnum):
    """When what is assigned is read again before it is written: in batches as the run goes, or each right before its
    call."""

    BATCHES = "batches"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Caution:
    """How much a person wants to be sure of. `canary` configurations go first and are read back before the rest goes
    (0: all go at once); the others are the most assignments that a plan may change and remove (None: any number)."""

    guard: GuardMode = GuardMode.BATCHES
    canary: int = 0
    max_changes: int | None = None
    max_removals: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a command needs to know of the world.

    `graph_url` is Graph's root without version; `limit` None means what is documented; `kinds` empty means what the
    mapping names, or all that the token may read; `ca_bundle` adds to the system's store; `api_version` is `beta` or
    `v1.0` for all kinds that have it, "" for what is best for each; `impact` is whether a plan counts whom it concerns.
    `justification` is for a second admin whom the tenant may ask (None: the run's id, "": none is sent).
    """

    graph_url: str
    sign_in: SignIn
    kinds: tuple[str, ...] = ()
    reports: Path = Path("reports")
    mode: str = ""
    concurrency: int = 32
    limit: Limit | None = None
    ca_bundle: Path | None = None
    allow_empty: bool = False
    drop_orphans: bool = False
    caution: Caution = Caution()
    aliases: tuple[tuple[str, str], ...] = ()
    api_version: str = ""
    impact: bool = True
    justification: str | None = None
