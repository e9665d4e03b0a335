"""What a second admin's word comes to, for a configuration whose call waited for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from migrator.model.outcome import Outcome, Settled, Status
from migrator.model.second_admin import DECLINED, LAPSED, ApprovalRequest, Pending, RequestStatus, told, waits
from migrator.sending.guard import Checked

_DECLINED = (RequestStatus.REJECTED, RequestStatus.CANCELLED)
_DONE = (Status.UNCHANGED, Status.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Known:
    """The tenant's requests, newest last; None where they could not be read: `why`, and whether they may not be read at
    all, so that nobody but the call itself can ask."""

    requests: tuple[ApprovalRequest, ...] | None
    forbidden: bool = False
    why: str = ""
    _by_code: Mapping[str, ApprovalRequest] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """A month of a tenant's requests, for each configuration that waits: worth a look-up, not a search."""
        object.__setattr__(self, "_by_code", {one.id.casefold(): one for one in self.requests or ()})

    def request_of(self, pending: Pending) -> ApprovalRequest | None:
        """Its request; a newer one for the very same call where that is open and the older one is over. One that was
        decided before this call was made is some other run's."""
        by_code = self._by_code.get(pending.code.casefold())
        if by_code is not None and by_code.open:
            return by_code
        by_mark = [one for one in self.requests or () if pending.mark and pending.mark in one.asked]
        still_open = [one for one in by_mark if one.open]
        if by_code is not None and not still_open:
            return by_code
        found = still_open or [one for one in by_mark if one.changed >= pending.since]
        return found[-1] if found else None


UNKNOWN = Known(None)


@dataclass(frozen=True, slots=True)
class Approved:
    """A call that may leave again, to the byte; `blind`: whether its request is approved is for the service to say."""

    pending: Pending
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """Either `outcome` is what became of it without a call, or a call may leave: the one that was approved, or (None)
    one that asks anew."""

    outcome: Outcome | None = None
    approved: Approved | None = None


def newest_last(requests: Iterable[ApprovalRequest]) -> tuple[ApprovalRequest, ...]:
    return tuple(sorted(requests, key=lambda one: one.made))


def adopted(pending: Pending, request: ApprovalRequest) -> Pending:
    """What waits, as its request is known now."""
    until = request.expires or (request.made or pending.since) + (pending.until - pending.since)
    return replace(pending, code=request.id, since=request.made or pending.since, until=until)


def judge(checked: Checked, pending: Pending, known: Known, now: float) -> Judged:
    """What to do with a plan whose call waited, by its reading, its request and the time (seconds since 1970)."""
    request = known.request_of(pending)
    pending = adopted(pending, request) if request else pending
    outcome = checked.outcome
    if outcome is not None and outcome.status in _DONE:
        return Judged(_needless(outcome, pending, request))
    if request is not None and request.status in _DECLINED:
        return Judged(_declined(pending, request))
    if outcome is not None and outcome.status is Status.DRIFTED:
        return Judged(_drifted(outcome, pending, request))
    waiting = _waiting(pending, request, known, now)
    if waiting is not None:  # what is in doubt stays so, whatever is waited for
        in_doubt = outcome is not None and outcome.settled is Settled.READING
        return Judged(replace(waiting, settled=Settled.READING) if in_doubt else waiting)
    if outcome is not None:
        return Judged(outcome)
    if request is None and not pending.code:
        return Judged()  # asked by nobody, or by a call that was not ours: to ask again does no harm
    return Judged(approved=Approved(pending, blind=request is None))


def _waiting(pending: Pending, request: ApprovalRequest | None, known: Known, now: float) -> Outcome | None:
    """That it still waits, or that its request lapsed; None where a call may leave."""
    if request is None:
        if known.requests is None and not known.forbidden:
            return _still(pending, f"the tenant's requests could not be read: {known.why}")
        # One that is not listed may be there all the same: tenants do not list an app's own requests to every sign-in.
        unlisted = not known.forbidden and pending.code
        return _lapsed(pending) if unlisted and now >= pending.until else None
    match request.status:
        case RequestStatus.APPROVED:
            return None
        case RequestStatus.EXPIRED:
            return _lapsed(pending)
        case RequestStatus.COMPLETED:
            return _used(pending)
        case RequestStatus.UNKNOWN if now >= pending.until:
            return _lapsed(pending)
        case RequestStatus.UNKNOWN:
            return _still(pending, "where it stands is told in a word that this version does not know")
        case _:
            return _still(pending)


def _still(pending: Pending, note: str = "") -> Outcome:
    reason = waits(pending) + (f"; {note}" if note else "")
    return Outcome(pending.key, Status.WAITING, reason, code=pending.code, settled=Settled.ANSWER, pending=pending)


def _lapsed(pending: Pending) -> Outcome:
    reason = (
        f"{pending.named} lapsed on {told(pending.until)} without being used, so nothing was sent; "
        "`migrator resume` asks for approval anew"
    )
    return Outcome(pending.key, Status.FAILED, reason, code=LAPSED, settled=Settled.ANSWER)


def _used(pending: Pending) -> Outcome:
    reason = (
        f"{pending.named} was used up, and what stood before the plan holds (still, or again); `migrator resume` asks "
        "for approval anew"
    )
    # It was used by this very call, of which a killed command may have left no word; what is read may lag behind that.
    return Outcome(pending.key, Status.FAILED, reason, code=LAPSED, settled=Settled.READING)


def _declined(pending: Pending, request: ApprovalRequest) -> Outcome:
    reason = (
        f"{pending.named} for this change was {request.status}{request.decided}; nothing was sent, and it is not asked "
        "for again: plan anew where it is wanted all the same"
    )
    return Outcome(pending.key, Status.FAILED, reason, code=DECLINED, settled=Settled.ANSWER)


def _drifted(outcome: Outcome, pending: Pending, request: ApprovalRequest | None) -> Outcome:
    if request is not None and not request.open:
        return outcome
    reason = f"{outcome.reason}. Its approval must not be used any more, for that would write over it: {pending.asked}"
    return replace(outcome, reason=reason)


def _needless(outcome: Outcome, pending: Pending, request: ApprovalRequest | None) -> Outcome:
    """What holds already; the request is named, unless it may be the very one that made it so."""
    if request is None or not request.open:
        return outcome
    if outcome.status is Status.SUCCEEDED and request.status is RequestStatus.APPROVED:
        return outcome
    reason = f"{outcome.reason}; {pending.named} is not needed any more: reject it, or let it lapse"
    return replace(outcome, reason=reason)
