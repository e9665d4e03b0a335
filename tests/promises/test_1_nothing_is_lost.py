"""Promise 1: what the mapping does not name is still there afterwards, to the property, even where a reading lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.model.kinds import KINDS
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import IsAssigned, Lies
from tests.whole import plain, world

OFFICE, CATALOG = "officeClientConfigurations", "configurationPolicies"
GROUPS = [f"Group {n:03d}" for n in range(103)]


def filtered(group: str, mode: str) -> dict[str, Any]:
    return {
        "target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget",
            "groupId": group,
            "deviceAndAppManagementAssignmentFilterId": "f1111111-0000-4000-8000-000000000001",
            "deviceAndAppManagementAssignmentFilterType": mode,
            "somethingNobodyKnows": {"deep": [1, {"deeper": None, "kept": True}]},
        },
        "anotherNewProperty": "kept",
    }


async def test_one_group_added_where_103_stand_leaves_104(tmp_path: Path) -> None:
    tenant = tenant_from_json(
        {
            "groups": [*GROUPS, "SG-New"],
            "configurations": [{"kind": OFFICE, "name": "Crowded", "assignments": GROUPS}],
        }
    )
    async with world(tenant, tmp_path, assignments_page_size=25) as there:
        before = {a["target"]["groupId"] for a in there.assignments("Crowded")}
        result = await there.run([("Crowded", "", "SG-New", "add")])
        assert result.exit_code == 0
        assert there.names("Crowded") == {*GROUPS, "SG-New"}
        assert before < {a["target"]["groupId"] for a in there.assignments("Crowded")}


@pytest.mark.parametrize("kind", [OFFICE, CATALOG])
@pytest.mark.parametrize("is_assigned", list(IsAssigned))
@pytest.mark.parametrize(
    ("on_list", "on_item"), [(True, False), (False, True), (True, True)], ids=["list", "item", "both"]
)
async def test_an_empty_expand_wipes_nothing(
    tmp_path: Path, kind: str, on_list: bool, on_item: bool, is_assigned: IsAssigned
) -> None:
    tenant = tenant_from_json(
        {
            "groups": ["SG-New", *GROUPS[:3]],
            "configurations": [{"kind": kind, "name": f"Policy {n}", "assignments": GROUPS[:3]} for n in range(3)],
        }
    )
    lies = Lies(
        list_empty=frozenset({kind} if on_list else ()),
        item_empty=frozenset({kind} if on_item else ()),
        is_assigned=is_assigned,
    )
    async with world(tenant, tmp_path, lies=lies) as there:
        result = await there.run([(f"Policy {n}", "", "SG-New", "add") for n in range(3)])
        assert result.exit_code == 0
        for number in range(3):
            assert there.names(f"Policy {number}") == {"SG-New", *GROUPS[:3]}


async def test_a_swap_keeps_filters_exclusions_and_everything_else(tmp_path: Path) -> None:
    ids = {
        name: f"{n:08d}-0000-4000-8000-00000000000a" for n, name in enumerate(["Old", "Kept", "Out", "New", "Out 2"])
    }
    tenant = tenant_from_json(
        {
            "groups": [{"id": i, "displayName": name} for name, i in ids.items()],
            "assignmentFilters": [{"id": "f1111111-0000-4000-8000-000000000001", "displayName": "Corporate"}],
            "configurations": [
                {
                    "kind": CATALOG,
                    "name": "Policy",
                    "assignments": [
                        filtered(ids["Old"], "exclude"),
                        filtered(ids["Kept"], "include"),
                        {
                            "target": {
                                "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget",
                                "groupId": ids["Out"],
                            }
                        },
                        "All users",
                        "All devices",
                    ],
                }
            ],
        }
    )
    async with world(tenant, tmp_path) as there:
        before = [plain(a) for a in there.assignments("Policy")]
        result = await there.run([("Policy", "Old", "New", ""), ("Policy", "Out", "Out 2", "")])
        assert result.exit_code == 0
        after = [plain(a) for a in there.assignments("Policy")]
        moved = {ids["Old"]: ids["New"], ids["Out"]: ids["Out 2"]}
        wanted = [
            {**a, "target": {**a["target"], "groupId": moved.get(a["target"]["groupId"], a["target"]["groupId"])}}
            if "groupId" in a["target"]
            else a
            for a in before
        ]
        assert sorted(map(str, after)) == sorted(map(str, wanted))


async def test_a_reading_that_cannot_be_settled_is_never_written_on(tmp_path: Path) -> None:
    tenant = tenant_from_json(
        {
            "groups": ["SG-New", *GROUPS[:3]],
            "configurations": [
                {"kind": CATALOG, "name": "Only liars know", "assignments": GROUPS[:3]},
                {"kind": CATALOG, "name": "Fine", "assignments": GROUPS[:1]},
            ],
        }
    )
    lies = Lies(
        list_empty=frozenset({"Only liars know"}),
        item_empty=frozenset({"Only liars know"}),
        assignments_absent=frozenset({CATALOG}),
        is_assigned=IsAssigned.HONEST,
    )
    async with world(tenant, tmp_path, lies=lies) as there:
        result = await there.run([("Only liars know", "", "SG-New", "add"), ("Fine", "", "SG-New", "add")])
        assert there.names("Only liars know") == set(GROUPS[:3])
        assert there.names("Fine") == {"SG-New", GROUPS[0]}
        assert result.exit_code == 1
        assert result.facts.failed == 1


def test_the_kinds_proven_here_are_in_the_table() -> None:
    assert {OFFICE, CATALOG} <= set(KINDS)
