"""Multi Admin Approval: a write that a second admin has to approve, and what is asked of that person.

The service refuses such a write, keeps a request for it and names that by a code. Once the request is approved, the
identical call (method, address, body to the byte) is sent again with the code; approval alone changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from migrator.model.configuration import Key

LONGEST = 1024
"""Characters of a justification, at most."""
LIFETIME = 3 * 86_400.0
"""Seconds after which the service lets a request lapse that was not used."""

LAPSED = "approvalLapsed"
"""The code of a configuration whose request is of no use any more; going on asks for approval anew."""
DECLINED = "approvalDeclined"
"""The code of one whose request was rejected or cancelled: a person's word, which going on does not question."""
UNJUSTIFIED = "approvalNotJustified"
"""The code of one that the service wants a justification for, and got none that it takes."""
CLOSED = frozenset({LAPSED, DECLINED})
"""With these codes a request is over, and its call is never sent with it."""


class RequestStatus(StrEnum):
    """Where a request stands; the service's own words."""

    UNKNOWN = "unknown"
    NEEDS_APPROVAL = "needsApproval"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Pending:
    """A call that waits for a second admin, exactly as it was sent: `path` as it was spelled, `body` to the byte.

    `code` is the request's id ("": the service did not tell it), `mark` the end of its justification, by which it is
    found again. Times are seconds since 1970, UTC; `until` is when the request lapses.
    """

    key: Key
    method: str
    path: str
    body: bytes
    code: str
    mark: str
    since: float
    until: float

    @property
    def named(self) -> str:
        """The request, for people."""
        return f"request {self.code}" if self.code else "a request whose id is not known yet"

    @property
    def asked(self) -> str:
        """The request with its times, for people."""
        return f"{self.named}, made {told(self.since)}, lapses {told(self.until)}"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """One request as the tenant lists it. `asked` and `answered` are the justifications of who made it and of who
    decided, `by` is who that was ("" where it is not told); times are seconds since 1970, 0.0 where there are none."""

    id: str
    status: RequestStatus
    made: float
    expires: float
    asked: str = ""
    answered: str = ""
    by: str = ""
    changed: float = 0.0

    @property
    def open(self) -> bool:
        """Whether its call may still be carried out by it."""
        return self.status in (RequestStatus.NEEDS_APPROVAL, RequestStatus.APPROVED)

    @property
    def decided(self) -> str:
        """Who decided and why, as far as that is told: ` by Ada Lovelace: not before Monday`."""
        return f"{f' by {self.by}' if self.by else ''}{f': {self.answered}' if self.answered else ''}"


@dataclass(frozen=True, slots=True)
class Protection:
    """One policy by which a tenant asks for a second admin: what it is for, by the service's own word."""

    name: str
    policy_type: str


def waits(pending: Pending) -> str:
    """What is said of a configuration that waits."""
    return (
        f"a second admin has to approve this change (Multi Admin Approval): {pending.asked}; once it is approved, "
        "`migrator resume` goes on"
    )


def justification(text: str, reference: str) -> str:
    """What is sent: the text and the reference after it, the text cut where both would be too long."""
    reference = _units(reference)[-2 * LONGEST :].decode("utf-16-le", "ignore")
    room = max(LONGEST - length(reference) - 1, 0)
    cut = _units(text)[: 2 * room].decode("utf-16-le", "ignore").rstrip()
    return f"{cut} {reference}" if cut else reference


def length(text: str) -> int:
    """How long a text is as the service counts: what lies beyond 16 bits, such as an emoji, counts twice."""
    return len(_units(text)) // 2


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def told(at: float) -> str:
    """`2026-11-23 20:45 UTC`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
