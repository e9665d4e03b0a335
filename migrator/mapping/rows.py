"""What rows mean: which action each one asks for, what is missing, and which of them say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import TypeVar

from migrator.mapping.findings import Findings
from migrator.mapping.making import make
from migrator.mapping.packing import Packed
from migrator.mapping.words import SWAP, Verdict
from migrator.model.columns import Field, fold_heading
from migrator.model.finding import Level
from migrator.model.row import Action, Ref, Row

_REFS = (
    Field.CONFIGURATION,
    Field.CONFIGURATION_ID,
    Field.KIND,
    Field.LEGACY,
    Field.LEGACY_ID,
    Field.NEW,
    Field.NEW_ID,
)
_DETAILS = (Field.INTENT, Field.FILTER, Field.FILTER_ID, Field.FILTER_MODE)
_NO_CONFIGURATION = (
    "the row names no configuration; write one, or delete the row (merged cells count for their first row)"
)
_NEEDS_CONFIGURATION = (
    "the row names no configuration, and only a swap or a removal can go by where its group is assigned; write the "
    "configuration, or * for every one, in a column Configuration"
)
_TWO_TARGETS = "the row is about {target} and names a group as well; leave one of the two empty"

Refs = Sequence[Ref | None]
T = TypeVar("T")


class Rows:
    """Takes blocks of packed columns and keeps the rows that mean something."""

    def __init__(self, findings: Findings) -> None:
        self.rows: list[Row] = []
        self.count = 0
        self._findings = findings
        self._seen: dict[int, Row] = {}  # the first row about every configuration with every group, by a hash
        self._alike: dict[tuple[object, ...], Row] = {}  # those with the same hash, by all they say

    def add(self, block: Packed) -> None:
        """Every row of the block becomes a Row, or findings that say why not. Blank rows are passed over."""
        self._name_whole_tenant(block)
        none: Refs = (None,) * len(block.numbers)
        configurations = _either(block.refs, Field.CONFIGURATION_ID, Field.CONFIGURATION, none)
        legacy = _either(block.refs, Field.LEGACY_ID, Field.LEGACY, none)
        new = _either(block.refs, Field.NEW_ID, Field.NEW, none)
        verdicts = (
            [choices.both for choices in block.actions]
            if all(legacy) and all(new)
            else [
                choices[(old is not None) + 2 * (to is not None)]
                for choices, old, to in zip(block.actions, legacy, new, strict=True)
            ]
        )
        skipped = self._complain(block, configurations, verdicts)
        self.count += len(block.numbers) - len(skipped)
        self._keep(block, verdicts)

    def _name_whole_tenant(self, block: Packed) -> None:
        """Put the target that a direction names (all users, all devices) where the new group stands."""
        if block.aims is None or Ref not in set(map(type, block.aims)):
            return
        count = len(block.numbers)
        new, keys = list(block.refs.get(Field.NEW, (None,) * count)), list(block.keys.get(Field.NEW, ("",) * count))
        others = [block.refs[f] for f in (Field.LEGACY, Field.LEGACY_ID, Field.NEW_ID) if f in block.refs]
        for index, aim in enumerate(block.aims):
            if not isinstance(aim, Ref):
                continue
            stated = new[index]
            if any(refs[index] for refs in others) or (stated and fold_heading(stated.text) != fold_heading(aim.text)):
                message = _TWO_TARGETS.format(target=aim.text)
                self._error(block, index, "too_many_groups", message, block.letters[Field.DIRECTION])
            new[index], keys[index] = aim, aim.text.casefold()
        block.refs[Field.NEW], block.keys[Field.NEW] = new, keys

    def _complain(self, block: Packed, configurations: Refs, verdicts: Sequence[Verdict]) -> set[int]:
        """Findings for rows that lack something; the indexes of blank rows, about which nothing is said."""
        blank: set[int] = set()
        if block.wherever:
            return self._complain_of_groups(block, verdicts)
        if not all(configurations):
            for index, configuration in enumerate(configurations):
                if configuration is not None or index in block.unread:
                    continue
                if block.is_blank(index):
                    blank.add(index)
                    block.bad.add(index)
                else:
                    column = block.letters.get(Field.CONFIGURATION) or block.letters.get(Field.CONFIGURATION_ID, "")
                    self._error(block, index, "no_configuration", _NO_CONFIGURATION, column)
        for index, verdict in enumerate(verdicts):
            if verdict.action is None and index not in block.unread and configurations[index] is not None:
                column = block.letters.get(Field.NEW) or block.letters.get(Field.LEGACY, "")
                self._error(block, index, verdict.code, verdict.message, column)
        return blank

    def _complain_of_groups(self, block: Packed, verdicts: Sequence[Verdict]) -> set[int]:
        """The same for rows that need no configuration."""
        blank: set[int] = set()
        column = block.letters.get(Field.NEW) or block.letters.get(Field.LEGACY, "")
        for index, verdict in enumerate(verdicts):
            if index in block.unread:
                continue
            if verdict.action is None and block.is_blank(index):
                blank.add(index)
                block.bad.add(index)
            elif verdict.action is None:
                self._error(block, index, verdict.code, verdict.message, column)
            elif verdict.action not in (Action.SWAP, Action.REMOVE):
                at = block.letters.get(Field.ACTION) or column
                self._error(block, index, "no_configuration", _NEEDS_CONFIGURATION, at)
        return blank

    def _keep(self, block: Packed, verdicts: Sequence[Verdict]) -> None:
        count = len(block.numbers)
        none = (None,) * count
        columns: list[Sequence[object]] = [
            (block.sheet,) * count,
            block.numbers,
            [verdict.action for verdict in verdicts],
            *(block.refs.get(f, none) for f in _REFS),
            none if block.aims is None else [aim if type(aim) is bool else None for aim in block.aims],
            *(block.refs.get(f, none) for f in _DETAILS),
            block.comments or ("",) * count,
        ]
        hashes = _hashes(block, verdicts)
        if block.bad:
            good = [index not in block.bad for index in range(count)]
            columns = [list(compress(column, good)) for column in columns]
            hashes = list(compress(hashes, good))
            count = len(hashes)
        rows = make(Row, count, columns)
        self.rows += rows
        firsts = list(map(self._seen.setdefault, hashes, rows))
        if firsts != rows:
            for row, first in zip(rows, firsts, strict=True):
                if row is not first:
                    self._compare(row, first)

    def _compare(self, row: Row, first: Row) -> None:
        """A warning if a row says the same as one before it; `first` is one about the same configuration and group."""
        self._alike.setdefault(_meaning(first), first)
        same = self._alike.setdefault(_meaning(row), row)
        if same is not row:
            place = f"row {same.number}" + (f" of sheet {same.sheet!r}" if same.sheet != row.sheet else "")
            message = f"the row says the same as {place}; the two count once"
            self._findings.add(Level.WARNING, "repeated_row", message, sheet=row.sheet, row=row.number)

    def _error(self, block: Packed, index: int, code: str, message: str, column: str) -> None:
        block.bad.add(index)
        self._findings.add(Level.ERROR, code, message, sheet=block.sheet, row=block.numbers[index], column=column)


def _hashes(block: Packed, verdicts: Sequence[Verdict]) -> list[int]:
    """One number a row, the same for rows about the same configuration and groups. A lone group counts the same on
    either side."""
    nothing = ("",) * len(block.numbers)
    configurations = _either(block.keys, Field.CONFIGURATION_ID, Field.CONFIGURATION, nothing)
    legacy = _either(block.keys, Field.LEGACY_ID, Field.LEGACY, nothing)
    new = _either(block.keys, Field.NEW_ID, Field.NEW, nothing)
    if verdicts.count(SWAP) < len(verdicts):
        pairs = zip(verdicts, legacy, new, strict=True)
        new = [to if verdict is SWAP else old or to for verdict, old, to in pairs]
        legacy = [old if verdict is SWAP else "" for verdict, old in zip(verdicts, legacy, strict=True)]
    return list(map(hash, zip(configurations, legacy, new, strict=True)))


def _meaning(row: Row) -> tuple[object, ...]:
    """Everything a row says, in what it is compared by: an id where there is one, else the name without case."""
    pairs = [identity or name for name, identity in row.groups]
    refs = (
        row.configuration_id or row.configuration,
        row.kind,
        *(pairs if row.action is Action.SWAP else pairs[-1:]),
        row.intent,
        row.filter_id or row.filter,
        row.filter_mode,
    )
    return (row.action, row.exclude, *(ref and ref.text.casefold() for ref in refs))


def _either(columns: Mapping[Field, Sequence[T]], first: Field, second: Field, nothing: Sequence[T]) -> Sequence[T]:
    """What stands in the first column, and where that is empty in the second."""
    if first not in columns:
        return columns.get(second, nothing)
    if second not in columns:
        return columns[first]
    return [one or other for one, other in zip(columns[first], columns[second], strict=True)]
