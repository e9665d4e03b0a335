"""Every figure of a run, computed once from its record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.choice import LEFT_OUT
from migrator.model.configuration import Key
from migrator.model.lists import difference
from migrator.model.outcome import Attempt, Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import ConfigurationPlan, Effect, PlannedRow
from migrator.model.record import RunHeader, RunRecord
from migrator.model.settings import Limit, parse_limit
from migrator.model.throttle import NOTHING_LOST, Lost
from migrator.reporting.throttling import GateFacts, gate_facts, total_lost

ASSIGN = "assign"

_LAG = 15 * 60.0  # seconds after a write for which a reading may still give what stood before it


class Ending(StrEnum):
    """How a configuration's part in the run ended: with an outcome, or why without one."""

    CONCLUDED = "concluded"
    BLOCKED = "left alone"
    LEFT_OUT = "left out"
    NOTHING_PLANNED = "nothing planned"
    IN_DOUBT = "in doubt"
    NOT_SENT = "not sent yet"


class RowStatus(StrEnum):
    """What became of one row of the mapping."""

    DONE = "done"
    PUT_BACK = "put back"
    NOTHING = "nothing to do"
    FAILED = "failed"
    LEFT_ALONE = "left alone"
    LEFT_OUT = "left out"
    WAITING = "waiting"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one configuration. `tries` counts its assign calls, `http_status` is the last one's (0: none came
    or none was made), `seconds` is how long it took from the first call to the outcome, which was known at `concluded`
    (seconds since 1970, UTC, 0.0 without calls). `of` is the run that this one puts back, `put_back` the one by which
    this one was put back ("": none)."""

    plan: ConfigurationPlan
    status: Status
    ending: Ending
    reason: str
    code: str = ""
    settled: Settled = Settled.NOTHING_SENT
    verification: Verification | None = None
    tries: int = 0
    http_status: int = 0
    seconds: float = 0.0
    concluded: float = 0.0
    of: str = ""
    put_back: str = ""

    @property
    def unverified(self) -> bool:
        """Confirmed by the service, but not (or not yet) seen when read back."""
        return self.status is Status.SUCCEEDED and (
            self.verification is None or self.verification.verdict is not Verdict.VERIFIED
        )

    @property
    def differs(self) -> bool:
        """Read back last, it held something else than intended."""
        return self.verification is not None and self.verification.verdict is Verdict.DIFFERENT

    @property
    def may_lag(self) -> bool:
        """Read back soon after the write, it held what stood before: the reading may not have caught up yet."""
        if self.status is not Status.SUCCEEDED or not self.differs:
            return False
        read = self.verification
        if read is None or read.found is None or read.at - self.concluded >= _LAG:
            return False
        return not difference(self.plan.before, read.found)

    @property
    def unseen(self) -> bool:
        """It is taken to be as intended, but reading it back showed nothing, or was not done after a write."""
        if self.verification is None:
            return self.status is Status.SUCCEEDED
        return self.as_intended and self.verification.verdict is Verdict.UNREADABLE

    @property
    def as_intended(self) -> bool:
        """The service has what the plan wanted."""
        return self.status in (Status.SUCCEEDED, Status.UNCHANGED) and not self.left_out

    @property
    def left_out(self) -> bool:
        """A person chose not to have it carried out."""
        return self.ending is Ending.LEFT_OUT

    @property
    def open(self) -> bool:
        return self.ending in (Ending.IN_DOUBT, Ending.NOT_SENT)

    def row_status(self, row: PlannedRow) -> RowStatus:
        """What became of one of its rows."""
        if self.left_out:
            return RowStatus.LEFT_OUT
        if self.ending is Ending.BLOCKED or self.status is Status.DRIFTED:
            return RowStatus.LEFT_ALONE
        if not row.applies or self.status is Status.UNCHANGED:
            return RowStatus.NOTHING
        if self.open:
            return RowStatus.OPEN
        if self.of and self.status is Status.SUCCEEDED:
            return RowStatus.PUT_BACK
        return _ROW_STATUS[self.status]

    def row_reason(self, row: PlannedRow) -> str:
        """Why; the configuration's reason where the row shares its fate, else the row's own note."""
        return self.reason if self.row_status(row) in _SHARED and self.reason else row.note


_SHARED = frozenset(
    {RowStatus.FAILED, RowStatus.LEFT_ALONE, RowStatus.LEFT_OUT, RowStatus.WAITING, RowStatus.OPEN}
)  # with the configuration, and so is the reason
_ROW_STATUS: Mapping[Status, RowStatus] = {
    Status.SUCCEEDED: RowStatus.DONE,
    Status.FAILED: RowStatus.FAILED,
    Status.WAITING: RowStatus.WAITING,
}


@dataclass(frozen=True, slots=True)
class EffectFacts:
    """How many assignments of one effect were planned, and how many of them the service has confirmed."""

    effect: Effect
    planned: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class PurposeFacts:
    """The calls made for one purpose. `requests` are HTTP requests, `inner` ones travelled inside a batch."""

    purpose: str
    requests: int
    inner: int
    throttled: int
    retries: int
    unanswered: int
    mean_seconds: float
    slowest_seconds: float


@dataclass(frozen=True, slots=True)
class Facts:
    """A run in figures; the meaning of each is that of `--json`. `seconds` is the time that was
    spent on it (`elapsed`), `lost` how much of that went into keeping calls back. `calls` are counted as Graph counts
    them (`Attempt.counts`). `lines` are in the order of the plan. `of` and `put_back` are those of the lines."""

    run: str
    configurations: int
    succeeded: int
    unchanged: int
    failed: int
    drifted: int
    waiting: int
    unverified: int
    rows: int
    requests: int
    throttled: int
    retries: int
    seconds: float
    lines: tuple[Line, ...]
    effects: tuple[EffectFacts, ...]
    purposes: tuple[PurposeFacts, ...]
    calls: int = 0
    lost: Lost = NOTHING_LOST
    gates: tuple[GateFacts, ...] = ()
    of: str = ""
    put_back: str = ""

    @property
    def open(self) -> int:
        """Those of the failed ones that were not finished rather than refused."""
        return sum(line.open for line in self.lines)

    @property
    def left_out(self) -> int:
        """Those of the unchanged ones that a person chose not to have carried out."""
        return sum(line.left_out for line in self.lines)

    @property
    def differing(self) -> int:
        """Those that were as intended, changed by this run or not, and held something else when read back last."""
        return sum(line.as_intended and line.differs for line in self.lines)

    @property
    def lagging(self) -> int:
        """Those of the differing ones where it may be the reading that is behind."""
        return sum(line.may_lag for line in self.lines)

    @property
    def unseen(self) -> int:
        """Those of which reading back showed nothing."""
        return sum(line.unseen for line in self.lines)

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def assignments_before(self) -> int:
        return sum(len(line.plan.before) for line in self.lines)

    @property
    def assignments_after(self) -> int:
        """As planned."""
        return sum(len(line.plan.after) for line in self.lines)


def facts(record: RunRecord) -> Facts:
    """All figures of a run, finished or not."""
    lines = _lines(record)
    by_status = Counter(line.status for line in lines)
    return Facts(
        run=record.header.id,
        configurations=len(lines),
        succeeded=by_status[Status.SUCCEEDED],
        unchanged=by_status[Status.UNCHANGED],
        failed=by_status[Status.FAILED],
        drifted=by_status[Status.DRIFTED],
        waiting=by_status[Status.WAITING],
        unverified=sum(line.unverified for line in lines),
        rows=record.plan.row_count,
        requests=sum(not a.inner for a in record.attempts),
        throttled=sum(a.throttled for a in record.attempts),
        retries=sum(a.number > 1 for a in record.attempts),
        seconds=elapsed(record),
        lines=lines,
        effects=_effects(lines),
        purposes=_purposes(record.attempts),
        calls=sum(a.counts for a in record.attempts),
        lost=total_lost(record.throttle),
        gates=gate_facts(record.throttle, _stated_limit(record.header)),
        of=record.header.of,
        put_back=record.header.put_back,
    )


def _stated_limit(header: RunHeader) -> Limit | None:
    stated = dict(header.options).get("limit")
    return parse_limit(stated) if stated else None


def elapsed(record: RunRecord) -> float:
    """Seconds that were spent on the run, without what passed between its commands; where that is not known, from its
    start to its end, or to the last thing it did. A command that was killed counts up to the last thing it did."""
    header = record.header
    if not header.worked and header.finished:
        return max(header.finished - header.started, 0.0)
    ends = (
        *(a.started + a.seconds for a in record.attempts),
        *(o.finished for o in record.outcomes),
        *(v.at for v in record.verifications),
    )
    since = header.working if header.worked else header.started
    return header.worked + (max(max(ends, default=0.0) - since, 0.0) if since else 0.0)


def attempts_by_configuration(attempts: Iterable[Attempt]) -> dict[Key, tuple[Attempt, ...]]:
    """The calls that were about one configuration, in the order in which they left."""
    found: defaultdict[Key, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        if attempt.subject:
            found[attempt.subject].append(attempt)
    return {key: tuple(sorted(calls, key=lambda a: a.started)) for key, calls in found.items()}


def _lines(record: RunRecord) -> tuple[Line, ...]:
    outcomes, verifications, left_out = record.outcome_of(), record.verification_of(), record.left_out()
    assigns: defaultdict[Key, list[Attempt]] = defaultdict(list)
    for attempt in record.attempts:
        if attempt.subject and attempt.purpose == ASSIGN:
            assigns[attempt.subject].append(attempt)
    return tuple(
        _line(
            plan,
            outcomes.get(plan.key),
            verifications.get(plan.key),
            assigns.get(plan.key, ()),
            header=record.header,
            intended=plan.key in record.intended,
            left_out=left_out.get(plan.key, ""),
        )
        for plan in record.plan.configurations
    )


def _line(
    plan: ConfigurationPlan,
    outcome: Outcome | None,
    verification: Verification | None,
    assigns: Sequence[Attempt],
    *,
    header: RunHeader,
    intended: bool,
    left_out: str,
) -> Line:
    last = assigns[-1].status if assigns else 0
    if outcome:
        return Line(
            plan,
            outcome.status,
            Ending.LEFT_OUT if outcome.code == LEFT_OUT else Ending.CONCLUDED,
            outcome.reason,
            outcome.code,
            outcome.settled,
            verification,
            max(outcome.tries, len(assigns)),
            last,
            max(outcome.finished - outcome.started, 0.0),
            outcome.finished,
            header.of,
            header.put_back,
        )
    if left_out and not intended:
        return Line(plan, Status.UNCHANGED, Ending.LEFT_OUT, left_out, LEFT_OUT, of=header.of, put_back=header.put_back)
    status, ending, reason = _without_outcome(plan, header.of, intended=intended)
    return Line(
        plan,
        status,
        ending,
        reason,
        verification=verification,
        tries=len(assigns),
        http_status=last,
        of=header.of,
        put_back=header.put_back,
    )


def _without_outcome(plan: ConfigurationPlan, of: str, *, intended: bool) -> tuple[Status, Ending, str]:
    if plan.blocked:
        return Status.FAILED, Ending.BLOCKED, plan.blocked[:1].upper() + plan.blocked[1:]
    if not plan.changes_anything:
        as_wanted = f"as before run {of}" if of else "as the mapping wants it"
        return Status.UNCHANGED, Ending.NOTHING_PLANNED, f"Everything was {as_wanted} already."
    if intended:
        doubt = "The run stopped while its call was under way; whether the call arrived is not known yet."
        return Status.FAILED, Ending.IN_DOUBT, doubt
    return Status.FAILED, Ending.NOT_SENT, "Not sent yet: the run stopped before it."


def _effects(lines: Sequence[Line]) -> tuple[EffectFacts, ...]:
    planned: Counter[Effect] = Counter()
    confirmed: Counter[Effect] = Counter()
    for line in lines:
        counts = Counter(change.effect for change in line.plan.changes)
        planned.update(counts)
        if line.as_intended:
            confirmed.update(counts)
    return tuple(EffectFacts(effect, planned[effect], confirmed[effect]) for effect in Effect)


def _purposes(attempts: Iterable[Attempt]) -> tuple[PurposeFacts, ...]:
    calls: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        calls[attempt.purpose].append(attempt)
    return tuple(_purpose(purpose, made) for purpose, made in calls.items())


def _purpose(purpose: str, made: Sequence[Attempt]) -> PurposeFacts:
    # An inner request has no time of its own beside its batch's.
    timed = [a.seconds for a in made if not a.inner] or [a.seconds for a in made]
    return PurposeFacts(
        purpose=purpose,
        requests=sum(not a.inner for a in made),
        inner=sum(a.inner for a in made),
        throttled=sum(a.throttled for a in made),
        retries=sum(a.number > 1 for a in made),
        unanswered=sum(a.status == 0 for a in made),
        mean_seconds=sum(timed) / len(timed),
        slowest_seconds=max(timed),
    )
