"""Where the documentation is silent tenants differ by seed; each is true to itself, and none says anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.kinds import KINDS
from migrator.simulator import IsAssigned, SimulatorSettings, tenant_of
from migrator.simulator.habits import Habits
from tests.simulator.client import CATALOG, HONEST, OFFICE, connected, group, path_of

seeds = st.integers(0, 100_000)
json_objects = st.dictionaries(
    st.text(max_size=4),
    st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda v: st.dictionaries(st.text(max_size=3), v)),
)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: without_nulls(v) for n, v in value.items() if v is not None}
    return value


@settings(max_examples=40)
@given(seed=seeds, thing=json_objects)
def test_arranging_loses_nothing_but_nulls(seed: int, thing: dict[str, Any]) -> None:
    assert without_nulls(Habits(SimulatorSettings(seed=seed)).arrange(thing, "x")) == without_nulls(thing)
    assert Habits(SimulatorSettings(seed=seed, vary=False)).arrange(thing, "x") == thing


@given(seed=seeds, items=st.lists(st.integers()))
def test_ordering_keeps_every_item(seed: int, items: list[int]) -> None:
    assert sorted(Habits(SimulatorSettings(seed=seed)).order(items, "x")) == sorted(items)


@given(seed=seeds, sent=st.text("aAbB-1", min_size=1))
def test_a_batch_id_stays_the_same_but_for_its_case(seed: int, sent: str) -> None:
    assert Habits(SimulatorSettings(seed=seed)).batch_id(sent, 0).lower() == sent.lower()


def test_tenants_differ() -> None:
    tenants = [Habits(SimulatorSettings(seed=seed)) for seed in range(40)]
    assert {h.header("request-id") for h in tenants} == {"request-id", "Request-Id", "REQUEST-ID"}
    assert {h.page_size for h in tenants} == {25, 50, 100}
    assert {h.assignments_page_size for h in tenants} == {50, 100, 1000}
    assert {h.success(OFFICE, "x") for h in tenants} == {200, 201, 204}
    for said in (True, False, None):
        shown = [h.is_assigned(IsAssigned.VARIED, OFFICE, truth=True).get("isAssigned") for h in tenants]
        assert said in shown
    assert not any(
        h.is_assigned(IsAssigned.VARIED, k, truth=False).get("isAssigned") for h in tenants for k in KINDS.values()
    )


def test_what_is_set_is_not_left_to_the_seed() -> None:
    habits = Habits(SimulatorSettings(page_size=7, assignments_page_size=9))
    assert (habits.page_size, habits.assignments_page_size) == (7, 9)


@pytest.mark.parametrize("seed", range(1, 9))
async def test_any_tenant_tells_the_same_truth(seed: int) -> None:
    state = tenant_of({"One": ["Old"], "Two": []}, kind=CATALOG.name, groups=["New"])
    old, new = state.group("Old").id, state.group("New").id
    async with connected(state, HONEST, vary=True, seed=seed) as client:
        body = {"assignments": [group(old), group(new) | {"extra": {"kept": 1}}]}
        answer = await client.post(path_of(state, "One", "assign"), body)
        assert answer.status in (200, 201, 204)
        assert (answer.status == 204) == (answer.text == "")
        told = (await client.get(path_of(state, "One", "assignments"))).value
        assert {a["target"]["groupId"] for a in told} == {old, new}
        assert [a["extra"] for a in told if "extra" in a] == [{"kept": 1}]
        assert {a.get("@odata.type", CATALOG.assignment) for a in told} == {CATALOG.assignment}
        failed = await client.get("/beta/nowhere")
        assert failed.headers["request-id"] == failed.json["error"]["innerError"]["request-id"]
        assert "nowhere" in failed.json["error"]["message"]


async def test_the_same_seed_gives_the_same_answers() -> None:
    texts = []
    for _ in range(2):
        state = tenant_of({f"P{n}": ["Old", "Other"] for n in range(40)}, kind=CATALOG.name)
        async with connected(state, HONEST, vary=True, seed=3) as client:
            reply = await client.get(f"/beta{CATALOG.path}", {"$expand": "assignments"})
            texts.append(reply.text.replace(client.tenant.graph_url, ""))
    assert texts[0] == texts[1]
