"""The surroundings of a run, without its reading and its reports: connection, journal, live display."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.client_peers.ground import TOKEN, Ground
from migrator.cli.display import display
from migrator.cli.loop import rarely_collecting
from migrator.journal.folder import RunFolder, make_folder, new_run_id
from migrator.journal.schema import create
from migrator.journal.writer import JournalWriter
from migrator.model.configuration import TenantInfo
from migrator.model.kinds import KINDS
from migrator.model.plan import Names, Plan
from migrator.model.record import RunHeader
from migrator.model.settings import Limit, Secret
from migrator.operations.configure import configure
from migrator.operations.connect import Connection, connect

KIND = KINDS["configurationPolicies"]


class Terminal(io.StringIO):
    """Where the display is drawn: all of it but the terminal's own work."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def _folder() -> Iterator[RunFolder]:
    """A run's folder with an empty plan, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as reports:
        run = make_folder(Path(reports), new_run_id(time.time(), "bench"))
        header = RunHeader(run.id, "run", "", time.time(), "", "", "")
        create(run, header, Plan("", "", TenantInfo(), time.time(), (), Names(), (), (), ""))
        yield run


@asynccontextmanager
async def running(ground: Ground) -> AsyncIterator[tuple[RunFolder, Connection, JournalWriter]]:
    """A connection with `--limit none` that keeps everything in a journal and shows it."""
    settings = configure({"graph_url": ground.url, "auth": "token"})
    settings = replace(
        settings,
        concurrency=ground.workers,
        limit=Limit(None),
        sign_in=replace(settings.sign_in, token=Secret(TOKEN)),
    )
    with rarely_collecting(), _folder() as run, display(Terminal()) as face:
        async with connect(settings, watch=face) as connection, JournalWriter(run) as journal:
            with connection.kept_in(journal):
                yield run, connection, journal
