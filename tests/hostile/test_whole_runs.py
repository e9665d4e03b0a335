"""Whole runs against a server that does everything wrong: a right outcome, or one clear error, and never for ever.

Time is virtual, so that half an hour of refusals takes none; only an answer that does not come is waited for, a fifth
of a second in place of three minutes.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from migrator.graph import transport
from migrator.model.errors import MigratorError
from migrator.model.outcome import Status
from migrator.model.settings import Settings
from migrator.operations.apply import resume
from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.run import run
from tests.foreign_graph import TOKEN, ForeignGraph
from tests.hostile.cases import CASES, EVER, Case
from tests.hostile.server import Exchange, HostileGraph, Place, serving
from tests.virtual_clock import VirtualClock
from tests.whole import approved

WATCHDOG = 20  # real seconds
LONGEST = 2 * 3600.0  # of the client's seconds that any of these runs may take
OLD, NEW, KEPT = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))
POLICIES = {f"0000001{n}-0000-4000-8000-000000000000": f"Policy {n}" for n in range(3)}
BEFORE, AFTER = {OLD, KEPT}, {NEW, KEPT}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_WITHIN", 0.2)


@dataclass
class Here:
    """A hostile Graph, and everything that leads to it."""

    graph: HostileGraph
    settings: Settings
    mapping: Path
    clock: VirtualClock

    @property
    def assigned(self) -> list[set[str]]:
        return [set(groups) for groups in self.graph.graph.assigned.values()]

    async def run(self) -> Result:
        async with asyncio.timeout(WATCHDOG), connect(self.settings, clock=self.clock) as connection:
            result = await run(self.mapping, self.settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, Result)
        return result

    async def resume(self, done: Result) -> Result:
        async with asyncio.timeout(WATCHDOG), connect(self.settings, clock=self.clock) as connection:
            result = await resume(done.folder, self.settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, Result)
        return result


@asynccontextmanager
async def here(folder: Path, graph: HostileGraph) -> AsyncIterator[Here]:
    mapping = folder / "mapping.csv"
    mapping.write_text("Policy,Legacy group,New group\n" + "".join(f"{name},Old,New\n" for name in POLICIES.values()))
    async with serving(graph):
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
        settings = configure({"reports": folder / "reports"}, environ=environ, folder=folder)
        settings = replace(settings, kinds=("officeClientConfigurations",))
        yield Here(graph, settings, mapping, VirtualClock())


def hostile(case: Case | None = None) -> HostileGraph:
    graph = ForeignGraph({OLD: "Old", NEW: "New", KEPT: "Kept"}, POLICIES, {p: [OLD, KEPT] for p in POLICIES})
    return HostileGraph(graph, case.place, case.trouble, case.times) if case else HostileGraph(graph)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_it_ends_well_or_says_why_not(tmp_path: Path, case: Case) -> None:
    async with here(tmp_path, hostile(case)) as there:
        raised: MigratorError | None = None
        try:
            check(case, await there.run(), there)
        except MigratorError as error:
            raised = error
        if raised is not None:
            check_raised(case, raised, there)
        assert there.graph.met
        assert there.clock.now < LONGEST
        assert all("cookie" not in asked.headers for asked in there.graph.asked)


def check_raised(case: Case, error: MigratorError, there: Here) -> None:
    """One sentence, and nothing was sent."""
    assert (error.exit_code, there.assigned) == (case.exit, [BEFORE] * 3)
    assert case.says in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 500
    assert (case.failed, case.unverified) == (0, 0)
    assert not there.graph.graph.assigns


def check(case: Case, result: Result, there: Here) -> None:
    """The outcomes are as they should be, and no more is said than is so."""
    facts = result.facts
    assert (result.exit_code, facts.failed, facts.unverified) == (case.exit, case.failed, case.unverified)
    reasons = [line.reason for line in facts.lines if line.status is Status.FAILED]
    told = str(result.error) if result.error else " ".join(reasons)
    assert case.says in told
    assert "\n" not in told
    assert all(groups in (BEFORE, AFTER) for groups in there.assigned)
    if not case.failed and not case.unverified:
        assert there.assigned == [AFTER] * 3
    if case.times == 1 or case.place is not Place.ASSIGN:
        assert len(there.graph.graph.assigns) <= len(POLICIES)  # nothing that was applied is sent again
    assert result.folder.summary_xlsx.is_file()


@pytest.mark.parametrize("place", [Place.ASSIGN, Place.LIST])
async def test_a_token_that_comes_back_in_what_is_no_answer_is_neither_kept_nor_shown(
    tmp_path: Path, place: Place
) -> None:
    async def repeats(exchange: Exchange) -> None:
        signed = exchange.asked.headers["authorization"].encode()
        await exchange.write(b"HTTP/1.1 200 OK\r\nAuthorization " + signed + b"\r\n\r\n")
        await exchange.close()

    async with here(tmp_path, HostileGraph(hostile().graph, place, repeats, EVER)) as there:
        try:
            told = [line.reason for line in (await there.run()).facts.lines]
        except MigratorError as error:
            told = [str(error)]
        files = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert all("foreign" in reason for reason in told)
    assert not any(TOKEN in reason for reason in told)
    assert place is Place.LIST or {".xlsx", ".sqlite", ".log"} <= {path.suffix for path in files}
    for path in files:
        texts = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                texts = [book.read(name) for name in book.namelist()]
        assert not any(TOKEN.encode() in text for text in texts), path.name


GONE_ON_WITH = [case for case in CASES if case.times == EVER and case.failed and case.place is Place.ASSIGN][::3]


@pytest.mark.parametrize("case", GONE_ON_WITH, ids=str)
async def test_once_it_is_over_resume_goes_on(tmp_path: Path, case: Case) -> None:
    async with here(tmp_path, hostile(case)) as there:
        result = await there.run()
        there.graph.times = 0
        resumed = await there.resume(result)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, 3)
        assert there.assigned == [AFTER] * 3
