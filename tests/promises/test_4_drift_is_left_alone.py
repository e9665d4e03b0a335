"""Promise 4: a configuration that someone else changed since the plan is left alone and reported."""

from __future__ import annotations

from pathlib import Path

from migrator.simulator.description import tenant_from_json
from tests.whole import world


async def test_what_drifted_is_left_alone_and_the_rest_is_done(tmp_path: Path) -> None:
    tenant = tenant_from_json(
        {
            "groups": ["Old", "New", "Kept", "Theirs"],
            "configurations": [
                {"kind": "configurationPolicies", "name": f"Policy {n}", "assignments": ["Old", "Kept"]}
                for n in range(5)
            ],
        }
    )
    async with world(tenant, tmp_path) as there:
        drawn = await there.plan([(f"Policy {n}", "Old", "New", "") for n in range(5)])
        there.simulator.change("Policy 3", add=["Theirs"])
        result = await there.apply(drawn.folder)
        assert result.exit_code == 4
        assert (result.facts.succeeded, result.facts.drifted) == (4, 1)
        assert there.names("Policy 3") == {"Old", "Kept", "Theirs"}
        assert there.names("Policy 2") == {"New", "Kept"}
        assert not result.folder.retry_xlsx.exists()
        again = await there.run([(f"Policy {n}", "Old", "New", "") for n in range(5)])
        assert (again.exit_code, again.facts.succeeded, again.facts.unchanged) == (0, 1, 4)
        assert there.names("Policy 3") == {"New", "Kept", "Theirs"}
