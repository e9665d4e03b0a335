"""Promise 2: nothing is sent that the plan does not show, and nothing when the mapping has an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.errors import MappingError
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.whole import world


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "groups": [
                "A",
                "B",
                "C",
                {"id": "00000000-0000-4000-8000-00000000000a", "displayName": "Twins"},
                {"id": "00000000-0000-4000-8000-00000000000b", "displayName": "Twins"},
            ],
            "configurations": [
                {"kind": "officeClientConfigurations", "name": "One", "assignments": ["A"]},
                {"kind": "officeClientConfigurations", "name": "Two", "assignments": ["A", "B"]},
            ],
        }
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("Nowhere", "A", "B", ""), "unknown_configuration"),
        (("Two", "A", "Nobody", ""), "unknown_group"),
        (("Two", "A", "Twins", ""), "ambiguous_group"),
        (("", "A", "B", ""), "no_configuration"),
        (("One", "A", "C", ""), "legacy_goes_two_ways"),
        (("One", "", "B", "remove"), "added_and_removed"),
        (("One", "", "C", "replace"), "replace_mixed"),
        (("Two", "", "All users", "add"), "target_not_served"),
    ],
)
async def test_any_error_sends_nothing_at_all(tmp_path: Path, row: tuple[str, ...], code: str) -> None:
    async with world(tenant(), tmp_path) as there:
        with pytest.raises(MappingError) as refused:
            await there.run([("One", "A", "B", ""), row])
        assert code in {f.code for f in refused.value.findings}
        assert refused.value.exit_code == 2
        assert there.simulator.record.writes == 0
        assert there.names("One") == {"A"}


async def test_a_plan_that_would_empty_a_configuration_is_refused_whole(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        with pytest.raises(MappingError, match="nothing was sent") as refused:
            await there.run([("One", "", "A", "remove"), ("Two", "", "C", "add")])
        assert [f.code for f in refused.value.findings if f.level == "error"] == ["emptied"]
        assert there.simulator.record.writes == 0


async def test_a_plan_alone_changes_nothing_and_applying_it_does_what_it_shows(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([("One", "A", "B", ""), ("Two", "", "C", "add")])
        assert there.simulator.record.writes == 0
        assert drawn.folder.plan_xlsx.is_file()
        result = await there.apply(drawn.folder)
        assert result.exit_code == 0
        assert there.names("One") == {"B"}
        assert there.names("Two") == {"A", "B", "C"}


async def test_a_second_run_of_the_same_mapping_sends_nothing(tmp_path: Path) -> None:
    rows = [("One", "A", "B", ""), ("Two", "", "C", "add"), ("Two", "", "A", "remove")]
    async with world(tenant(), tmp_path) as there:
        assert (await there.run(rows)).facts.succeeded == 2
        writes = there.simulator.record.writes
        again = await there.run(rows)
        assert there.simulator.record.writes == writes
        assert (again.exit_code, again.facts.unchanged) == (0, 2)
