"""`migrator export` and `migrator template`, as a person or a script uses them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from migrator.mapping.load import load
from migrator.simulator.settings import Lies
from tests.commands import Command, lead_to
from tests.rich_tenant import APP, OFFICE, rich_tenant
from tests.whole import World, world


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world(rich_tenant(), tmp_path, lies=Lies(refused={OFFICE: 409})) as served:
        lead_to(served, monkeypatch)
        yield served


async def test_an_export_says_what_is_in_it_and_what_is_not(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("export", "all.xlsx", "--kind", APP)
    assert status == 0
    assert out.splitlines()[:2] == [
        "4 rows of 1 kind; unfilled they change nothing",
        "1 assignment left out: a policy set made it, which is where to change it",
    ]
    assert "migrator plan all.xlsx" in out
    assert len(load("all.xlsx").rows) == 4


async def test_one_object_for_programs_and_no_success_where_a_kind_fails(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("export", "all.csv", "--json")
    said = json.loads(out.splitlines()[-1])
    assert (status, said["whole"], said["file"], said["rows"]) == (1, False, "all.csv", 15)
    assert [(left["target"], left["direction"]) for left in said["left"]] == [
        ("Sales", "include"),
        ("Project Falcon", "include"),
    ]
    assert [one["kind"] for one in said["coverage"] if one["read"] == "failed"] == [OFFICE]
    assert said["requests"] == there.simulator.record.requests


async def test_a_file_that_is_there_is_left_alone(there: World, migrator: Command) -> None:
    (there.folder / "all.csv").write_text("mine")
    status, _, err = await migrator("export", "all.csv")
    assert (status, there.simulator.record.requests) == (2, 0)
    assert "--force" in err
    assert (there.folder / "all.csv").read_text() == "mine"


async def test_a_template_needs_no_tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrator: Command) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = await migrator("template", "blank.xlsx")
    assert (status, "migrator check blank.xlsx" in out) == (0, True)
    status, out, _ = await migrator("template", "blank.xlsx", "--force", "--json")
    assert (status, json.loads(out)) == (0, {"file": "blank.xlsx"})
    assert (await migrator("template", "blank.xlsx"))[0] == 2
