"""Where rows apply that mean many configurations: those of a pattern, and those that name none. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from migrator.model.assignment import Assignment, Audience
from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS
from migrator.model.lists import standing
from migrator.model.plan import ResolvedRow
from migrator.model.reading import Reading, only_unconfirmed
from migrator.model.row import Action, Ref, Row
from migrator.resolving.everybody import spellings

NAMED = 5
"""So many configurations are named where there are more of them."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known for rows that mean many configurations.

    `kinds` are those that such a row is about where it names none (empty: all); `readings` is what is assigned, of all
    configurations where that decides; `left_out` are the configurations that a person passed over.
    """

    kinds: Collection[str] = ()
    readings: Mapping[Key, Reading] = field(default_factory=dict)
    left_out: Collection[Key] = ()


UNKNOWN = Ground()
"""Nothing is known: for rows that mean one configuration each."""


class Standing:
    """Who is assigned where, by whom it is."""

    def __init__(self, ground: Ground) -> None:
        self._left_out, self._kinds = frozenset(ground.left_out), ground.kinds
        self._direct: defaultdict[Audience, dict[Key, list[Assignment]]] = defaultdict(dict)
        self._by_policy_set: defaultdict[Audience, set[Key]] = defaultdict(set)
        self._unclear = {key: reading for key, reading in ground.readings.items() if not reading.settled}
        for key, reading in ground.readings.items():
            for one in reading.assignments:
                if one.from_policy_set:
                    self._by_policy_set[one.target.audience].add(key)
                else:
                    self._direct[one.target.audience].setdefault(key, []).append(one)

    def places(self, asked: ResolvedRow, reach: Mapping[Key, Configuration]) -> Sequence[Key]:
        """Where in its reach a row applies, in the order of the listing; what could not be read is among it.

        A swap or a removal applies where its group stands, as the row states it; everything else applies everywhere.
        """
        if asked.action not in (Action.SWAP, Action.REMOVE):
            return [key for key in reach if key not in self._left_out and not self._is_no_policy(key, asked)]
        there = {
            key
            for leaving in spellings(asked.source or asked.audience)
            for key, those in self._direct.get(leaving, {}).items()
            if standing(those, leaving, asked.exclude, asked.intent)
        }
        there.update(self._unclear.keys() - self._unconfirmed(reach))
        return [key for key in reach if key in there and key not in self._left_out]

    def remarks(self, asked: ResolvedRow, reach: Mapping[Key, Configuration], found: bool) -> Iterator[Finding]:
        """What there is to say of a row that goes by where its group stands."""
        if asked.action not in (Action.SWAP, Action.REMOVE):
            if tags := [reach[key].name for key in reach if self._is_no_policy(key, asked)]:
                message = f"scope tags are no policies, and left alone where the row names no kind: {several(tags)}"
                yield Finding(Level.NOTE, "tags_left_alone", message, asked.row.sheet, asked.row.number)
            return
        if unconfirmed := self._unconfirmed(reach):
            names = several([reach[key].name for key in reach if key in unconfirmed])
            message = f"left alone, for one route alone says that nobody is assigned there, unconfirmed: {names}"
            yield Finding(Level.WARNING, "nobody_unconfirmed", message, asked.row.sheet, asked.row.number)
        leaving = spellings(asked.source or asked.audience)
        by_policy_set = {key for one in leaving for key in self._by_policy_set.get(one, ())}
        sets = [reach[key].name for key in reach if key in by_policy_set]
        if sets:
            message = (
                f"a policy set assigns this group in {several(sets)}, where it stays; change the policy set, which is "
                "the only place to do it"
            )
            yield _at(asked.row, "policy_set", message)
        beyond = [key for one in leaving for key in self._direct.get(one, {}) if KINDS[key.kind].excluded]
        if beyond and asked.row.configuration is None and asked.row.kind is None:
            kind = KINDS[beyond[0].kind]
            message = (
                f"this group is assigned to {kind.title} {several([key.id for key in beyond])} as well, which is not "
                f"assignable this way ({kind.excluded}); change it by hand"
            )
            yield _at(asked.row, "kind_not_assignable", message)
        if not (found or sets or beyond):
            message = f"this group is assigned {self._nowhere(asked.row, reach)}, so there is nothing to do"
            yield _at(asked.row, "assigned_nowhere", message)

    def _unconfirmed(self, reach: Mapping[Key, Configuration]) -> set[Key]:
        """Those that are most likely assigned to nobody, so that no group leaves them."""
        return {key for key, one in self._unclear.items() if key in reach and only_unconfirmed(reach[key], one)}

    def _nowhere(self, row: Row, reach: Mapping[Key, Configuration]) -> str:
        """Where it was looked for in vain."""
        looked = len(reach.keys() - self._left_out)
        matched = f" that {row.configuration.text!r} matches" if row.configuration else ""
        if looked < len(reach):
            return f"in none of the {looked:,} configurations{matched} which were picked"
        if matched:
            return f"in none of the {looked:,} configurations{matched}"
        return "in no configuration" + (" of the kinds that are meant" if row.kind or self._kinds else "")

    def _is_no_policy(self, key: Key, asked: ResolvedRow) -> bool:
        """Whether it is a scope tag, which says who may see what, in the reach of a row that says nothing of tags."""
        return KINDS[key.kind].category == "tag" and asked.row.kind is None and key.kind not in self._kinds


def spread(asked: ResolvedRow, configurations: Iterable[Configuration]) -> Iterator[ResolvedRow]:
    """The row once for each configuration, which it then names."""
    column = asked.row.configuration.column if asked.row.configuration else ""
    for one in configurations:
        row = replace(
            asked.row,
            configuration=Ref(one.name or one.id, column=column),
            configuration_id=Ref(one.id, column=column),
            kind=Ref(one.kind),
        )
        yield replace(asked, row=row, configuration=one.key, anywhere=True)


def several(names: Sequence[str]) -> str:
    """Some names and how many there are beyond them."""
    shown = ", ".join(repr(name) for name in names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED:,} more"


def _at(row: Row, code: str, message: str) -> Finding:
    ref = row.legacy or row.legacy_id or row.new or row.new_id
    return Finding(Level.WARNING, code, message, row.sheet, row.number, ref.column if ref else "")
