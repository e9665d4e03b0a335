"""What a person sees: one sentence on standard error, an exit status, and no traceback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migrator.cli.main import run_command_line
from tests.foreign_graph import TOKEN
from tests.hostile import troubles as t
from tests.hostile.cases import EVER
from tests.hostile.server import HostileGraph, Place, Trouble, serving
from tests.hostile.test_whole_runs import POLICIES, hostile


@contextmanager
def in_a_thread(graph: HostileGraph) -> Iterator[str]:
    """The server beside a command that has an event loop of its own."""
    up, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with serving(graph):
            up.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert up.wait(10)
        yield graph.url
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


@pytest.mark.parametrize(
    ("place", "trouble", "status", "says"),
    [
        (Place.LIST, t.changed(t.instead_of_the_list(5)), 1, "carries no list"),
        (Place.LOOK_UP, t.changed(t.throughout(None)), 1, "something that is no group"),
        (Place.LIST, t.error(403), 3, "grant the application"),
        (Place.LIST, t.error(401), 3, "does not accept the token"),
        (Place.LIST, t.gzip_bomb, 1, "larger than 64 MiB"),
    ],
)
def test_one_sentence_and_a_status(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    place: Place,
    trouble: Trouble,
    status: int,
    says: str,
) -> None:
    graph = hostile()
    graph.place, graph.trouble, graph.times = place, trouble, EVER
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("Policy,Legacy group,New group\n" + "".join(f"{name},Old,New\n" for name in POLICIES.values()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIGRATOR_ACCESS_TOKEN", TOKEN)
    with in_a_thread(graph) as url:
        monkeypatch.setenv("MIGRATOR_GRAPH_URL", url)
        told = run_command_line(["run", str(mapping), "--yes", "--quiet", "--kind", "officeClientConfigurations"])
    shown = capfd.readouterr()
    assert told == status
    assert not shown.out
    (line,) = shown.err.strip().splitlines()
    assert line.startswith("migrator: ")
    assert says in line
    assert TOKEN not in line
    assert not graph.graph.assigns
