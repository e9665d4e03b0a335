"""Where groups are assigned: what was asked, what was found, and how far that reaches."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.assignment import Assignment, Audience
from migrator.model.configuration import Configuration, Coverage, Served, TenantInfo
from migrator.model.plan import Names


@dataclass(frozen=True, slots=True)
class Sought:
    """One group as it was asked for. `gone` where only its id is known, for the directory has no such group (any more).
    `note` says in one sentence what was odd about finding it."""

    asked: str
    audience: Audience
    name: str
    gone: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One assignment of one of these groups. `note` says what was odd about reading it; `doubtful` that it is not
    beyond doubt."""

    sought: Sought
    configuration: Configuration
    assignment: Assignment
    note: str = ""
    doubtful: bool = False

    @property
    def excluded(self) -> bool:
        return self.assignment.target.excludes


@dataclass(frozen=True, slots=True)
class Doubt:
    """A configuration of which could not be read beyond doubt what it is assigned to, and why. `slight` where the one
    route that answered says that it is nobody, and nothing speaks against it."""

    configuration: Configuration
    reason: str
    slight: bool = False


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every assignment of the groups that were sought, over the kinds that were read.

    `found` is in the order of the groups, then of the kinds, then of the names. `wanted` holds the kinds that were
    asked for by name; `created` is seconds since 1970; `requests` counts HTTP requests, tries included.
    """

    tenant: TenantInfo
    created: float
    sought: tuple[Sought, ...]
    found: tuple[Found, ...]
    doubts: tuple[Doubt, ...]
    names: Names
    coverage: tuple[Coverage, ...]
    wanted: tuple[str, ...] = ()
    requests: int = 0

    def of(self, sought: Sought) -> tuple[Found, ...]:
        """What was found of one group."""
        return tuple(one for one in self.found if one.sought is sought)

    @property
    def is_whole(self) -> bool:
        """Whether everything was read that was to be, slight doubts aside: a kind that the tenant does not serve, or
        that the token may not read, counts only where it was asked for by name."""
        failed = (c for c in self.coverage if c.served is Served.FAILED)
        missing = (c for c in self.coverage if c.served is not Served.READ and c.kind in self.wanted)
        return all(doubt.slight for doubt in self.doubts) and next(failed, None) is None and next(missing, None) is None
