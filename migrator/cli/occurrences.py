"""Where groups are assigned, as a terminal shows it and as a program reads it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from migrator.cli.answer import show_json
from migrator.cli.table import show_table
from migrator.cli.words import one_line
from migrator.reporting.names import Directory
from migrator.reporting.where import EXCLUDED, INCLUDED, called, filter_mode, filter_name, oddness, remarks, verdict
from migrator.reporting.words import kind_title

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.model.configuration import Coverage
    from migrator.model.occurrences import Found, Occurrences, Sought

_HEADINGS = ("Group", "How", "Kind", "Configuration", "Intent", "Filter", "Set by", "Configuration ID", "Odd")
_COLOURS = {EXCLUDED.text: "bold red", INCLUDED.text: "green"}


def show(found: Occurrences, path: Path, *, as_json: bool) -> None:
    """Prints it: one object, or a table with what is to be known of it below."""
    if as_json:
        show_json(as_object(found, path))
        return
    directory = Directory.of(found.names)
    if found.found:
        shared = _shared_names(found)
        show_table(_HEADINGS, [_cells(one, directory, shared) for one in found.found], _COLOURS)
    _, told = verdict(found)
    click.echo(told)
    for remark in remarks(found):
        click.echo(one_line(remark))
    click.echo(f"Workbook      {path}")


def as_object(found: Occurrences, path: Path) -> dict[str, object]:
    """What `--json` prints."""
    directory = Directory.of(found.names)
    return {
        "assignments": [_assignment(one, directory) for one in found.found],
        "groups": [_group(one, found) for one in found.sought],
        "unsettled": [
            {
                "kind": doubt.configuration.kind,
                "configuration": doubt.configuration.name,
                "configurationId": doubt.configuration.id,
                "slight": doubt.slight,
                "reason": doubt.reason,
            }
            for doubt in found.doubts
        ],
        "coverage": [coverage_object(one) for one in found.coverage],
        "whole": found.is_whole,
        "file": str(path),
        "requests": found.requests,
    }


def coverage_object(one: Coverage) -> dict[str, object]:
    """How far one kind could be read."""
    return {"kind": one.kind, "read": one.served.value, "configurations": one.count, "reason": one.reason}


def _shared_names(found: Occurrences) -> frozenset[tuple[str, str]]:
    """The kinds and names that several of the configurations bear, which only an id tells apart."""
    distinct = {one.configuration.key: one.configuration for one in found.found}
    counts = Counter((c.kind, c.name.casefold()) for c in distinct.values())
    return frozenset(named for named, count in counts.items() if count > 1)


def _cells(one: Found, directory: Directory, shared: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    applied = one.assignment.filter
    return (
        one.sought.name,
        (EXCLUDED if one.excluded else INCLUDED).text,
        kind_title(one.configuration.kind),
        called(one.configuration),
        one.assignment.intent,
        f"{filter_mode(applied)} {filter_name(applied, directory)}" if applied else "",
        "policy set" if one.assignment.from_policy_set else "",
        one.configuration.id if (one.configuration.kind, one.configuration.name.casefold()) in shared else "",
        oddness(one),
    )


def _assignment(one: Found, directory: Directory) -> dict[str, object]:
    applied = one.assignment.filter
    return {
        "group": one.sought.name,
        "groupId": one.sought.audience.id,
        "kind": one.configuration.kind,
        "configuration": one.configuration.name,
        "configurationId": one.configuration.id,
        "direction": "exclude" if one.excluded else "include",
        "intent": one.assignment.intent,
        "filter": filter_name(applied, directory),
        "filterId": applied.id if applied else "",
        "filterMode": filter_mode(applied),
        "policySet": one.assignment.from_policy_set,
        "doubtful": one.doubtful,
        "note": one.note,
    }


def _group(one: Sought, found: Occurrences) -> dict[str, object]:
    those = found.of(one)
    excluded = sum(each.excluded for each in those)
    return {
        "asked": one.asked,
        "group": one.name,
        "groupId": one.audience.id,
        "assignments": len(those),
        "included": len(those) - excluded,
        "excluded": excluded,
        "note": one.note,
    }
