"""What is learned of a tenant's limits, from one command to the next."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from migrator.graph.protocol import Call
from migrator.model.errors import UsageError
from migrator.model.settings import Auth, Limit, Secret, Settings, SignIn
from migrator.operations.connect import Connection, connect
from migrator.operations.doctor import examine
from migrator.operations.memory import Memory, memory_of
from migrator.simulator.description import tenant_from_json
from tests.whole import World, world

TENANT, APP = "00000000-aaaa-4000-8000-000000000001", "00000000-bbbb-4000-8000-000000000002"
SIGN_IN = SignIn(Auth.SECRET, "https://login.microsoftonline.com", TENANT, APP, Secret("s"))
SETTINGS = Settings("https://graph.microsoft.com", SIGN_IN)
GROUPS = Call("GET", "/v1.0/groups?$select=id", "look up")


def token(**claims: str) -> Secret:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"head.{payload}.signature")


def scope(settings: Settings) -> str:
    memory = memory_of(settings)
    assert memory is not None
    return memory.scope


def signing_in(**changes: Any) -> Settings:
    return replace(SETTINGS, sign_in=replace(SIGN_IN, **changes))


def test_it_is_that_of_one_app_in_one_tenant_on_one_graph_under_one_limit() -> None:
    others = [
        signing_in(tenant_id="another"),
        signing_in(client_id="another"),
        replace(SETTINGS, graph_url="https://graph.microsoft.us"),
        replace(SETTINGS, limit=Limit(50, 20.0)),
        replace(SETTINGS, limit=Limit(60, 20.0)),
    ]
    assert len({scope(settings) for settings in (SETTINGS, *others)}) == 6


def test_spelling_and_the_way_of_signing_in_make_no_difference() -> None:
    same = [
        signing_in(tenant_id=TENANT.upper(), auth=Auth.CERTIFICATE),
        replace(SETTINGS, graph_url="https://Graph.Microsoft.com/"),
        signing_in(auth=Auth.TOKEN, token=token(tid=TENANT, appid=APP), tenant_id="", client_id=""),
        signing_in(auth=Auth.TOKEN, token=token(tid=TENANT, azp=APP), tenant_id="stale", client_id="stale"),
        signing_in(token=token(tid="unused", appid="unused")),
    ]
    assert {scope(settings) for settings in same} == {scope(SETTINGS)}


@pytest.mark.parametrize(
    "settings",
    [
        signing_in(tenant_id=""),
        signing_in(tenant_id="Organizations", auth=Auth.DEVICE_CODE),
        signing_in(client_id=""),
        signing_in(auth=Auth.TOKEN, token=Secret("opaque"), tenant_id="", client_id=""),
        replace(SETTINGS, limit=Limit(None)),
        replace(SETTINGS, graph_url="http://127.0.0.1:8080"),
        replace(SETTINGS, graph_url="https://localhost:8080"),
    ],
)
def test_there_is_none_where_it_would_not_be_known_whose_it_is_or_where_it_is_not_wanted(settings: Settings) -> None:
    assert memory_of(settings) is None


def test_an_address_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        memory_of(replace(SETTINGS, graph_url="https://graph.microsoft.com:port"), tmp_path)


def test_nothing_secret_is_in_it(tmp_path: Path) -> None:
    memory = memory_of(signing_in(secret=Secret("hidden"), token=token(tid="t")), tmp_path)
    assert memory is not None
    memory.keep(0.0, {"writes": {"limit": 60}})
    content = memory.path.read_text(encoding="utf-8")
    assert "hidden" not in content
    assert "signature" not in content


def test_nothing_learned_is_nothing_kept(tmp_path: Path) -> None:
    memory = Memory("scope", tmp_path / "none")
    memory.keep(0.0, {})
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_kept_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = Memory("scope", tmp_path / "file")
    memory.keep(0.0, {"writes": {"limit": 60}})
    assert memory.states(0.0) == {}


def small_world(folder: Path) -> Any:
    return world(tenant_from_json({"groups": ["Old"]}), folder, clock=None)


def limited(there: World) -> Settings:
    return replace(there.settings, limit=None)


async def look_up(connection: Connection) -> None:
    (await connection.client.send(GROUPS)).require()


def memory_in(there: World, folder: Path) -> Memory:
    memory = memory_of(limited(there), folder)
    assert memory is not None
    return memory


async def test_a_command_keeps_what_it_learned_for_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    async with small_world(tmp_path) as there:
        async with connect(limited(there), memory=folder) as connection:
            await look_up(connection)
        memory = memory_in(there, folder)
        assert set(memory.recall(time.time())) == {"directory reads"}
        memory.keep(time.time(), {"directory reads": {"limit": 70, "span": 10.0}})
        async with connect(limited(there), memory=folder) as connection:
            assert connection.client.gates.of(GROUPS).status().limit == "70/10s"


@pytest.mark.parametrize("end", [KeyboardInterrupt, asyncio.CancelledError, RuntimeError, UsageError])
async def test_however_it_ends(tmp_path: Path, end: type[BaseException]) -> None:
    async with small_world(tmp_path) as there:

        async def command() -> None:
            async with connect(limited(there), memory=tmp_path / "memory") as connection:
                await look_up(connection)
                raise end("the end")

        with pytest.raises(end):
            await command()
        assert set(memory_in(there, tmp_path / "memory").recall(time.time())) == {"directory reads"}


async def test_an_embedded_tenant_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")
    async with small_world(tmp_path) as there, connect(limited(there)) as connection:
        await look_up(connection)
        assert connection.memory is None
    assert not (tmp_path / "state").exists()


async def told_by_doctor(settings: Settings, folder: Path | None) -> str:
    async with connect(settings, memory=folder) as connection:
        return {s.subject: s.said async for s in examine(settings, connection)}["memory"]


async def test_doctor_tells_what_is_remembered_how_old_it_is_and_how_to_forget_it(tmp_path: Path) -> None:
    async with small_world(tmp_path) as there:
        settings = limited(there)
        memory = memory_in(there, tmp_path / "memory")
        assert "nothing is remembered" in await told_by_doctor(settings, None)
        assert f"nothing yet; what a run learns of limits is kept in {memory.path}" in await told_by_doctor(
            settings, tmp_path / "memory"
        )
        memory.path.unlink()  # doctor's own calls
        memory.keep(time.time() - 3.1 * 3600, {"writes": {"limit": 95, "span": 20.0}})
        memory.keep(time.time() - 125, {"script writes": {"limit": None, "span": 20.0}})
        said = await told_by_doctor(settings, tmp_path / "memory")
        assert "writes 95/20s, 3 h ago" in said
        assert "script writes without a limit, 2 min ago" in said
        assert f"to forget it, delete {memory.path}" in said
