"""The commands, as a person or a script uses them: what they print, and what they leave with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.cli.main import COMMANDS
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults, Lies
from tests.commands import Command, lead_to
from tests.review import fill_in
from tests.whole import World, world

KIND = "officeClientConfigurations"
ROWS = [("One", "Old", "New", ""), ("Two", "", "New", "add")]


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    tenant = tenant_from_json(
        {
            "groups": ["Old", "New", "Kept", "Theirs"],
            "configurations": [
                {"kind": KIND, "name": "One", "assignments": ["Old", "Kept"]},
                {"kind": KIND, "name": "Two", "assignments": ["Kept"]},
            ],
        }
    )
    async with world(tenant, tmp_path) as served:
        lead_to(served, monkeypatch)
        yield served


def last_object(out: str) -> dict[str, Any]:
    found = json.loads(out.splitlines()[-1])
    assert isinstance(found, dict)
    return found


async def test_run_says_what_happened_and_where_to_look(there: World, migrator: Command) -> None:
    status, out, err = await migrator("run", there.mapping(ROWS), "--yes")
    assert status == 0
    assert "2 configurations, 2 rows: 2 succeeded" in out
    assert "summary.xlsx" in out
    assert "Assigning" in err


async def test_run_as_json_prints_one_object_and_nothing_else(there: World, migrator: Command) -> None:
    status, out, err = await migrator("run", there.mapping(ROWS), "--yes", "--json", "--quiet")
    (line,) = out.splitlines()
    content = json.loads(line)
    assert (status, err) == (0, "")
    names = "run folder configurations succeeded unchanged failed drifted waiting unverified rows requests throttled "
    assert list(content) == (names + "retries seconds").split()
    assert (content["configurations"], content["succeeded"], content["rows"]) == (2, 2, 2)
    assert content["run"] in content["folder"]


async def test_run_without_anybody_to_ask_keeps_the_plan_and_sends_nothing(there: World, migrator: Command) -> None:
    status, _, err = await migrator("run", there.mapping(ROWS))
    assert status == 2
    assert "migrator apply" in err
    assert there.simulator.record.writes == 0
    status, _, _ = await migrator("apply", "last", "--yes")
    assert status == 0
    assert there.names("One") == {"New", "Kept"}


async def test_a_mapping_with_errors_is_told_whole_and_leaves_with_2(there: World, migrator: Command) -> None:
    mapping = there.mapping([("One", "Old", "Nobody", ""), ("Nowhere", "Old", "New", "")])
    status, out, err = await migrator("plan", mapping, "--json")
    assert status == 2
    found = last_object(out)["findings"]
    assert {(f["level"], f["code"], f["row"]) for f in found} >= {
        ("error", "unknown_group", 2),
        ("error", "unknown_configuration", 3),
    }
    assert set(found[0]) == {"level", "code", "sheet", "row", "column", "message"}
    status, out, _ = await migrator("run", mapping, "--yes")
    assert status == 2
    assert "C2  no group 'Nobody'" in out
    assert "nothing was sent" in err
    assert [path.name for path in there.folder.glob("reports/*")] == ["missing-mapping.xlsx"], "no run was made"


async def test_plan_apply_and_drift(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("plan", there.mapping(ROWS), "--json")
    assert status == 0
    planned = last_object(out)
    assert (planned["findings"], planned["changing"]) == ([], 2)
    there.simulator.change("One", add=["Theirs"])
    status, out, _ = await migrator("apply", planned["run"], "--yes", "--json")
    assert (status, last_object(out)["drifted"]) == (4, 1)
    status, out, _ = await migrator("run", there.mapping(ROWS), "--yes")
    assert status == 0


async def test_apply_carries_out_the_plan_whose_fingerprint_was_approved(there: World, migrator: Command) -> None:
    _, out, _ = await migrator("plan", there.mapping(ROWS), "--json")
    planned = last_object(out)
    asked = there.simulator.record.requests
    status, _, err = await migrator("apply", "last", "--approved", "00000-11111-22222-33333", "--yes")
    assert (status, there.simulator.record.requests) == (2, asked)
    assert f"the plan has the fingerprint {planned['fingerprint']}, and 00000-11111-22222-33333 was approved" in err
    status, _, err = await migrator("apply", "last", "--approved", "", "--yes")
    assert (status, there.simulator.record.requests) == (2, asked)
    status, _, err = await migrator("apply", "last", "--approved", planned["fingerprint"].replace("-", " ").upper())
    assert (status, there.simulator.record.writes) == (2, 0)
    assert "there is nobody to ask" in err
    status, out, err = await migrator("apply", "last", "--approved", planned["fingerprint"], "--yes")
    assert status == 0
    assert f"The plan is the one that was approved: {planned['fingerprint']}" in err


async def test_apply_carries_out_what_has_a_yes_in_the_plan_that_came_back(there: World, migrator: Command) -> None:
    _, out, _ = await migrator("plan", there.mapping(ROWS), "--json")
    path = Path(last_object(out)["folder"]) / "plan.xlsx"
    status, _, err = await migrator("apply", "last", "--plan", path, "--yes")
    assert (status, there.simulator.record.writes) == (2, 0)
    assert "nobody filled it in" in err
    fill_in(path, {"One": "yes"})
    status, out, err = await migrator("apply", "last", "--plan", path, "--yes")
    assert status == 0
    assert "1 of 2 configurations to be carried out, 1 left out" in err
    assert "1 succeeded, 1 unchanged (1 left out)" in out
    status, out, _ = await migrator("report", "last", "--json")
    assert (status, last_object(out)["left_out"]) == (0, 1)
    assert there.names("Two") == {"Kept"}


async def test_configurations_are_picked_by_option_or_environment(
    there: World, migrator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, _ = await migrator("plan", there.mapping(ROWS), "--only", "t*", "--json")
    assert (status, last_object(out)["configurations"]) == (0, 1)
    status, _, err = await migrator("plan", there.mapping(ROWS), "--except", "Twoo")
    assert status == 2
    assert "--except 'Twoo' matches no configuration of mapping.csv; did you mean 'Two'?" in err
    monkeypatch.setenv("MIGRATOR_ONLY", "one\ntwo\n")
    monkeypatch.setenv("MIGRATOR_EXCEPT", "One")
    status, _, _ = await migrator("run", there.mapping(ROWS), "--yes")
    assert (status, there.names("One"), there.names("Two")) == (0, {"Old", "Kept"}, {"Kept", "New"})


async def test_failures_leave_with_1_and_resume_mends_them(there: World, migrator: Command) -> None:
    faults = Faults(planned_writes={"One": (Fault.FORBIDDEN,)})
    there.simulator.use(replace(there.simulator.settings, faults=faults))
    status, out, _ = await migrator("run", there.mapping(ROWS), "--yes")
    assert status == 1
    assert "migrator resume" in out
    status, out, _ = await migrator("resume", "last", "--json")
    assert (status, last_object(out)["succeeded"]) == (0, 2)


async def test_what_could_not_be_read_needs_a_new_plan_and_not_to_be_resumed(there: World, migrator: Command) -> None:
    liar = frozenset({"One"})
    lies = Lies(list_empty=liar, item_empty=liar, assignments_absent=frozenset({KIND}))
    there.simulator.use(replace(there.simulator.settings, lies=lies))
    status, out, _ = await migrator("run", there.mapping(ROWS[:1]), "--yes")
    assert status == 1
    assert "retry.xlsx" in out
    assert "migrator resume" not in out
    there.simulator.use(replace(there.simulator.settings, lies=Lies()))
    retry = next(there.folder.glob("reports/*/retry.xlsx"))
    assert (await migrator("run", retry, "--yes"))[0] == 0
    assert there.names("One") == {"New", "Kept"}


async def test_verify_report_and_runs(there: World, migrator: Command) -> None:
    mapping = there.mapping(ROWS)
    assert (await migrator("verify", mapping))[0] == 1
    assert (await migrator("run", mapping, "--yes"))[0] == 0
    assert (await migrator("verify", "last"))[0] == 0
    assert (await migrator("report", "last"))[0] == 0
    _, out, _ = await migrator("runs")
    assert len(out.splitlines()) == 2
    _, out, _ = await migrator("runs", "--json")
    assert [run["command"] for run in last_object(out)["runs"]] == ["verify", "run"]


async def test_doctor_is_content_with_a_healthy_tenant(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("doctor")
    assert status == 0
    assert "ok    clock" in out
    status, out, _ = await migrator("doctor", "--json")
    assert {s["health"] for s in last_object(out)["symptoms"]} == {"ok"}


async def test_a_wrong_secret_leaves_with_3(there: World, migrator: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATOR_CLIENT_SECRET", "wrong-secret-of-somebody")
    status, out, err = await migrator("run", there.mapping(ROWS), "--yes")
    assert status == 3
    assert "Traceback" not in err
    assert "wrong-secret-of-somebody" not in out + err
    assert (await migrator("doctor"))[0] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("apply", "nothing"), "there is no run"),
        (("resume", "last"), "there is no run"),
        (("verify", "nothing.xlsx"), "there is no file"),
        (("check", "nothing.xlsx"), "nothing.xlsx"),
        (("run", "nothing.xlsx", "--yes"), "nothing.xlsx"),
        (("doctor", "--graph-url", "http://graph.example"), "https"),
        (("doctor", "--limit", "fast"), "100/20s"),
        (("doctor", "--kind", "nonsense"), "there are Office client configuration, "),
        (("doctor", "--kind", "windowsAutopilotDeploymentProfiles"), "not assignable this way"),
        (("where", "Old", "--kind", "userSettings,Autopilot deployment profile"), "not assignable this way"),
        (("runs", "extra"), "extra"),
        (("unheard-of",), "unheard-of"),
    ],
)
async def test_wrong_usage_is_one_sentence_and_leaves_with_2(
    there: World, migrator: Command, arguments: tuple[str, ...], said: str
) -> None:
    status, _, err = await migrator(*arguments)
    assert status == 2
    assert said in err
    assert "Traceback" not in err
    assert there.simulator.record.requests == 0


async def test_a_place_for_reports_that_is_none_is_told_before_anything_is_asked(
    there: World, migrator: Command
) -> None:
    (there.folder / "a-file").write_text("not a folder", encoding="utf-8")
    status, _, err = await migrator("plan", there.mapping(ROWS), "--reports", "a-file")
    assert (status, there.simulator.record.requests) == (2, 0)
    assert "no folder" in err


async def test_a_verified_mapping_that_does_not_hold_says_what_would_make_it_so(
    there: World, migrator: Command
) -> None:
    status, out, _ = await migrator("verify", there.mapping(ROWS))
    assert status == 1
    assert "migrator run MAPPING" in out
    assert "migrator resume" not in out


async def test_what_somebody_changed_afterwards_is_told_by_a_later_verification(
    there: World, migrator: Command
) -> None:
    assert (await migrator("run", there.mapping(ROWS), "--yes"))[0] == 0
    there.simulator.change("Two", add=["Theirs"])
    status, out, _ = await migrator("verify", "last")
    assert status == 1
    assert "Two: 1 extra" in out
    assert "migrator run MAPPING" in out


async def test_check_needs_no_tenant(tmp_path: Path, migrator: Command) -> None:
    mapping = tmp_path / "m.csv"
    mapping.write_text("Policy,Group\nP,A\n,B\n", encoding="utf-8")
    status, out, _ = await migrator("check", mapping)
    assert status == 2
    assert "A3" in out
    assert "1 error" in out
    mapping.write_text("Policy,Group\nP,A\nP,B\n", encoding="utf-8")
    status, out, _ = await migrator("check", mapping, "--json")
    assert (status, last_object(out)["rows"]) == (0, 2)


async def test_flags_have_names_in_the_environment(
    there: World, migrator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("YES", "JSON", "QUIET"):
        monkeypatch.setenv(f"MIGRATOR_{name}", "1")
    status, out, err = await migrator("run", there.mapping(ROWS))
    assert (status, err) == (0, "")
    assert last_object(out)["succeeded"] == 2
    monkeypatch.setenv("MIGRATOR_MODE", "replace")
    assert (await migrator("check", there.mapping(ROWS)))[0] == 2


async def test_an_unexpected_failure_shows_one_line_and_where_its_details_are(
    tmp_path: Path, migrator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrator.cli.unexpected.user_log_path", lambda *_, **__: tmp_path / "logs")
    monkeypatch.setattr("migrator.operations.runs.list_runs", lambda _: 1 / 0)
    status, _, err = await migrator("runs")
    assert status == 1
    assert len(err.splitlines()) == 1
    assert "ZeroDivisionError" in err
    assert "Traceback" in (tmp_path / "logs" / "migrator-errors.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [None, *COMMANDS])
async def test_every_command_has_help(migrator: Command, name: str | None) -> None:
    status, out, _ = await migrator(*([name] if name else []), "--help")
    assert status == 0
    assert "Usage: migrator" in out


async def test_rollback_shows_its_plan_keeps_it_and_puts_back(there: World, migrator: Command) -> None:
    _, out, _ = await migrator("run", there.mapping(ROWS), "--yes", "--json")
    done = last_object(out)["run"]
    status, _, err = await migrator("rollback", "last")
    assert status == 2
    assert "migrator apply" in err
    assert there.names("One") == {"New", "Kept"}
    there.simulator.change("Two", add=["Theirs"])
    status, out, _ = await migrator("rollback", done, "--yes", "--json")
    content = last_object(out)
    assert (status, content["succeeded"], content["drifted"], content["rows"]) == (4, 1, 1, 2)
    assert there.names("One") == {"Old", "Kept"}
    assert there.names("Two") == {"New", "Kept", "Theirs"}
    status, _, err = await migrator("resume", done, "--yes")
    assert (status, f"was put back by run {content['run']}" in err) == (2, True)
    status, out, _ = await migrator("runs", "--json")
    listed = {one["run"]: one for one in last_object(out)["runs"]}
    assert listed[done]["put_back"] == content["run"]
    assert listed[content["run"]]["of"] == done
    _, out, _ = await migrator("runs")
    assert f"put back by {content['run']}" in out
    status, out, _ = await migrator("report", content["run"])
    assert f"Puts back     run {done}" in out
    assert "left alone" in out


async def test_rollback_of_a_run_that_does_not_exist_leaves_with_2(there: World, migrator: Command) -> None:
    status, _, err = await migrator("rollback", "nothing")
    assert (status, "no run 'nothing'" in err) == (2, True)
