"""From what a run sent, and what is assigned now, to the plan that puts back what stood before it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from migrator.model.assignment import Assignment, Assignments, Identity
from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.lists import by_identity, difference, holds, names_group, same
from migrator.model.outcome import Settled, Status, Verdict
from migrator.model.plan import Change, ConfigurationPlan, Effect, Plan, PlannedRow
from migrator.model.reading import Reading
from migrator.model.record import RunRecord
from migrator.planning.plan import Planned


def touched(record: RunRecord) -> tuple[Configuration, ...]:
    """The configurations of which a call was about to leave, in the plan's order: nothing else is put back.

    What Graph said of `isAssigned` is as old as the run's plan, and may be untrue because of the run: it is left out.
    """
    return tuple(_as_it_is(plan) for plan in _sent(record))


def plan_rollback(record: RunRecord, now: Mapping[Key, Reading]) -> Planned:
    """The plan that takes each touched configuration from what the run left to what its plan had read, to the property.

    `now` is what is assigned. Where that is what the run left, the plan rests on it. Where it is something else, the
    plan still expects what the run left, so that the guard leaves alone what somebody changed; a warning says so before
    anybody approves.
    """
    left, refused, of = _left(record), _refused(record), record.header.id
    lagging = {configuration.key for configuration in may_lag(record, now)}
    plans, findings = [], list(_about_the_run(record))
    for done in _sent(record):
        if done.key in refused:
            plan = _put_back(replace(done, after=done.before, changes=()), None, now[done.key], of)
        else:
            plan = _put_back(done, left.get(done.key), now[done.key], of)
        plans.append(plan)
        findings += _odd(plan, now[done.key], of, lags=done.key in lagging)
    return Planned(tuple(plans), tuple(findings))


def is_whole(plan: Plan, record: RunRecord) -> bool:
    """Whether a plan that puts a run back sends anything, or gives up what waits for a second admin, and is about
    everything that the run sent."""
    acts = any(c.changes_anything and not c.reading.assumed for c in plan.configurations)
    gives_up = any(outcome.status is Status.WAITING for outcome in record.outcomes)
    return (acts or gives_up) and record.intended <= {c.key for c in plan.configurations}


def may_lag(record: RunRecord, now: Mapping[Key, Reading]) -> tuple[Configuration, ...]:
    """Those that seem not to have been changed by the run at all, although nothing says that their call was refused:
    a reading may be behind the write, and is worth making again."""
    outcomes, seen = record.outcome_of(), _left(record)
    return tuple(
        _as_it_is(plan)
        for plan in _sent(record)
        if plan.key not in seen
        and same(plan.before, now[plan.key].assignments)
        and not ((o := outcomes.get(plan.key)) and o.settled is Settled.ANSWER and o.status is not Status.SUCCEEDED)
    )


def restored(plans: Iterable[ConfigurationPlan]) -> frozenset[str]:
    """The ids of the groups that are to be assigned again; those of all users and all devices are no groups."""
    again = (c.after.target for p in plans for c in p.changes if c.after and c.effect in (Effect.ADDED, Effect.SWAPPED))
    return frozenset(target.id for target in again if names_group(target))


def groups_gone(
    plans: Iterable[ConfigurationPlan],
    gone: Iterable[str],
    names: Mapping[str, str] | None = None,
    drop: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """A warning for each configuration that is to get back a group that is not in the directory any more. `names` are
    those of such groups that are known, by their ids; `drop` are those that shall not come back."""
    missing, known = frozenset(gone), names or {}
    for plan in plans:
        here = restored([plan]) & missing
        if here:
            what = "a group" if len(here) == 1 else f"{len(here)} groups"
            those = ", ".join(_group(i, known.get(i, "")) for i in sorted(here)[:3]) + (", …" if len(here) > 3 else "")
            advice = "what pointed at it stays away, as --drop-orphans says"
            if here - drop:
                advice = (
                    "the service may refuse the whole list: restore what was deleted first, where the recycle bin of "
                    "Microsoft Entra still has it, or say --drop-orphans to put back the rest"
                )
            message = f"{_name(plan)} had {what} that the directory does not know any more ({those}); {advice}"
            yield _warning("group_gone", plan, message)


def _group(identity: str, name: str) -> str:
    return f"{name!r}, {identity}" if name else identity


def _sent(record: RunRecord) -> tuple[ConfigurationPlan, ...]:
    return tuple(plan for plan in record.plan.configurations if plan.key in record.intended)


def _as_it_is(plan: ConfigurationPlan) -> Configuration:
    return replace(plan.configuration, is_assigned=None)


def _left(record: RunRecord) -> Mapping[Key, Assignments]:
    """What the run left, as it was read back: with every property that the service added by itself."""
    return {v.key: v.found or () for v in record.verifications if v.verdict is Verdict.VERIFIED}


def _refused(record: RunRecord) -> frozenset[Key]:
    """Those whose call was refused by the service's own answer, and those that somebody else did: of them the run left
    what stood before it."""
    return frozenset(
        o.key
        for o in record.outcomes
        if o.status is Status.UNCHANGED or (o.status in (Status.FAILED, Status.WAITING) and o.settled is Settled.ANSWER)
    )


def _put_back(done: ConfigurationPlan, seen: Assignments | None, now: Reading, of: str) -> ConfigurationPlan:
    left = done.after if seen is None else seen
    reading = now
    if not _may_rest_on(done, seen, now):
        reading = Reading(left, settled=True, note=_expected(left, now, of), assumed=True)
    sets = (a for a in reading.assignments if a.from_policy_set)
    there = by_identity(reading.assignments)
    back = (a if there.get(identity) == a else a.anew for identity, a in by_identity(done.before).items())
    after = (*back, *sets)
    changes = _changes(reading.assignments, after, done.changes)
    return ConfigurationPlan(
        _as_it_is(done), reading, after, changes, _rows(done, of, any(c.effect is not Effect.KEPT for c in changes))
    )


def _may_rest_on(done: ConfigurationPlan, seen: Assignments | None, now: Reading) -> bool:
    """Whether what is assigned now is what the run left, or holds already what stood before it."""
    if not now.settled:
        return False
    as_left = holds(done.after, now.assignments) if seen is None else same(seen, now.assignments)
    return as_left or holds(done.before, now.assignments)


def _expected(left: Assignments, now: Reading, of: str) -> str:
    """Why the list before is not what was read, in a sentence."""
    if not now.settled:
        why = now.note or "no route gave a list"
        return f"This is what run {of} left; when this was planned, what is assigned could not be read: {why}"
    off = _off(left, now.assignments)
    return f"This is what run {of} left; when this was planned, something else was assigned: {off}"


def _off(left: Assignments, now: Assignments) -> str:
    off = difference(left, now)
    parts = ((len(off.missing), "missing"), (len(off.extra), "extra"), (len(off.changed), "changed"))
    return ", ".join(f"{n} {what}" for n, what in parts if n) or "a setting was added"


def _changes(before: Assignments, after: Assignments, undone: Sequence[Change]) -> tuple[Change, ...]:
    """What becomes of every assignment; a swap that is undone is a swap back."""
    standing, wanted = by_identity(before), by_identity(after)
    rows, successor = _causes(undone), _successors(undone)
    nothing_to_do = holds(wanted.values(), standing.values())
    found, leaving = [], {identity: a for identity, a in standing.items() if identity not in wanted}
    for identity, back in wanted.items():
        there = standing.get(identity)
        if there is not None:
            stays = nothing_to_do or there == back
            found.append(_change(Effect.KEPT if stays else Effect.CHANGED, there, back, rows))
        else:
            gives_way = leaving.pop(successor[identity], None) if identity in successor else None
            found.append(_change(Effect.SWAPPED if gives_way else Effect.ADDED, gives_way, back, rows))
    found += [_change(Effect.REMOVED, a, None, rows) for a in leaving.values()]
    found += [Change(Effect.KEPT, a, a, (), _OF_A_POLICY_SET) for a in before if a.from_policy_set]
    return tuple(found)


_OF_A_POLICY_SET = "made by a policy set, which is where to change it"


def _change(
    effect: Effect, before: Assignment | None, after: Assignment | None, rows: Mapping[Identity, frozenset[int]]
) -> Change:
    sides = (a.identity for a in (before, after) if a is not None)
    causes = frozenset[int]().union(*(rows.get(identity, ()) for identity in sides))
    return Change(effect, before, after, () if effect is Effect.KEPT else tuple(sorted(causes)))


def _causes(undone: Iterable[Change]) -> Mapping[Identity, frozenset[int]]:
    rows: defaultdict[Identity, frozenset[int]] = defaultdict(frozenset)
    for change in undone:
        for side in (change.before, change.after):
            if side is not None and not side.from_policy_set:
                rows[side.identity] |= frozenset(change.rows)
    return rows


def _successors(undone: Iterable[Change]) -> Mapping[Identity, Identity]:
    """Which assignment took the place of another in the run."""
    return {c.before.identity: c.after.identity for c in undone if c.effect is Effect.SWAPPED and c.before and c.after}


def _rows(done: ConfigurationPlan, of: str, changes_anything: bool) -> tuple[PlannedRow, ...]:
    """The rows of the run that is put back, which are the reason of what it did."""

    def note(row: PlannedRow) -> str:
        if not row.applies:
            return f"run {of} had nothing to do for this row"
        if not changes_anything:
            return f"what stood before run {of} stands already"
        return f"what run {of} did for this row is put back"

    return tuple(PlannedRow(r.index, r.row, r.applies and changes_anything, note(r), r.anywhere) for r in done.rows)


def _about_the_run(record: RunRecord) -> Iterator[Finding]:
    header, outcomes = record.header, record.outcome_of()
    settled = outcomes.keys() | {one.key for one in header.left_out}
    open_ = sum(p.changes_anything and not p.blocked and p.key not in settled for p in record.plan.configurations)
    if open_:
        many = "1 configuration was" if open_ == 1 else f"{open_:,} configurations were"
        yield Finding(
            Level.WARNING,
            "run_not_finished",
            f"run {header.id} stopped before it was done: {many} not finished. Only what it sent is put back, "
            "and it cannot be resumed afterwards",
        )
    if waiting := sum(o.status is Status.WAITING for o in outcomes.values()):
        many = "1 configuration waits" if waiting == 1 else f"{waiting:,} configurations wait"
        message = (
            f"of run {header.id}, {many} for a second admin's approval: there is nothing to put back, and what is "
            "approved later is not carried out, for the run cannot be resumed afterwards; have those requests "
            "rejected, or let them lapse"
        )
        yield Finding(Level.WARNING, "waits_for_approval", message)
    if header.put_back:
        message = f"run {header.id} was put back before, by run {header.put_back}"
        yield Finding(Level.WARNING, "put_back_before", message)


def _odd(plan: ConfigurationPlan, now: Reading, of: str, *, lags: bool) -> Iterator[Finding]:
    """What a person should know of one configuration before approving."""
    if not now.settled:
        why = now.note or "no route gave a list"
        message = f"{_name(plan)} will be left alone unless it can be read by then: {why}"
        yield _warning("reading_not_settled", plan, message)
    elif plan.reading.assumed:
        message = (
            f"somebody changed {_name(plan)} since run {of} ({_off(plan.before, now.assignments)}): "
            "it will be left alone"
        )
        yield _warning("changed_since", plan, message)
    elif lags:
        message = (
            f"{_name(plan)} holds what stood before run {of}, although its call was not refused: nothing is sent, "
            "but reading can lag behind writing by minutes; verify this run later"
        )
        yield _warning("may_lag", plan, message)
    if plan.empties:
        message = f"{_name(plan)} had no assignment of its own before run {of}: put back, it has none"
        yield _warning("emptied", plan, message)


def _warning(code: str, plan: ConfigurationPlan, message: str) -> Finding:
    planned = plan.rows[0] if plan.rows else None
    row = planned.row if planned and not planned.anywhere else None
    return Finding(Level.WARNING, code, message, row.sheet if row else "", row.number if row else 0)


def _name(plan: ConfigurationPlan) -> str:
    return repr(plan.configuration.name or plan.configuration.id)
