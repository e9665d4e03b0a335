"""What the rows of one configuration make of its assignments. Rows refer to what stood before; their order is nothing.

Every rule here is one of `docs/rows.md`, which says them for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from migrator.model.assignment import Assignment, Assignments, Audience, Identity, TargetType
from migrator.model.finding import Finding, Level
from migrator.model.lists import by_identity, same
from migrator.model.plan import Change, Effect, FilterWish, PlannedRow, ResolvedRow
from migrator.model.row import Action, Ref
from migrator.planning.stated import as_stated, is_as_stated, mode_alone, target


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of the rows of one configuration: the list after, every change, every row's fate, what is odd."""

    after: Assignments
    changes: tuple[Change, ...]
    rows: tuple[PlannedRow, ...]
    findings: tuple[Finding, ...]


def work_out(before: Assignments, rows: Sequence[ResolvedRow]) -> Worked:
    """The list after these rows. The rows must not contradict each other (`contradictions`)."""
    desk = _Desk(before)
    distinct = desk.leave_out_repetitions(rows)
    if any(row.action is Action.REPLACE for row in distinct):
        _replace(desk, distinct)
    else:
        swaps = [row for row in distinct if row.action is Action.SWAP and row.source != row.audience]
        _move(desk, swaps)
        _remove(desk, [row for row in distinct if row.action is Action.REMOVE])
        desk.settle_leavers()
        _add_successors(desk, swaps)
        _swap_onto_themselves(desk, [row for row in distinct if row.source == row.audience])
        _add(desk, [row for row in distinct if row.action is Action.ADD])
    _miss_filters(desk, distinct)
    return desk.worked()


@dataclass(slots=True)
class _Slot:
    """One assignment of the list that is being made, with where it came from and who caused it."""

    before: Assignment | None
    after: Assignment
    effect: Effect
    rows: list[int] = field(default_factory=list)
    note: str = ""


class _Desk:
    """The list before, spread out by audience, and the list after as it grows."""

    def __init__(self, before: Assignments) -> None:
        self.before = before
        self.standing = by_identity(before)
        self.by_audience: defaultdict[Audience, list[Assignment]] = defaultdict(list)
        for assignment in self.standing.values():
            self.by_audience[assignment.target.audience].append(assignment)
        self.slots: dict[Identity, _Slot] = {}
        self.slots_of: defaultdict[Audience, dict[Identity, _Slot]] = defaultdict(dict)
        for assignment in self.standing.values():
            self.places(_Slot(assignment, assignment, Effect.KEPT))
        self.moves: dict[Identity, list[ResolvedRow]] = {}
        self.removed: dict[Identity, tuple[list[int], str]] = {}
        self.fates: dict[tuple[int, str], PlannedRow] = {}
        self.stated_intents: defaultdict[Audience, set[str]] = defaultdict(set)
        self.findings: list[Finding] = []

    def leave_out_repetitions(self, rows: Iterable[ResolvedRow]) -> list[ResolvedRow]:
        """Rows that say the same twice count once, and say so."""
        seen: dict[tuple[object, ...], ResolvedRow] = {}
        for row in rows:
            meaning = (row.action, row.source, row.audience, row.exclude, row.intent, row.filter)
            first = seen.setdefault(meaning, row)
            if first is not row:
                self.says(row, False, f"says the same as row {first.row.number}, which counts")
                self.finds(Level.WARNING, "repeated_row", row, f"this row says the same as row {first.row.number}")
        for row in seen.values():
            if row.intent and row.action is not Action.REMOVE:
                self.stated_intents[row.audience].add(row.intent)
        return list(seen.values())

    def says(self, row: ResolvedRow, applies: bool, note: str) -> None:
        self.fates[row.index, row.intent] = PlannedRow(row.index, row.row, applies, note, row.anywhere)

    def finds(self, level: Level, code: str, row: ResolvedRow, message: str, at: Ref | None = None) -> None:
        self.findings.append(Finding(level, code, message, row.row.sheet, row.row.number, at.column if at else ""))

    def matching(self, audience: Audience, row: ResolvedRow) -> list[Assignment]:
        """What stood for an audience, narrowed by what the row states where that matches anything.

        A row that names its configuration moves all that stands there, and what it states wins; one that means many
        moves only what is as it states.
        """
        there = self.by_audience.get(audience, [])
        narrowed = [
            a
            for a in there
            if (row.exclude is None or a.target.excludes is row.exclude) and (not row.intent or a.intent == row.intent)
        ]
        return narrowed or (there if row.action is not Action.REMOVE and not row.anywhere else [])

    def staying(self, audience: Audience, intent: str | None = None) -> list[_Slot]:
        """The slots of the new list for an audience, of one intent or of any."""
        there = sorted(self.slots_of.get(audience, {}).items())
        return [slot for identity, slot in there if intent is None or identity.intent == intent]

    def leaves(self, assignment: Assignment, row: ResolvedRow, note: str = "") -> None:
        """This assignment goes, because of this row."""
        self.takes_away(assignment.identity)
        indexes, _ = self.removed.setdefault(assignment.identity, ([], note))
        indexes.append(row.index)

    def only_by_policy_set(self, audience: Audience | None) -> bool:
        """Whether a policy set assigns an audience that no assignment of the configuration's own does."""
        return audience not in self.by_audience and any(
            a.from_policy_set and a.target.audience == audience for a in self.before
        )

    def settle_leavers(self) -> None:
        """Everything that leaves has left: now what moves takes its new place.

        In an order that neither the sheet nor the tenant's listing decides, so that the plan is the same each time.
        """
        for identity in sorted(self.moves):
            for row in self.moves[identity]:
                _settle(self, self.standing[identity], row)

    def places(self, slot: _Slot) -> None:
        identity = slot.after.identity
        self.slots[identity] = self.slots_of[identity.target.audience][identity] = slot

    def takes_away(self, identity: Identity) -> None:
        self.slots.pop(identity, None)
        self.slots_of[identity.target.audience].pop(identity, None)

    def alters(self, slot: _Slot, wanted: Assignment, row: ResolvedRow) -> bool:
        """What the row states wins; says whether that changed anything."""
        if wanted == slot.after:
            return False
        self.takes_away(slot.after.identity)
        if wanted.identity in self.slots:
            if slot.before is not None:
                self.removed[slot.before.identity] = ([row.index], "becomes one with another assignment of its group")
            return True
        slot.after = wanted
        slot.rows.append(row.index)
        if slot.effect is Effect.KEPT:
            slot.effect = Effect.CHANGED
        self.places(slot)
        return True

    def worked(self) -> Worked:
        after = (*(slot.after for slot in self.slots.values()), *(a for a in self.before if a.from_policy_set))
        changes = [Change(s.effect, s.before, s.after, tuple(s.rows), s.note) for s in self.slots.values()]
        changes += [
            Change(Effect.REMOVED, self.standing[identity], None, tuple(rows), note)
            for identity, (rows, note) in self.removed.items()
        ]
        changes += [
            Change(Effect.KEPT, a, a, (), "made by a policy set, which is where to change it")
            for a in self.before
            if a.from_policy_set
        ]
        if same(self.before, after):
            after = self.before
            changes = [Change(Effect.KEPT, a, a) for a in self.before]
        rows = tuple(self.fates[index] for index in sorted(self.fates))
        return Worked(after, tuple(changes), rows, tuple(self.findings))


def _move(desk: _Desk, swaps: Sequence[ResolvedRow]) -> None:
    for row in swaps:
        assert row.source is not None  # noqa: S101 - a swap has a source; the type cannot say so # nosec B101
        leaving = desk.matching(row.source, row)
        for old in leaving:
            desk.leaves(old, row)
            desk.moves.setdefault(old.identity, []).append(row)
        if leaving:
            places = "" if len(leaving) == 1 else f", in all {len(leaving)} places where it stood"
            desk.says(row, True, f"the new group takes the legacy group's place{places}")


def _settle(desk: _Desk, old: Assignment, row: ResolvedRow) -> None:
    """One assignment of a legacy group becomes one of its successor, unless the successor is there already."""
    if old.target.excludes and row.audience.type is not TargetType.GROUP and row.exclude is not False:
        message = "the legacy group is excluded, and only a group can take its place; state the direction, or remove it"
        desk.finds(Level.ERROR, "only_groups_are_excluded", row, message)
    wanted = as_stated(row, replace(old, target=target(row.audience, old.target.excludes)))
    there = desk.staying(row.audience, wanted.intent)
    if not there:
        desk.removed.pop(old.identity, None)
        desk.places(_Slot(old, wanted, Effect.SWAPPED, [row.index]))
        return
    slot = next((slot for slot in there if is_as_stated(row, slot.after)), there[0])
    if slot.effect is Effect.SWAPPED and slot.before is not None:
        _merge(desk, slot, wanted, old, row)
        return
    desk.removed[old.identity] = ([row.index], "its successor is assigned already and keeps its own settings")
    if slot.after.target.excludes is not wanted.target.excludes:
        sides = ("included", "excluded") if wanted.target.excludes else ("excluded", "included")
        desk.finds(
            Level.WARNING,
            "successor_on_other_side",
            row,
            f"the legacy group is {sides[1]} and its successor is {sides[0]} already; the successor stays as it is",
        )
    changed = desk.alters(slot, as_stated(row, slot.after), row)
    desk.says(
        row,
        True,
        "the legacy group goes; its successor was assigned already"
        + (" and takes what the row states" if changed else " and keeps its own settings"),
    )


def _merge(desk: _Desk, slot: _Slot, wanted: Assignment, old: Assignment, row: ResolvedRow) -> None:
    """Two legacy groups become one: one assignment is left of both."""
    desk.removed[old.identity] = ([row.index], "becomes one with another legacy group's assignment")
    slot.rows.append(row.index)
    if row.filter is not FilterWish.UNSTATED:
        desk.alters(slot, replace(slot.after, filter=as_stated(row, slot.after).filter), row)
    if slot.after.target.excludes is not wanted.target.excludes:
        desk.finds(
            Level.ERROR,
            "included_and_excluded",
            row,
            "two legacy groups become this one, of which one is included and the other excluded; "
            "state the direction in both rows",
        )
    elif (slot.after.filter, slot.after.rest) != (wanted.filter, wanted.rest):
        desk.finds(
            Level.WARNING,
            "settings_merged",
            row,
            "two legacy groups with different filters or settings become this one; "
            "state the filter in the row, or look in the plan which of the two is taken",
        )


def _swap_onto_themselves(desk: _Desk, rows: Iterable[ResolvedRow]) -> None:
    """The legacy group and the new one are the same: it shall be assigned, and be as the row states."""
    _add(
        desk,
        rows,
        there="the legacy group and the new one are the same: nothing to do",
        absent="the legacy group, which is the new one as well, was not assigned; it is added",
    )


def _remove(desk: _Desk, rows: Iterable[ResolvedRow]) -> None:
    for row in rows:
        leaving = desk.matching(row.audience, row)
        for old in leaving:
            desk.leaves(old, row)
        if desk.only_by_policy_set(row.audience):
            _warn_of_policy_set(desk, row, "is still assigned")
        desk.says(row, bool(leaving), "the group is not assigned any more" if leaving else "the group was not assigned")


def _add_successors(desk: _Desk, swaps: Iterable[ResolvedRow]) -> None:
    """Swaps whose legacy group was not assigned: the new group is added, unless it stood already."""
    for row in swaps:
        if (row.index, row.intent) in desk.fates:
            continue
        if desk.only_by_policy_set(row.source):
            _warn_of_policy_set(desk, row, "stays as well")
        moved_on = any(a.identity in desk.moves for a in desk.by_audience.get(row.audience, ()))
        if moved_on or desk.staying(row.audience):
            changed = _state(desk, row)
            note = "the legacy group was not assigned; its successor was"
            desk.says(row, changed, note + (", and takes what the row states" if changed else ": nothing to do"))
        else:
            _place_new(desk, row, "the legacy group was not assigned; the new one is added")


def _add(
    desk: _Desk,
    rows: Iterable[ResolvedRow],
    there: str = "the group was assigned already",
    absent: str = "the group is assigned as well",
) -> None:
    for row in rows:
        if desk.staying(row.audience) and not _wants_another_intent(desk, row):
            changed = _state(desk, row)
            desk.says(row, changed, "takes what the row states" if changed else there)
        else:
            _place_new(desk, row, absent)


def _wants_another_intent(desk: _Desk, row: ResolvedRow) -> bool:
    """A group that is there under several intents, none of which is the stated one, gets one more; likewise one for
    which rows state several."""
    several = len(desk.staying(row.audience)) > 1 or len(desk.stated_intents[row.audience]) > 1
    return bool(row.intent) and several and not desk.staying(row.audience, row.intent)


def _state(desk: _Desk, row: ResolvedRow) -> bool:
    """What the row states wins over what stands for its group; what it does not state stays as it is."""
    slots = desk.staying(row.audience, row.intent or None) or desk.staying(row.audience)
    if row.exclude is None and any(s.after.target.excludes for s in slots) and row.action is Action.ADD:
        desk.finds(
            Level.WARNING,
            "stays_excluded",
            row,
            "the group is excluded, and the row does not say that it shall be included: it stays excluded",
        )
    if any(is_as_stated(row, slot.after) for slot in slots):
        return False
    changed = [desk.alters(slot, as_stated(row, slot.after), row) for slot in slots]
    return any(changed)


def _place_new(desk: _Desk, row: ResolvedRow, note: str) -> None:
    there = desk.staying(row.audience, row.intent)
    if there:  # another row of this mapping brought it already
        changed = desk.alters(there[0], as_stated(row, there[0].after), row)
        if not changed and row.index not in there[0].rows:
            there[0].rows.append(row.index)
    else:
        new = as_stated(row, Assignment(target(row.audience, bool(row.exclude))))
        desk.places(_Slot(None, new, Effect.ADDED, [row.index], note))
    desk.says(row, True, note)


def _replace(desk: _Desk, rows: Sequence[ResolvedRow]) -> None:
    """Exactly the groups listed are assigned; those that stood keep their settings."""
    listed = {row.audience for row in rows}
    causes = [row.index for row in rows]
    for row in rows:
        if desk.staying(row.audience) and not _wants_another_intent(desk, row):
            changed = _state(desk, row)
            desk.says(row, changed, "takes what the row states" if changed else "the group was assigned already")
        else:
            _place_new(desk, row, "the group is assigned")
    every_intent = {row.audience for row in rows if not row.intent}
    for identity, old in desk.standing.items():
        intents = desk.stated_intents[old.target.audience]
        unlisted = len(intents) > 1 and old.intent not in intents and old.target.audience not in every_intent
        if old.target.audience not in listed or (unlisted and identity in desk.slots):
            desk.takes_away(identity)
            desk.removed[identity] = (causes, "not among the groups listed for this configuration")


def _miss_filters(desk: _Desk, rows: Iterable[ResolvedRow]) -> None:
    """A filter mode without a filter is about the one that stands: an error where the row comes to none."""
    for row in rows:
        mode = mode_alone(row)
        if mode is None or row.action is Action.REMOVE:
            continue
        there = desk.staying(row.audience, row.intent or None)
        touched = [slot for slot in there if row.index in slot.rows] or there
        if not any(slot.after.filter and slot.after.filter.mode is mode for slot in touched):
            message = (
                f"the row states the filter mode {mode} and no filter, and there is none that stands: "
                "name the filter, or leave the mode out"
            )
            desk.finds(Level.ERROR, "mode_without_filter", row, message, row.row.filter_mode)


def _warn_of_policy_set(desk: _Desk, row: ResolvedRow, what: str) -> None:
    desk.finds(
        Level.WARNING,
        "policy_set",
        row,
        f"a policy set assigns this group, so it {what}; change the policy set, which is the only place to do it",
    )
