"""What became of a configuration, and every attempt on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.assignment import Assignments
from migrator.model.configuration import Key
from migrator.model.second_admin import Pending


class Status(StrEnum):
    """Disjoint; every configuration of a plan ends in exactly one."""

    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DRIFTED = "drifted"
    WAITING = "waiting"


class Settled(StrEnum):
    """How it is known."""

    ANSWER = "the service's answer"
    READING = "reading it again"
    NOTHING_SENT = "nothing was sent"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP request, or one inner request of a batch (`number` counts tries of the same call, from 1).

    `started` is seconds since 1970, UTC; `status` is 0 where no answer came, and `error` says what came instead.
    `purpose` is one of sign-in-free words: "list", "read", "look up", "count", "assign", "verify", "about".
    """

    purpose: str
    method: str
    path: str
    number: int
    started: float
    seconds: float
    status: int
    request_id: str = ""
    client_request_id: str = ""
    error: str = ""
    retry_after: float | None = None
    subject: Key | None = None
    inner: bool = False

    @property
    def throttled(self) -> bool:
        return self.status == 429

    @property
    def envelope(self) -> bool:
        """Whether it is a batch, rather than one of the calls inside or a call by itself."""
        return not self.inner and self.path.endswith("/$batch")

    @property
    def counts(self) -> bool:
        """Whether Graph counts it: calls inside a batch one by one, the batch only where it was refused as one."""
        return self.throttled or not self.envelope


class AssignState(StrEnum):
    """What an assign call came to, before anything was read."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class AssignAnswer:
    """The end of an assign call after all its tries; `confirmed` is the list the service answered, if it did, and
    `pending` the call as it waits for a second admin."""

    state: AssignState
    status: int = 0
    code: str = ""
    message: str = ""
    confirmed: Assignments | None = None
    tries: int = 1
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one configuration. `reason` is a sentence for people, `code` Graph's word for an error.

    `confirmed` is what the service's answer listed (None: it listed nothing), `http_status` that of the last answer to
    the assign call (0: none came, or nothing was sent), `started` and `finished` are seconds since 1970, UTC, 0.0 where
    nothing was sent. `pending` is the very call that waits for a second admin, kept with the word that it does.
    """

    key: Key
    status: Status
    reason: str = ""
    code: str = ""
    settled: Settled = Settled.NOTHING_SENT
    confirmed: Assignments | None = None
    tries: int = 0
    started: float = 0.0
    finished: float = 0.0
    http_status: int = 0
    pending: Pending | None = None


class Verdict(StrEnum):
    """What reading back showed."""

    VERIFIED = "verified"
    DIFFERENT = "different"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Verification:
    """One reading back of one configuration, at `at` seconds since 1970, UTC; `found` None where it gave nothing."""

    key: Key
    verdict: Verdict
    at: float
    found: Assignments | None = None
    note: str = ""
