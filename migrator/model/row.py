"""A mapping: what a spreadsheet says, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.finding import Finding


class Action(StrEnum):
    """What a row asks for (`design.md`, "What a row means")."""

    SWAP = "swap"
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Ref:
    """Something a row names: as it is looked up, as it was written, and the letter of the column it stands in."""

    text: str
    written: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of data. Every absent cell is None. `number` counts as Excel does.

    Where a name and an id are both given (`configuration` and `configuration_id`, ...) the id decides.
    `action` is what the row means: stated, or implied by how many groups it names. `exclude` is None where the row
    does not say whether the group is included or excluded; likewise `intent`, `filter` and `filter_mode`.
    """

    sheet: str
    number: int
    action: Action
    configuration: Ref | None = None
    configuration_id: Ref | None = None
    kind: Ref | None = None
    legacy: Ref | None = None
    legacy_id: Ref | None = None
    new: Ref | None = None
    new_id: Ref | None = None
    exclude: bool | None = None
    intent: Ref | None = None
    filter: Ref | None = None
    filter_id: Ref | None = None
    filter_mode: Ref | None = None
    comment: str = ""

    @property
    def groups(self) -> tuple[tuple[Ref | None, Ref | None], ...]:
        """The groups it names, as (name, id) pairs; the legacy one first."""
        pairs = ((self.legacy, self.legacy_id), (self.new, self.new_id))
        return tuple(pair for pair in pairs if pair != (None, None))


@dataclass(frozen=True, slots=True)
class Mapping:
    """What was read from one spreadsheet: its rows and every finding.

    `source` is the file's name, without its folder, which a report need not tell; `sha256` is that of its bytes.
    """

    source: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    sha256: str = ""
