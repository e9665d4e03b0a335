"""A run's journal as its file tells it, without the code that wrote it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal tells. `standing` are the outcomes that hold and `verified` the newest verdicts, by the ids of
    configurations; `succeeded` every outcome of that kind ever kept, with the second at which it was known (0.0: it
    was read, not sent); `attempts` those that were about a configuration, by its id."""

    sound: str
    header: Mapping[str, Any]
    standing: Mapping[str, Mapping[str, Any]]
    verified: Mapping[str, str]
    succeeded: tuple[tuple[str, float], ...]
    attempts: Mapping[str, int]
    assigns: Mapping[str, int]
    requests: int

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(outcome["status"]) for outcome in self.standing.values())


def read(folder: Path) -> Told:
    """Reads a copy, so that what a crash has left stays as it was left."""
    with tempfile.TemporaryDirectory(prefix="crash-") as copied:
        for name in ("run.sqlite", "run.sqlite-wal", "run.sqlite-journal"):
            if (folder / name).exists():
                shutil.copyfile(folder / name, Path(copied, name))
        with closing(sqlite3.connect(Path(copied, "run.sqlite"))) as connection:
            return _told(connection)


def _told(connection: sqlite3.Connection) -> Told:
    (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    header = {name: json.loads(value) for name, value in connection.execute("SELECT name, value FROM header")}
    intents = dict(connection.execute("SELECT id, max(seq) FROM intents GROUP BY id").fetchall())
    standing: dict[str, Mapping[str, Any]] = {}
    succeeded = []
    for seq, id_, record in connection.execute("SELECT seq, id, record FROM outcomes ORDER BY seq"):
        outcome = json.loads(record)
        standing.pop(id_, None)
        if intents.get(id_, 0) < seq:
            standing[id_] = outcome
        if outcome["status"] == "succeeded":
            succeeded.append((id_, float(outcome["finished"])))
    verified = dict(connection.execute("SELECT id, verdict FROM verifications ORDER BY seq").fetchall())
    attempts = [json.loads(record) for (record,) in connection.execute("SELECT record FROM attempts")]
    about = [a for a in attempts if a["subject"]]
    return Told(
        sound,
        header,
        standing,
        verified,
        tuple(succeeded),
        Counter(a["subject"][1] for a in about),
        Counter(a["subject"][1] for a in about if a["purpose"] == "assign"),
        sum(not a["inner"] for a in attempts),
    )
