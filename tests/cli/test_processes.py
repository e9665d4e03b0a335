"""The commands as processes of their own: what only a real process shows."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.journal.folder import list_runs
from migrator.simulator.description import tenant_from_json
from tests.whole import until, world

MIGRATOR = (sys.executable, "-m", "migrator")


def test_the_demo_ends_well_and_leaves_everything_to_look_at(tmp_path: Path) -> None:
    done = subprocess.run(
        [*MIGRATOR, "demo", "--json"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["configurations"] >= 200
    assert content["rows"] >= 3000
    assert content["succeeded"] + content["unchanged"] == content["configurations"]
    (folder,) = list_runs(tmp_path / "reports")
    for path in (folder.plan_xlsx, folder.summary_xlsx, folder.journal, folder.log):
        assert path.is_file()
    assert len(list(folder.configurations.iterdir())) == content["configurations"]


async def test_simulate_serves_until_it_is_stopped_and_others_can_talk_to_it(tmp_path: Path) -> None:
    mapping = tmp_path / "m.csv"
    mapping.write_text("Policy,Old group,New group\nP,A,B\nQ,A,B\n", encoding="utf-8")
    server = await asyncio.create_subprocess_exec(
        *(*MIGRATOR, "simulate", str(mapping), "--json"), stdout=subprocess.PIPE, cwd=tmp_path
    )
    try:
        assert server.stdout is not None
        environment = json.loads(await asyncio.wait_for(server.stdout.readline(), 30))["environment"]
        run = await asyncio.create_subprocess_exec(
            *(*MIGRATOR, "run", str(mapping), "--yes", "--json", "--quiet"),
            stdout=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, **environment},
        )
        out, _ = await asyncio.wait_for(run.communicate(), 60)
        assert (run.returncode, json.loads(out)["succeeded"]) == (0, 2)
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to a child alone")
async def test_ctrl_c_lets_what_is_in_flight_finish_and_resume_goes_on(tmp_path: Path) -> None:
    number = 30
    configurations = [
        {"kind": "configurationPolicies", "name": f"Policy {n}", "assignments": ["Old"]} for n in range(number)
    ]
    tenant = tenant_from_json({"groups": ["Old", "New"], "configurations": configurations})
    async with world(tenant, tmp_path, latency=0.1) as there:
        mapping = there.mapping([(f"Policy {n}", "Old", "New", "") for n in range(number)])
        environment = {**os.environ, **there.simulator.environment}
        run = await asyncio.create_subprocess_exec(
            *(*MIGRATOR, "run", str(mapping), "--yes", "--json", "--concurrency", "3"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment,
        )
        await until(lambda: there.simulator.record.assigns >= 4)
        run.send_signal(signal.SIGINT)
        out, err = await run.communicate()
        assert run.returncode == 130
        assert b"Traceback" not in err
        stopped = json.loads(out)
        assert 4 <= stopped["succeeded"] < number
        assert sum(c.writes for c in there.simulator.state.every_configuration()) == stopped["succeeded"]
        resumed = await asyncio.create_subprocess_exec(
            *(*MIGRATOR, "resume", "last", "--json", "--quiet"), stdout=subprocess.PIPE, cwd=tmp_path, env=environment
        )
        out, _ = await resumed.communicate()
        assert (resumed.returncode, json.loads(out)["succeeded"]) == (0, number)
        assert all(c.writes == 1 for c in there.simulator.state.every_configuration())
