"""What is worth remembering from one run to the next: how fast a tenant let us go. Nice to have, never in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from migrator.journal.records import decode, encode


@dataclass(frozen=True, slots=True)
class Learned:
    """Snapshots of pacers by their names ("reads", "writes"), and how many seconds ago they were taken."""

    pacers: Mapping[str, dict[str, Any]]
    age: float


@dataclass(frozen=True, slots=True)
class _Stored:
    scope: str
    saved: float
    pacers: dict[str, dict[str, Any]]


def recall(scope: str, now: float, directory: Path | None = None) -> Learned | None:
    """What was remembered for this scope; None where there is nothing, or nothing that can be read.

    `scope` says whose limits they are: the Graph host, the tenant and the app. `now` is seconds since 1970.
    """
    try:
        stored = decode(_path(scope, directory).read_text(encoding="utf-8"), _Stored)
    except (OSError, ValueError):
        return None
    if stored.scope != scope:
        return None
    return Learned(stored.pacers, max(0.0, now - stored.saved))


def remember(scope: str, now: float, pacers: Mapping[str, dict[str, Any]], directory: Path | None = None) -> bool:
    """Keeps it for the next run, in place of what was there; says whether that worked."""
    try:
        text = encode(_Stored(scope, now, dict(pacers)))
        path = _path(scope, directory)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except (OSError, ValueError, TypeError):  # TypeError: a snapshot with something in it that JSON cannot hold
        return False
    return True


def _path(scope: str, directory: Path | None) -> Path:
    """A tenant's or an app's name may hold anything; a digest of it is a file name everywhere."""
    folder = directory or platformdirs.user_state_path("migrator", appauthor=False) / "learned"
    return folder / f"{hashlib.sha256(scope.encode('utf-8', 'replace')).hexdigest()[:32]}.json"
