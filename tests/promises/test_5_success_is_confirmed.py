"""Promise 5: "succeeded" only when the service confirmed it, "verified" only when it was read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.outcome import Settled, Status, Verdict
from migrator.operations.verify import verify_run
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.whole import world


def tenant() -> TenantState:
    policy = {"kind": "configurationPolicies", "name": "Policy", "assignments": ["Old", "Kept"]}
    return tenant_from_json({"groups": ["Old", "New", "Kept", "Theirs"], "configurations": [policy]})


@pytest.mark.parametrize(
    "fault", [f for f in Fault if f not in (Fault.FORBIDDEN, Fault.CONFLICT)], ids=lambda f: f.name
)
async def test_every_passing_trouble_ends_in_the_right_outcome(tmp_path: Path, fault: Fault) -> None:
    faults = Faults(planned_writes={"Policy": (fault,)}, retry_after=0.05)
    async with world(tenant(), tmp_path, faults=faults, speed=20.0) as there:
        result = await there.run([("Policy", "Old", "New", "")])
        assert there.names("Policy") == {"New", "Kept"}
        assert result.exit_code == 0
        (outcome,) = result.record.outcomes
        assert outcome.status is Status.SUCCEEDED
        in_doubt = fault in (Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.TRUNCATED)
        assert (outcome.settled is Settled.READING) is in_doubt
        assert [v.verdict for v in result.record.verifications] == [Verdict.VERIFIED]


@pytest.mark.parametrize(("fault", "exit_code"), [(Fault.FORBIDDEN, 3), (Fault.CONFLICT, 1)])
async def test_a_refusal_fails_and_says_what_still_stands(tmp_path: Path, fault: Fault, exit_code: int) -> None:
    async with world(tenant(), tmp_path, faults=Faults(planned_writes={"Policy": (fault,)})) as there:
        result = await there.run([("Policy", "Old", "New", "")])
        assert (result.exit_code, result.facts.failed, result.facts.succeeded) == (exit_code, 1, 0)
        assert there.names("Policy") == {"Old", "Kept"}


async def test_a_later_verification_notices_what_changed_since(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([("Policy", "Old", "New", "")])
        async with there.connection() as connection:
            assert (await verify_run(result.folder, there.settings, connection)).exit_code == 0
        there.simulator.change("Policy", add=["Theirs"])
        writes = there.simulator.record.writes
        async with there.connection() as connection:
            later = await verify_run(result.folder, there.settings, connection)
        assert later.exit_code == 1
        assert later.facts.unverified == 1
        assert there.simulator.record.writes == writes
