"""It starts on free ports, stops at once, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import ssl
from dataclasses import replace

import aiohttp
import msgspec
import pytest

from migrator.model.errors import UsageError
from migrator.model.settings import Limit, parse_limit
from migrator.simulator import Simulator, SimulatorSettings, tenant_of
from migrator.simulator.server import scaled
from tests.simulator.client import HONEST, TOKEN, HandTime, connected, path_of


async def test_its_environment_makes_every_command_talk_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    settings = SimulatorSettings(speed=10)
    async with Simulator(tenant_of({}), settings) as tenant:
        assert tenant.environment == {
            "MIGRATOR_GRAPH_URL": tenant.graph_url,
            "MIGRATOR_AUTHORITY": tenant.authority,
            "MIGRATOR_TENANT_ID": tenant.state.id,
            "MIGRATOR_CLIENT_ID": settings.client_id,
            "MIGRATOR_CLIENT_SECRET": settings.client_secret,
            "MIGRATOR_AUTH": "secret",
            "MIGRATOR_CA_BUNDLE": str(tenant.ca_bundle),
            "MIGRATOR_LIMIT": "100/2s",
        }
        monkeypatch.setenv("https_proxy", "http://proxy.example:8080")
        monkeypatch.setenv("no_proxy", "intranet.example")
        assert tenant.environment["no_proxy"] == "intranet.example,127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("limit", "speed", "said"),
    [
        (Limit(100, 20), 1, "100/20s"),
        (Limit(100, 20), 8, "100/2.5s"),
        (Limit(None), 9, "none"),
        (Limit(9, 1), 1e6, "9/0.001s"),
    ],
)
def test_a_limit_is_told_in_the_clients_seconds(limit: Limit, speed: float, said: str) -> None:
    assert str(scaled(limit, speed)) == said
    assert parse_limit(said) == scaled(limit, speed)


async def test_it_stops_at_once_and_leaves_nothing_behind() -> None:
    async with aiohttp.ClientSession() as session:
        async with Simulator(tenant_of({}), replace(HONEST, latency=3600.0)) as tenant:
            bundle = tenant.ca_bundle
            assert bundle.read_text(encoding="ascii").count("BEGIN CERTIFICATE") == 1
            assert [p.name for p in bundle.parent.iterdir()] == ["ca.pem"], "no private key stays on disk"
            hanging = asyncio.ensure_future(session.get(f"{tenant.graph_url}/v1.0/groups"))
            await asyncio.sleep(0.05)
            assert not hanging.done()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 2
        assert not bundle.parent.exists()
        with pytest.raises(aiohttp.ClientConnectionError):
            await hanging
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(tenant.graph_url)
    assert len(asyncio.all_tasks()) == 1


async def test_two_run_side_by_side_and_one_can_have_its_port() -> None:
    async with Simulator(tenant_of({}), HONEST) as one, Simulator(tenant_of({}), HONEST) as other:
        assert one.graph_url != other.graph_url
        port = int(one.graph_url.rpartition(":")[2])
    async with connected(tenant_of({}), port=port) as client:
        assert client.tenant.graph_url == f"http://127.0.0.1:{port}"
        assert (await client.get("/v1.0/groups")).status == 200
        with pytest.raises(OSError, match="in use"):
            async with Simulator(tenant_of({}), replace(HONEST, port=port)):
                pytest.fail("a port that is taken cannot be had")


async def test_the_certificate_is_good_for_every_name_of_this_machine() -> None:
    async with Simulator(tenant_of({})) as tenant:
        context = ssl.create_default_context(cafile=str(tenant.ca_bundle))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        port = int(tenant.authority.rpartition(":")[2])
        for name in ("localhost", "127.0.0.1", "::1"):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
            writer.close()
            await writer.wait_closed()
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="elsewhere.example")


async def test_answers_take_the_time_they_are_set_to_take_scaled_by_the_speed() -> None:
    time = HandTime()
    async with connected(tenant_of({}), clock=time.clock(10), speed=10.0, latency=1.0) as client:
        for _ in range(40):
            await client.get("/v1.0/groups")
        assert 0.07 < (time.seconds - 1000) / 40 < 0.15


def test_the_clock_may_change_its_speed_without_moving_what_has_been() -> None:
    time = HandTime()
    clock = time.clock(2)
    time.seconds += 5
    assert clock.now() == 10
    clock.speed = 10
    assert clock.now() == 10
    time.seconds += 1
    assert (clock.now(), clock.real(5)) == (20, 0.5)


async def test_large_bodies_are_taken() -> None:
    async with connected(tenant_of({})) as client:
        ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(1000)]
        body = {"ids": ids, "types": ["group"], "padding": "x" * 3_000_000}
        url = f"{client.tenant.graph_url}/v1.0/directoryObjects/getByIds"
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with client.session.post(url, data=io.BytesIO(msgspec.json.encode(body)), headers=headers) as response:
            assert response.status == 200


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(UsageError, match="speed"):
        SimulatorSettings(speed=0)


async def test_a_tenant_that_is_served_again_is_as_it_was_left() -> None:
    state = tenant_of({"One": ["Old"]}, groups=["New"])
    async with connected(state) as client:
        client.tenant.change("One", assignments=["New"])
    async with connected(state) as client:
        told = (await client.get(path_of(state, "One", "assignments"))).value
        assert [a["target"]["groupId"] for a in told] == [state.group("New").id]
        client.tenant.reset()
        assert state.configuration("One").group_ids() == {state.group("Old").id}
