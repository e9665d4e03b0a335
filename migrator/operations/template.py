"""A blank mapping to fill in; offline."""

from __future__ import annotations

from pathlib import Path

from migrator.mapping.writers.template import write_template
from migrator.model.errors import UsageError
from migrator.operations.target import check_target


def template(path: Path, now: float, *, force: bool = False) -> None:
    """Writes the workbook; `now` is seconds since 1970. UsageError where it cannot be, or where there is a file."""
    check_target(path, (".xlsx",), force=force)
    try:
        write_template(path, now)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}; name another file") from error
