"""A tenant's assignments as a mapping: unfilled it changes nothing, filled in it swaps, elsewhere it makes the same."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import migrator
from migrator.mapping.load import load
from migrator.model.assignment import VIRTUAL_ALL_USERS
from migrator.model.columns import FIELD_OF_HEADING, Field, fold_heading
from migrator.model.errors import UsageError
from migrator.model.export import Export
from migrator.model.finding import Level
from migrator.operations.carry_out import Stop
from migrator.operations.draw_up import Drawing, draw_up
from migrator.operations.export import export
from migrator.operations.finish import Result
from migrator.operations.run import read_mapping, run
from migrator.simulator.description import tenant_from_json
from migrator.simulator.sample import tenant_from_mapping
from migrator.simulator.state import TenantState
from tests.graph_tenant.elements import FILTER_ID, FILTER_TYPE
from tests.rich_tenant import APP, CATALOG, FILTERS, FINANCE, GONE, GROUPS, OTHER_SALES, configurations, rich_tenant
from tests.whole import World, approved, world
from tests.workbook.opened import formulas, opened, sheet, sheet_names, table

SAMPLE = Path(__file__).parents[2] / "mappings" / "sample.xlsx"
FILES = ("export.xlsx", "export.csv")


async def exported(there: World, file: str = "export.xlsx", **more: Any) -> tuple[Path, Export]:
    path = there.folder / file
    async with there.connection() as connection:
        return path, await export(path, connection, **more)


async def planned(there: World, path: Path) -> Drawing:
    """A plan without its workbook."""
    async with there.connection() as connection:
        return await draw_up(read_mapping(path, there.settings, connection.watch), there.settings, connection)


async def carried_out(there: World, path: Path) -> Result:
    async with there.connection() as connection:
        result = await run(path, there.settings, connection, approve=approved, stop=Stop())
    assert isinstance(result, Result)
    return result


def assigned(tenant: TenantState) -> Counter[tuple[str, ...]]:
    """What rows can speak of, by names: (kind, configuration, target, group, intent, filter, mode)."""
    return Counter(said for one in tenant.every_configuration() for said in _said(tenant, one))


def _said(tenant: TenantState, one: Any) -> Iterator[tuple[str, ...]]:
    for element in one.assignments:
        target = element["target"]
        group = tenant.groups.get(str(target.get("groupId")).lower())
        filter_ = tenant.filters.get(str(target.get(FILTER_ID)).lower())
        gone = "groupId" in target and group is None and target["groupId"] != VIRTUAL_ALL_USERS
        if element.get("source") == "policySets" or gone:
            continue
        mode = str(target[FILTER_TYPE]) if filter_ else ""
        named = (group.name if group else "", str(element.get("intent", "")), filter_.name if filter_ else "", mode)
        yield (one.kind.name, one.name or "", str(target["@odata.type"]), *named)


async def test_a_row_for_each_assignment_as_it_stands(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, made = await exported(there)
    rows = table(path, "Mapping")
    apps = [row for row in rows if row["Kind"] == "App"]
    assert [
        tuple(
            row[heading]
            for heading in ("Configuration", "Legacy group", "Direction", "Intent", "Filter", "Filter type")
        )
        for row in apps
    ] == [
        ("Company Portal", "Finance", "include", "required", "Corporate devices", "include"),
        ("Company Portal", "Finance", "exclude", "uninstall", None, None),
        ("Company Portal", "All users", "include", "available", None, None),
        ("Editor", "All devices", "include", "required", "Corporate devices", "exclude"),
    ]
    by_name = {
        row["Legacy group"]: row for row in rows if row["Configuration"] in ("Win - Firewall", "Baseline", "Phones")
    }
    assert set(by_name) == {"Finance", "Kiosks ", "group:All users", "=Lab", "All users"}
    assert all(row["Action"] is row["New group"] is None for row in rows)
    twice = [row for row in rows if row["Configuration"] == "Twice"]
    assert len({row["Configuration ID"] for row in twice}) == 2
    assert [(row["Legacy group"], row["Legacy group ID"]) for row in twice if row["Legacy group ID"]] == [
        ("Sales", OTHER_SALES)
    ]
    assert len(rows) == len(made.written.rows) == 17


async def test_what_is_no_row_is_told_beside_it(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, made = await exported(there)
    assert sheet_names(path) == ["Mapping", "About", "Groups", "Filters", "Not in the mapping", "Coverage"]
    left = table(path, "Not in the mapping")
    assert [(row["Left out"], row["Assigned item"], row["Whose id"]) for row in left] == [
        ("Sales", "Company Portal", made.written.left[0].assignment.target.id),
        ("Project Falcon", "Win - Firewall", GONE),
    ]
    assert "policy set" in str(left[0]["Why it is no row"])
    assert "deleted" in str(left[1]["Why it is no row"])
    assert made.is_whole


async def test_what_another_tenant_needs_is_described(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, _ = await exported(there)
    groups = {row["Needed group"]: row for row in table(path, "Groups")}
    assert groups["Finance"] == {
        "Needed group": "Finance",
        "Members": "assigned",
        "Mail nickname": "finance",
        "What it is for": "Everybody in Finance",
        "Membership rule": None,
        "Rows": 6,
        "Its id here": FINANCE,
    }
    assert (groups["Kiosks "]["Members"], "startsWith" in str(groups["Kiosks "]["Membership rule"])) == (
        "dynamic",
        True,
    )
    assert [(row["Needed filter"], row["Platform"], row["Rule"]) for row in table(path, "Filters")] == [
        (filter_["displayName"], filter_["platform"], filter_.get("rule")) for filter_ in FILTERS[:2]
    ]


async def test_no_sheet_beside_the_mapping_is_taken_for_one_and_nothing_is_a_formula(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, made = await exported(there)
    mapping = load(path)
    assert {row.sheet for row in mapping.rows} == {"Mapping"}
    assert len(mapping.rows) == len(made.written.rows)
    assert {finding.code for finding in mapping.findings} == {"formula_like", "blanks_trimmed"}
    assert formulas(path) == []
    for name in sheet_names(path)[1:]:
        with opened(path) as book:
            headings = [str(cell.value) for cell in sheet(book, name)[1]]
        fields = {FIELD_OF_HEADING.get(fold_heading(heading)) for heading in headings}
        assert not fields & {Field.CONFIGURATION, Field.LEGACY, Field.NEW, Field.GROUP}


async def test_a_mapping_to_fill_in_offers_the_words_that_may_stand_there(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, _ = await exported(there)
    with opened(path) as book:
        offered = {
            rule.formula1 for rule in sheet(book, "Mapping").data_validations.dataValidation if rule.type == "list"
        }
    assert {'"swap,add,remove,replace"', '"include,exclude"', '"include,exclude,none"'} <= offered


@pytest.mark.parametrize("file", FILES)
@pytest.mark.usefixtures("no_workbooks")
async def test_unfilled_it_changes_nothing(tmp_path: Path, file: str) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, _ = await exported(there, file)
        before = assigned(there.simulator.state)
        drawn = await planned(there, path)
        result = await carried_out(there, path)
        assert there.simulator.record.assigns == 0
        assert assigned(there.simulator.state) == before
    assert {c.configuration.name for c in drawn.plan.configurations} >= {"Company Portal", "Twice", "Win - Firewall"}
    assert not any(c.changes_anything or c.blocked for c in drawn.plan.configurations)
    assert not any(finding.level is Level.ERROR for finding in drawn.plan.findings)
    assert result.exit_code == 0


@pytest.mark.parametrize(("seed", "file"), [(2, "export.xlsx"), (3, "export.csv")])
async def test_unfilled_it_changes_nothing_whatever_is_assigned_and_however_reading_lies(
    tmp_path: Path, seed: int, file: str
) -> None:
    tenant = tenant_from_mapping(load(SAMPLE), seed)
    async with world(tenant, tmp_path, lies=None, seed=seed, vary=True) as there:
        path, made = await exported(there, file)
        drawn = await planned(there, path)
    assert len(made.written.rows) > 100
    assert not [c.configuration.name for c in drawn.plan.configurations if c.changes_anything]
    assert not [finding.message for finding in drawn.plan.findings if finding.level is Level.ERROR]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.usefixtures("no_workbooks")
async def test_in_another_tenant_it_makes_the_same_assignments(tmp_path: Path, file: str) -> None:
    singular = [c for c in configurations() if c["name"] != "Twice"]
    names = [group["displayName"] for group in GROUPS if group["displayName"] not in ("Sales", "=Lab")]
    filters = [filter_ for filter_ in FILTERS if filter_["displayName"] != "Twin"]
    for configuration in singular:
        configuration["assignments"] = [a for a in configuration["assignments"] if _has_one_name(a)]
    here = tenant_from_json({"groups": GROUPS, "assignmentFilters": FILTERS, "configurations": singular})
    elsewhere = tenant_from_json(
        {
            "groups": names,
            "assignmentFilters": [{"displayName": f["displayName"], "platform": f["platform"]} for f in filters],
            "configurations": [{**c, "assignments": []} for c in singular],
        },
        seed=7,
    )
    async with world(here, tmp_path) as there:
        path, _ = await exported(there, file)
    async with world(elsewhere, tmp_path) as other:
        result = await carried_out(other, path)
    assert result.exit_code == 0
    assert assigned(elsewhere) == assigned(here)
    assert not {c.id for c in here.every_configuration()} & {c.id for c in elsewhere.every_configuration()}


def _has_one_name(element: str | dict[str, Any]) -> bool:
    """What can be told by a name: neither of two that share one, nor what only an id can name in a delimited file."""
    if isinstance(element, str):
        return element != "=Lab"
    target = element["target"]
    singular = {group["id"] for group in GROUPS if group["displayName"] != "Sales" and "id" in group}
    singular.add(VIRTUAL_ALL_USERS)
    return target.get("groupId", FINANCE) in singular and target.get(FILTER_ID) != FILTERS[1]["id"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.usefixtures("no_workbooks")
async def test_filled_in_it_swaps_and_keeps_everything_else(tmp_path: Path, file: str) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, _ = await exported(there, file)
        before = assigned(there.simulator.state)
        fill_in(path, "Finance", "SG-Finance")
        result = await carried_out(there, path)
        after = assigned(there.simulator.state)
        settings = [a["settings"] for a in there.assignments("Company Portal") if a.get("settings")]
    assert result.exit_code == 0
    assert after == Counter(
        {tuple("SG-Finance" if w == "Finance" else w for w in said): n for said, n in before.items()}
    )
    assert settings == [{"notifications": "showAll"}]


def fill_in(path: Path, legacy: str, new: str) -> None:
    """Writes the new group beside the legacy one, as a person does."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({**row, "New group": new if row["Legacy group"] == legacy else ""} for row in rows)
        return
    book = load_workbook(path)
    page = book["Mapping"]
    headings = [cell.value for cell in page[1]]
    for row in page.iter_rows(min_row=2):
        if row[headings.index("Legacy group")].value == legacy:
            row[headings.index("New group")].value = new
    book.save(path)


async def test_a_deleted_filter_and_names_that_no_cell_can_hold_are_survived(tmp_path: Path) -> None:
    odd = [
        {"kind": CATALOG, "name": "*", "assignments": ["Finance"]},
        {"kind": CATALOG, "name": "Win\n10", "assignments": ["Finance"]},
        {"kind": CATALOG, "name": "=1+1", "assignments": ["Finance"]},
        {"kind": "roleScopeTags", "name": "Emea", "id": "7", "assignments": ["Finance"]},
        {"kind": "roleScopeTags", "name": "emea ", "id": "8", "assignments": ["Finance"]},
        {"kind": APP, "name": None, "assignments": [{"target": _filtered(), "intent": "required"}]},
    ]
    tenant = tenant_from_json({"groups": GROUPS, "configurations": odd})
    async with world(tenant, tmp_path) as there:
        for file in FILES:
            path, _ = await exported(there, file)
            drawn = await planned(there, path)
            assert len(drawn.plan.configurations) == len(odd)
            assert not [c.configuration.name for c in drawn.plan.configurations if c.changes_anything or c.blocked]
    with path.open(encoding="utf-8-sig", newline="") as lines:
        cells = [cell for line in csv.reader(lines) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any("deleted, or cannot be read" in cell for cell in cells)


def _filtered() -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": FINANCE,
        FILTER_ID: "99999999-0000-4000-8000-000000000001",
        FILTER_TYPE: "include",
    }


@pytest.mark.parametrize(("file", "why"), [("e.txt", "end in .xlsx or .csv"), ("no/e.csv", "there is no folder")])
async def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(
    tmp_path: Path, file: str, why: str
) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        with pytest.raises(UsageError, match=why):
            await exported(there, file)
        assert there.simulator.record.requests == 0


async def test_what_was_filled_in_is_not_written_over_unless_that_is_said(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, _ = await exported(there, "e.csv", kinds=[APP])
        path.write_text("filled in")
        with pytest.raises(UsageError, match="--force"):
            await exported(there, "e.csv")
        assert path.read_text() == "filled in"
        _, made = await exported(there, "e.csv", kinds=[APP], force=True)
    assert (len(load(path).rows), len(made.coverage)) == (4, 1)


async def test_a_program_exports_as_the_command_does(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        path, by_command = await exported(there, "command.csv")
        async with there.connection() as connection:
            by_program = await migrator.export(str(there.folder / "program.csv"), connection)
            with pytest.raises(UsageError, match="--force"):
                await migrator.export(path, connection)
    assert (there.folder / "program.csv").read_bytes() == path.read_bytes()
    assert by_program.written == by_command.written
