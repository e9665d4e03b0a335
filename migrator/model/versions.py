"""What a version of Graph can carry of assignments. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable

from migrator.model.assignment import Assignment
from migrator.model.errors import UsageError
from migrator.model.kind import FILTER, SOURCE, VERSIONS, Kind

_NAMES = {"": ""} | {version.casefold(): version for version in VERSIONS} | {"v1": "v1.0", "1.0": "v1.0"}


def parse_version(text: str) -> str:
    """Graph's spelling of a version, "" where none is asked for; UsageError for a word that is none."""
    version = _NAMES.get(text.strip().casefold())
    if version is None:
        raise UsageError(f"there is no api-version {text!r}; there are {' and '.join(VERSIONS)}")
    return version


def not_carried(kind: Kind, version: str, assignments: Iterable[Assignment]) -> tuple[str, ...]:
    """What these assignments say that this version knows nothing of, so that sending them there would lose it."""
    unknown = [name for name in kind.unknown_in(version) if name not in SOURCE]  # that is never sent anyway
    said = {name for assignment in assignments for name in _said(kind, assignment)} if unknown else set()
    return tuple(name for name in unknown if name in said)


def _said(kind: Kind, assignment: Assignment) -> Iterable[str]:
    if assignment.filter is not None:
        yield from FILTER[:1]
    rest = json.loads(assignment.rest)
    for properties in (rest, rest.get("target", {})):
        yield from (name for name, value in properties.items() if kind.implied.get(name) != value)
