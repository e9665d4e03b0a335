"""The options that several commands share, each with its name in the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

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
    _option("--limit", metavar="N/Ts", help="Writes allowed in so many seconds (100/20s); none: no limit is known."),
)
_REPORTS = _option("--reports", metavar="DIR", help="Where runs are kept; `reports` unless said.")
_KIND = _option("--kind", metavar="KIND", multiple=True, help="A kind of configuration to look in; repeatable.")
_MODE = _option("--mode", metavar="MODE", help="replace: exactly the groups listed are assigned.")
_CONCURRENCY = _option("--concurrency", metavar="N", help="Calls in flight at most; 32 unless said.")
_ALLOW_EMPTY = _flag("--allow-empty", help="Let configurations lose their last assignment.")
_GUARD = _option(
    "--guard", metavar="HOW", help="batches: read again as the run goes; strict: each right before its call."
)
_CANARY = _option("--canary", metavar="N", help="Send N first and read them back; the rest only if they hold.")
_MAX_CHANGES = _option("--max-changes", metavar="N", help="Refuse a plan that changes more assignments.")
_MAX_REMOVALS = _option("--max-removals", metavar="N", help="Refuse a plan that removes more assignments.")
_YES = _flag("--yes", help="Do not ask.")
_JSON = _flag("--json", "as_json", help="One JSON object as the last line of standard output.")
_QUIET = _flag("--quiet", help="No progress.")


def _together(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


answering = _together(_JSON, _QUIET)
connecting = _together(*_CONNECTION, _REPORTS, _JSON, _QUIET)
planning = _together(_KIND, _MODE, _ALLOW_EMPTY)
bounds = _together(_MAX_CHANGES, _MAX_REMOVALS)
sending = _together(_CONCURRENCY, _GUARD, _CANARY, _MAX_CHANGES, _MAX_REMOVALS, _YES)
kind = _KIND
reports = _REPORTS
mode = _MODE
