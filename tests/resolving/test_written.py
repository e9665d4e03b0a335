"""What is assigned, written as rows, is found again by them, whatever things are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.assignment import Assignment, Assignments, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, FilterDefinition, Group, Listed, Listing
from migrator.model.finding import errors
from migrator.model.kinds import KINDS
from migrator.model.lists import by_identity, same
from migrator.model.plan import ResolvedRow
from migrator.model.reading import Reading
from migrator.model.row import Ref, Row
from migrator.planning.actions import work_out
from migrator.planning.plan import objections
from migrator.resolving.configurations import ConfigurationFinder
from migrator.resolving.filters import FilterFinder
from migrator.resolving.groups import GroupFinder
from migrator.resolving.match import trim
from migrator.resolving.written import written

APP, CATALOG, OFFICE = "mobileApps", "configurationPolicies", "officeClientConfigurations"
IDS = [f"00000000-0000-4000-8000-0000000000{n:02}" for n in range(30)]
NAMES = st.sampled_from(
    [
        "Sales",
        "sales",
        " Sales",
        "Sales ",
        "All users",
        "all  devices",
        "group:Sales",
        "none",
        "-",
        "*",
        "A?",
        "",
        IDS[3],
        "7",
    ]
)
MODES = st.sampled_from(list(FilterMode))


@st.composite
def tenants(
    draw: st.DrawFn,
) -> tuple[list[Configuration], dict[str, Assignments], list[Group], list[FilterDefinition]]:
    groups = [Group(IDS[n], draw(NAMES), deleted=draw(st.integers(0, 9)) == 0) for n in range(draw(st.integers(1, 5)))]
    filters = [FilterDefinition(IDS[10 + n], draw(NAMES)) for n in range(draw(st.integers(0, 3)))]
    configurations = [
        Configuration(
            draw(st.sampled_from((APP, CATALOG, OFFICE))), draw(st.sampled_from((IDS[20 + n], str(n)))), draw(NAMES)
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    ids = [*(group.id for group in groups), IDS[9]]
    known = [*(one.id for one in filters), IDS[19]]
    return configurations, {c.id: draw(_lists(c.kind, ids, known)) for c in configurations}, groups, filters


@st.composite
def _lists(draw: st.DrawFn, kind: str, groups: Sequence[str], filters: Sequence[str]) -> Assignments:
    types = list(KINDS[kind].targets)
    assignments = []
    for _ in range(draw(st.integers(0, 5))):
        type_ = draw(st.sampled_from(types))
        named = type_ in (TargetType.GROUP, TargetType.EXCLUSION)
        filtered = KINDS[kind].takes_filters and type_ is not TargetType.EXCLUSION and draw(st.booleans())
        assignments.append(
            Assignment(
                Target(type_, draw(st.sampled_from(groups)) if named else ""),
                draw(st.sampled_from(("required", "available", "uninstall"))) if kind == APP else "",
                Filter(draw(st.sampled_from(filters)), draw(MODES)) if filtered else None,
                from_policy_set=draw(st.integers(0, 9)) == 0,
            )
        )
    return (*by_identity(assignments).values(), *(a for a in assignments if a.from_policy_set))


def as_loaded(row: Row) -> Row:
    """The row as a cell's text is read: without outer blanks, which are remembered."""

    def read(ref: Ref | None) -> Ref | None:
        return Ref(trim(ref.text), ref.text) if ref else None

    return replace(
        row,
        configuration=read(row.configuration),
        configuration_id=read(row.configuration_id),
        legacy=read(row.legacy),
        filter=read(row.filter),
    )


@settings(max_examples=150, deadline=None)
@given(tenants())
def test_rows_of_what_stands_change_nothing_and_leave_nothing_untold(
    tenant: tuple[list[Configuration], dict[str, Assignments], list[Group], list[FilterDefinition]],
) -> None:
    configurations, assigned, groups, filters = tenant
    readings = {c.key: Reading(assigned[c.id], settled=True) for c in configurations}
    made = written(configurations, readings, groups, filters)
    assert len(made.rows) + len(made.left) == sum(map(len, assigned.values()))
    configured = ConfigurationFinder(Listing(tuple(Listed(c) for c in configurations), ()))
    grouped, filtered = GroupFinder(g for g in groups if not g.deleted), FilterFinder(filters)
    resolved: dict[str, list[ResolvedRow]] = {c.id: [] for c in configurations}
    for index, row in enumerate(map(as_loaded, made.rows)):
        configuration, first = configured.find(row)
        audience, second = grouped.find(row.legacy, row.legacy_id)
        filter_, third = filtered.find(row)
        assert not errors(finding for finding in (first, second, third) if finding)
        assert configuration is not None, row
        assert audience is not None, row
        intent = row.intent.text if row.intent else ""
        resolved[configuration.id].append(
            ResolvedRow(index, row, configuration.key, row.action, audience, None, row.exclude, intent, filter_)
        )
    for configuration in configurations:
        rows = resolved[configuration.id]
        left = [left for left in made.left if left.configuration == configuration]
        assert len(rows) + len(left) == len(assigned[configuration.id])
        worked = work_out(assigned[configuration.id], rows)
        assert same(worked.after, assigned[configuration.id])
        assert not objections(rows, KINDS)
