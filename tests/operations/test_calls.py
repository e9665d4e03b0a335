"""How many calls a whole run makes: one a configuration, and next to none besides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.virtual_clock import VirtualClock
from tests.whole import world

NUMBER = 100
HEADINGS = ("Configuration", "Kind", "Legacy group", "New group")


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "groups": [f"{kind} {n}" for n in range(NUMBER) for kind in ("Old", "New", "More")],
            "configurations": [
                {"kind": "configurationPolicies", "name": f"Policy {n}", "assignments": [f"Old {n}"]}
                for n in range(NUMBER)
            ],
        }
    )


def mapping() -> list[tuple[str, ...]]:
    rows = [
        row
        for n in range(NUMBER)
        for row in ((f"Policy {n}", f"Old {n}", f"New {n}"), (f"Policy {n}", "", f"More {n}"))
    ]
    return [(*row[:1], "Settings catalog policy", *row[1:]) for row in rows]


async def test_a_hundred_configurations_and_three_hundred_groups_take_a_hundred_and_fourteen_calls(
    tmp_path: Path,
) -> None:
    async with world(tenant(), tmp_path, clock=VirtualClock()) as there:
        there.settings = replace(there.settings, impact=False)
        result = await there.run(mapping(), HEADINGS)
        assert there.names("Policy 7") == {"New 7", "More 7"}
    assert result.facts.succeeded == NUMBER
    made = Counter(attempt.purpose for attempt in result.record.attempts if not attempt.inner)
    assert made == {"about": 1, "list": 1, "look up": 1, "read": 5, "assign": 100, "verify": 5}
    assert there.simulator.record.requests == result.facts.requests <= 114


async def test_counting_the_members_of_three_hundred_groups_takes_fifteen_calls_more(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, clock=VirtualClock()) as there:
        result = await there.run(mapping(), HEADINGS)
    made = Counter(attempt.purpose for attempt in result.record.attempts if not attempt.inner)
    assert made["count"] == 15
    assert result.facts.requests <= 129


async def test_what_a_run_came_to_can_be_shown_without_all_that_it_did(tmp_path: Path) -> None:
    state = tenant_from_json(
        {"groups": ["Old", "New"], "configurations": [{"kind": "configurationPolicies", "name": "P"}]}
    )
    async with world(state, tmp_path) as there:
        result = await there.run([("P", "", "New", "add")])
    assert "exit_code=0" in repr(result)
    assert len(repr(result)) < 500
