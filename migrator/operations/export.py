"""The tenant's assignments as a mapping to fill in. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.mapping.writers.beside import write_about, write_left, write_needed
from migrator.mapping.writers.canonical import (
    MAPPING,
    MOST_ROWS,
    cells,
    columns,
    suits_csv,
    suits_workbook,
    write_csv,
)
from migrator.model.configuration import Served
from migrator.model.errors import UsageError
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.export import Export
from migrator.model.lists import names_group
from migrator.operations.counted import counted
from migrator.operations.naming import whereabouts
from migrator.operations.survey import stage, survey
from migrator.operations.target import check_target
from migrator.operations.where import assignable, doubts, in_order
from migrator.reporting.tables import write_coverage
from migrator.resolving.written import written
from migrator.workbook.book import LARGE, About, Book

if TYPE_CHECKING:
    from migrator.model.configuration import FilterDefinition, Group
    from migrator.model.reading import Reading
    from migrator.operations.connect import Connection

_WORKBOOK, _DELIMITED = ".xlsx", ".csv"


def check_file(path: Path, *, force: bool) -> None:
    """UsageError where no export can be written there, so that this is known before anything is read."""
    check_target(path, (_WORKBOOK, _DELIMITED), force=force)


async def export(path: Path, connection: Connection, kinds: Sequence[str] = (), *, force: bool = False) -> Export:
    """Writes every assignment of these kinds, or of all, as a row of a mapping; a workbook or a delimited file by its
    suffix.

    UsageError where it cannot be written there; PermissionRefused or GraphError where nothing at all can be read.
    """
    check_file(path, force=force)
    created = connection.clock.time()
    with counted(connection) as requests:
        tenant = await connection.tenant.about()
        surveyed = await survey(kinds or assignable(), connection)
        groups, filters = await _names(surveyed.readings.values(), connection)
    suits = suits_workbook if path.suffix.casefold() == _WORKBOOK else suits_csv
    rows = written(in_order(surveyed), surveyed.readings, groups, filters, suits)
    grave = sum(not doubt.slight for doubt in doubts(surveyed))
    coverage = surveyed.listing.coverage
    missing = [c for c in coverage if c.served is Served.FAILED or (c.served is not Served.READ and c.kind in kinds)]
    made = Export(tenant, created, rows, coverage, grave, not grave and not missing, requests.count)
    _write(made, path, connection.watch)
    return made


async def _names(
    readings: Iterable[Reading], connection: Connection
) -> tuple[Sequence[Group], Sequence[FilterDefinition]]:
    """Every group that bears the name of one that is assigned, those that were deleted, and all filters."""
    assigned = [a for reading in readings for a in reading.assignments]
    ids = {a.target.id for a in assigned if names_group(a.target)}
    with stage(connection, Stage.LOOK_UP, len(ids)) as progress:
        there = {group.id: group for group in await connection.tenant.groups_by_id(sorted(ids))} if ids else {}
        absent = await whereabouts(ids - there.keys(), connection)
        there |= {group.id: group for group in absent.groups}
        names = {spelling for group in there.values() for spelling in (group.name, group.name.strip()) if spelling}
        alike = await connection.tenant.groups_by_name(sorted(names)) if names else ()
        groups = {group.id: group for group in alike} | there
        progress(len(ids))
    filters = await connection.tenant.filters() if any(a.filter for a in assigned) else ()
    return tuple(groups.values()), filters


def _write(made: Export, path: Path, watch: Watch) -> None:
    rows = made.written.rows
    watch(StageStarted(Stage.REPORT, 1))
    try:
        if path.suffix.casefold() == _WORKBOOK:
            _write_workbook(made, path)
        else:
            write_csv(path, rows)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}; name another file") from error
    watch(StageAdvanced(Stage.REPORT))
    watch(StageFinished(Stage.REPORT))


def _write_workbook(made: Export, path: Path) -> None:
    rows = made.written.rows
    if len(rows) > MOST_ROWS:
        raise UsageError(
            f"{len(rows):,} rows are more than a sheet holds ({MOST_ROWS:,}); export some kinds at a time with --kind, "
            "or name a file that ends in .csv"
        )
    about = About("Assignments as a mapping", made.created, subject="to be filled in", company=made.tenant.name)
    with Book(path, about, large=len(rows) > LARGE) as book:
        book.table(
            MAPPING, columns(), map(cells, rows), frozen=2, empty="Nothing is assigned that a row could speak of."
        )
        write_about(book, made)
        write_needed(book, made)
        write_left(book, made)
        write_coverage(book, made.coverage)
