"""`migrator where`, as a person or a script uses it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import migrator as package
from migrator.simulator.settings import Lies
from tests.commands import Command, lead_to
from tests.rich_tenant import APP, CATALOG, FINANCE, OFFICE, rich_tenant
from tests.whole import World, world
from tests.workbook.opened import sheet_names


@pytest.fixture
async def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world(rich_tenant(), tmp_path, lies=Lies(refused={OFFICE: 403})) as served:
        lead_to(served, monkeypatch)
        yield served


async def test_a_table_of_all_assignments_and_what_to_know(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("where", "Finance", "SG-Finance")
    lines = out.splitlines()
    assert status == 0
    assert lines[0].split() == ["Group", "How", "Kind", "Configuration", "Intent", "Filter"]
    assert [line.split()[:2] for line in lines[1:6]] == [["Finance", "included"], ["Finance", "EXCLUDED"]] + [
        ["Finance", "included"]
    ] * 3
    assert "include Corporate devices" in lines[1]
    assert "Assigned nowhere: SG-Finance." in out
    assert "1 kind forbidden: Office client configuration" in out
    assert re.search(r"reports.where-[0-9]{8}-[0-9]{6}-contoso\.xlsx$", lines[-1])
    assert "Assignments" in sheet_names(Path(lines[-1].split(maxsplit=1)[1]))


async def test_one_object_for_programs(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("where", FINANCE, "--json", "--xlsx", "found.xlsx")
    said: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert status == 0
    assert {(a["kind"], a["configuration"], a["direction"], a["intent"]) for a in said["assignments"]} >= {
        (APP, "Company Portal", "include", "required"),
        (APP, "Company Portal", "exclude", "uninstall"),
        (CATALOG, "Win - Firewall", "include", ""),
    }
    assert said["groups"] == [
        {
            "asked": FINANCE,
            "group": "Finance",
            "groupId": FINANCE,
            "assignments": 5,
            "included": 4,
            "excluded": 1,
            "note": "",
        }
    ]
    assert {c["read"] for c in said["coverage"]} == {"read", "forbidden"}
    assert (said["whole"], said["file"], said["requests"]) == (True, "found.xlsx", there.simulator.record.requests)
    assert "Assignments" in sheet_names(Path("found.xlsx"))


async def test_the_kind_that_is_asked_for_and_may_not_be_read_is_no_success(there: World, migrator: Command) -> None:
    status, out, _ = await migrator("where", "Finance", "--kind", APP, "--kind", OFFICE)
    assert status == 1
    assert "Not everything could be read" in out


async def test_an_unknown_group_is_wrong_usage_with_near_names(there: World, migrator: Command) -> None:
    status, out, err = await migrator("where", "Financ", "Sales")
    assert (status, out) == (2, "")
    assert "did you mean 'Finance'" in err
    assert "2 groups are called 'Sales'" in err


@pytest.mark.parametrize("file", ["found.csv", "nowhere/found.xlsx", "folder.xlsx"])
async def test_a_workbook_that_cannot_be_written_is_told_before_anything_is_read(
    there: World, migrator: Command, file: str
) -> None:
    (there.folder / "folder.xlsx").mkdir()
    status, _, err = await migrator("where", "Finance", "--xlsx", file)
    assert (status, there.simulator.record.requests) == (2, 0)
    assert file.split("/")[0] in err


async def test_programs_call_it(there: World) -> None:
    async with package.connect(there.settings) as connection:
        found = await package.where("Finance", connection)
    assert isinstance(found, package.Occurrences)
    assert len(found.found) == 5
