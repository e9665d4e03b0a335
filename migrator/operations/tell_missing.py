"""What a mapping names and the tenant does not have, written down beside the runs to create it from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.model.choice import EVERYTHING, Selection
from migrator.model.errors import MappingError
from migrator.reporting.missing import file_name, write_missing

if TYPE_CHECKING:
    from migrator.model.row import Mapping
    from migrator.model.settings import Settings
    from migrator.operations.connect import Connection


@contextmanager
def missing_told(
    mapping: Mapping, settings: Settings, connection: Connection, selection: Selection = EVERYTHING
) -> Iterator[None]:
    """Around the drawing up of a plan: where that ends because something is missing, a workbook says what, and the
    error names it. One of an earlier time goes once nothing is missing, unless only a part was looked at.

    A workbook that cannot be written costs only itself: the error says so.
    """
    path = settings.reports / file_name(mapping.source, settings.reports)
    try:
        yield
    except MappingError as error:
        if error.missing is None:
            raise
        if not error.missing:
            _remove(path, selection)
            raise
        raise _with_file(error, path, mapping, connection) from None
    _remove(path, selection)


def _with_file(error: MappingError, path: Path, mapping: Mapping, connection: Connection) -> MappingError:
    missing = error.missing or ()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_missing(missing, mapping.source, connection.clock.time(), path)
    except OSError as reason:
        message = f"{error}; what is missing could not be written to {path}: {reason.strerror or reason}"
        return MappingError(message, error.findings, missing)
    return MappingError(str(error), error.findings, missing, path)


def _remove(path: Path, selection: Selection) -> None:
    if not selection:
        with suppress(OSError):  # it is out of date, and in nobody's way
            path.unlink(missing_ok=True)
