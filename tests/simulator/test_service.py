"""Whatever is sent, the service has an answer, and what it refuses changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.kinds import KINDS
from migrator.simulator import tenant_of
from migrator.simulator.messages import Answer, parse
from migrator.simulator.service import Service
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.simulator.client import APPS, CATALOG, HONEST, OFFICE, TOKEN, HandTime, path_of

STATE = tenant_of({"Catalog": ["Old"]}, kind=CATALOG.name, groups=["New"], filters=["Corporate"])
APP_STATE = tenant_of({"App": ["Old"]}, kind=APPS.name)
WORDS = [
    "Old", "New", "include", "required", "GET", "post", "1", "/organization", "/groups?$top=1", "application/json",
    *(t for k in (CATALOG, OFFICE) for t in k.targets.values()), CATALOG.assignment or "", *STATE.groups,
    *STATE.filters,
]  # fmt: skip
NAMES = [
    "target", "groupId", "@odata.type", "id", "source", "intent", "assignments", APPS.body, FILTER_ID, FILTER_TYPE,
    "requests", "method", "url", "headers", "body", "dependsOn", "Content-Type", "ids", "types",
]  # fmt: skip

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=3)
)
anything: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
)
targets = st.dictionaries(st.sampled_from(["@odata.type", "groupId", FILTER_ID, FILTER_TYPE]), leaves | anything)
elements = st.dictionaries(st.sampled_from(["@odata.type", "intent", "source", "id"]), anything).flatmap(
    lambda given_: targets.map(lambda target: {**given_, "target": target})
)
requests = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "x"]),
        "method": st.sampled_from(["GET", "post"]) | leaves,
        "url": st.sampled_from(["/organization", "groups", "/nowhere"]) | leaves,
    },
    optional={"headers": anything, "body": anything, "dependsOn": anything},
)


def asked(service: Service, method: str, target: str, body: object = None) -> Answer:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    return service.serve(parse(method, target, headers, msgspec.json.encode(body))).answer


def service_of(state: Any) -> Service:
    state.reset()
    return Service(state, HONEST, HandTime().clock(), "http://127.0.0.1")


@pytest.mark.parametrize(("state", "name", "kind"), [(STATE, "Catalog", CATALOG), (APP_STATE, "App", APPS)])
@given(given_=st.lists(elements | anything, max_size=3))
def test_any_assign_is_applied_or_refused_whole(state: Any, name: str, kind: Any, given_: list[Any]) -> None:
    service = service_of(state)
    before = state.configuration(name).assignments
    answer = asked(service, "POST", path_of(state, name, "assign"), {kind.body: given_})
    if answer.status >= 300:
        assert answer.status == 400
        assert state.configuration(name).assignments is before
    else:
        assert len(state.configuration(name).assignments) <= len(given_)
    assert asked(service, "GET", path_of(state, name, "assignments")).status == 200


@given(body=anything | st.fixed_dictionaries({"requests": st.lists(requests | anything, max_size=3)}))
def test_any_batch_has_an_answer(body: Any) -> None:
    answer = asked(service_of(STATE), "POST", "/beta/$batch", body)
    assert answer.status in (200, 400)
    assert msgspec.json.encode(answer.body)


@given(body=anything | st.fixed_dictionaries({"ids": st.just([*STATE.groups]), "types": anything}))
def test_any_list_of_ids_has_an_answer(body: Any) -> None:
    assert asked(service_of(STATE), "POST", "/v1.0/directoryObjects/getByIds", body).status in (200, 400)


@given(
    path=st.sampled_from([k.path for k in KINDS.values()] + ["/groups", "/organization", "/deviceManagement", ""]),
    tail=st.text(max_size=12),
    method=st.sampled_from(["GET", "POST", "DELETE", "PATCH"]),
)
def test_any_path_has_an_answer(path: str, tail: str, method: str) -> None:
    answer = asked(service_of(STATE), method, f"/beta{path}{tail}", {})
    assert 200 <= answer.status < 500
    assert msgspec.json.encode(answer.body)
