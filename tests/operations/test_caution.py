"""Going carefully: read right before each call, a few first, and no further than a person allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.choice import Approval, Selection
from migrator.model.errors import MappingError, UsageError
from migrator.model.events import Concluded, Dispatched, Event, Said, Watch, ignore
from migrator.model.finding import Level
from migrator.model.outcome import Status
from migrator.model.settings import Caution, GuardMode
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.open_run import options_of
from migrator.operations.runs import report
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


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.INTERNAL])
async def test_a_strict_guard_knows_its_own_call_that_was_applied_although_it_seemed_not_to_be(
    tmp_path: Path, fault: Fault
) -> None:
    async with world(tenant(2), tmp_path, faults=Faults(planned_writes={"Policy 0": (fault,)})) as there:
        calls = list[Event]()

        def applied_all_the_same(event: Event) -> None:
            if isinstance(event, Dispatched) and not calls:
                calls.append(event)
                there.simulator.change("Policy 0", add=["New"], remove=["Old"])

        result = await applied(there, swaps(2), Caution(guard=GuardMode.STRICT), applied_all_the_same)
        assert (result.exit_code, result.facts.succeeded, result.facts.unchanged) == (0, 2, 0)


async def test_those_that_went_first_are_read_back_also_where_the_run_is_stopped(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        stop = Stop()

        def enough(event: Event) -> None:
            if isinstance(event, Concluded):
                stop.wished.set()

        drawn = await there.plan(swaps())
        settings = replace(there.settings, caution=Caution(canary=3), concurrency=1)
        async with connect(settings, clock=there.clock, watch=enough) as connection:
            result = await apply(drawn.folder, settings, connection, approve=approved, stop=stop)
        assert isinstance(result, Result)
        assert (result.exit_code, result.facts.succeeded, result.facts.unverified) == (130, 1, 0)


async def test_what_was_left_out_once_and_is_wanted_now_is_open_until_it_is_done(tmp_path: Path) -> None:
    async with world(tenant(4), tmp_path) as there:
        drawn, stop = await there.plan(swaps(4)), Stop()
        part = await there.apply(drawn.folder, approval=Approval(selection=Selection(only=("Policy 0",))))
        assert (part.exit_code, part.facts.left_out) == (0, 3)

        def enough(event: Event) -> None:
            if isinstance(event, Concluded):
                stop.wished.set()

        settings = replace(there.settings, concurrency=1)
        async with connect(settings, clock=there.clock, watch=enough) as connection:
            await apply(drawn.folder, settings, connection, approve=approved, stop=stop)
        shown = report(drawn.folder, ignore, 0.0)
        assert (shown.facts.left_out, shown.facts.open) == (0, 2)
        said = list[str]()

        def hears(event: Event) -> None:
            if isinstance(event, Said):
                said.append(event.text)

        async with connect(settings, clock=there.clock, watch=hears) as connection:
            again = await resume(drawn.folder, settings, connection, approve=approved, stop=Stop())
        assert isinstance(again, Result)
        assert (again.exit_code, again.facts.succeeded) == (0, 4)
        assert not any("carried out already" in text for text in said)


async def test_a_plan_that_nobody_approved_is_not_resumed(tmp_path: Path) -> None:
    async with world(tenant(1), tmp_path) as there:
        drawn = await there.plan(swaps(1))
        with pytest.raises(UsageError, match=f"only planned; carry it out with: migrator apply {drawn.folder.id}"):
            await there.resume(drawn.folder)
        assert there.names("Policy 0") == {"Old", "Kept"}


def test_how_careful_a_run_is_was_approved_and_the_environment_does_not_change_it(tmp_path: Path) -> None:
    environ = {"MIGRATOR_GUARD": "batches", "MIGRATOR_CANARY": "0", "MIGRATOR_CONCURRENCY": "8"}
    known = {"guard": "strict", "canary": "3", "concurrency": "16"}
    found = configure({}, environ=environ, folder=tmp_path, approved=known)
    assert (found.caution, found.concurrency) == (Caution(GuardMode.STRICT, 3), 8)
    stated = configure({"guard": "batches", "canary": "0"}, environ=environ, folder=tmp_path, approved=known)
    assert stated.caution == Caution()
    assert dict(options_of(stated))["canary"] == "0", "what is stated is kept, also where it is the usual"
