"""Promise 6: `rollback` restores exactly what the plan had read."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import migrator
from migrator.journal.folder import RunFolder, list_runs
from migrator.journal.lock import locked
from migrator.journal.reader import read_header, read_record
from migrator.journal.writer import JournalWriter
from migrator.model.choice import Approval, Selection
from migrator.model.errors import RunBusy, UsageError
from migrator.model.events import Concluded, Event
from migrator.model.outcome import Status
from migrator.model.plan import Plan
from migrator.operations.apply import apply
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.rollback import rollback
from migrator.operations.run import Declined, run
from migrator.operations.runs import report
from migrator.operations.verify import verify_mapping, verify_run
from migrator.simulator.description import tenant_from_json, tenant_of
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.foreign_graph import TOKEN, ForeignGraph, serving
from tests.whole import World, approved, plain, until, world

OFFICE, CATALOG, APPS = "officeClientConfigurations", "configurationPolicies", "mobileApps"
CORPORATE, KIOSKS = (f"f111111{n}-0000-4000-8000-000000000001" for n in (1, 2))
GROUPS = {name: f"{n:08d}-0000-4000-8000-00000000000a" for n, name in enumerate(["Old", "New", "Kept", "Out", "Out 2"])}
NUMBER = 20


async def put_back(there: World, folder: RunFolder, **more: Any) -> Result:
    """A rollback, approved."""
    async with there.connection() as connection:
        settings, stop = there.settings, more.pop("stop", Stop())
        result = await rollback(folder, settings, connection, approve=approved, stop=stop, **more)
    assert isinstance(result, Result)
    return result


def everything(there: World) -> dict[str, list[str]]:
    """Everything that is assigned, to the property, whatever its order."""
    every = there.simulator.state.every_configuration()
    return {c.id: sorted(str(sorted(plain(a).items())) for a in c.assignments) for c in every}


def tenant() -> TenantState:
    return tenant_of({f"Policy {n:02d}": ["Old", "Kept"] for n in range(NUMBER)}, groups=["New", "Theirs"])


def rows(number: int = NUMBER) -> list[tuple[str, ...]]:
    return [(f"Policy {n:02d}", "Old", "New", "") for n in range(number)]


def all_before(there: World, numbers: Iterable[int] = range(NUMBER)) -> bool:
    return all(there.names(f"Policy {n:02d}") == {"Old", "Kept"} for n in numbers)


def aimed(group: str, *, filter_id: str = "", mode: str = "include", excluded: bool = False) -> dict[str, Any]:
    """An assignment with properties that nobody knows."""
    target: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{'exclusionGroup' if excluded else 'group'}AssignmentTarget",
        "groupId": GROUPS[group],
        "somethingNobodyKnows": {"deep": [1, {"deeper": None, "kept": True}]},
    }
    if filter_id:
        target["deviceAndAppManagementAssignmentFilterId"] = filter_id
        target["deviceAndAppManagementAssignmentFilterType"] = mode
    return {"target": target, "anotherNewProperty": f"of {group}"}


def rich_tenant() -> TenantState:
    """Filters, exclusions, intents with settings, unknown properties, whole-tenant targets, and a policy set's."""
    app = {"intent": "required", "settings": {"@odata.type": "#microsoft.graph.win32LobAppAssignmentSettings"}}
    return tenant_from_json(
        {
            "groups": [{"id": i, "displayName": name} for name, i in GROUPS.items()],
            "assignmentFilters": [
                {"id": CORPORATE, "displayName": "Corporate"},
                {"id": KIOSKS, "displayName": "Kiosks"},
            ],
            "configurations": [
                {
                    "kind": CATALOG,
                    "name": "Catalog",
                    "assignments": [
                        aimed("Old", filter_id=CORPORATE, mode="exclude"),
                        aimed("Kept", filter_id=KIOSKS),
                        aimed("Out", excluded=True),
                        {**aimed("New"), "source": "policySets", "sourceId": "a-set"},
                        "All users",
                        "All devices",
                    ],
                },
                {"kind": CATALOG, "name": "Nobody's", "assignments": []},
                {"kind": CATALOG, "name": "Only the old", "assignments": [aimed("Old", filter_id=KIOSKS)]},
                {
                    "kind": APPS,
                    "name": "App",
                    "assignments": [{**aimed("Old"), **app}, {**aimed("Out", excluded=True), **app}],
                },
            ],
        }
    )


RICH_HEADINGS = ("Configuration", "Legacy group", "New group", "Action", "Filter", "Filter mode", "Intent", "Kind")
RICH_ROWS = (
    ("Catalog", "Old", "New", "", "", "", "", CATALOG),
    ("Catalog", "Out", "", "remove", "", "", "", CATALOG),
    ("Catalog", "", "Kept", "add", "Corporate", "exclude", "", CATALOG),
    ("Catalog", "", "Out 2", "add", "", "", "", CATALOG),
    ("Nobody's", "", "New", "add", "", "", "", CATALOG),
    ("Only the old", "Old", "", "remove", "", "", "", CATALOG),
    ("App", "Old", "New", "", "", "", "uninstall", APPS),
)


async def test_every_property_is_as_it_was(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        there.settings = replace(there.settings, allow_empty=True)
        before = everything(there)
        done = await there.run(RICH_ROWS, RICH_HEADINGS)
        assert (done.exit_code, done.facts.succeeded) == (0, 4)
        assert all(changed != before[c] for c, changed in everything(there).items())
        back = await put_back(there, done.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.unverified) == (0, 4, 0)
        assert everything(there) == before
        assert [f.code for f in back.record.plan.findings] == ["emptied"]
        swaps = [c for p in back.record.plan.configurations for c in p.changes if c.effect == "swapped"]
        assert {(c.before.target.id, c.after.target.id) for c in swaps if c.before and c.after} == {
            (GROUPS["New"], GROUPS["Old"])
        }


async def test_a_rollback_of_a_rollback_has_what_the_run_left(tmp_path: Path) -> None:
    async with world(rich_tenant(), tmp_path) as there:
        there.settings = replace(there.settings, allow_empty=True)
        before = everything(there)
        done = await there.run(RICH_ROWS, RICH_HEADINGS)
        left = everything(there)
        back = await put_back(there, done.folder)
        forth = await put_back(there, back.folder)
        assert (forth.exit_code, everything(there)) == (0, left)
        assert (forth.record.header.command, forth.record.header.of) == ("rollback", back.folder.id)
        assert (await put_back(there, forth.folder)).exit_code == 0
        assert everything(there) == before


async def test_what_somebody_changed_since_is_left_alone_and_both_lists_are_kept(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(5))
        there.simulator.change("Policy 02", add=["Theirs"])
        there.simulator.change("Policy 03", assignments=["Old", "Kept"])  # somebody put it back by hand
        seen: list[tuple[str, str]] = []

        async def look(plan: Any, _folder: RunFolder) -> bool:
            seen.extend((f.code, f.message) for f in plan.findings)
            return True

        async with there.connection() as connection:
            back = await rollback(done.folder, there.settings, connection, approve=look, stop=Stop())
        assert isinstance(back, Result)
        assert [code for code, _ in seen] == ["changed_since"]
        assert "'Policy 02'" in seen[0][1]
        assert "1 extra" in seen[0][1]
        assert back.exit_code == 4
        assert (back.facts.succeeded, back.facts.drifted, back.facts.unchanged) == (3, 1, 1)
        assert there.names("Policy 02") == {"New", "Kept", "Theirs"}
        assert all_before(there, (0, 1, 3, 4))
        (line,) = (line for line in back.facts.lines if line.status is Status.DRIFTED)
        assert done.folder.id in line.reason
        assert line.verification is not None
        assert (len(line.plan.before), len(line.verification.found or ())) == (2, 3)
        assert not back.folder.retry_xlsx.exists()


async def test_a_change_between_the_plan_and_the_call_is_seen(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(3))
        async with there.connection() as connection:
            kept = await rollback(done.folder, there.settings, connection, approve=_declined, stop=Stop())
        assert isinstance(kept, Declined)
        there.simulator.change("Policy 01", add=["Theirs"])
        back = await there.apply(kept.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.drifted) == (4, 2, 1)
        with pytest.raises(UsageError, match="was put back by run"):
            await there.resume(done.folder)


async def _declined(*_: object) -> bool:
    return False


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("of_the_rollback", [False, True])
async def test_after_a_kill_in_the_middle_everything_is_as_it_was(tmp_path: Path, of_the_rollback: bool) -> None:
    """Of the run: what it sent is put back, in doubt or not. Of the rollback: resume, or another one, finishes it."""
    async with world(tenant(), tmp_path, latency=0.05) as there:
        arguments = ["run", str(there.mapping(rows()))]
        if of_the_rollback:
            arguments = ["rollback", (await there.run(rows())).folder.id]
        already = there.simulator.record.assigns
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "migrator", *arguments, "--yes", "--quiet", "--concurrency", "3"),
            *("--reports", str(there.settings.reports)),
            env={**os.environ, **there.simulator.environment},
            stdout=subprocess.DEVNULL,
        )
        await until(lambda: there.simulator.record.assigns - already >= 5)
        process.kill()
        await process.wait()
        killed = list_runs(there.settings.reports)[-1]
        assert len(read_record(killed).intended) < NUMBER
        if of_the_rollback:
            back = await there.resume(killed)
        else:
            back = await put_back(there, killed)
            assert "run_not_finished" in {f.code for f in back.record.plan.findings}
            assert back.facts.configurations == len(read_record(killed).intended)
        assert (back.exit_code, back.facts.failed, back.facts.drifted) == (0, 0, 0)
        assert all_before(there)


async def test_a_run_with_failures_and_calls_in_doubt_is_put_back_as_far_as_it_came(tmp_path: Path) -> None:
    faults = Faults(
        planned_writes={
            "Policy 00": (Fault.FORBIDDEN,) * 3,
            "Policy 01": (Fault.RESET_AFTER,),
            "Policy 02": (Fault.TIMEOUT_AFTER,),
            "Policy 03": (Fault.TRUNCATED,),
            "Policy 04": (Fault.RESET_BEFORE,),
            "Policy 05": (Fault.LAG,),
        }
    )
    async with world(tenant(), tmp_path, faults=faults, lag=0.05) as there:
        done = await there.run(rows(8))
        assert (done.facts.succeeded, done.facts.failed) == (7, 1)
        back = await put_back(there, done.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.unchanged) == (0, 7, 1)
        assert all_before(there)


async def test_the_rollbacks_own_ambiguous_calls_are_settled(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(5))
        troubles = {
            "Policy 00": (Fault.RESET_AFTER,),
            "Policy 01": (Fault.TIMEOUT_AFTER,),
            "Policy 02": (Fault.RESET_BEFORE,),
            "Policy 03": (Fault.FORBIDDEN,),
        }
        there.simulator.use(replace(there.simulator.settings, faults=Faults(planned_writes=troubles)))
        back = await put_back(there, done.folder)
        assert (back.exit_code, back.facts.succeeded, back.facts.failed) == (1, 4, 1)
        assert not back.folder.retry_xlsx.exists()
        again = await there.resume(back.folder)
        assert (again.exit_code, again.facts.succeeded) == (0, 5)
        assert all_before(there)


async def test_a_call_in_doubt_whose_write_does_not_show_yet_is_waited_for(tmp_path: Path) -> None:
    """Crashed right after the call: the reading shows what stood before, although the call was applied."""
    async with world(tenant(), tmp_path, clock=None) as there:
        drawn = await there.plan(rows(1))
        (one,) = drawn.plan.configurations
        async with JournalWriter(drawn.folder) as journal:
            await journal.mark(approved=1.0)
            await journal.intend(one.key)
        there.simulator.change(one.configuration.id, assignments=["New", "Kept"])
        stored = there.simulator.state.configuration("Policy 00")
        reads = there.simulator.record.requests
        stored.show_from(float("inf"))

        async def show_soon() -> None:
            await until(lambda: there.simulator.record.requests >= reads + 3)
            stored.show_from(0.0)

        back, _ = await asyncio.gather(put_back(there, drawn.folder), show_soon())
        assert (back.exit_code, back.facts.succeeded) == (0, 1)
        assert all_before(there, [0])


async def test_a_write_that_does_not_show_for_long_is_warned_of_and_can_be_put_back_later(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, faults=Faults(planned_writes={"Policy 00": (Fault.LAG,)}), lag=60) as there:
        done = await there.run(rows(1))
        assert (done.facts.succeeded, done.facts.unverified) == (1, 1)
        early = await put_back(there, done.folder)
        assert ([f.code for f in early.record.plan.findings], early.facts.unchanged) == (["may_lag"], 1)
        there.simulator.state.configuration("Policy 00").show_from(0.0)
        async with there.connection() as connection:
            assert (await verify_run(early.folder, there.settings, connection)).exit_code == 1
        later = await put_back(there, done.folder)
        assert (later.exit_code, later.facts.succeeded) == (0, 1)
        assert not later.record.plan.findings, "the one before sent nothing, so it put nothing back"
        assert all_before(there, [0])


async def test_a_run_that_was_put_back_is_not_gone_on_with(tmp_path: Path) -> None:
    faults = Faults(planned_writes={"Policy 01": (Fault.FORBIDDEN,)})
    async with world(tenant(), tmp_path, faults=faults) as there:
        done = await there.run(rows(3))
        assert done.facts.failed == 1
        back = await put_back(there, done.folder)
        writes = there.simulator.record.assigns
        for go_on in (there.resume, there.apply):
            with pytest.raises(UsageError, match=f"put back by run {back.folder.id}"):
                await go_on(done.folder)
        assert there.simulator.record.assigns == writes
        assert all_before(there)
        again = report(done.folder, lambda _: None, 0.0)
        assert again.facts.put_back == back.folder.id
        async with there.connection() as connection:
            assert (await verify_run(done.folder, there.settings, connection)).exit_code == 1
            assert (await verify_run(back.folder, there.settings, connection)).exit_code == 0
        assert (await there.run(rows(3))).exit_code == 0  # the mapping itself may be run again at any time


async def test_a_run_that_is_put_back_while_a_person_is_asked_is_not_gone_on_with(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(3))
        async with there.connection() as connection:

            async def meanwhile(*_: object) -> bool:
                assert (await put_back(there, done.folder)).exit_code == 0
                return True

            with pytest.raises(UsageError, match="was put back by run"):
                await apply(done.folder, there.settings, connection, approve=meanwhile, stop=Stop())
        assert all_before(there)


async def test_what_was_never_sent_is_no_part_of_it(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        there.settings = replace(there.settings, concurrency=1)
        drawn = await there.plan(rows())
        stop, told = Stop(), list[Event]()

        def watch(event: Event) -> None:
            told.append(event)
            if sum(isinstance(e, Concluded) for e in told) == 4:
                stop.wished.set()

        async with connect(there.settings, clock=there.clock, watch=watch) as connection:
            await migrator.apply(drawn.folder, connection, stop=stop)
        sent = {k.id for k in read_record(drawn.folder).intended}
        assert 0 < len(sent) < NUMBER
        back = await put_back(there, drawn.folder)
        assert {p.key.id for p in back.record.plan.configurations} == sent
        assert all_before(there)


async def test_a_run_that_sent_nothing_has_nothing_to_put_back(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        planned = await there.plan(rows(1))
        with pytest.raises(UsageError, match="was only planned"):
            await put_back(there, planned.folder)
        async with there.connection() as connection:
            looked = await verify_mapping(there.mapping(rows(1)), there.settings, connection)
        with pytest.raises(UsageError, match="only verified"):
            await put_back(there, looked.folder)
        await there.run(rows(1))
        nothing = await there.run(rows(1))
        with pytest.raises(UsageError, match="sent nothing"):
            await put_back(there, nothing.folder)


async def test_a_run_that_is_being_worked_on_is_busy(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(1))
        with locked(done.folder, 0.0), pytest.raises(RunBusy):
            await put_back(there, done.folder)
        async with there.connection() as connection:

            async def meanwhile(*_: object) -> bool:
                with pytest.raises(RunBusy):
                    await there.resume(done.folder)
                return True

            back = await rollback(done.folder, there.settings, connection, approve=meanwhile, stop=Stop())
        assert isinstance(back, Result)
        assert back.exit_code == 0


async def test_a_run_of_another_tenant_is_not_put_back_here(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(1))
    other = tenant_from_json({"tenant": {"id": "99999999-0000-4000-8000-000000000009", "name": "Fabrikam"}})
    async with world(other, tmp_path / "other") as there:
        there.settings = replace(there.settings, reports=done.folder.path.parent)
        with pytest.raises(UsageError, match="this sign-in leads to Fabrikam"):
            await put_back(there, done.folder)


async def test_a_group_and_a_configuration_that_are_gone_are_said_beforehand(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(3))
        state = there.simulator.state
        del state.configurations[OFFICE][state.configuration("Policy 01").id]
        back = await put_back(there, done.folder)
        (finding,) = back.record.plan.findings
        assert (finding.code, finding.row) == ("reading_not_settled", 3)
        assert "no longer exists" in finding.message
        assert (back.exit_code, back.facts.failed, back.facts.succeeded) == (1, 1, 2)
        again = await put_back(there, back.folder)
        del state.groups[state.group("Old").id]
        refused = await put_back(there, again.folder)
        assert {f.code for f in refused.record.plan.findings} == {"group_gone"}
        assert (refused.facts.configurations, refused.facts.failed) == (2, 2)
        assert there.names("Policy 00") == {"New", "Kept"}


async def test_only_so_many_assignments_as_allowed_are_put_back(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(3))
        there.settings = replace(there.settings, caution=replace(there.settings.caution, max_changes=2))
        with pytest.raises(UsageError):
            await put_back(there, done.folder)
        assert read_header(done.folder).put_back == ""


async def test_from_a_program(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        async with migrator.connect(there.settings) as connection:
            done = await migrator.run(there.mapping(rows(2)), connection)
            assert isinstance(done, Result)
            back = await migrator.rollback("last", connection)
        assert isinstance(back, Result)
        frame = migrator.Run.open("last", there.settings.reports).rows()
        assert list(frame["status"]) == ["put back", "put back"]
        assert list(frame["reason"]) == [f"what run {done.folder.id} did for this row is put back"] * 2
        assert all_before(there)


async def test_over_a_graph_that_is_not_ours(tmp_path: Path) -> None:
    graph = ForeignGraph(
        {f"{n:08d}-0000-4000-8000-000000000001": f"G{n}" for n in range(40)},
        {f"{n:08d}-0000-4000-8000-000000000002": f"Policy {n}" for n in range(6)},
        {},
    )
    groups = list(graph.groups)
    graph.assigned = {c: groups[n : n + 25] for n, c in enumerate(graph.configurations)}
    before = {c: set(g) for c, g in graph.assigned.items()}
    lines: Sequence[str] = [f"Policy {n};G{n};G{n + 30};" for n in range(6)]
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("\n".join(["Policy;Legacy group;New group;Action", *lines]), encoding="utf-8")
    async with serving(graph):
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
        settings = configure({"reports": tmp_path / "reports"}, environ=environ, folder=tmp_path)
        async with connect(settings) as connection:
            done = await run(mapping, settings, connection, approve=approved, stop=Stop())
            assert {c: set(g) for c, g in graph.assigned.items()} != before
            graph.assigned[next(iter(before))].append(groups[39])
            back = await rollback(done.folder, settings, connection, approve=approved, stop=Stop())
    assert isinstance(back, Result)
    assert (back.exit_code, back.facts.succeeded, back.facts.drifted) == (4, 5, 1)
    first, *others = before
    assert {c: set(graph.assigned[c]) for c in others} == {c: before[c] for c in others}
    assert groups[39] in graph.assigned[first]


async def test_what_is_picked_is_put_back_and_the_rest_stays(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(4))
        back = await put_back(there, done.folder, selection=Selection(only=("Policy 0?",), without=("Policy 03",)))
        assert (back.exit_code, back.facts.configurations, back.facts.succeeded) == (0, 3, 3)
        assert all_before(there, range(3))
        assert there.names("Policy 03") == {"New", "Kept"}
        with pytest.raises(UsageError, match="leave nothing"):
            await put_back(there, done.folder, selection=Selection(without=("*",)))


async def test_a_rollback_that_was_not_approved_at_once_is_carried_out_by_its_reviewed_plan(tmp_path: Path) -> None:
    async def no(_plan: Plan, _folder: RunFolder) -> bool:
        return False

    async with world(tenant(), tmp_path) as there:
        done = await there.run(rows(2))
        async with there.connection() as connection:
            declined = await rollback(done.folder, there.settings, connection, approve=no, stop=Stop())
        assert isinstance(declined, Declined)
        book = openpyxl.load_workbook(declined.folder.plan_xlsx)
        sheet = book["Configurations"]
        headings = [cell.value for cell in sheet[1]]
        for line in sheet.iter_rows(min_row=2):
            line[headings.index("Approved")].value = "yes" if line[0].value == "Policy 01" else "no"
        book.save(tmp_path / "reviewed.xlsx")
        async with there.connection() as connection:
            approval = Approval(file=tmp_path / "reviewed.xlsx")
            back = await apply(
                declined.folder, there.settings, connection, approve=approved, stop=Stop(), approval=approval
            )
        assert isinstance(back, Result)
        assert (back.exit_code, back.facts.succeeded, back.facts.left_out) == (0, 1, 1)
        assert there.names("Policy 01") == {"Old", "Kept"}
        assert there.names("Policy 00") == {"New", "Kept"}
