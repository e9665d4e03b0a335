"""Where groups are assigned: all of it, over all kinds, excluded never shown as included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from migrator.model.errors import UsageError
from migrator.model.occurrences import Found, Occurrences
from migrator.operations.where import keep, where
from migrator.simulator.settings import Fault, Faults, Lies, known_lies
from tests.rich_tenant import APP, CATALOG, GONE, INTENT, NAMESAKE, OFFICE, PROTECTION, SALES, SCRIPT, rich_tenant
from tests.whole import World, world
from tests.workbook.opened import formulas, sheet_names, table, words


async def looked_for(there: World, *groups: str, kinds: Sequence[str] = ()) -> Occurrences:
    async with there.connection() as connection:
        return await where(groups, connection, kinds)


def told(one: Found) -> tuple[str, str, bool, str]:
    return one.configuration.kind, one.configuration.name, one.excluded, one.assignment.intent


async def test_every_assignment_of_a_group_is_found_over_all_kinds(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path, lies=known_lies(1)) as there:
        found = await looked_for(there, "finance")
    assert [told(one) for one in found.found] == [
        (OFFICE, "Baseline", False, ""),
        (APP, "Company Portal", False, "required"),
        (APP, "Company Portal", True, "uninstall"),
        (CATALOG, "Win - Firewall", False, ""),
        (SCRIPT, "Clean up", False, ""),
        (INTENT, "Endpoint baseline", False, ""),
    ]
    assert len(found.coverage) == 35
    assert found.is_whole


async def test_whole_tenant_targets_and_the_groups_that_stand_for_them_are_one(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        found = await looked_for(there, "All users", "group:All users", "all  devices")
    users, namesake, devices = found.sought
    assert {told(one)[:2] for one in found.of(users)} == {
        (APP, "Company Portal"),
        (CATALOG, "Twice"),
        (PROTECTION, "Phones"),
    }
    assert [told(one)[1] for one in found.of(namesake)] == ["Win - Firewall"]
    assert (namesake.audience.id, "group:All users" in users.note) == (NAMESAKE, True)
    assert [told(one)[1] for one in found.of(devices)] == ["Editor", "Twice"]


async def test_a_group_is_asked_for_by_id_as_well_and_may_be_gone(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        found = await looked_for(there, SALES.upper(), GONE, f"{{{SALES}}}")
    sales, gone = found.sought
    assert [(told(one), one.assignment.from_policy_set) for one in found.of(sales)] == [
        ((APP, "Company Portal", False, "required"), True),
        ((INTENT, "Endpoint baseline", True, ""), False),
    ]
    assert (gone.gone, gone.name, gone.note) == (True, "Project Falcon", "the group was deleted")
    assert [told(one)[1] for one in found.of(gone)] == ["Win - Firewall"]


async def test_unknown_and_ambiguous_names_are_told_all_together(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        with pytest.raises(UsageError, match=r"2 groups are called 'Sales'.*no group 'Financ'.*did you mean 'Finance'"):
            await looked_for(there, "Sales", "Financ")
        requests = there.simulator.record.entries
    assert not [entry for entry in requests if "deviceManagement" in entry.path]


async def test_only_the_kinds_that_are_asked_for_are_read(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        found = await looked_for(there, "Finance", kinds=[OFFICE, SCRIPT])
    assert [one.configuration.kind for one in found.found] == [OFFICE, SCRIPT]
    assert [c.kind for c in found.coverage] == [OFFICE, SCRIPT]


@pytest.mark.parametrize(("kinds", "whole"), [((), True), ((OFFICE, CATALOG), False)])
async def test_a_kind_that_is_not_served_counts_where_it_was_asked_for(
    tmp_path: Path, kinds: tuple[str, ...], whole: bool
) -> None:
    async with world(rich_tenant(), tmp_path, lies=Lies(refused={OFFICE: 404})) as there:
        assert (await looked_for(there, "Finance", kinds=kinds)).is_whole is whole


async def test_a_kind_that_fails_makes_it_partial(tmp_path: Path) -> None:
    tenant = rich_tenant()
    async with world(tenant, tmp_path, lies=Lies(refused={CATALOG: 500})) as there:
        found = await looked_for(there, "Finance")
    assert not found.is_whole
    assert len(found.found) == 5


async def test_what_is_not_beyond_doubt_is_told(tmp_path: Path) -> None:
    lies = Lies(
        list_empty=frozenset({CATALOG}), item_empty=frozenset({CATALOG}), assignments_absent=frozenset({CATALOG})
    )
    async with world(rich_tenant(), tmp_path, lies=lies) as there:
        found = await looked_for(there, "Finance")
        path = keep(found, tmp_path, None, lambda _: None)
    assert {doubt.configuration.name for doubt in found.doubts} >= {"Win - Firewall", "Twice"}
    assert not found.is_whole
    assert "Not beyond doubt" in sheet_names(path)


async def test_one_empty_answer_that_nothing_confirms_is_a_slight_doubt(tmp_path: Path) -> None:
    lies = Lies(list_expand_refused=frozenset({CATALOG}), item_expand_refused=frozenset({CATALOG}))
    async with world(rich_tenant(), tmp_path, lies=lies) as there:
        found = await looked_for(there, "Finance")
    assert [(doubt.configuration.name, doubt.slight) for doubt in found.doubts] == [("Idle", True)]
    assert found.is_whole


async def test_the_workbook_has_it_all(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        found = await looked_for(there, "Finance", "SG-Finance", "=Lab")
        path = keep(found, tmp_path / "reports", None, lambda _: None)
        again = keep(found, tmp_path / "reports", None, lambda _: None)
    assert sheet_names(path) == ["Overview", "Assignments", "Groups", "Coverage"]
    rows = table(path, "Assignments")
    assert [(row["Group"], row["How"], row["Configuration"]) for row in rows[:3]] == [
        ("Finance", "included", "Baseline"),
        ("Finance", "included", "Company Portal"),
        ("Finance", "EXCLUDED", "Company Portal"),
    ]
    assert (rows[1]["Filter"], rows[1]["Filter type"]) == ("Corporate devices", "include")
    assert [(row["Group"], row["Assigned"], row["Included"], row["Excluded"]) for row in table(path, "Groups")] == [
        ("Finance", "assigned", 5, 1),
        ("SG-Finance", "nowhere", 0, 0),
        ("=Lab", "assigned", 1, 0),
    ]
    assert len(table(path, "Coverage")) == 35
    assert any("Assigned nowhere: SG-Finance" in word for word in words(path, "Overview"))
    assert formulas(path) == []
    assert (path.name.startswith("where-"), again.stem) == (True, f"{path.stem}-2")


async def test_nothing_is_written_to_the_tenant_and_faults_on_the_way_pass(tmp_path: Path) -> None:
    faults = Faults(reads={Fault.UNAVAILABLE: 0.1, Fault.RESET_BEFORE: 0.05})
    async with world(rich_tenant(), tmp_path, faults=faults) as there:
        found = await looked_for(there, "Finance")
        assert there.simulator.record.writes == 0
    assert len(found.found) == 6
