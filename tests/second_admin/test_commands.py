"""What a person sees of it: the option, the exit status, JSON, the doctor, the embedded tenant's own option."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.journal.reader import read_header
from migrator.model.errors import UsageError
from migrator.model.record import RunHeader
from migrator.operations.configure import configure
from migrator.operations.open_run import as_approved, options_of
from migrator.operations.runs import runs
from migrator.simulator.settings import Lies
from tests.commands import Command, lead_to
from tests.moving import before, moved, swaps
from tests.second_admin.telling import KIND, PROTECTED, asked_of
from tests.whole import World, world


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world(before(2, KIND), tmp_path, approval=PROTECTED) as served:
        lead_to(served, monkeypatch)
        yield served


async def test_a_run_that_waits_leaves_with_five_and_resume_remembers_the_justification(
    there: World, migrator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = there.mapping(swaps(2))
    status, out, _ = await migrator("run", mapping, "--yes", "--json", "--justification", "CHG 42")
    assert (status, json.loads(out)["waiting"]) == (5, 2)
    monkeypatch.setenv("MIGRATOR_JUSTIFICATION", "another")
    there.simulator.decide(reject="Policy 00")
    there.simulator.decide(approve="Policy 01")
    status, out, _ = await migrator("resume", "last", "--yes")
    assert status == 1
    assert "What was declined needs a new plan where it is wanted all the same: migrator run" in out
    (listed,) = runs(there.settings.reports)
    assert dict(read_header(listed.folder).options)["justification"] == "CHG 42"
    assert asked_of(there, "Policy 01").asked.startswith("CHG 42 (")
    status, out, _ = await migrator("runs")
    assert "1 failed, 1 succeeded" in out


async def test_what_waits_and_what_was_declined_are_both_said(there: World, migrator: Command) -> None:
    await migrator("run", there.mapping(swaps(2)), "--yes")
    there.simulator.decide(reject="Policy 00", reason="no\n\x1b[1mSucceeded")
    status, out, _ = await migrator("resume", "last", "--yes")
    assert status == 1
    assert "Once a second admin approved what waits, go on with: migrator resume" in out
    assert "What was declined needs a new plan where it is wanted all the same: migrator run" in out
    assert "Try again" not in out
    assert not any(line.lstrip().startswith("Succeeded") for line in out.splitlines())


async def test_runs_say_how_many_wait(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("run", there.mapping(swaps(2)), "--yes")
    assert (status, "Once a second admin approved what waits, go on with: migrator resume" in out) == (5, True)
    assert "2 waiting" in (await migrator("runs"))[1]
    there.simulator.decide(approve="*")
    assert (await migrator("resume", "last", "--yes"))[0] == 0
    assert moved(there, 2)


@pytest.mark.parametrize("said", ["", "none", " None "])
async def test_a_run_without_a_justification_says_once_what_is_wanted(
    there: World, migrator: Command, said: str
) -> None:
    status, out, err = await migrator("run", there.mapping(swaps(2)), "--yes", "--justification", said)
    assert status == 1
    assert (out + err).count("--justification TEXT") == 1
    assert not there.simulator.state.requests


async def test_one_that_is_too_long_is_refused_at_once(there: World, migrator: Command) -> None:
    status, out, err = await migrator("run", there.mapping(swaps(2)), "--yes", "--justification", "x" * 1025)
    assert (status, out) == (2, "")
    assert "--justification has 1,025 characters; the service takes 1,024 at most" in err
    assert not there.simulator.record.entries


async def test_the_doctor_says_what_is_protected(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("doctor")
    assert status == 0
    assert "configurationPolicy (at least Settings catalog policy). Runs end with exit status 5" in out


async def test_the_doctor_does_not_fail_where_that_may_not_be_read(
    migrator: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with world(before(1, KIND), tmp_path) as there:
        for name, value in there.simulator.environment.items():
            monkeypatch.setenv(name, value)
        status, out, _ = await migrator("doctor")
        assert (status, "no change waits for a second admin" in out) == (0, True)
        settings = there.simulator.service.settings
        there.simulator.use(replace(settings, lies=Lies(refused={"operationApproval": 403})))
        status, out, _ = await migrator("doctor")
        assert (status, "look  second admin: whether changes wait" in out) == (0, True)


@pytest.mark.parametrize(
    ("option", "environment", "file", "approved", "meant"),
    [
        (None, "", "", None, None),
        (None, "from outside", "", None, "from outside"),
        ("stated", "from outside", "", "before", "stated"),
        (None, "from outside", "", "before", "before"),
        (None, "", 'justification = "in the file"', None, "in the file"),
        ("", "from outside", "", "before", ""),
        ("NONE", "", "", None, ""),
        (None, "", "", "none", ""),
    ],
)
def test_where_a_justification_comes_from(
    tmp_path: Path, option: str | None, environment: str, file: str, approved: str | None, meant: str | None
) -> None:
    (tmp_path / "migrator.toml").write_text(file, encoding="utf-8")
    settings = configure(
        {"justification": option},
        environ={"MIGRATOR_JUSTIFICATION": environment},
        folder=tmp_path,
        approved={"justification": approved} if approved else None,
    )
    assert settings.justification == meant
    kept = dict(options_of(settings)).get("justification")
    assert kept == ("none" if meant == "" else meant)


def test_a_text_in_the_file_that_is_too_long_is_refused_as_well(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text(f'justification = "{"x" * 1025}"', encoding="utf-8")
    with pytest.raises(UsageError, match="1,025 characters"):
        configure({}, environ={}, folder=tmp_path)


async def test_the_embedded_tenant_can_be_told_what_to_protect(migrator: Command) -> None:
    status, _, err = await migrator("simulate", "--approval", "nonsense")
    assert (status, "there is no kind 'nonsense'" in err) == (2, True)


def test_what_a_run_was_approved_with_is_what_it_is_gone_on_with(tmp_path: Path) -> None:
    settings = configure({"justification": "CHG"}, environ={}, folder=tmp_path)
    header = RunHeader("run", "run", "1", 0.0, "", "", "", options_of(settings))
    assert as_approved(header)["justification"] == "CHG"
