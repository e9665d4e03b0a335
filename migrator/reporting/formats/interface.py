"""What a report is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.model.configuration import Key
from migrator.model.record import RunRecord
from migrator.reporting.facts import Facts
from migrator.reporting.names import Directory

CONFIGURATIONS = "configurations"
"""The folder of the workbooks of single configurations, inside the run's."""


@dataclass(frozen=True, slots=True)
class Source:
    """A run and what was made of it once, for all reports. `files` are the names of the configurations' workbooks."""

    record: RunRecord
    facts: Facts
    directory: Directory
    files: Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to be written: its path below the run's folder, and what writes it to a given path.

    One that `travels` carries all that it needs, which is little, and can be pickled, so that another process can do
    it; a report of the whole run is written where the run is.
    """

    path: str
    write: Callable[[Path], None]
    travels: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its files; which file it may leave out (then one of an earlier writing goes); whether it is written
    when nobody asks for it by name."""

    jobs: Callable[[Source], Iterator[Job]]
    leaves_out: tuple[str, ...] = ()
    by_default: bool = True
