"""From looked-up rows and settled readings to a plan. Pure: the same input gives the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.model.configuration import Configuration, Key
from migrator.model.finding import Finding, Level
from migrator.model.kind import Kind
from migrator.model.lists import by_identity, direct
from migrator.model.plan import Change, ConfigurationPlan, Effect, PlannedRow, ResolvedRow
from migrator.model.reading import Reading
from migrator.planning.actions import work_out
from migrator.planning.contradictions import contradictions
from migrator.planning.guards import filters_on_exclusions, unfit, without_intent
from migrator.planning.meaning import of_resolved
from migrator.planning.orphans import without


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
    drop: frozenset[str] = frozenset(),
) -> Planned:
    """One plan per configuration. A reading that nothing may rest on blocks its configuration and nothing else.

    `drop` are the ids of groups that are gone and whose assignments shall go as well.
    """
    by_configuration: defaultdict[Key, list[ResolvedRow]] = defaultdict(list)
    for row in rows:
        by_configuration[row.configuration].append(row)
    plans, findings = [], []
    for key, together in by_configuration.items():
        reading = readings[key]
        code, why = _obstacle(reading)
        if code:
            plans.append(_blocked(configurations[key], reading, together, why))
            findings.append(_left_alone(plans[-1], together, code))
            continue
        worked = without(work_out(reading.assignments, together), drop)
        plan = ConfigurationPlan(configurations[key], reading, worked.after, worked.changes, worked.rows)
        plans.append(plan)
        findings += worked.findings
        findings += without_intent(kinds[key.kind], plan)
        findings += filters_on_exclusions(plan, together)
    return Planned(tuple(plans), tuple(findings))


def _obstacle(reading: Reading) -> tuple[str, str]:
    """Why nothing may be planned on a reading, as a finding's code and a clause; both "" where it may."""
    if not reading.settled:
        note = reading.note or "no route gave a list"
        return "reading_not_settled", f"what is assigned could not be read beyond doubt: {note}"
    first = by_identity(reading.assignments)
    if any(first[a.identity] != a for a in direct(reading.assignments)):
        return "assigned_twice", (
            "the same target is assigned twice, with different filters or settings, of which a new list can hold "
            "only one; remove one of the two by hand, and plan again"
        )
    return "", ""


def _blocked(
    configuration: Configuration, reading: Reading, rows: Iterable[ResolvedRow], why: str
) -> ConfigurationPlan:
    return ConfigurationPlan(
        configuration,
        reading,
        reading.assignments,
        tuple(Change(Effect.KEPT, a, a) for a in reading.assignments),
        tuple(PlannedRow(row.index, row.row, False, "left alone: " + why, row.anywhere) for row in rows),
        blocked=why,
    )


def _left_alone(plan: ConfigurationPlan, rows: Sequence[ResolvedRow], code: str) -> Finding:
    row = rows[0].row
    name = plan.configuration.name or plan.configuration.id
    return Finding(Level.WARNING, code, f"{name!r} is left alone: {plan.blocked}", row.sheet, row.number)


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
