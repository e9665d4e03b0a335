"""A batch is many requests that succeed, fail and are throttled each by itself."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from migrator.model.settings import Limit
from migrator.simulator import Fault, Faults, TenantState, tenant_of
from tests.simulator.client import CATALOG, HONEST, HandTime, connected, group

JSON = {"Content-Type": "application/json"}


def tenant() -> TenantState:
    policies = {f"P{n}": ["Old"] for n in range(25)}
    return tenant_of(policies, kind=CATALOG.name, groups=["New"])


def below(state: TenantState, name: str, *more: str) -> str:
    return "/".join((CATALOG.path, state.configuration(name).id, *more))


def get(id_: str, url: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "method": "GET", "url": url, **more}


async def test_each_request_has_its_own_status_headers_and_body() -> None:
    state = tenant()
    new = state.group("New").id
    async with connected(state) as client:
        answers = await client.batch(
            get("a", f"{below(state, 'P0', 'assignments')}?$select=target"),
            get("b", below(state, "P0", "nothing")),
            {
                "id": "c",
                "method": "post",
                "url": below(state, "P1", "assign").lstrip("/"),
                "headers": {"content-type": "application/json"},
                "body": {"assignments": [group(new)]},
            },
        )
        assert {id_: a["status"] for id_, a in answers.items()} == {"a": 200, "b": 404, "c": 200}
        assert list(answers["a"]["body"]["value"][0]) == ["target"]
        assert answers["b"]["body"]["error"]["innerError"]["request-id"]
        assert len({a["headers"]["request-id"] for a in answers.values()}) == 3
        assert state.configuration("P1").group_ids() == {new}
        assert (client.tenant.record.requests, client.tenant.record.inner) == (1, 3)


async def test_answers_come_in_any_order_and_their_ids_ignore_case() -> None:
    state = tenant()
    ids = [f"Request-{n}" for n in range(20)]
    orders, spelled = set(), set()
    for seed in range(1, 5):
        async with connected(tenant(), HONEST, vary=True, seed=seed) as client:
            requests = [get(id_, below(state, f"P{n}")) for n, id_ in enumerate(ids)]
            reply = await client.post("/beta/$batch", {"requests": requests})
            told = [a["id"] for a in reply.json["responses"]]
            assert sorted(t.lower() for t in told) == sorted(i.lower() for i in ids)
            orders.add(tuple(t.lower() for t in told))
            spelled |= set(told) - set(ids)
    assert len(orders) > 1
    assert spelled


async def test_pages_inside_a_batch_are_followed_outside() -> None:
    state = tenant()
    async with connected(state, page_size=10) as client:
        answers = await client.batch(get("1", CATALOG.path))
        link = answers["1"]["body"]["@odata.nextLink"]
        assert link.startswith(f"{client.tenant.graph_url}/beta/")
        assert len((await client.get(link)).value) == 10


@pytest.mark.parametrize(
    "requests",
    [
        [],
        "no list",
        [get(str(n), "/organization") for n in range(21)],
        [get("a", "/organization"), get("A", "/organization")],
        [get("", "/organization")],
        [{"id": "1", "url": "/organization"}],
        [get("1", "https://elsewhere.example/beta/organization")],
        [get("1", "/$batch")],
        [{"id": "1", "method": "TRACE", "url": "/organization"}],
        [{"id": "1", "method": "POST", "url": "/x", "headers": JSON}],
        [{"id": "1", "method": "POST", "url": "/x", "body": {}}],
        [{"id": "1", "method": "POST", "url": "/x", "headers": JSON, "body": "not base64!"}],
        [get("1", "/organization", headers=["x"])],
        [get("1", "/organization", dependsOn=["2"])],
        [get("1", "/organization", dependsOn=["2"]), get("2", "/organization", dependsOn=["1"])],
    ],
)
async def test_a_malformed_batch_is_refused_whole(requests: object) -> None:
    async with connected(tenant()) as client:
        reply = await client.post("/beta/$batch", {"requests": requests})
        assert (reply.status, reply.code) == (400, "BadRequest")


async def test_twenty_are_taken_only_by_post_and_as_json() -> None:
    async with connected(tenant()) as client:
        answers = await client.batch(*(get(str(n), "/organization") for n in range(20)), version="v1.0")
        assert len(answers) == 20
        assert (await client.get("/beta/$batch")).status == 405
        plain = await client.post("/beta/$batch", {"requests": []}, headers={"Content-Type": "text/plain"})
        assert plain.status == 415


async def test_a_body_may_be_base64() -> None:
    state = tenant()
    body = msgspec.json.encode({"assignments": [group(state.group("New").id)]})
    request = {
        "id": "1",
        "method": "POST",
        "url": below(state, "P0", "assign"),
        "headers": JSON,
        "body": base64.b64encode(body).decode(),
    }
    async with connected(state) as client:
        assert (await client.batch(request))["1"]["status"] == 200
        assert state.configuration("P0").group_ids() == {state.group("New").id}


async def test_a_failed_request_fails_those_that_depend_on_it() -> None:
    state = tenant()
    async with connected(state) as client:
        answers = await client.batch(
            get("4", "/organization", dependsOn=["3"]),
            get("3", "/organization", dependsOn=["2"]),
            get("2", "/nowhere", dependsOn=["1"]),
            get("1", "/organization"),
        )
        assert {i: a["status"] for i, a in answers.items()} == {"1": 200, "2": 404, "3": 424, "4": 424}
        assert answers["3"]["body"]["error"]["code"] == "FailedDependency"


async def test_every_inner_request_counts_against_the_limits_by_itself() -> None:
    state = tenant()
    time = HandTime()
    async with connected(state, clock=time.clock(), requests=Limit(15, 20), refused_count=False) as client:
        requests = [get(str(n), below(state, f"P{n}")) for n in range(20)]
        answers = await client.batch(*requests)
        statuses = sorted(a["status"] for a in answers.values())
        assert statuses == [200] * 15 + [429] * 5
        refused = next(a for a in answers.values() if a["status"] == 429)
        assert float(refused["headers"]["retry-after"]) == 20
        assert refused["body"]["error"]["code"] == "TooManyRequests"
        time.seconds += 20
        again = await client.batch(*(r for r in requests if answers[r["id"]]["status"] == 429))
        assert {a["status"] for a in again.values()} == {200}


async def test_decimals_may_stand_in_an_inner_retry_after() -> None:
    for seed in range(1, 9):
        time = HandTime()
        settings: dict[str, Any] = {"vary": True, "seed": seed, "requests": Limit(1, 20), "refused_count": False}
        async with connected(tenant(), clock=time.clock(), **settings) as client:
            await client.get("/beta/deviceManagement/assignmentFilters")
            time.seconds += 7.25
            inner = (await client.batch(get("1", "/deviceManagement/assignmentFilters")))["1"]
            told = {n.lower(): v for n, v in inner["headers"].items()}["retry-after"]
            assert told in ("12.750", "13")
            if told == "12.750":
                return
    pytest.fail("no seed of eight gave decimals")


async def test_faults_hit_inner_requests_as_statuses() -> None:
    state = tenant()
    planned = {"P0": (Fault.RESET_BEFORE,), "P1": (Fault.TRUNCATED,), "P2": (Fault.UNAVAILABLE_FOR,)}
    async with connected(state, faults=Faults(planned_reads=planned)) as client:
        requests = [get(str(n), below(state, f"P{n}", "assignments")) for n in range(4)]
        answers = await client.batch(*requests)
        assert [answers[str(n)]["status"] for n in range(4)] == [502, 504, 503, 200]
        assert {a["status"] for a in (await client.batch(*requests)).values()} == {200}
