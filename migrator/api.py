"""The calls for programs: awaitable, on spreadsheets and on frames. `migrator/__init__.py` offers them by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder, find_run
from migrator.journal.reader import read_record
from migrator.mapping.load import load
from migrator.mapping.pairs import Pair
from migrator.model.choice import Approval, Selection
from migrator.model.errors import UsageError
from migrator.model.events import Watch, ignore
from migrator.model.export import Export
from migrator.model.occurrences import Occurrences
from migrator.model.settings import Settings
from migrator.operations import apply as _apply
from migrator.operations import connect as _connect
from migrator.operations import export as _export
from migrator.operations import plan as _plan
from migrator.operations import rollback as _rollback
from migrator.operations import run as _run
from migrator.operations import verify as _verify
from migrator.operations import where as _where
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import Connection
from migrator.operations.finish import Result
from migrator.operations.plan import Drawn
from migrator.operations.run import Declined
from migrator.reporting.facts import Facts, facts

if TYPE_CHECKING:
    import pandas

    from migrator.model.assignment import Assignment
    from migrator.model.plan import Plan
    from migrator.model.record import RunRecord
    from migrator.model.row import Ref

__all__ = [
    "Connection",
    "Declined",
    "Drawn",
    "Export",
    "Occurrences",
    "Result",
    "Run",
    "Settings",
    "apply",
    "configure",
    "connect",
    "export",
    "load",
    "plan",
    "resume",
    "rollback",
    "run",
    "verify",
    "where",
]


@asynccontextmanager
async def connect(
    settings: Settings | None = None,
    *,
    watch: Watch = ignore,
    say: Callable[[str], None] = print,
) -> AsyncIterator[Connection]:
    """A connection to a tenant: that of the settings, or of the environment and `migrator.toml`.

    `say` is told what a sign-in wants of a person. Raises UsageError for settings that cannot work.
    """
    async with _connect.connect(settings or configure(), watch=watch, say=say) as connection:
        yield connection


async def plan(
    source: str | PathLike[str] | pandas.DataFrame | None,
    connection: Connection,
    *,
    only: Sequence[str] = (),
    except_: Sequence[str] = (),
    groups: Sequence[Pair] = (),
) -> Drawn:
    """The plan of a mapping, kept as a run; changes nothing. Raises MappingError with every finding.

    `only` and `except_` pick configurations by name, id, or a pattern with `*` and `?`. `groups` are pairs to swap
    wherever the first of each is assigned, beside a mapping or, where `source` is None, alone.
    """
    selection = Selection(tuple(only), tuple(except_))
    return await _plan.plan(_source(source), connection.settings, connection, selection=selection, groups=groups)


async def run(
    source: str | PathLike[str] | pandas.DataFrame | None,
    connection: Connection,
    *,
    approve: Callable[[Plan], bool] = lambda _: True,
    stop: Stop | None = None,
    only: Sequence[str] = (),
    except_: Sequence[str] = (),
    groups: Sequence[Pair] = (),
) -> Result | Declined:
    """Plans, asks `approve`, applies, verifies, reports; `only`, `except_` and `groups` as for `plan`."""
    return await _run.run(
        _source(source),
        connection.settings,
        connection,
        approve=_asking(approve),
        stop=stop or Stop(),
        selection=Selection(tuple(only), tuple(except_)),
        groups=groups,
    )


async def apply(
    what: str | RunFolder,
    connection: Connection,
    *,
    approve: Callable[[Plan], bool] = lambda _: True,
    stop: Stop | None = None,
    approved: str | None = None,
    plan: str | PathLike[str] | None = None,
    only: Sequence[str] = (),
    except_: Sequence[str] = (),
) -> Result | Declined:
    """Carries out a saved plan; what drifted since is left alone.

    `approved` is the fingerprint that was approved, `plan` a copy of plan.xlsx with yes or no in its column Approved;
    `only` and `except_` pick from the plan. UsageError where they do not fit it, before anything is sent.
    """
    folder = _folder(what, connection.settings)
    selection = Selection(tuple(only), tuple(except_))
    return await _apply.apply(
        folder,
        connection.settings,
        connection,
        approve=_asking(approve),
        stop=stop or Stop(),
        approval=Approval(approved, Path(plan) if plan is not None else None, selection),
    )


async def resume(
    what: str | RunFolder,
    connection: Connection,
    *,
    approve: Callable[[Plan], bool] = lambda _: True,
    stop: Stop | None = None,
) -> Result | Declined:
    """Goes on with a run; nothing that succeeded is sent again.

    Speed is the connection's: `configure` takes `approved`, the options that a run was approved with.
    """
    folder = _folder(what, connection.settings)
    return await _apply.resume(folder, connection.settings, connection, approve=_asking(approve), stop=stop or Stop())


async def rollback(
    what: str | RunFolder,
    connection: Connection,
    *,
    approve: Callable[[Plan], bool] = lambda _: True,
    stop: Stop | None = None,
    only: Sequence[str] = (),
    except_: Sequence[str] = (),
) -> Result | Declined:
    """Puts back what stood before a run, as a run of its own; leaves alone what somebody changed since.

    `only` and `except_` pick from what the run sent.
    """
    return await _rollback.rollback(
        _folder(what, connection.settings),
        connection.settings,
        connection,
        approve=_asking(approve),
        stop=stop or Stop(),
        selection=Selection(tuple(only), tuple(except_)),
    )


async def verify(
    what: str | PathLike[str] | RunFolder | pandas.DataFrame | None,
    connection: Connection,
    *,
    groups: Sequence[Pair] = (),
) -> Result:
    """Compares the tenant with what a run (its id, its folder, `last`), a mapping or pairs of groups intended.

    Changes nothing. UsageError for a run and groups.
    """
    if isinstance(what, RunFolder) or (isinstance(what, str) and not Path(what).is_file()):  # noqa: ASYNC240 - one look
        if groups:
            raise UsageError("groups go with a mapping or alone; what a run intended is in its journal")
        return await _verify.verify_run(_folder(what, connection.settings), connection.settings, connection)
    return await _verify.verify_mapping(_source(what), connection.settings, connection, groups)


async def where(groups: str | Sequence[str], connection: Connection) -> Occurrences:
    """Every assignment of these groups (names, ids, `All users`, `All devices`), over the settings' kinds or all.

    Raises UsageError for a name that is unknown, or that several groups bear.
    """
    wanted = [groups] if isinstance(groups, str) else groups
    return await _where.where(wanted, connection, connection.settings.kinds)


async def export(path: str | PathLike[str], connection: Connection, *, force: bool = False) -> Export:
    """Writes the tenant's assignments, of the settings' kinds or all, as a mapping to fill in (.xlsx or .csv).

    `force` writes over a file that is there. Raises UsageError where it cannot be written.
    """
    return await _export.export(Path(path), connection, connection.settings.kinds, force=force)


@dataclass(frozen=True)
class Run:
    """A run as its journal tells it, with its results as frames."""

    folder: RunFolder

    @classmethod
    def open(cls, what: str = "last", reports: str | PathLike[str] = "reports") -> Run:
        """The run of an id, a folder, or `last`; RunNotFound where there is none."""
        return cls(find_run(Path(reports), what))

    @cached_property
    def record(self) -> RunRecord:
        return read_record(self.folder)

    @cached_property
    def facts(self) -> Facts:
        return facts(self.record)

    def rows(self) -> pandas.DataFrame:
        """One line per row of the mapping: sheet, row, configuration, action, groups, status, reason."""
        from pandas import DataFrame

        return DataFrame(
            [
                {
                    "sheet": row.row.sheet,
                    "row": row.row.number,
                    "configuration": line.plan.configuration.name,
                    "configuration_id": line.plan.configuration.id,
                    "kind": line.plan.configuration.kind,
                    "action": row.row.action.value,
                    "legacy_group": _text(row.row.legacy or row.row.legacy_id),
                    "new_group": _text(row.row.new or row.row.new_id),
                    "status": line.row_status(row).value,
                    "reason": line.row_reason(row),
                }
                for line in self.facts.lines
                for row in line.plan.rows
            ]
        )

    def configurations(self) -> pandas.DataFrame:
        """One line per configuration: status, verification, counts, tries, seconds, reason."""
        from pandas import DataFrame

        return DataFrame(
            [
                {
                    "configuration": line.plan.configuration.name,
                    "configuration_id": line.plan.configuration.id,
                    "kind": line.plan.configuration.kind,
                    "status": line.status.value,
                    "verified": line.verification.verdict.value if line.verification else None,
                    "before": len(line.plan.before),
                    "after": len(line.plan.after),
                    "tries": line.tries,
                    "seconds": line.seconds,
                    "reason": line.reason,
                }
                for line in self.facts.lines
            ]
        )

    def assignments(self) -> pandas.DataFrame:
        """One line per assignment: its effect, its target before and after, its intent, its filter."""
        from pandas import DataFrame

        return DataFrame(
            [
                {
                    "configuration": line.plan.configuration.name,
                    "configuration_id": line.plan.configuration.id,
                    "effect": change.effect.value,
                    "target_before": change.before.target.type.value if change.before else None,
                    "group_before": change.before.target.id if change.before else None,
                    "target_after": change.after.target.type.value if change.after else None,
                    "group_after": change.after.target.id if change.after else None,
                    "intent": _intent(change.after or change.before),
                    "filter": _filter(change.after or change.before),
                }
                for line in self.facts.lines
                for change in line.plan.changes
            ]
        )


def _text(ref: Ref | None) -> str | None:
    return ref.text if ref else None


def _intent(assignment: Assignment | None) -> str | None:
    return assignment.intent or None if assignment else None


def _filter(assignment: Assignment | None) -> str | None:
    applied = assignment.filter if assignment else None
    return f"{applied.mode.value} {applied.id}" if applied else None


def _source(source: str | PathLike[str] | pandas.DataFrame | None) -> Path | pandas.DataFrame | None:
    return Path(source) if isinstance(source, (str, PathLike)) else source


def _folder(what: str | RunFolder, settings: Settings) -> RunFolder:
    return find_run(settings.reports, what) if isinstance(what, str) else what


def _asking(approve: Callable[[Plan], bool]) -> _run.Approve:
    async def ask(plan: Plan, _folder: RunFolder) -> bool:
        return approve(plan)

    return ask
