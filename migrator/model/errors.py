"""What can go wrong for a person, and the exit status that says so. `str(error)` is the one line that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.model.finding import Finding
    from migrator.model.missing import Missing


class MigratorError(Exception):
    """The root; `exit_code` is the command's exit status."""

    exit_code: ClassVar[int] = 1


class UsageError(MigratorError):
    """An option, a file or a run that cannot be used; nothing was sent."""

    exit_code = 2


class MappingError(UsageError):
    """A mapping with findings of level error; they are carried along.

    `missing` is what the tenant does not have of what it names, None where that was not looked up; `missing_file` is
    the workbook that says so, None where there is none.
    """

    def __init__(
        self,
        message: str,
        findings: Sequence[Finding],
        missing: Sequence[Missing] | None = None,
        missing_file: Path | None = None,
    ) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.missing = None if missing is None else tuple(missing)
        self.missing_file = missing_file


class RunNotFound(UsageError):
    """No run of that name."""


class RunBusy(UsageError):
    """Another process is at work on this run."""


class SignInError(MigratorError):
    """No token could be had, or the one given is not accepted."""

    exit_code = 3


class PermissionRefused(MigratorError):
    """The token is good, but may not do this."""

    exit_code = 3


class GraphError(MigratorError):
    """Graph could not be reached, or what it answered is of no use even after retries."""


class NotServed(GraphError):
    """This tenant does not serve a path."""


class NotLicensed(NotServed):
    """This tenant lacks the licence for a path; `said` is what Graph says of it."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class WaitsFirst(MigratorError):
    """What was sent first waits for a second admin's approval, and the rest for that."""

    exit_code = 5


class Interrupted(MigratorError):
    """Stopped by the person; `resume` goes on."""

    exit_code = 130


class Stopped(MigratorError):
    """Stopped by the person before this call left."""

    exit_code = 130
