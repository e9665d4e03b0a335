"""The plan: for every configuration the list before and the list after, and which rows are the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.assignment import Assignment, Assignments, Audience, FilterMode
from migrator.model.configuration import Configuration, Coverage, FilterDefinition, Group, Key, TenantInfo
from migrator.model.finding import Finding
from migrator.model.impact import Impact
from migrator.model.lists import direct
from migrator.model.reading import Reading
from migrator.model.row import Action, Row


class FilterWish(StrEnum):
    """What a row says of the filter where it names none: nothing (what stands stays), or that there shall be none."""

    UNSTATED = "unstated"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StatedFilter:
    """What a row states of the filter: which (`id`, "" for the one that stands), how (`mode`, None: as it stands)."""

    id: str = ""
    mode: FilterMode | None = None


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """A row whose names were looked up. `index` is its place in the mapping.

    `source` is the legacy audience of a swap, None otherwise; `audience` is the one the row is about (a swap's new
    one). What the row does not state is None, "" or UNSTATED. `anywhere`: the row means many configurations, by a
    pattern or by naming none; `row` names the one that this is about all the same.
    """

    index: int
    row: Row
    configuration: Key
    action: Action
    audience: Audience
    source: Audience | None = None
    exclude: bool | None = None
    intent: str = ""
    filter: StatedFilter | FilterWish = FilterWish.UNSTATED
    anywhere: bool = False


class Effect(StrEnum):
    """What becomes of one assignment."""

    ADDED = "added"
    REMOVED = "removed"
    SWAPPED = "swapped"
    CHANGED = "changed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Change:
    """One assignment before and after; `rows` are the indexes of the rows that cause it, `note` what is odd."""

    effect: Effect
    before: Assignment | None
    after: Assignment | None
    rows: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What one row comes to, in a sentence; `applies` is False where there is nothing to do for it. `anywhere` is
    that of the resolved row."""

    index: int
    row: Row
    applies: bool
    note: str
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class ConfigurationPlan:
    """What shall happen to one configuration. `blocked` says why it is left alone ("" when it is not)."""

    configuration: Configuration
    reading: Reading
    after: Assignments
    changes: tuple[Change, ...]
    rows: tuple[PlannedRow, ...]
    blocked: str = ""

    @property
    def key(self) -> Key:
        return self.configuration.key

    @property
    def before(self) -> Assignments:
        return self.reading.assignments

    @property
    def body(self) -> Assignments:
        """What is sent: the whole list that shall hold, less what policy sets made."""
        return direct(self.after)

    @property
    def changes_anything(self) -> bool:
        return any(c.effect is not Effect.KEPT for c in self.changes)

    @property
    def empties(self) -> bool:
        """Had assignments, would have none."""
        return bool(direct(self.before)) and not self.body

    def count(self, effect: Effect) -> int:
        return sum(c.effect is effect for c in self.changes)

    @property
    def losses(self) -> int:
        """How many assignments go without a successor: what only swaps take away has one that stands already."""
        swaps = {row.index for row in self.rows if row.row.action is Action.SWAP}
        gone = [change for change in self.changes if change.effect is Effect.REMOVED]
        return sum(not change.rows or not swaps.issuperset(change.rows) for change in gone)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of what ids stand for, for people to read."""

    groups: tuple[Group, ...] = ()
    filters: tuple[FilterDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was going to happen, and on which reading it rests. `created` is seconds since 1970, UTC; `of` is
    the id of the run that it puts back ("": none), whose mapping and rows it names; `idle` is how many rows of
    the mapping came to no configuration at all; `impact` is None where nobody counted."""

    mapping: str
    mapping_sha256: str
    tenant: TenantInfo
    created: float
    configurations: tuple[ConfigurationPlan, ...]
    names: Names
    coverage: tuple[Coverage, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    of: str = ""
    idle: int = 0
    impact: Impact | None = None

    @property
    def row_count(self) -> int:
        """Rows of data: one that means many configurations counts once."""
        return len({row.index for c in self.configurations for row in c.rows}) + self.idle
