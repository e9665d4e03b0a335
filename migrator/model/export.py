"""A tenant's assignments as rows, and what another tenant needs for them."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.assignment import Assignment
from migrator.model.configuration import Configuration, Coverage, FilterDefinition, Group, TenantInfo
from migrator.model.row import Row


@dataclass(frozen=True, slots=True)
class Left:
    """An assignment that is no row: whom it is for, and why it is none."""

    configuration: Configuration
    assignment: Assignment
    whom: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """The rows, what is assigned besides, and how many of the rows need each group and each filter."""

    rows: tuple[Row, ...]
    left: tuple[Left, ...]
    groups: tuple[tuple[Group, int], ...] = ()
    filters: tuple[tuple[FilterDefinition, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """What was exported of which tenant. `created` is seconds since 1970; `doubts` counts configurations of which could
    not be read what they are assigned to; `requests` counts HTTP requests, tries included."""

    tenant: TenantInfo
    created: float
    written: Written
    coverage: tuple[Coverage, ...]
    doubts: int = 0
    is_whole: bool = True
    requests: int = 0
