"""From looked-up rows and settled readings to a plan. Pure: the same input gives the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kind import Kind
from migrator.model.plan import Change, ConfigurationPlan, Effect, PlannedRow, ResolvedRow
from migrator.model.reading import Reading
from migrator.planning.actions import work_out
from migrator.planning.contradictions import contradictions
from migrator.planning.guards import unfit, without_intent
from migrator.planning.meaning import of_resolved


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of every configuration the rows name, in the rows' order, and what was found on the way."""

    configurations: tuple[ConfigurationPlan, ...]
    findings: tuple[Finding, ...]


def objections(rows: Sequence[ResolvedRow], kinds: Mapping[str, Kind]) -> tuple[Finding, ...]:
    """What speaks against these rows whatever is assigned: contradictions, and asks their kinds cannot fulfil."""
    found = list(contradictions(of_resolved(row) for row in rows))
    for row in rows:
        found += unfit(kinds[row.configuration.kind], (row,))
    return tuple(found)


def plan_configurations(
    rows: Sequence[ResolvedRow],
    configurations: Mapping[Key, Configuration],
    readings: Mapping[Key, Reading],
    kinds: Mapping[str, Kind],
) -> Planned:
    """One plan per configuration. A reading that is not settled blocks its configuration and nothing else."""
    by_configuration: defaultdict[Key, list[ResolvedRow]] = defaultdict(list)
    for row in rows:
        by_configuration[row.configuration].append(row)
    plans, findings = [], []
    for key, together in by_configuration.items():
        reading = readings[key]
        if not reading.settled:
            plans.append(_blocked(configurations[key], reading, together))
            findings.append(_unsettled(plans[-1], together))
            continue
        worked = work_out(reading.assignments, together)
        plan = ConfigurationPlan(configurations[key], reading, worked.after, worked.changes, worked.rows)
        plans.append(plan)
        findings += worked.findings
        findings += without_intent(kinds[key.kind], plan)
    return Planned(tuple(plans), tuple(findings))


def _blocked(configuration: Configuration, reading: Reading, rows: Iterable[ResolvedRow]) -> ConfigurationPlan:
    why = f"what is assigned could not be read beyond doubt: {reading.note or 'no route gave a list'}"
    return ConfigurationPlan(
        configuration,
        reading,
        reading.assignments,
        tuple(Change(Effect.KEPT, a, a) for a in reading.assignments),
        tuple(PlannedRow(row.index, row.row, False, "left alone: " + why) for row in rows),
        blocked=why,
    )


def _unsettled(plan: ConfigurationPlan, rows: Sequence[ResolvedRow]) -> Finding:
    row = rows[0].row
    name = plan.configuration.name or plan.configuration.id
    return Finding(
        Level.WARNING, "reading_not_settled", f"{name!r} is left alone: {plan.blocked}", row.sheet, row.number
    )


def merge_findings(*groups: Iterable[Finding]) -> tuple[Finding, ...]:
    """All of them once, errors first, then by sheet as they came, row and column."""
    order: dict[str, int] = {}
    seen: dict[tuple[str, str, int, str, str], Finding] = {}
    for finding in (f for group in groups for f in group):
        order.setdefault(finding.sheet, len(order))
        where = (finding.code, finding.sheet, finding.row, finding.column, "" if finding.row else finding.message)
        seen.setdefault(where, finding)
    ranks = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}
    return tuple(sorted(seen.values(), key=lambda f: (ranks[f.level], order[f.sheet], f.row, f.column)))
