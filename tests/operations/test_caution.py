"""Going carefully: read right before each call, a few first, and no further than a person allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.errors import MappingError, UsageError
from migrator.model.events import Dispatched, Event, Watch, ignore
from migrator.model.finding import Level
from migrator.model.outcome import Status
from migrator.model.settings import Caution, GuardMode
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.whole import World, approved, world


def tenant(policies: int = 6) -> TenantState:
    return tenant_from_json(
        {
            "groups": ["Old", "New", "Kept", "Theirs"],
            "configurations": [
                {"kind": "configurationPolicies", "name": f"Policy {n}", "assignments": ["Old", "Kept"]}
                for n in range(policies)
            ],
        }
    )


def swaps(policies: int = 6) -> list[tuple[str, ...]]:
    return [(f"Policy {n}", "Old", "New", "") for n in range(policies)]


async def applied(there: World, rows: Sequence[Sequence[str]], caution: Caution, watch: Watch = ignore) -> Result:
    """A plan that is carried out with this caution, one call after the other."""
    drawn = await there.plan(rows)
    settings = replace(there.settings, caution=caution, concurrency=1)
    async with connect(settings, clock=there.clock, watch=watch) as connection:
        result = await apply(drawn.folder, settings, connection, approve=approved, stop=Stop())
    assert isinstance(result, Result)
    return result


@pytest.mark.parametrize(("guard", "drifted"), [(GuardMode.STRICT, 1), (GuardMode.BATCHES, 0)])
async def test_a_strict_guard_sees_what_changed_while_the_run_was_on_its_way(
    tmp_path: Path, guard: GuardMode, drifted: int
) -> None:
    async with world(tenant(), tmp_path) as there:

        def somebody_else(event: Event) -> None:
            if isinstance(event, Dispatched) and event.key.id == first.id:
                there.simulator.change("Policy 3", add=["Theirs"])

        first = there.simulator.state.configuration("Policy 0")
        result = await applied(there, swaps(), Caution(guard=guard), somebody_else)
        assert result.facts.drifted == drifted
        assert (result.exit_code == 4) is bool(drifted)
        assert ("Theirs" in there.names("Policy 3")) is bool(drifted), "the guard in batches had read it before"
        assert there.names("Policy 5") == {"New", "Kept"}


async def test_a_strict_guard_keeps_what_it_found_and_both_lists_can_be_shown(tmp_path: Path) -> None:
    async with world(tenant(2), tmp_path) as there:

        def somebody_else(event: Event) -> None:
            if isinstance(event, Dispatched):
                there.simulator.change("Policy 1", add=["Theirs"])

        result = await applied(there, swaps(2), Caution(guard=GuardMode.STRICT), somebody_else)
    (line,) = [line for line in result.facts.lines if line.status is Status.DRIFTED]
    assert line.verification is not None
    assert len(line.plan.before) == 2
    assert line.verification.found is not None
    assert len(line.verification.found) == 3
    assert line.tries == 0


async def test_the_rest_follows_where_those_that_went_first_hold_what_was_intended(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        order: list[str] = []
        result = await applied(there, swaps(), Caution(canary=2), lambda event: order.append(type(event).__name__))
        assert (result.exit_code, result.facts.succeeded, result.facts.unverified) == (0, 6, 0)
        assert order.index("ReadBack") > order.index("Dispatched")
        assert order[: order.index("ReadBack")].count("Dispatched") == 2
        assert order.count("Dispatched") == 6


async def test_the_rest_is_not_sent_where_one_that_went_first_failed_and_resume_goes_on_as_carefully(
    tmp_path: Path,
) -> None:
    faults = Faults(planned_writes={"Policy 1": (Fault.CONFLICT,)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        result = await applied(there, swaps(), Caution(canary=2))
        assert result.exit_code == 1
        assert "1 of the 2 configurations that went first" in str(result.error)
        assert "Policy 1" in str(result.error)
        assert (result.facts.succeeded, there.names("Policy 2")) == (1, {"Old", "Kept"})
        assert dict(result.record.header.options)["canary"] == "2"
        settings = replace(there.settings, caution=Caution(canary=2))
        async with connect(settings, clock=there.clock) as connection:
            again = await resume(result.folder, settings, connection, approve=approved, stop=Stop())
        assert isinstance(again, Result)
        assert (again.exit_code, again.facts.succeeded) == (0, 6)


async def test_a_plan_that_reaches_further_than_allowed_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    rows = [*swaps(3), ("Policy 4", "Old", "", "remove"), ("Policy 5", "Old", "", "remove")]
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(rows)
        for caution, said in (
            (Caution(max_changes=4), "change 5 assignments, and --max-changes allows 4"),
            (Caution(max_removals=1), "remove 2 assignments, and --max-removals allows 1"),
        ):
            settings = replace(there.settings, caution=caution)
            async with connect(settings, clock=there.clock) as connection:
                with pytest.raises(UsageError, match=said):
                    await apply(drawn.folder, settings, connection, approve=approved, stop=Stop())
            there.settings = settings
            with pytest.raises(MappingError) as refused:
                await there.run(rows)
            assert any(said in f.message and f.level is Level.ERROR for f in refused.value.findings)
            warned = await there.plan(rows)
            assert any(said in f.message and f.level is Level.WARNING for f in warned.plan.findings)
        assert there.names("Policy 0") == {"Old", "Kept"}
        there.settings = replace(there.settings, caution=Caution(max_changes=5, max_removals=2))
        result = await there.run(rows)
        assert (result.exit_code, result.facts.succeeded) == (0, 5)
