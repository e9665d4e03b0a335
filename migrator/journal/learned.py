"""What is worth remembering from one run to the next: how fast a tenant let us go. Nice to have, never in the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from migrator.journal.records import decode, encode

OLDEST = 86_400.0
"""Seconds for which it is believed: within a day a tenant's other tools do much the same; what held them or us up
yesterday says little of today, and a limit that has risen since would be found anew at a crawl."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A pacer's snapshot, and how many seconds ago it was taken."""

    snapshot: Mapping[str, Any]
    age: float


@dataclass(frozen=True, slots=True)
class _Kept:
    saved: float
    snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Stored:
    scope: str
    pacers: dict[str, _Kept]


def recall(scope: str, now: float, directory: Path | None = None) -> dict[str, Learned]:
    """What was remembered for this scope, by the pacers' names; empty where there is nothing, or nothing to be read.

    `scope` says whose limits they are: the Graph host, the tenant and the app. `now` is seconds since 1970.
    """
    return {
        name: Learned(kept.snapshot, max(0.0, now - kept.saved)) for name, kept in _kept(scope, now, directory).items()
    }


def remember(scope: str, now: float, snapshots: Mapping[str, dict[str, Any]], directory: Path | None = None) -> bool:
    """Keeps these for the next run, in place of older ones of the same names; says whether that worked."""
    pacers = _kept(scope, now, directory) | {name: _Kept(now, snapshot) for name, snapshot in snapshots.items()}
    try:
        text = encode(_Stored(scope, pacers))
        path = path_of(scope, directory)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.replace(path)
    except (OSError, ValueError, TypeError):  # TypeError: a snapshot with something in it that JSON cannot hold
        return False
    return True


def path_of(scope: str, directory: Path | None = None) -> Path:
    """The file that holds it. A tenant's or an app's name may hold anything; a digest is a file name everywhere."""
    folder = directory or platformdirs.user_state_path("migrator", appauthor=False) / "learned"
    return folder / f"{hashlib.sha256(scope.encode('utf-8', 'replace')).hexdigest()[:32]}.json"


def _kept(scope: str, now: float, directory: Path | None) -> dict[str, _Kept]:
    try:
        stored = decode(path_of(scope, directory).read_text(encoding="utf-8"), _Stored)
    except (OSError, ValueError):
        return {}
    if stored.scope != scope:
        return {}
    return {name: kept for name, kept in stored.pacers.items() if now - kept.saved <= OLDEST}
