"""Moves Microsoft 365 policy assignments from group to group, and proves it.

The way of the data: spreadsheet → rows → resolved rows → plan → assign calls → outcomes → reports.

    async with migrator.connect() as connection:                 # settings from the environment
        drawn = await migrator.plan("mapping.xlsx", connection)  # or a pandas DataFrame
        result = await migrator.apply(drawn.folder, connection)
    migrator.Run.open("last").rows()                             # results as frames

Everything here is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.model import version

__version__ = version.VERSION

if TYPE_CHECKING:
    from migrator.api import (
        Connection,
        Declined,
        Drawn,
        Export,
        Occurrences,
        Result,
        Run,
        Settings,
        apply,
        configure,
        connect,
        export,
        load,
        plan,
        resume,
        rollback,
        run,
        verify,
        where,
    )
    from migrator.model.errors import MappingError, MigratorError, SignInError, UsageError

_ERRORS = ("MappingError", "MigratorError", "SignInError", "UsageError")
__all__ = [
    "Connection",
    "Declined",
    "Drawn",
    "Export",
    "MappingError",
    "MigratorError",
    "Occurrences",
    "Result",
    "Run",
    "Settings",
    "SignInError",
    "UsageError",
    "__version__",
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


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module("migrator.model.errors" if name in _ERRORS else "migrator.api"), name)
    globals()[name] = value
    return value
