"""What happens in a run goes into its log: every request, every outcome, every sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.journal.folder import RunFolder
from migrator.journal.log import open_log
from migrator.model.events import AttemptMade, Concluded, Event, ReadBack, Said, StageFinished, StageStarted
from migrator.model.settings import Settings

if TYPE_CHECKING:
    from migrator.operations.connect import Connection

_LOG = logging.getLogger("migrator.run")


@contextmanager
def logged(folder: RunFolder, settings: Settings, connection: Connection) -> Iterator[None]:
    """Keeps the run's log while the block runs; no secret of the settings can get into it."""
    sign_in = settings.sign_in
    with open_log(folder, (sign_in.secret, sign_in.certificate_password, sign_in.token)):
        connection.events.add(_note)
        try:
            yield
        finally:
            connection.events.remove(_note)


def _note(event: Event) -> None:
    match event:
        case AttemptMade(attempt):
            _LOG.log(
                logging.INFO if 200 <= attempt.status < 300 else logging.WARNING,
                "request",
                extra={
                    "purpose": attempt.purpose,
                    "method": attempt.method,
                    "path": attempt.path,
                    "try": attempt.number,
                    "status": attempt.status,
                    "seconds": round(attempt.seconds, 4),
                    "request_id": attempt.request_id,
                    "client_request_id": attempt.client_request_id,
                    "error": attempt.error,
                    "configuration": attempt.subject.id if attempt.subject else None,
                },
            )
        case Concluded(outcome):
            told = {"configuration": outcome.key.id, "kind": outcome.key.kind, "status": outcome.status.value}
            _LOG.info("outcome", extra={**told, "reason": outcome.reason, "code": outcome.code})
        case ReadBack(verification):
            told = {"configuration": verification.key.id, "kind": verification.key.kind}
            _LOG.info("read back", extra={**told, "verdict": verification.verdict.value, "note": verification.note})
        case StageStarted(stage, total):
            _LOG.info("stage started", extra={"stage": stage.value, "total": total})
        case StageFinished(stage):
            _LOG.info("stage finished", extra={"stage": stage.value})
        case Said(text):
            _LOG.info("said", extra={"text": text})
