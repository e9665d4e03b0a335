"""The options that several commands share, each with its name in the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from migrator.mapping.pairs import Pair
    from migrator.model.choice import Approval, Selection

F = TypeVar("F", bound=Callable[..., Any])


def _option(*names: str, **more: Any) -> Callable[[F], F]:
    option = next(name for name in names if name.startswith("--"))
    environment = "MIGRATOR_" + option.removeprefix("--").replace("-", "_").upper()
    more["help"] = f"{more.get('help', '')} [{environment}]"
    return click.option(*names, **more)


def _flag(*names: str, **more: Any) -> Callable[[F], F]:
    """A flag that the environment can set as well (1, true, yes)."""
    option = next(name for name in names if name.startswith("--"))
    environment = "MIGRATOR_" + option.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, is_flag=True, envvar=environment, show_envvar=False, **more)


class _Name(click.types.StringParamType):
    """A text; the environment gives several on lines of their own, for a name may hold anything else."""

    name = "name"
    envvar_list_splitter = "\n"

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in super().split_envvar_value(rv) if line.strip()]


def _several(option: str, told: str, metavar: str = "NAME") -> Callable[[F], F]:
    environment = "MIGRATOR_" + option.removeprefix("--").upper()
    return _option(option, metavar=metavar, multiple=True, type=_Name(), envvar=environment, help=told)


_CONNECTION = (
    _option("--graph-url", metavar="URL", help="Graph's root, without version."),
    _option("--cloud", metavar="NAME", help="global, usgov, usgov-dod or china."),
    _option("--tenant-id", metavar="ID", help="The tenant to sign in to; AZURE_TENANT_ID is understood too."),
    _option("--client-id", metavar="ID", help="The app registration; AZURE_CLIENT_ID is understood too."),
    _option(
        "--auth",
        metavar="WAY",
        help="secret, certificate, device-code, interactive, managed-identity, federated or token; "
        "left out, what is set decides.",
    ),
    _option("--ca-bundle", metavar="FILE", help="Certificates to trust besides the system's."),
    _option(
        "--api-version", metavar="VERSION", help="beta or v1.0, for kinds that have it; the best for each unless said."
    ),
    _option("--limit", metavar="N/Ts", help="Writes allowed in so many seconds (100/20s); none: no limit is known."),
)
_REPORTS = _option("--reports", metavar="DIR", help="Where runs are kept; `reports` unless said.")
_KIND = _option("--kind", metavar="KIND", multiple=True, help="A kind of configuration to look in; repeatable.")
_MODE = _option("--mode", metavar="MODE", help="replace: exactly the groups listed are assigned.")
_CONCURRENCY = _option("--concurrency", metavar="N", help="Calls in flight at most; 32 unless said.")
_ALLOW_EMPTY = _flag("--allow-empty", help="Let configurations lose their last assignment.")
_DROP_ORPHANS = _flag("--drop-orphans", help="Drop assignments whose group was deleted, in what the mapping names.")
_NO_IMPACT = _flag("--no-impact", help="Do not count how many people and devices gain or lose something.")
_GUARD = _option(
    "--guard", metavar="HOW", help="batches: read again as the run goes; strict: each right before its call."
)
_CANARY = _option("--canary", metavar="N", help="Send N first and read them back; the rest only if they hold.")
_MAX_CHANGES = _option("--max-changes", metavar="N", help="Refuse a plan that changes more assignments.")
_MAX_REMOVALS = _option("--max-removals", metavar="N", help="Refuse a plan that removes more assignments.")
_JUSTIFICATION = _option(
    "--justification",
    metavar="TEXT",
    help="For the second admin, where the tenant asks for one; the run's id unless said, none: none is sent.",
)
_ONLY = _several("--only", "Only this configuration: a name, an id, or a pattern with * and ?; repeatable.")
_EXCEPT = _several("--except", "All configurations but this one; repeatable.")
_GROUP = _several("--group", "Swap this group for that wherever it is assigned; repeatable.", "LEGACY=NEW")
_APPROVED = _option("--approved", metavar="FINGERPRINT", envvar="MIGRATOR_APPROVED", help="The plan that was approved.")
_PLAN_FILE = _option(
    "--plan",
    "plan_file",
    metavar="FILE",
    envvar="MIGRATOR_PLAN",
    help="A copy of plan.xlsx with yes or no in its column Approved.",
)
_YES = _flag("--yes", help="Do not ask.")
_JSON = _flag("--json", "as_json", help="One JSON object as the last line of standard output.")
_QUIET = _flag("--quiet", help="No progress.")


def selection_of(given: Mapping[str, Any]) -> Selection:
    """What `selecting` came to."""
    from migrator.model.choice import Selection

    return Selection(tuple(given["only"]), tuple(given["except"]))


def groups_of(given: Mapping[str, Any]) -> tuple[Pair, ...]:
    """What `grouping` came to; UsageError for a text that is no pair."""
    from migrator.mapping.pairs import parse

    return tuple(parse(text) for text in given["group"])


def something_to_do(mapping: object, groups: object) -> None:
    """UsageError where neither a mapping nor a pair of groups was given; before anybody signs in."""
    if not mapping and not groups:
        raise click.UsageError('name a mapping, or groups with --group "LEGACY=NEW"')


def approval_of(given: Mapping[str, Any]) -> Approval:
    """What `approving` and `selecting` came to."""
    from migrator.model.choice import Approval

    file = None if given["plan_file"] is None else Path(given["plan_file"]).expanduser()
    approved = given["approved"]
    if approved is None and "MIGRATOR_APPROVED" in os.environ:  # set and empty: a pipeline without the value it needs
        approved = ""
    return Approval(approved, file, selection_of(given))


def _together(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


selecting = _together(_ONLY, _EXCEPT)
grouping = _together(_GROUP)
approving = _together(_APPROVED, _PLAN_FILE)
answering = _together(_JSON, _QUIET)
connecting = _together(*_CONNECTION, _REPORTS, _JSON, _QUIET)
planning = _together(_KIND, _MODE, _ALLOW_EMPTY, _DROP_ORPHANS)
counting = _together(_NO_IMPACT)
bounds = _together(_MAX_CHANGES, _MAX_REMOVALS)
sending = _together(_CONCURRENCY, _GUARD, _CANARY, _MAX_CHANGES, _MAX_REMOVALS, _JUSTIFICATION, _YES)
kind = _KIND
orphans = _DROP_ORPHANS
reports = _REPORTS
mode = _MODE
