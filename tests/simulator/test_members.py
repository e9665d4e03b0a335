"""Members of groups are listed and counted as Graph does it: nested ones too, by type, for those who ask rightly."""

from __future__ import annotations

import base64

import pytest

from migrator.mapping.load import load
from migrator.model.errors import UsageError
from migrator.simulator import tenant_from_json, tenant_from_mapping
from migrator.simulator.description import tenant_to_json
from migrator.simulator.state import TenantState
from tests.simulator.client import Client, connected

EVENTUAL = {"ConsistencyLevel": "eventual"}
USERS, DEVICES = "transitiveMembers/microsoft.graph.user", "transitiveMembers/microsoft.graph.device"


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "groups": [
                {"displayName": "Outer", "members": {"users": ["anna", "1-3"], "devices": 2, "groups": ["Inner"]}},
                {"displayName": "Inner", "members": {"users": ["anna", "ben"], "groups": ["Outer"]}},  # a circle
                {"displayName": "Large", "members": {"users": 2500}},
                {"displayName": "Team", "securityEnabled": False, "mailEnabled": True, "members": {"users": 1}},
                {"displayName": "Empty", "members": {}},
                "Usual",
            ]
        }
    )


def path(group: str, rest: str) -> str:
    return f"/v1.0/groups/{tenant().group(group).id}/{rest}"


async def counted(client: Client, group: str, route: str) -> str:
    reply = await client.get(path(group, f"{route}/$count"), headers=EVENTUAL)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain")
    return reply.text


@pytest.mark.parametrize(
    ("group", "route", "number"),
    [
        ("Outer", "members", "7"),  # four users, two devices, a group
        ("Outer", "transitiveMembers", "9"),  # Ben as well, and the group itself, by the circle
        ("Outer", USERS, "5"),
        ("Outer", DEVICES, "2"),
        ("Inner", USERS, "5"),
        ("Inner", "members/microsoft.graph.user", "2"),
        ("Empty", "transitiveMembers", "0"),
        ("Usual", "transitiveMembers", "10"),
    ],
)
async def test_members_are_counted(group: str, route: str, number: str) -> None:
    async with connected(tenant()) as client:
        assert await counted(client, group, route) == number


async def test_members_are_listed_in_pages_with_their_number() -> None:
    async with connected(tenant()) as client:
        reply = await client.get(
            path("Large", USERS), {"$count": "true", "$top": "999", "$select": "id"}, headers=EVENTUAL
        )
        assert reply.json["@odata.count"] == 2500
        assert set(reply.value[0]) == {"id"}
        found = [one["id"] for one in reply.value]
        while link := reply.json.get("@odata.nextLink"):
            reply = await client.get(link, headers=EVENTUAL)
            found += [one["id"] for one in reply.value]
    assert len(found) == len(set(found)) == 2500


async def test_members_of_any_type_say_their_type() -> None:
    async with connected(tenant()) as client:
        reply = await client.get(path("Outer", "transitiveMembers"))
    types = sorted(one["@odata.type"].rpartition(".")[2] for one in reply.value)
    assert types == ["device", "device", "group", "group", "user", "user", "user", "user", "user"]


@pytest.mark.parametrize(
    ("route", "params"),
    [
        (f"{USERS}/$count", {}),
        (USERS, {}),
        (USERS, {"$count": "true"}),
        ("transitiveMembers", {"$count": "true"}),
    ],
)
async def test_numbers_and_types_need_the_header(route: str, params: dict[str, str]) -> None:
    async with connected(tenant()) as client:
        refused = await client.get(path("Outer", route), params)
        assert refused.status == 400
        if route == USERS:
            assert (await client.get(path("Outer", route), headers=EVENTUAL)).status == 400  # without $count=true


async def test_who_is_not_there_and_what_a_group_cannot_have() -> None:
    async with connected(tenant()) as client:
        missing = await client.get("/v1.0/groups/0f0f0f0f-0000-4000-8000-00000000abcd/transitiveMembers")
        assert (missing.status, missing.code) == (404, "Request_ResourceNotFound")
        unfit = await client.get(path("Team", DEVICES), {"$count": "true"}, headers=EVENTUAL)
        assert (unfit.status, unfit.code) == (400, "Request_UnsupportedQuery")
        assert (await client.get(path("Outer", "transitiveMembers/nonsense"))).status == 404
        posted = await client.post(path("Outer", "members"), {})
        assert posted.status == 405


@pytest.mark.parametrize("seed", range(6))
async def test_a_number_inside_a_batch_is_text_or_base64(seed: int) -> None:
    async with connected(tenant(), vary=True, seed=seed) as client:
        asked = {"id": "1", "method": "GET", "url": path("Outer", f"{USERS}/$count")[len("/v1.0") :]}
        answer = (await client.batch({**asked, "headers": EVENTUAL}, version="v1.0"))["1"]
        assert answer["status"] == 200
        body = answer["body"]
        assert body == "5" or base64.b64decode(body) == b"5"
        assert (await client.batch(asked, version="v1.0"))["1"]["status"] == 400


async def test_members_cost_five_units() -> None:
    async with connected(tenant()) as client:
        reply = await client.get(path("Outer", f"{USERS}/$count"), headers=EVENTUAL)
        assert reply.headers["x-ms-resource-unit"] == "5"
        plain = await client.get(f"/v1.0/groups/{tenant().group('Outer').id}")
        assert plain.headers["x-ms-resource-unit"] == "1"


def test_a_description_with_members_comes_back_the_same() -> None:
    state = tenant()
    again = tenant_from_json(tenant_to_json(state))
    assert again.members == state.members
    assert set(again.members) == {state.group(name).id for name in ("Outer", "Inner", "Large", "Team", "Empty")}


def test_members_that_cannot_be_used_are_said() -> None:
    with pytest.raises(UsageError, match="description of the tenant"):
        tenant_from_json({"groups": [{"displayName": "Odd", "members": {"users": [{}]}}]})


def test_a_tenant_from_a_mapping_has_successors_that_resemble_what_they_replace() -> None:
    from pandas import DataFrame

    names = [(f"Old {n}", f"New {n}") for n in range(30)]
    frame = DataFrame(
        [(f"P{n}", old, new) for n, (old, new) in enumerate(names)], columns=["Policy", "Old group", "New group"]
    )
    mapping = load(frame)
    state, same = tenant_from_mapping(mapping, 7), tenant_from_mapping(mapping, 7)
    assert state.members == same.members != tenant_from_mapping(mapping, 8).members
    for old, new in names:
        before, after = (set(state.members[state.group(name).id].users) for name in (old, new))
        assert before
        assert after
        assert len(before & after) >= 0.7 * len(before | after)
    kiosks = state.members[state.group("Kiosk devices").id]
    assert kiosks.devices
    assert not kiosks.users
    assert not state.members_of(state.group("Interns").id, transitive=True).users
    assert state.members[state.group("Board").id].groups
