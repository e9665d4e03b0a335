"""Troubles come as planned or by seed, the same each time, and are what they say they are."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.simulator import Fault, Faults, SimulatorSettings, TenantState, tenant_of
from migrator.simulator.faults import FaultPlan
from migrator.simulator.settings import PASSING_READ_FAULTS, PASSING_WRITE_FAULTS
from tests.simulator.client import TOKEN, Client, HandTime, Reply, connected, office_body, path_of

BROKEN = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


def tenant() -> TenantState:
    return tenant_of({"One": ["Old"], "Two": ["Old"]}, groups=["New"])


async def write(client: Client, name: str = "One") -> Reply:
    state = client.tenant.state
    return await client.post(path_of(state, name, "assign"), office_body([state.group("New").id]))


def is_applied(state: TenantState, name: str = "One") -> bool:
    return state.configuration(name).group_ids() == {state.group("New").id}


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        (Fault.INTERNAL, 500, False),
        (Fault.BAD_GATEWAY, 502, False),
        (Fault.UNAVAILABLE, 503, False),
        (Fault.UNAVAILABLE_FOR, 503, False),
        (Fault.FORBIDDEN, 403, False),
        (Fault.CONFLICT, 409, False),
        (Fault.TIMEOUT_AFTER, 504, True),
    ],
)
async def test_a_status_is_answered_and_carried_out_or_not(*, fault: Fault, status: int, applied: bool) -> None:
    state = tenant()
    async with connected(state, faults=Faults(planned_writes={"One": (fault,)}, retry_after=3.0)) as client:
        reply = await write(client)
        assert (reply.status, is_applied(state)) == (status, applied)
        assert reply.json["error"]["innerError"]["request-id"]
        assert reply.headers.get("retry-after") == ("3" if fault is Fault.UNAVAILABLE_FOR else None)
        assert (await write(client)).status == 200
        assert client.tenant.service.faults.dealt == {fault: 1}


@pytest.mark.parametrize(
    ("fault", "applied"), [(Fault.RESET_BEFORE, False), (Fault.RESET_AFTER, True), (Fault.TRUNCATED, True)]
)
async def test_a_broken_connection_leaves_it_open_whether_it_was_applied(*, fault: Fault, applied: bool) -> None:
    state = tenant()
    async with connected(state, faults=Faults(planned_writes={"One": (fault,)})) as client:
        with pytest.raises(BROKEN):
            await write(client)
        assert is_applied(state) is applied
        assert (await write(client)).status == 200


async def test_whoever_has_gone_when_half_an_answer_comes_is_no_trouble() -> None:
    said = io.StringIO()
    handler, log = logging.StreamHandler(said), logging.getLogger("aiohttp.server")
    state = tenant()
    path = path_of(state, "One")
    log.addHandler(handler)
    try:
        async with connected(state, faults=Faults(planned_reads={"One": (Fault.TRUNCATED,)}), latency=0.05) as client:
            address = urlsplit(client.tenant.graph_url)
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
            await writer.drain()
            await asyncio.sleep(0)
            writer.transport.abort()
            while not client.tenant.service.faults.dealt:  # noqa: ASYNC110 - the tenant announces nothing
                await asyncio.sleep(0.005)
    finally:
        log.removeHandler(handler)
    assert said.getvalue() == ""


async def test_a_proxys_page_comes_with_200_and_is_no_json() -> None:
    state = tenant()
    async with connected(state, faults=Faults(planned_writes={"One": (Fault.PROXY_PAGE,)})) as client:
        reply = await write(client)
        assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
        with pytest.raises(msgspec.DecodeError):
            _ = reply.json
        assert not is_applied(state)


async def test_lagging_reads_show_the_old_list_for_a_while() -> None:
    state, time = tenant(), HandTime()
    faults = Faults(planned_writes={"One": (Fault.LAG,)})
    async with connected(state, clock=time.clock(), faults=faults, lag=5.0) as client:
        assert (await write(client)).status == 200
        assert is_applied(state)
        for waited, shown in ((0.0, "Old"), (4.9, "Old"), (0.2, "New")):
            time.seconds += waited
            told = [
                (await client.get(path_of(state, "One", "assignments"))).value,
                (await client.get(path_of(state, "One"), {"$expand": "assignments"})).json["assignments"],
            ]
            for assignments in told:
                assert [a["target"]["groupId"] for a in assignments] == [state.group(shown).id]


async def test_a_challenge_demands_a_token_that_was_asked_for_with_its_claims() -> None:
    state = tenant()
    async with connected(state, faults=Faults(planned_reads={"One": (Fault.CLAIMS,)})) as client:
        tokens = client.tenant.service.tokens
        old = tokens.issue("https://graph")
        path = path_of(state, "One")
        refused = await client.get(path, token=old)
        assert refused.status == 401
        said = refused.headers["www-authenticate"]
        assert said.startswith("Bearer ")
        assert 'error="insufficient_claims"' in said
        claims = base64.b64decode(said.partition('claims="')[2].partition('"')[0]).decode()
        assert (await client.get(path, token=old)).status == 401
        assert (await client.get(path, token=tokens.issue("https://graph"))).status == 401
        assert (await client.get(path, token=tokens.issue("https://graph", claims))).status == 200
        assert (await client.get(path)).status == 200, "a ready token cannot carry claims and is challenged once only"


async def test_plans_are_by_name_or_id_in_order_and_reads_apart_from_writes() -> None:
    state = tenant()
    two = state.configuration("Two").id
    faults = Faults(
        planned_writes={"One": (Fault.INTERNAL, Fault.BAD_GATEWAY), two: (Fault.UNAVAILABLE,)},
        planned_reads={"One": (Fault.INTERNAL,)},
    )
    async with connected(state, faults=faults) as client:
        assert [(await write(client)).status for _ in range(3)] == [500, 502, 200]
        assert [(await write(client, "Two")).status for _ in range(2)] == [503, 200]
        assert [(await client.get(path_of(state, "One"))).status for _ in range(2)] == [500, 200]


async def test_the_whole_batch_can_meet_a_fault() -> None:
    faults = Faults(reads={Fault.BAD_GATEWAY: 1.0})
    async with connected(tenant(), faults=faults) as client:
        reply = await client.post("/beta/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/organization"}]})
        assert reply.status == 502


def dealt(settings: SimulatorSettings, subjects: Sequence[str], attempts: int) -> dict[tuple[str, int], Fault | None]:
    plan = FaultPlan(settings)
    return {(s, n): plan.next(s, None, write=True) for n in range(attempts) for s in subjects}


@given(seed=st.integers(0, 1000), order=st.permutations([f"policy {n}" for n in range(20)]))
def test_a_fault_does_not_depend_on_the_order_of_arrival(seed: int, order: list[str]) -> None:
    shares = {Fault.INTERNAL: 0.2, Fault.RESET_AFTER: 0.2, Fault.LAG: 0.1}
    settings = SimulatorSettings(seed=seed, faults=Faults(writes=shares))
    assert dealt(settings, order, 3) == dealt(settings, sorted(order), 3)


def test_shares_are_kept_roughly_and_every_passing_fault_occurs() -> None:
    settings = SimulatorSettings(faults=Faults.everywhere(0.3))
    found = list(dealt(settings, [f"policy {n}" for n in range(4000)], 1).values())
    assert 0.24 < sum(f is not None for f in found) / len(found) < 0.33
    assert set(found) - {None} == set(PASSING_WRITE_FAULTS)
    assert found.count(Fault.CLAIMS) == 1, "by chance a challenge comes once"
    assert set(PASSING_READ_FAULTS) == set(PASSING_WRITE_FAULTS) - {Fault.LAG}


async def test_faults_everywhere_are_survived_by_asking_again() -> None:
    state = tenant_of({f"P{n}": ["Old"] for n in range(60)}, groups=["New"])
    async with connected(state, faults=Faults.everywhere(0.4)) as client:

        async def persist(name: str) -> int:
            for tries in range(1, 20):
                try:
                    reply = await write(client, name)
                except BROKEN:
                    continue
                if reply.status in (200, 201, 204) and reply.headers["content-type"].startswith("application/json"):
                    return tries
            pytest.fail(f"{name} never got through")

        tries = await asyncio.gather(*(persist(f"P{n}") for n in range(60)))
        assert max(tries) > 1
        assert all(is_applied(state, f"P{n}") for n in range(60))
