"""Limits hold over sliding windows; refusals say when to come back, and count."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.settings import Limit
from migrator.simulator import RetryAfter, SimulatorSettings, TenantState, tenant_of
from migrator.simulator.throttle import Throttle, Window
from tests.simulator.client import Client, HandTime, Reply, connected, office_body, path_of


def tenant() -> TenantState:
    return tenant_of({"One": ["Old"]})


async def write(client: Client) -> Reply:
    state = client.tenant.state
    return await client.post(path_of(state, "One", "assign"), office_body([state.group("Old").id]))


async def read(client: Client) -> Reply:
    return await client.get(path_of(client.tenant.state, "One"))


async def test_writes_beyond_the_limit_wait_for_the_window() -> None:
    time = HandTime()
    async with connected(tenant(), clock=time.clock(), writes=Limit(3, 20), refused_count=False) as client:
        for _ in range(3):
            assert (await write(client)).status == 200
            time.seconds += 4.5
        refused = await write(client)
        assert (refused.status, refused.headers["retry-after"]) == (429, "7")
        assert refused.headers["x-ms-throttle-scope"].startswith("Tenant_Application/ReadWrite/")
        assert refused.headers["x-ms-throttle-information"]
        assert (await read(client)).status == 200
        time.seconds += 7
        assert (await write(client)).status == 200
        assert (await write(client)).status == 429
        assert client.tenant.record.refused == 2


async def test_a_call_made_too_early_prolongs_the_wait_where_refusals_count() -> None:
    for counts, then in ((True, 429), (False, 200)):
        time = HandTime()
        async with connected(tenant(), clock=time.clock(), writes=Limit(1, 20), refused_count=counts) as client:
            await write(client)
            time.seconds += 15
            early = await write(client)
            assert early.headers["retry-after"] == ("20" if counts else "5")
            time.seconds += 5
            assert (await write(client)).status == then


async def test_writes_count_as_requests_too_but_the_directory_is_apart() -> None:
    time = HandTime()
    limits: dict[str, Any] = {"requests": Limit(2, 20), "directory": Limit(4, 10)}
    async with connected(tenant(), clock=time.clock(), **limits) as client:
        await write(client)
        await read(client)
        assert (await read(client)).status == 429
        assert (await write(client)).status == 429
        first = await client.get("/v1.0/groups")
        assert (first.status, first.headers["x-ms-resource-unit"]) == (200, "1")
        ids = {"ids": [client.tenant.state.group("Old").id]}
        third = await client.post("/v1.0/directoryObjects/getByIds", ids)
        assert float(third.headers["x-ms-throttle-limit-percentage"]) == 1.0
        assert (await client.get("/v1.0/groups")).status == 429


async def test_no_limit_refuses_nothing() -> None:
    free: dict[str, Any] = {"writes": Limit(None), "requests": Limit(None), "directory": Limit(None)}
    time = HandTime()
    async with connected(tenant(), clock=time.clock(), **free) as client:
        assert {(await write(client)).status for _ in range(150)} == {200}


async def test_a_faster_clock_shortens_windows_and_retry_after() -> None:
    time = HandTime()
    settings: dict[str, Any] = {"speed": 10.0, "writes": Limit(1, 20), "refused_count": False}
    async with connected(tenant(), clock=time.clock(10), **settings) as client:
        await write(client)
        time.seconds += 0.5
        assert (await write(client)).headers["retry-after"] == "2"
        time.seconds += 1.5
        assert (await write(client)).status == 200
        assert client.tenant.environment["MIGRATOR_LIMIT"] == "1/2s"


@pytest.mark.parametrize("said", list(RetryAfter))
async def test_a_refusal_says_when_to_come_back_as_it_is_set_to(said: RetryAfter) -> None:
    time = HandTime()
    async with connected(tenant(), clock=time.clock(), writes=Limit(1, 20), retry_after=said) as client:
        await write(client)
        told = (await write(client)).headers.get("retry-after")
        if said is RetryAfter.DATE:
            assert told
            assert 19 <= (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds() <= 22
        else:
            assert told == {RetryAfter.SECONDS: "20", RetryAfter.ONE: "1", RetryAfter.ABSENT: None}[said]


async def test_counters_tell_what_was_admitted_in_each_second() -> None:
    time = HandTime()
    async with connected(tenant(), clock=time.clock()) as client:
        for _ in range(3):
            await write(client)
        time.seconds += 2
        await read(client)
        counters: Any = client.tenant.record.counters()
        assert counters["admittedPerSecond"] == {"0": 3, "2": 1}
        assert counters["admittedWritesPerSecond"] == {"0": 3}
        assert (counters["writes"], counters["reads"], counters["assigns"]) == (3, 1, 3)


gaps = st.lists(st.floats(0, 8), max_size=120)


@given(gaps=gaps, calls=st.integers(1, 12))
def test_no_span_ever_holds_more_than_the_limit(gaps: list[float], calls: int) -> None:
    window, now, admitted = Window(Limit(calls, 20)), 0.0, []
    for gap in gaps:
        now += gap
        if window.wait(now, 1) == 0.0:
            window.book(now, 1)
            admitted.append(now)
    for at in admitted:
        assert sum(at - 20 + 1e-5 < other <= at for other in admitted) <= calls


@given(gaps=gaps, calls=st.integers(1, 12), penal=st.booleans())
def test_whoever_waits_as_told_is_admitted(gaps: list[float], calls: int, *, penal: bool) -> None:
    settings = SimulatorSettings(writes=Limit(calls, 20), refused_count=penal)
    throttle, now = Throttle(settings), 0.0
    for gap in gaps:
        now += gap
        admission = throttle.admit(now, write=True)
        if not admission.granted:
            now += admission.seconds(1.0)
            assert throttle.admit(now, write=True).granted


@given(wait=st.floats(0.001, 40), speed=st.sampled_from([1.0, 3.0, 10.0]))
def test_what_is_told_is_never_too_short(wait: float, speed: float) -> None:
    time = HandTime()
    throttle = Throttle(SimulatorSettings(writes=Limit(1, wait)))
    throttle.admit(time.seconds, write=True)
    admission = throttle.admit(time.seconds, write=True)
    assert admission.seconds(speed) * speed >= admission.wait - 1e-4
    assert float(admission.decimals(speed)) * speed >= admission.wait - 1e-3
