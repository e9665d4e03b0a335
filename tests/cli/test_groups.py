"""Pairs of groups on the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from migrator.simulator.description import tenant_from_json
from tests.commands import Command, lead_to
from tests.whole import World, world


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    tenant = tenant_from_json(
        {
            "groups": ["Old", "A=B", "New", "Kept"],
            "configurations": [
                {"kind": "officeClientConfigurations", "name": "One", "assignments": ["Old", "Kept"]},
                {"kind": "mobileApps", "name": "Two", "assignments": ["A=B"]},
                {"kind": "deviceShellScripts", "name": "Three", "assignments": ["Kept"]},
            ],
        }
    )
    async with world(tenant, tmp_path) as served:
        lead_to(served, monkeypatch)
        yield served


async def test_pairs_are_planned_run_and_verified_without_a_mapping(there: World, migrator: Command) -> None:
    pairs = ("--group", "Old=New", "--group", "A=B = New", "--json", "--quiet")
    status, out, _ = await migrator("plan", *pairs)
    planned = json.loads(out.splitlines()[-1])
    assert (status, planned["configurations"], planned["changing"], planned["rows"]) == (0, 2, 2, 2)
    assert {f["code"] for f in planned["findings"]} == {"wherever", "came_to"}
    assert {f["sheet"] for f in planned["findings"]} == {"--group"}
    assert (await migrator("verify", *pairs))[0] == 1
    status, out, _ = await migrator("run", *pairs, "--yes")
    assert (status, json.loads(out.splitlines()[-1])["succeeded"]) == (0, 2)
    assert (there.names("One"), there.names("Two")) == ({"New", "Kept"}, {"New"})
    assert (await migrator("verify", *pairs))[0] == 0
    assert (await migrator("verify", "last", "--quiet"))[0] == 0


async def test_pairs_and_a_mapping_are_one_run(there: World, migrator: Command) -> None:
    mapping = there.mapping([("Three", "", "New", "add")])
    status, out, _ = await migrator("run", mapping, "--group", "Old=New", "--yes", "--json", "--quiet")
    told = json.loads(out.splitlines()[-1])
    assert (status, told["configurations"], told["rows"]) == (0, 2, 2)
    assert there.names("Three") == {"Kept", "New"}


async def test_pairs_may_come_from_the_environment_one_a_line(
    there: World, migrator: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATOR_GROUP", "Old=New\nA=B = Kept\n")
    status, out, _ = await migrator("plan", "--json", "--quiet")
    assert (status, json.loads(out.splitlines()[-1])["configurations"]) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("plan",), 'name a mapping, or groups with --group "LEGACY=NEW"'),
        (("run", "--yes"), 'name a mapping, or groups with --group "LEGACY=NEW"'),
        (("verify",), 'name a mapping, or groups with --group "LEGACY=NEW"'),
        (("plan", "--group", "A=B=C"), "which = stands between"),
        (("plan", "--group", "Old"), "it has no ="),
        (("plan", "--group", "Old="), "names one group only"),
        (("plan", "--group", "Nobody=New"), "no group 'Nobody' in this tenant"),
    ],
)
async def test_what_is_no_pair_is_one_sentence_and_leaves_with_2(
    there: World, migrator: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    status, out, err = await migrator(*arguments, "--quiet")
    assert status == 2
    assert sentence in out + err
    assert there.simulator.record.writes == 0


async def test_a_run_is_verified_by_its_journal_and_takes_no_pairs(there: World, migrator: Command) -> None:
    await migrator("plan", "--group", "Old=New", "--quiet")
    status, _, err = await migrator("verify", "last", "--group", "Old=New", "--quiet")
    assert status == 2
    assert "what a run intended is in its journal" in err
