"""What rows that mean many configurations come to in each of them. Pure.

Such a row asks only what can be: a configuration that cannot do what it asks, or for which a row of its own says
otherwise, is left alone by it, and that is told in one line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.model.assignment import Assignments, Audience, TargetType
from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kind import Kind
from migrator.model.lists import direct, standing
from migrator.model.plan import ResolvedRow, StatedFilter
from migrator.model.reading import Reading
from migrator.model.row import Action, Ref, Row
from migrator.planning.contradictions import contradictions
from migrator.planning.fitting import is_default, not_offered
from migrator.planning.guards import unfit
from migrator.planning.meaning import of_resolved
from migrator.planning.stated import mode_alone

_OF_THE_ROW = frozenset({"only_groups_are_excluded", "filter_on_exclusion"})
"""What is wrong with a row whatever the kind: an error, as for any row."""

_DEFAULT = "it is the default, which holds for everybody without another one and cannot be assigned"
_OWN_ROW = "a row of its own counts instead"
_OF_EVERY_TENANT = "every tenant has it, and nobody is assigned to it here; name it in a row of its own if it is meant"
_NAMED = 5
_TOLD = 200
"""So many rows are told one by one what they came to."""


@dataclass(frozen=True, slots=True)
class Apt:
    """The rows that are left, those that name their configuration untouched, and what was found on the way."""

    rows: tuple[ResolvedRow, ...]
    findings: tuple[Finding, ...]


def that_can_be(
    rows: Sequence[ResolvedRow], configurations: Mapping[Key, Configuration], kinds: Mapping[str, Kind]
) -> Apt:
    """The rows without what their kinds cannot do, and without what a row of the configuration's own decides."""
    if not any(row.anywhere for row in rows):
        return Apt(tuple(rows), ())
    own: defaultdict[Key, list[ResolvedRow]] = defaultdict(list)
    for row in rows:
        if not row.anywhere:
            own[row.configuration].append(row)
    desk = _Desk(configurations)
    for row in rows:
        if not row.anywhere:
            desk.keeps(row)
        elif reason := _of_the_kind(row, kinds[row.configuration.kind]):
            desk.skips(row, reason)
        elif is_default(kinds[row.configuration.kind], configurations[row.configuration]):
            desk.skips(row, _DEFAULT)
        elif reason := not_offered(row, kinds[row.configuration.kind]):
            desk.skips(row, f"{reason}; name it in a row of its own to have it tried")
        elif _gives_way(row, own.get(row.configuration, ())):
            desk.skips(row, _OWN_ROW)
        else:
            desk.keeps(row)
    return desk.apt("not_possible")


def that_stands(
    rows: Sequence[ResolvedRow],
    configurations: Mapping[Key, Configuration],
    readings: Mapping[Key, Reading],
    kinds: Mapping[str, Kind],
) -> Apt:
    """The rows as far as what is assigned lets them apply; an app's exclusion once for each of its intents.

    A swap or a removal goes where its group stands and nowhere else. What could not be read is left for the plan to
    leave alone.
    """
    desk = _Desk(configurations)
    for row in rows:
        reading = readings[row.configuration]
        if not row.anywhere or not reading.settled:
            desk.keeps(row)
            continue
        there = _there(row, reading.assignments)
        if row.action in (Action.SWAP, Action.REMOVE) and not there:
            continue
        kind = kinds[row.configuration.kind]
        unwanted = configurations[row.configuration].of_every_tenant and not reading.assignments
        reason = _OF_EVERY_TENANT if unwanted else _unasked(row, there)
        if reason := reason or (_lacks_intent(row, reading.assignments) if kind.intent_property else ""):
            desk.skips(row, reason)
        elif kind.intent_property and row.action is Action.ADD and row.exclude and not row.intent:
            for one in _for_each_intent(row, reading.assignments):
                desk.keeps(one)
        else:
            desk.keeps(row)
    return desk.apt("not_as_it_stands")


def came_to(rows: Iterable[ResolvedRow], configurations: Mapping[Key, Configuration]) -> Iterator[Finding]:
    """A note for each row that means many, with how many it came to and the first of them."""
    found: defaultdict[int, dict[Key, Row]] = defaultdict(dict)
    for one in rows:
        if one.anywhere:
            found[one.index][one.configuration] = one.row
    for those in list(found.values())[:_TOLD]:
        row = next(iter(those.values()))
        many = "1 configuration" if len(those) == 1 else f"{len(those):,} configurations"
        message = f"the row came to {many}: {_several([configurations[key] for key in those])}"
        column = row.configuration.column if row.configuration else ""
        yield Finding(Level.NOTE, "came_to", message, row.sheet, row.number, column)
    if len(found) > _TOLD:
        message = f"what {len(found) - _TOLD:,} more rows came to is in the plan"
        yield Finding(Level.NOTE, "came_to", message)


def told_once(rows: Sequence[ResolvedRow], findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings with those that one row that means many brings again and again as one, which says how often."""
    anywhere = {(row.row.sheet, row.row.number) for row in rows if row.anywhere}
    everything = list(findings)
    times = Counter(map(_what, everything))
    told: set[tuple[str, str, int, str]] = set()
    for finding in everything:
        what = _what(finding)
        if (finding.sheet, finding.row) not in anywhere or times[what] == 1:
            yield finding
        elif what not in told:
            told.add(what)
            yield replace(finding, message=f"{finding.message} (in {times[what]:,} configurations)")


def _what(finding: Finding) -> tuple[str, str, int, str]:
    return finding.code, finding.sheet, finding.row, finding.column


class _Desk:
    """The rows that are kept, and the configurations that each of the others leaves alone, by the reason."""

    def __init__(self, configurations: Mapping[Key, Configuration]) -> None:
        self._configurations = configurations
        self._rows: list[ResolvedRow] = []
        self._skipped: dict[int, dict[str, list[ResolvedRow]]] = {}

    def keeps(self, row: ResolvedRow) -> None:
        self._rows.append(row)

    def skips(self, row: ResolvedRow, reason: str) -> None:
        self._skipped.setdefault(row.index, {}).setdefault(reason, []).append(row)

    def apt(self, code: str) -> Apt:
        """What is left. Where one of several rows that replace a configuration's groups is skipped, all of them are:
        the list would not be the one that they make together."""
        incomplete = {
            row.configuration
            for reasons in self._skipped.values()
            for rows in reasons.values()
            for row in rows
            if row.action is Action.REPLACE
        }
        left = [
            r for r in self._rows if not (r.anywhere and r.action is Action.REPLACE and r.configuration in incomplete)
        ]
        return Apt(tuple(left), tuple(self._findings(code)))

    def _findings(self, code: str) -> Iterator[Finding]:
        for reasons in self._skipped.values():
            told, level = [], Level.NOTE
            for reason, rows in reasons.items():
                told.append(f"{_several([self._configurations[row.configuration] for row in rows])}: {reason}")
                if reason != _OWN_ROW:
                    level = Level.WARNING
            row = next(iter(reasons.values()))[0].row
            column = row.configuration.column if row.configuration else ""
            message = f"the row leaves some configurations alone: {'; '.join(told)}"
            yield Finding(level, code, message, row.sheet, row.number, column)


def _of_the_kind(row: ResolvedRow, kind: Kind) -> str:
    """What a kind cannot do of what a row asks, "" where it can do all of it."""
    found = (f for f in unfit(kind, (row,)) if f.level is Level.ERROR and f.code not in _OF_THE_ROW)
    return next((f.message.partition(";")[0] for f in found), "")


def _gives_way(row: ResolvedRow, own: Sequence[ResolvedRow]) -> bool:
    """Whether rows of the configuration's own say what becomes of the same legacy group, or cannot be meant as well."""
    leaving = _leaving(row)
    if leaving is not None and any(_leaving(one) == leaving for one in own):
        return True
    return bool(own) and any(contradictions(map(of_resolved, (*own, row))))


def _leaving(row: ResolvedRow) -> Audience | None:
    """The group that a row takes away, in its favour or for good."""
    return row.audience if row.action is Action.REMOVE else row.source


def _there(row: ResolvedRow, assignments: Assignments) -> Assignments:
    """What a row is about of what stands: where its group leaves, as the row states it; else all that stands for it."""
    if row.action in (Action.SWAP, Action.REMOVE):
        return standing(assignments, row.source or row.audience, row.exclude, row.intent)
    return standing(assignments, row.audience, None, "")


def _unasked(row: ResolvedRow, there: Assignments) -> str:
    """Why what stands does not let a row apply, "" where it does."""
    if row.action is Action.REMOVE:
        return ""
    comes_to_exclude = row.exclude is None and any(a.target.excludes for a in there)
    if comes_to_exclude and row.action is Action.SWAP and row.audience.type is not TargetType.GROUP:
        return "the legacy group is excluded there, and only a group can take its place"
    if comes_to_exclude and isinstance(row.filter, StatedFilter):
        return "the group is excluded there, and an excluded group takes no filter"
    if mode_alone(row) is not None and not any(a.filter for a in there):
        return "the row states a filter mode and no filter, and none stands there"
    return ""


def _lacks_intent(row: ResolvedRow, assignments: Assignments) -> str:
    """Why an app cannot be assigned by a row that does not say with which intent."""
    if row.intent or row.action not in (Action.ADD, Action.REPLACE):
        return ""
    if row.action is Action.ADD and row.exclude:
        there = any(a.intent for a in direct(assignments))
        return "" if there else "the app is assigned to nobody, so there is no intent to exclude from"
    if standing(assignments, row.audience, None, ""):
        return ""
    return "an app needs an install intent for a new group, and the row states none"


def _for_each_intent(row: ResolvedRow, assignments: Assignments) -> Iterator[ResolvedRow]:
    column = row.row.configuration.column if row.row.configuration else ""
    for intent in sorted({a.intent for a in direct(assignments) if a.intent}):
        yield replace(row, row=replace(row.row, intent=Ref(intent, column=column)), intent=intent)


def _several(configurations: Sequence[Configuration]) -> str:
    names = ", ".join(repr(one.name or one.id) for one in configurations[:_NAMED])
    return names if len(configurations) <= _NAMED else f"{names} and {len(configurations) - _NAMED:,} more"
