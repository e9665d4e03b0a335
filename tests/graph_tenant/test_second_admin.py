"""Multi Admin Approval as Graph speaks of it: headers, refusals, requests and policies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web

from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.assignment import Assignment, Target, TargetType
from migrator.model.configuration import Configuration
from migrator.model.errors import PermissionRefused
from migrator.model.outcome import AssignAnswer, AssignState
from migrator.model.second_admin import LIFETIME, UNJUSTIFIED, RequestStatus
from migrator.model.second_admin import told as told_as
from tests.graph.server import Bench, client_of, error, in_turn, said
from tests.graph_tenant.elements import GROUP
from tests.graph_tenant.small_graph import SmallGraph, small_tenant

CATALOG = Configuration("configurationPolicies", "7", "Baseline Ä")
ONE = (Assignment(Target(TargetType.GROUP, GROUP)),)
CODE = "aabb1234-5678-9012-abcd-ef0123456789"
REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
HEADER, NAMED = "x-msft-approval-justification", "x-msft-approval-code"

Says = Callable[[], web.StreamResponse]


async def asked(answer: Says, text: str = "CHG-1") -> tuple[AssignAnswer, Bench]:
    async with client_of(in_turn(answer)) as bench:
        return await GraphTenant(bench.client).assign(CATALOG, ONE, justification=text), bench


async def test_a_justification_is_sent_as_base64_and_ends_with_what_the_call_is_known_by() -> None:
    answer, bench = await asked(error(412, "BadRequest", "x", x_msft_approval_code=CODE))
    (sent,) = bench.served.asked
    text = base64.b64decode(sent.headers[HEADER]).decode()
    assert answer.pending is not None
    assert text == f"CHG-1 (Settings catalog policy: Baseline Ä, {answer.pending.mark}"
    assert answer.pending.mark.startswith("7; ")
    assert NAMED not in sent.headers


async def test_none_is_sent_where_there_is_none() -> None:
    _, bench = await asked(said(None, 204), "")
    assert HEADER not in bench.served.asked[0].headers


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(412, "BadRequest", "x", x_msft_approval_code=CODE), CODE),
        (error(403, "ApprovalRequired", f"Approval Required. x-msft-approval-code: {CODE}"), CODE),
        (error(403, "ApprovalRequired", "Approval Required."), ""),
        (error(412, "BadRequest", "Approval Required. See the admin center."), ""),
        (error(409, "Conflict", "An active Approval Request already exists"), ""),
    ],
)
async def test_the_call_that_waits_is_told_as_it_was_sent(answer: Says, code: str) -> None:
    told, bench = await asked(answer)
    (sent,) = bench.served.asked
    assert (told.state, told.pending is not None) == (AssignState.WAITING, True)
    pending = told.pending
    assert pending is not None
    assert (pending.method, pending.path, pending.body) == (sent.method, sent.path, sent.body)
    assert (pending.code, pending.until - pending.since) == (code, LIFETIME)


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "BadRequest", "Header x-msft-approval-justification is missing"),
        error(403, "Forbidden", "the X-MSFT-Approval-Justification header"),
    ],
)
@pytest.mark.parametrize(("text", "told"), [("", "none was sent"), ("CHG-1", "the one that was sent was not taken")])
async def test_a_justification_that_is_wanted_is_explained(answer: Says, text: str, told: str) -> None:
    found, _ = await asked(answer, text)
    assert (found.state, found.code) == (AssignState.REFUSED, UNJUSTIFIED)
    assert told in found.message


@pytest.mark.parametrize("status", [403, 412])
async def test_where_nobody_was_asked_nobody_is_waited_for(status: int) -> None:
    """Without a justification there is no request, and to wait for its approval would be without end."""
    found, _ = await asked(error(status, "ApprovalRequired", "Approval Required."), "")
    assert (found.state, found.code) == (AssignState.REFUSED, UNJUSTIFIED)


@pytest.mark.parametrize(
    "answer",
    [
        error(302, "", "", x_msft_approval_code=CODE),
        error(412, "PreconditionFailed", "etag"),
        error(403, "Forbidden", "no"),
    ],
)
async def test_other_refusals_wait_for_nobody(answer: Says) -> None:
    assert (await asked(answer))[0].state is AssignState.REFUSED


async def test_what_was_approved_is_sent_to_the_byte_with_its_code_and_nothing_else() -> None:
    waits = error(412, "BadRequest", "x", x_msft_approval_code=CODE)
    async with client_of(in_turn(waits, said(None, 204))) as bench:
        tenant = GraphTenant(bench.client)
        told = await tenant.assign(CATALOG, ONE, justification="CHG-1")
        assert told.pending is not None
        again = await tenant.assign_approved(CATALOG, told.pending)
        first, second = bench.served.asked
        assert (first.method, first.path, first.body) == (second.method, second.path, second.body)
        assert second.headers[NAMED] == CODE
        assert HEADER not in second.headers
        assert again.state is AssignState.CONFIRMED


async def test_requests_are_read_from_every_page_whatever_is_missing_in_them() -> None:
    graph = SmallGraph()
    async with small_tenant(graph) as (tenant, _):
        whole = {
            "id": CODE,
            "status": "NeedsApproval",
            "requestDateTime": "2026-11-23T20:45:12.1234567Z",
            "expirationDateTime": "2026-11-26T20:45:12Z",
            "requestJustification": "CHG-1 (x; 1)",
            "approvalJustification": None,
            "approver": {"user": {"displayName": "Ada"}, "application": None},
        }
        graph.say(REQUESTS, (200, {"value": [whole], "@odata.nextLink": graph.link(f"{REQUESTS}?$skiptoken=2")}))
        odd = [{"id": "2", "status": "canceled", "approver": "?"}, {"id": "3", "status": "new word"}, {"x": 1}, 7]
        graph.say(f"{REQUESTS}?$skiptoken=2", (200, {"value": odd}))
        first, second, third = await tenant.approval_requests()
    assert (first.id, first.status, first.by, first.asked) == (
        *(CODE, RequestStatus.NEEDS_APPROVAL, "Ada", "CHG-1 (x; 1)"),
    )
    assert int(first.made) == datetime(2026, 11, 23, 20, 45, 12, tzinfo=UTC).timestamp()
    assert first.expires == datetime(2026, 11, 26, 20, 45, 12, tzinfo=UTC).timestamp()
    assert (second.status, second.by, second.made) == (RequestStatus.CANCELLED, "", 0.0)
    assert third.status is RequestStatus.UNKNOWN


async def test_requests_that_may_not_be_read_say_so() -> None:
    graph = SmallGraph()
    graph.say(REQUESTS, (403, {"error": {"code": "Forbidden", "message": "no"}}))
    async with small_tenant(graph) as (tenant, _):
        with pytest.raises(PermissionRefused):
            await tenant.approval_requests()


async def test_what_is_protected_is_told_by_either_property() -> None:
    graph = SmallGraph()
    policies = [
        {"displayName": "Apps", "policyType": "app", "policySet": {"policyType": "app"}},
        {"displayName": "Scripts", "policySet": {"policyType": "script"}},
        {"id": "1"},
    ]
    graph.say("/beta/deviceManagement/operationApprovalPolicies", (200, {"value": policies}))
    async with small_tenant(graph) as (tenant, _):
        assert [one.policy_type for one in await tenant.protections()] == ["app", "script", ""]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (f"{CODE}, {CODE}", CODE),
        (f" {CODE} ", CODE),
        ("a code", ""),
        ("é", ""),
        ("x" * 65, ""),
        ('"{}; Path=/"', ""),
    ],
)
async def test_a_code_that_is_none_is_not_kept_and_leads_to_no_call(header: str, code: str) -> None:
    """It would be sent beside our token; one that cannot be sent would end the run."""
    told, _ = await asked(error(412, "BadRequest", "x", x_msft_approval_code=header))
    assert told.state is AssignState.WAITING
    assert told.pending is not None
    assert told.pending.code == code


@pytest.mark.parametrize("identity", ["a\r\nAuthorization: x", "é", "two words", "x" * 65, {"a": 1}])
async def test_a_request_that_cannot_be_named_in_a_header_is_none(identity: object) -> None:
    graph = SmallGraph()
    graph.say(REQUESTS, (200, {"value": [{"id": identity, "status": "approved"}, {"id": CODE}]}))
    async with small_tenant(graph) as (tenant, _):
        assert [one.id for one in await tenant.approval_requests()] == [CODE]


@pytest.mark.parametrize(
    "moment",
    [
        *("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00Z"),
        *("0001-01-01T00:00:00+14:00", "soon", 7, None),
    ],
)
async def test_a_time_that_is_none_ends_nothing(moment: object) -> None:
    graph = SmallGraph()
    whole = {"id": CODE, "requestDateTime": moment, "expirationDateTime": moment, "lastModifiedDateTime": moment}
    graph.say(REQUESTS, (200, {"value": [whole]}))
    async with small_tenant(graph) as (tenant, _):
        (one,) = await tenant.approval_requests()
    assert (one.made, one.expires, one.changed) == (0.0, 0.0, 0.0)
    assert told_as(one.made) == "1970-01-01 00:00 UTC"


async def test_what_a_person_wrote_is_one_line_of_bounded_length() -> None:
    graph = SmallGraph()
    whole = {
        "id": CODE,
        "approvalJustification": "no\x1b[2J\nSucceeded   all\u2028" + "x" * 9_000,
        "approver": {"user": {"displayName": "Eve\x07\r\n"}},
    }
    graph.say(REQUESTS, (200, {"value": [whole]}))
    async with small_tenant(graph) as (tenant, _):
        (one,) = await tenant.approval_requests()
    assert one.answered.startswith("no [2J Succeeded all x")
    assert len(one.decided) < 1_100
    assert one.by == "Eve"


async def test_a_request_is_known_by_what_its_call_has_to_name() -> None:
    graph = SmallGraph()
    graph.say(REQUESTS, (200, {"value": [{"id": "another", "requestId": CODE}, {"id": "1"}]}))
    async with small_tenant(graph) as (tenant, _):
        assert [one.id for one in await tenant.approval_requests()] == [CODE, "1"]
