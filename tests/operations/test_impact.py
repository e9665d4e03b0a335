"""Whom a plan concerns, from the directory's members to the plan, the journal, the workbooks and the command line."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from migrator.cli.main import run_command_line
from migrator.journal.reader import read_record
from migrator.model.choice import Approval
from migrator.model.finding import Level
from migrator.model.impact import Certainty, Everybody, Impact, Moved
from migrator.operations.verify import verify_mapping
from migrator.reporting.impact import BY_CONFIGURATION, MEMBERS, SHEET, impact_lines, impact_warnings, told
from migrator.simulator import Fault, Faults, Lies, tenant_from_json
from migrator.simulator.state import TenantState
from tests.review import fill_in
from tests.whole import World, world

KIND = "configurationPolicies"
ROWS = [
    ("Baseline", "GPO", "SG", "", ""),
    ("BitLocker", "GPO", "SG", "", ""),
    ("Kiosks", "GPO-Kiosks", "SG-Kiosks", "", ""),
    ("Welcome", "", "Joiners", "add", ""),
    ("Telemetry", "", "Contractors", "add", "exclude"),
]
HEADINGS = ("Configuration", "Legacy group", "New group", "Action", "Direction")


def excluding(state: TenantState, name: str) -> dict[str, Any]:
    type_ = "#microsoft.graph.exclusionGroupAssignmentTarget"
    return {"target": {"@odata.type": type_, "groupId": state.group(name).id}}


def tenant() -> TenantState:
    groups: list[Any] = [
        {"displayName": "GPO", "members": {"users": 1180}},
        {"displayName": "SG", "members": {"users": ["142-1260"]}},
        {"displayName": "GPO-Kiosks", "members": {"devices": 240}},
        {"displayName": "SG-Kiosks", "members": {"devices": ["20-300"]}},
        {"displayName": "Contractors", "members": {"users": ["1000-1100"]}},
        {"displayName": "Joiners", "members": {}},
        {"displayName": "Finance", "members": {"users": 40}},
        {"displayName": "Pilot", "members": {"devices": 30}},
    ]
    pilot = excluding(tenant_from_json({"groups": groups}), "Pilot")
    lists: dict[str, list[Any]] = {
        "Baseline": ["GPO"],
        "BitLocker": ["GPO", "Finance", pilot],
        "Kiosks": ["GPO-Kiosks"],
        "Welcome": ["Finance"],
        "Telemetry": ["All users"],
    }
    described = [{"kind": KIND, "name": name, "assignments": held} for name, held in lists.items()]
    return tenant_from_json({"groups": groups, "configurations": described})


def table(path: Path, sheet: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    headings, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def texts(path: Path, sheet: str) -> Iterator[str]:
    book = openpyxl.load_workbook(path)
    return (str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row if cell is not None)


async def test_who_gains_loses_and_keeps_is_in_the_plan_the_journal_and_the_workbooks(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run([(*row[:1], *row[1:]) for row in ROWS], HEADINGS)
    found = read_record(result.folder).plan.impact
    assert found is not None
    assert found == result.record.plan.impact
    # 141 are not in SG, and 101 contractors are shut out; 80 come with SG.
    assert found.users == Moved(gain=80, lose=242, keep=938)
    assert found.devices == Moved(gain=60, lose=19, keep=221)
    for path in (result.folder.plan_xlsx, result.folder.summary_xlsx):
        first, second, third, fourth = table(path, SHEET)
        assert (first["Before"], first["After"], first["Configurations"]) == ("Included: GPO", "Included: SG", 2)
        assert [first[f"People {word}"] for word in ("gain", "lose", "keep")] == [80, 141, 1039]
        assert (second["After"], second["People lose"], second["Numbers are"]) == (
            "Excluded: Contractors",
            101,
            "at most",
        )
        assert [third[f"Devices {word}"] for word in ("gain", "lose", "keep")] == [60, 19, 221]
        assert (fourth["Before"], fourth["After"]) == ("not assigned", "Included: Joiners")
        by_name = {line["Configuration"]: line for line in table(path, BY_CONFIGURATION)}
        # Forty of those who leave GPO are in Finance, which stays.
        assert [by_name["BitLocker"][f"People {word}"] for word in ("gain", "lose", "keep")] == [80, 101, 1079]
        assert by_name["Telemetry"]["People lose"] == 101
        groups = {line["Group"]: line for line in table(path, MEMBERS)}
        assert (groups["GPO"]["People"], groups["GPO"]["In this plan"]) == (1180, "goes")
        assert (groups["Pilot"]["Devices"], groups["Pilot"]["In this plan"]) == (30, "stays")
        assert (groups["Joiners"]["People"], groups["Joiners"]["Note"]) == (0, "no members")
    overview = list(texts(result.folder.plan_xlsx, "Plan"))
    assert any(text.startswith("242 people lose at least one configuration") for text in overview)
    assert "people lose" in overview
    assert {"Whom it concerns", "938"} <= set(texts(result.folder.summary_xlsx, "Summary"))


async def test_empty_and_mixed_groups_are_warnings_at_their_rows(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS, HEADINGS)
    found = [(f.level, f.code, f.row) for f in drawn.plan.findings]
    assert found == [(Level.WARNING, "mixed_groups", 3), (Level.WARNING, "empty_group", 5)]


async def test_the_fingerprint_is_about_assignments_and_not_about_people(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        counted = await there.plan(ROWS, HEADINGS)
        asked = there.simulator.record.requests
        there.settings = replace(there.settings, impact=False)
        plain = await there.plan(ROWS, HEADINGS)
        assert there.simulator.record.requests - asked == asked - 3  # one batch of pages, and two for the large groups
    assert plain.plan.fingerprint == counted.plan.fingerprint
    assert plain.plan.impact is None
    assert not [f for f in plain.plan.findings if f.code in ("empty_group", "mixed_groups")]
    sheets = openpyxl.load_workbook(plain.folder.plan_xlsx).sheetnames
    assert not {SHEET, BY_CONFIGURATION, MEMBERS} & set(sheets)


async def test_a_plan_holds_where_nobody_may_count(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=Lies(members_forbidden=True)) as there:
        result = await there.run(ROWS, HEADINGS)
    found = result.record.plan.impact
    assert (result.exit_code, result.facts.succeeded) == (0, 5)
    assert found is not None
    assert found.users.certainty is Certainty.UNKNOWN
    assert all("403" in group.reason for group in found.groups)
    assert table(result.folder.plan_xlsx, SHEET)[0]["People lose"] is None
    overview = " ".join(texts(result.folder.plan_xlsx, "Plan"))
    assert "people lose" not in overview
    assert "could not be counted: 403" in overview
    assert not [f for f in result.record.plan.findings if f.code in ("empty_group", "mixed_groups")]


async def test_a_deleted_group_that_is_replaced_had_nobody(tmp_path: Path) -> None:
    gone = "0f0f0f0f-0000-4000-8000-00000000abcd"
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": gone}
    state = tenant_from_json(
        {
            "groups": [{"displayName": "SG", "members": {"users": 7}}],
            "configurations": [{"kind": KIND, "name": "Baseline", "assignments": [{"target": target}]}],
        }
    )
    async with world(state, tmp_path) as there:
        drawn = await there.plan([("Baseline", "", "SG", "add"), ("Baseline", gone, "", "remove")])
    assert drawn.plan.impact is not None
    assert drawn.plan.impact.users == Moved(gain=7)
    notes = {line["Group ID"]: line["Note"] for line in table(drawn.folder.plan_xlsx, MEMBERS)}
    assert notes[gone] == "there is no such group any more"
    assert not any("could not be counted" in text for text in texts(drawn.folder.plan_xlsx, "Plan"))


async def test_verifying_a_mapping_never_counts(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there, there.connection() as connection:
        result = await verify_mapping(there.mapping(ROWS, HEADINGS), there.settings, connection)
    assert {attempt.purpose for attempt in result.record.attempts} == {"about", "list", "look up", "read"}
    assert result.record.plan.impact is None


async def test_a_reviewed_plan_comes_back_with_its_impact(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS, HEADINGS)
        file = tmp_path / "back.xlsx"
        shutil.copy(drawn.folder.plan_xlsx, file)
        fill_in(file, {"Kiosks": "yes"})
        result = await there.apply(drawn.folder, approval=Approval(file=file))
        assert there.names("Kiosks") == {"SG-Kiosks"}
        assert there.names("Baseline") == {"GPO"}
    assert result.exit_code == 0


async def test_a_journal_of_an_earlier_version_has_no_impact(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan(ROWS, HEADINGS)
    with closing(sqlite3.connect(drawn.folder.journal, isolation_level=None)) as connection:
        connection.execute("DELETE FROM plan WHERE name = 'impact'")
    assert read_record(drawn.folder).plan == replace(drawn.plan, impact=None)


async def told_by(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = await asyncio.to_thread(run_command_line, [str(a) for a in arguments])
    return status, capsys.readouterr().out


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)

    def environment(there: World) -> None:
        for name, value in there.simulator.environment.items():
            monkeypatch.setenv(name, value)

    return environment


async def test_the_command_line_says_it_and_can_leave_it_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, served: Any
) -> None:
    async with world(tenant(), tmp_path) as there:
        served(there)
        mapping = there.mapping(ROWS, HEADINGS)
        _, out = await told_by(capsys, "plan", mapping)
        assert "people: 80 gain, 242 lose, 938 keep\ndevices: 60 gain, 19 lose, 221 keep\n" in out
        _, out = await told_by(capsys, "plan", mapping, "--json")
        people = {"gain": 80, "lose": 242, "keep": 938, "certainty": "exact", "everybody": []}
        assert json.loads(out)["impact"]["people"] == people
        status, out = await told_by(capsys, "plan", mapping, "--json", "--no-impact")
        assert (status, json.loads(out)["impact"]) == (0, None)
        monkeypatch.setenv("MIGRATOR_NO_IMPACT", "1")
        status, out = await told_by(capsys, "run", mapping, "--yes")
        assert status == 0
    runs = sorted((tmp_path / "reports").iterdir())
    assert openpyxl.load_workbook(runs[-1] / "plan.xlsx").sheetnames[:2] == ["Plan", "Configurations"]
    assert SHEET not in openpyxl.load_workbook(runs[-1] / "summary.xlsx").sheetnames


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (Moved(120, 45, 1039), "120 gain, 45 lose, 1,039 keep"),
        (Moved(keep=2, everybody=(Everybody.GAINS,)), "0 lose, 2 keep, everybody else gains"),
        (
            Moved(1, 2, 0, Certainty.SIZES),
            "1 gain, 2 lose (at most so many: a group has too many members to compare, so its size counts)",
        ),
        (Moved(certainty=Certainty.UNKNOWN), "not counted (the members of a group could not be counted)"),
        (
            Moved(lose=3, certainty=Certainty.UNKNOWN),
            "0 gain, 3 lose (not all: the members of a group could not be counted)",
        ),
    ],
)
def test_numbers_are_said_with_what_they_are_worth(moved: Moved, words: str) -> None:
    assert told(moved) == words


def test_what_stands_out_is_said() -> None:
    nobody = Moved()
    one = Impact(Moved(lose=1), Moved(lose=3, certainty=Certainty.AT_MOST), (), (), ())
    assert list(impact_warnings(one)) == [
        f"1 person loses at least one configuration (sheets {SHEET} and {BY_CONFIGURATION}).",
        f"At most 3 devices lose at least one configuration (sheets {SHEET} and {BY_CONFIGURATION}).",
    ]
    everybody = Impact(Moved(everybody=(Everybody.LOSES,)), nobody, (), (), ())
    assert "Nearly all people lose" in next(iter(impact_warnings(everybody)))
    assert not list(impact_warnings(Impact(nobody, nobody, (), (), ())))
    assert not list(impact_warnings(None))
    assert impact_lines(None) == []


async def test_all_users_are_told_in_words_and_not_as_nobody(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([("Baseline", "GPO", "Finance", ""), ("Welcome", "Finance", "All users", "")])
    assert drawn.plan.impact is not None
    found = {one.key.id: one.users for one in drawn.plan.impact.configurations}
    assert Moved(keep=40, everybody=(Everybody.GAINS,)) in found.values()
    assert impact_lines(drawn.plan.impact)[0] == "people: 1,140 lose, 40 keep, everybody else gains"
    overview = list(texts(drawn.folder.plan_xlsx, "Plan"))
    assert "people gain" not in overview
    assert "other people gain" in overview
    assert any("All other people gain something, for “All users” comes somewhere." in text for text in overview)
    line = table(drawn.folder.plan_xlsx, SHEET)[1]
    assert (line["After"], line["People gain"], line["People keep"]) == ("All users", "everybody else", 40)


async def test_nobody_of_a_large_group_loses_what_everybody_gets(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        drawn = await there.plan([("Baseline", "GPO", "All users", "swap")])
    assert drawn.plan.impact is not None
    assert drawn.plan.impact.users.lose == 0
    assert impact_lines(drawn.plan.impact)[0].startswith("people: 0 lose, everybody else gains")


async def test_a_service_that_fails_now_and_then_is_asked_again(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, faults=Faults(reads={Fault.UNAVAILABLE: 0.2}), seed=5) as there:
        drawn = await there.plan(ROWS, HEADINGS)
    assert drawn.plan.impact is not None
    assert drawn.plan.impact.users == Moved(gain=80, lose=242, keep=938)
