"""Multi Admin Approval on the embedded tenant: what is refused, what waits, and what an approval is good for."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from migrator.model.errors import UsageError
from migrator.simulator import SimulatorSettings, tenant_of
from migrator.simulator.state import TenantState
from tests.simulator.client import CATALOG, OFFICE, Client, HandTime, Reply, connected, group, office_body, path_of

HEADER, CODE = "x-msft-approval-justification", "x-msft-approval-code"
REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
PROTECTED = frozenset({CATALOG.name})


def tenant() -> TenantState:
    return tenant_of({"One": ["Old"], "Two": ["Old"]}, groups=["New"], kind=CATALOG.name)


def body(state: TenantState, name: str = "New") -> dict[str, Any]:
    return {CATALOG.body: [{"@odata.type": CATALOG.assignment, **group(state.group(name).id)}]}


async def write(client: Client, state: TenantState, name: str = "One", sent: object = None, **headers: str) -> Reply:
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return await client.post(path_of(state, name, "assign"), sent or body(state), headers=named)


def justified(text: str = "because") -> dict[str, str]:
    return {HEADER.replace("-", "_"): base64.b64encode(text.encode()).decode()}


def coded(code: str) -> dict[str, str]:
    return {CODE.replace("-", "_"): code}


@pytest.mark.parametrize("seed", range(4))
async def test_without_a_justification_a_protected_write_is_refused_and_the_header_named(seed: int) -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED, vary=True, seed=seed) as client:
        said = await write(client, state)
        assert said.status in (400, 403)
        assert HEADER in said.text
        assert not state.requests


async def test_what_is_not_protected_needs_nobody() -> None:
    state = tenant_of({"One": ["Old"]}, groups=["New"], kind=OFFICE.name)
    async with connected(state, approval=PROTECTED) as client:
        said = await client.post(path_of(state, "One", "assign"), office_body([state.group("New").id]))
        assert said.status == 200


async def test_a_justified_write_waits_and_changes_nothing() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED) as client:
        said = await write(client, state, **justified("Ähm 🙂"))
        assert said.status == 412
        (request,) = (await client.get(REQUESTS)).value
        assert said.headers[CODE] == request["id"]
        assert (request["status"], request["requestJustification"]) == ("needsApproval", "Ähm 🙂")
        assert (await client.get(f"{REQUESTS}/{request['id']}")).json["id"] == request["id"]
        assert state.configuration("One").group_ids() == {state.group("Old").id}


@pytest.mark.parametrize("header", ["not base64!", base64.b64encode(b"\xff").decode(), None])
async def test_a_justification_that_cannot_be_read_is_refused(header: str | None) -> None:
    state = tenant()
    sent = justified("x" * 1025) if header is None else {HEADER.replace("-", "_"): header}
    async with connected(state, approval=PROTECTED) as client:
        assert (await write(client, state, **sent)).status == 400


async def test_submitting_it_twice_is_a_conflict() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED) as client:
        await write(client, state, **justified())
        assert (await write(client, state, **justified())).status == 409
        assert (await write(client, state, "Two", **justified())).status == 412


async def test_once_approved_the_identical_call_is_carried_out_and_once_only() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED) as client:
        code = (await write(client, state, **justified())).headers[CODE]
        assert (await write(client, state, **coded(code))).status == 412
        await decide(client, {"approve": code})
        other = {CATALOG.body: [*body(state)[CATALOG.body], group(state.group("Old").id)]}
        assert (await write(client, state, sent=other, **coded(code))).status == 400
        assert (await write(client, state, "Two", **coded(code))).status == 400
        assert state.configuration("One").group_ids() == {state.group("Old").id}
        assert (await write(client, state, **coded(code))).status == 200
        assert state.configuration("One").group_ids() == {state.group("New").id}
        assert (await write(client, state, **coded(code))).status == 409
        assert (await client.get(f"{REQUESTS}/{code}")).json["status"] == "completed"


async def test_only_who_asked_may_carry_it_out() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED) as client:
        code = (await write(client, state, **justified())).headers[CODE]
        await decide(client, {"approve": "*"})
        client.tenant.use(replace(client.tenant.service.settings, client_id="another app"))
        assert (await write(client, state, **coded(code))).status == 400


async def test_the_second_admin_says_no_and_why() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED) as client:
        code = (await write(client, state, **justified())).headers[CODE]
        await decide(client, {"reject": "One", "reason": "later", "by": "Ada"})
        shown = (await client.get(f"{REQUESTS}/{code}")).json
        assert (shown["status"], shown["approvalJustification"]) == ("rejected", "later")
        assert shown["approver"]["user"]["displayName"] == "Ada"
        assert (await write(client, state, **coded(code))).status == 409
        assert (await write(client, state, **justified())).status == 412


async def test_after_three_of_the_tenants_days_a_request_lapses() -> None:
    state, time = tenant(), HandTime()
    async with connected(state, approval=PROTECTED, speed=10.0, clock=time.clock(10.0)) as client:
        code = (await write(client, state, **justified())).headers[CODE]
        await decide(client, {"approve": code})
        shown = (await client.get(f"{REQUESTS}/{code}")).json
        made, until = (datetime.fromisoformat(shown[name]) for name in ("requestDateTime", "expirationDateTime"))
        assert (until - made).total_seconds() == 25_920  # three days at ten times their speed
        time.seconds += 25_919
        assert (await client.get(f"{REQUESTS}/{code}")).json["status"] == "approved"
        time.seconds += 2
        assert (await client.get(f"{REQUESTS}/{code}")).json["status"] == "expired"
        assert (await write(client, state, **coded(code))).status == 409
        assert (await write(client, state, **justified())).status == 412


@pytest.mark.parametrize("wanted", [{"approve": "nothing"}, {"approve": "*", "reject": "*"}, {"why": "?"}])
async def test_a_decision_about_nothing_is_refused(wanted: dict[str, str]) -> None:
    async with connected(tenant(), approval=PROTECTED) as client:
        said = await client.post(client.tenant.control_url + "/changes", wanted, token="")
        assert said.status == 400


async def test_requests_come_in_pages_and_a_reset_forgets_them() -> None:
    state = tenant()
    async with connected(state, approval=PROTECTED, page_size=1) as client:
        for name in ("One", "Two"):
            await write(client, state, name, **justified())
        assert [len(page) for page in await client.pages(REQUESTS)] == [1, 1]
        client.tenant.reset()
        assert (await client.get(REQUESTS)).value == []


async def test_the_policies_name_what_is_protected() -> None:
    async with connected(tenant(), approval=frozenset({"mobileApps", CATALOG.name})) as client:
        policies = (await client.get("/beta/deviceManagement/operationApprovalPolicies")).value
        assert [one["policyType"] for one in policies] == ["app", "configurationPolicy"]


def test_a_kind_that_is_not_there_cannot_be_protected() -> None:
    with pytest.raises(UsageError, match="no kind nonsense"):
        SimulatorSettings(approval=frozenset({"nonsense"}))


async def decide(client: Client, wanted: dict[str, str]) -> None:
    said = await client.post(client.tenant.control_url + "/changes", wanted, token="")
    assert said.status == 204, said.text
