"""Where the details of an unexpected failure are kept, without secrets."""

from __future__ import annotations

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from migrator.journal.log import Redactor
from migrator.model.errors import MigratorError


def keep(error: BaseException) -> Path:
    """Appends the failure to the log of failures and says where that is."""
    text = "".join(traceback.format_exception(error))
    entry = f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{Redactor().text(text)}\n"
    for folder in (user_log_path("migrator", appauthor=False), Path(tempfile.gettempdir())):
        path = folder / "migrator-errors.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(entry)
        except OSError:
            continue
        return path
    raise MigratorError("the details could not be kept: no folder for logs can be written to") from error
