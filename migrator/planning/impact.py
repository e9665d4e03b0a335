"""Whom a plan concerns: who gets a configuration before and after, by the members of the groups. Pure.

Filters are not looked at: who a filter keeps out is counted as if it did not. An app's intents are told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.assignment import (
    VIRTUAL_ALL_DEVICES,
    VIRTUAL_ALL_USERS,
    VIRTUAL_TYPES,
    Assignments,
    Audience,
    Target,
    TargetType,
)
from migrator.model.impact import (
    UNKNOWN,
    Certainty,
    ConfigurationImpact,
    Everybody,
    GroupSize,
    Impact,
    Membership,
    Moved,
    PairImpact,
    Side,
)
from migrator.model.plan import Change, ConfigurationPlan, Effect, ResolvedRow
from migrator.model.row import Action
from migrator.planning.crowds import EVERYBODY, NOBODY, Crowd, together

Groups = frozenset[str]
Pair = tuple[Target | None, Target | None]
Rows = Mapping[int, ResolvedRow]
Memberships = Mapping[str, Membership]


class Type(StrEnum):
    """Whom is counted; also what stands among the ids of groups for everybody of that type."""

    USERS = "users"
    DEVICES = "devices"


_EVERYBODY_OF = {
    TargetType.ALL_USERS: Type.USERS,
    TargetType.ALL_DEVICES: Type.DEVICES,
}
_VIRTUAL = {VIRTUAL_ALL_USERS: Type.USERS, VIRTUAL_ALL_DEVICES: Type.DEVICES}
_RANKS = {certainty: rank for rank, certainty in enumerate(Certainty)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose members have to be known: of `groups` their number at least, of those `compared` who they are."""

    groups: tuple[str, ...]
    compared: tuple[tuple[str, str], ...]


def wanted(plans: Iterable[ConfigurationPlan], rows: Rows) -> Wanted:
    """What to ask the directory for: the groups that come and go, and all of a configuration that excludes some."""
    groups, compared = dict[str, None](), dict[tuple[str, str], None]()
    for plan in changing(plans):
        for scene in _scenes(plan).values():
            groups |= dict.fromkeys(sorted(scene.changed))
            if scene.excluded_before or scene.excluded_after:
                groups |= dict.fromkeys(sorted(scene.every))
        for before, after in _pairs(plan, rows):
            if before and after and before.id != after.id:
                compared[before.id, after.id] = None
    ours = {group for group in groups if _is_group(group)}
    pairs = (pair for pair in compared if all(map(_is_group, pair)))
    return Wanted(tuple(group for group in groups if group in ours), tuple(pairs))


def impact(plans: Iterable[ConfigurationPlan], rows: Rows, memberships: Memberships) -> Impact:
    """Who gains, loses and keeps what, as far as these memberships tell."""
    reckoner = _Reckoner(memberships)
    told, pairs, scenes = [], defaultdict[Pair, int](int), dict[_Scene, None]()
    for plan in changing(plans):
        for intent, scene in sorted(_scenes(plan).items()):
            if scene.changed:
                scenes[scene] = None
                told.append(
                    ConfigurationImpact(
                        plan.key, intent, reckoner.moved(scene, Type.USERS), reckoner.moved(scene, Type.DEVICES)
                    )
                )
        for pair in _pairs(plan, rows):
            pairs[pair] += 1
    return Impact(
        users=reckoner.altogether(scenes, Type.USERS),
        devices=reckoner.altogether(scenes, Type.DEVICES),
        pairs=tuple(
            PairImpact(*pair, number, reckoner.of_pair(pair, Type.USERS), reckoner.of_pair(pair, Type.DEVICES))
            for pair, number in pairs.items()
        ),
        configurations=tuple(told),
        groups=tuple(GroupSize(i, m.users.count, m.devices.count, m.reason) for i, m in sorted(memberships.items())),
    )


def changing(plans: Iterable[ConfigurationPlan]) -> Iterator[ConfigurationPlan]:
    """Those of which something would be sent."""
    return (plan for plan in plans if plan.changes_anything and not plan.blocked and not plan.reading.assumed)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who is included and excluded before and after: ids of groups, and a type for everybody of it."""

    included_before: Groups = frozenset()
    excluded_before: Groups = frozenset()
    included_after: Groups = frozenset()
    excluded_after: Groups = frozenset()

    @property
    def changed(self) -> Groups:
        return (self.included_before ^ self.included_after) | (self.excluded_before ^ self.excluded_after)

    @property
    def every(self) -> Groups:
        return self.included_before | self.excluded_before | self.included_after | self.excluded_after

    def gaining(self, type_: Type) -> Groups:
        """Groups that bring somebody in: new ones, and those that are not excluded any more, where that helps."""
        new = frozenset() if type_ in self.included_before else self.included_after - self.included_before
        return new | (self.excluded_before - self.excluded_after if self.included_after else frozenset())

    def losing(self, type_: Type) -> Groups:
        """The same of those that take it from somebody."""
        gone = frozenset() if type_ in self.included_after else self.included_before - self.included_after
        return gone | (self.excluded_after - self.excluded_before if self.included_before else frozenset())

    def deciding(self, type_: Type) -> Groups:
        """Groups that may decide on what becomes of the members of others."""
        included = frozenset() if self.covers(type_) else self.included_before | self.included_after
        return included | self.excluded_before | self.excluded_after

    def covers(self, type_: Type) -> bool:
        """Whether everybody is included all the time, whatever groups are."""
        return type_ in self.included_before and type_ in self.included_after


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Who gains, loses and keeps; the groups of which only the number can be told; and what that is worth."""

    gain: Crowd
    lose: Crowd
    keep: Crowd
    gaining: Groups
    losing: Groups
    certainty: Certainty


class _Reckoner:
    """Reckons with the members of groups; what was reckoned once is remembered, for most configurations are alike."""

    def __init__(self, memberships: Memberships) -> None:
        self._memberships = memberships
        self._outcomes: dict[tuple[_Scene, Type], _Outcome] = {}

    def moved(self, scene: _Scene, type_: Type) -> Moved:
        found = self._outcome(scene, type_)
        return self._told(found.gain, found.lose, found.keep, found.gaining, found.losing, found.certainty, type_)

    def altogether(self, scenes: Iterable[_Scene], type_: Type) -> Moved:
        """Everyone once, over all configurations."""
        found = [self._outcome(scene, type_) for scene in scenes]
        gain, lose = together(f.gain for f in found), together(f.lose for f in found)
        return self._told(
            gain,
            lose,
            together(f.keep for f in found) - gain - lose,
            frozenset[str]().union(*(f.gaining for f in found)),
            frozenset[str]().union(*(f.losing for f in found)),
            max((f.certainty for f in found), key=_RANKS.__getitem__, default=Certainty.EXACT),
            type_,
        )

    def of_pair(self, pair: Pair, type_: Type) -> Moved:
        """What one target in another one's place comes to, by itself."""
        moved = self.moved(_alone(pair, type_), type_)
        excludes = any(target and target.excludes for target in pair)
        if excludes and moved.certainty is Certainty.EXACT and (moved.gain or moved.lose):
            # Who is kept out loses it only where something else would have brought it.
            return Moved(moved.gain, moved.lose, moved.keep, Certainty.AT_MOST, moved.everybody)
        return moved

    def _outcome(self, scene: _Scene, type_: Type) -> _Outcome:
        if (scene, type_) not in self._outcomes:
            self._outcomes[scene, type_] = self._reckoned(scene, type_)
        return self._outcomes[scene, type_]

    def _reckoned(self, scene: _Scene, type_: Type) -> _Outcome:
        before = self._crowd(scene.included_before, type_) - self._crowd(scene.excluded_before, type_)
        after = self._crowd(scene.included_after, type_) - self._crowd(scene.excluded_after, type_)
        gaining, losing = self._opaque(scene.gaining(type_), type_), self._opaque(scene.losing(type_), type_)
        gain = (after - before) | self._let_in(scene, type_)
        lose = (before - after) | self._let_out(scene, type_)
        return _Outcome(
            gain,
            lose,
            self._crowd(scene.changed, type_) & before & after,
            gaining,
            losing,
            self._certainty(scene, type_, moves=gain != NOBODY or lose != NOBODY),
        )

    def _let_in(self, scene: _Scene, type_: Type) -> Crowd:
        """Who is not excluded any more, and may be included by a group of which nobody knows who is in it."""
        if scene.covers(type_) or not self._opaque(scene.included_after, type_):
            return NOBODY
        freed = self._crowd(scene.excluded_before - scene.excluded_after, type_)
        return freed - self._crowd(scene.excluded_after, type_)

    def _let_out(self, scene: _Scene, type_: Type) -> Crowd:
        """Who comes to be excluded, and may have been included by such a group."""
        if scene.covers(type_) or not self._opaque(scene.included_before, type_):
            return NOBODY
        barred = self._crowd(scene.excluded_after - scene.excluded_before, type_)
        return barred - self._crowd(scene.excluded_before, type_)

    def _certainty(self, scene: _Scene, type_: Type, *, moves: bool) -> Certainty:
        opaque = self._opaque(scene.changed, type_)
        if any(self._side(group, type_).count is None for group in opaque):
            return Certainty.UNKNOWN
        if opaque:
            return Certainty.SIZES
        return Certainty.AT_MOST if moves and self._opaque(scene.deciding(type_), type_) else Certainty.EXACT

    def _crowd(self, groups: Groups, type_: Type) -> Crowd:
        if type_ in groups:
            return EVERYBODY
        return together(Crowd(self._side(group, type_).ids or frozenset()) for group in groups)

    def _opaque(self, groups: Groups, type_: Type) -> Groups:
        """Those of which nobody knows who is in them."""
        return frozenset(g for g in groups if _is_group(g) and self._side(g, type_).ids is None)

    def _side(self, group: str, type_: Type) -> Side:
        membership = self._memberships.get(group)
        if membership is None:
            return UNKNOWN if _is_group(group) else Side(0, frozenset())
        return membership.users if type_ is Type.USERS else membership.devices

    def _told(
        self,
        gain: Crowd,
        lose: Crowd,
        keep: Crowd,
        gaining: Groups,
        losing: Groups,
        certainty: Certainty,
        type_: Type,
    ) -> Moved:
        return Moved(
            gain.size + sum(self._side(group, type_).count or 0 for group in gaining),
            lose.size + sum(self._side(group, type_).count or 0 for group in losing),
            keep.size,
            certainty,
            tuple(word for word, crowd in ((Everybody.GAINS, gain), (Everybody.LOSES, lose)) if crowd.but),
        )


def _scenes(plan: ConfigurationPlan) -> dict[str, _Scene]:
    """Who is included and excluded under each install intent."""
    intents = {a.intent for a in (*plan.before, *plan.after)}
    return {
        intent: _Scene(
            _standing(plan.before, intent, excluded=False),
            _standing(plan.before, intent, excluded=True),
            _standing(plan.after, intent, excluded=False),
            _standing(plan.after, intent, excluded=True),
        )
        for intent in intents
    }


def _standing(assignments: Assignments, intent: str, *, excluded: bool) -> Groups:
    targets = (a.target for a in assignments if a.intent == intent and a.target.excludes is excluded)
    return frozenset(name for target in targets if (name := _named(target)))


def _named(target: Target | None) -> str:
    """A group's id, or the type of everybody; "" for what has no members that the directory knows."""
    if target is None:
        return ""
    if target.type in (TargetType.GROUP, TargetType.EXCLUSION):
        return _VIRTUAL.get(target.id, target.id)
    return _EVERYBODY_OF.get(target.type, "")


def _is_group(name: str) -> bool:
    return name not in (Type.USERS, Type.DEVICES)


def _pairs(plan: ConfigurationPlan, rows: Rows) -> Iterator[Pair]:
    """What comes in whose place, each once."""
    found = dict.fromkeys(
        (change.before.target if change.before else None, _successor(change, plan, rows))
        for change in plan.changes
        if change.effect is not Effect.KEPT
    )
    return (pair for pair in found if pair[0] != pair[1] and (_named(pair[0]) or _named(pair[1])))


def _successor(change: Change, plan: ConfigurationPlan, rows: Rows) -> Target | None:
    """The target after a change; of what is removed because its successor stands already, that successor."""
    if change.after is not None or change.before is None:
        return change.after.target if change.after else None
    leaving = _whom(change.before.target.audience)
    successors = {
        _whom(row.audience)
        for index in change.rows
        if (row := rows.get(index)) and row.action is Action.SWAP and row.source and _whom(row.source) == leaving
    }
    there = (a.target for a in plan.after if _whom(a.target.audience) in successors)
    return next(there, None)


def _whom(audience: Audience) -> Audience:
    """An audience with everybody as one: a row that means many configurations has it as any of their kinds does."""
    return Audience(VIRTUAL_TYPES[audience.id]) if audience.id in VIRTUAL_TYPES else audience


def _alone(pair: Pair, type_: Type) -> _Scene:
    """A pair as if nothing else were assigned; where it excludes, as if everybody else were included."""
    before, after = (frozenset({name} if (name := _named(target)) else ()) for target in pair)
    excluded_before, excluded_after = (bool(target and target.excludes) for target in pair)
    everybody = frozenset({str(type_)})
    if not excluded_before and not excluded_after:
        return _Scene(included_before=before, included_after=after)
    if excluded_before and (excluded_after or pair[1] is None):
        return _Scene(everybody, before, everybody, after)
    if excluded_after and pair[0] is None:
        return _Scene(everybody, before, everybody, after)
    both = before | after
    return _Scene(everybody, *((both, everybody, frozenset()) if excluded_before else (frozenset(), everybody, both)))
