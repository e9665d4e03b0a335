"""A group of Windows 365 Frontline needs a size of Cloud PC, which comes along with a swap and with nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from migrator.model.finding import Level
from migrator.simulator.description import tenant_from_json
from migrator.simulator.stored import stored_assignment
from tests.whole import plain, world

PLAN = {"servicePlanId": "057efbfe-a95d-4263-acb0-12b4a31fed8d", "allotmentLicensesCount": 3}


async def test_a_group_that_is_added_to_frontline_is_told(tmp_path: Path) -> None:
    state = tenant_from_json(
        {
            "groups": ["Old", "New", "More"],
            "configurations": [
                {"kind": "provisioningPolicies", "name": "Shifts", "assignments": ["Old"]},
                {"kind": "provisioningPolicies", "name": "Offices", "assignments": ["Old"]},
            ],
        }
    )
    shifts = state.configuration("Shifts")
    (stood,) = shifts.assignments
    shifts.assignments = (stored_assignment(shifts, {"target": {**stood["target"], **PLAN}}),)
    headings = ("Configuration", "Legacy group", "New group", "Action")
    async with world(state, tmp_path) as there:
        moved = await there.plan([("Shifts", "Old", "New", "swap")], headings)
        assert not [f for f in moved.plan.findings if f.code == "no_service_plan"]
        rows = [("Shifts", "Old", "New", "swap"), ("Shifts", "", "More", "add"), ("Offices", "", "More", "add")]
        result = await there.run(rows, headings)
        (told,) = [f for f in result.record.plan.findings if f.code == "no_service_plan"]
        assert (told.level, told.row) == (Level.WARNING, 3)
        assert "service plan" in told.message
        kept = [plain(a)["target"] for a in there.assignments("Shifts") if "servicePlanId" in json.dumps(a)]
        assert [{name: target[name] for name in PLAN} for target in kept] == [PLAN]
