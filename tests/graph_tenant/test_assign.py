"""One assign call: what is sent, and what every kind of answer means to an administrator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from migrator.graph.tenant.codec import parse
from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.assignment import Assignment, Target, TargetType
from migrator.model.configuration import Configuration
from migrator.model.errors import SignInError
from migrator.model.kinds import KINDS
from migrator.model.outcome import AssignAnswer, AssignState
from tests.graph.server import Bench, client_of, error, in_turn, said, text
from tests.graph_tenant.elements import GROUP, element

OFFICE = Configuration("officeClientConfigurations", "42", "Current channel")
ONE = (Assignment(Target(TargetType.GROUP, GROUP)),)

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def assigned(
    respond: Respond, configuration: Configuration = OFFICE, assignments: tuple[Assignment, ...] = ONE
) -> tuple[AssignAnswer, Bench]:
    async with client_of(respond) as bench:
        return await GraphTenant(bench.client).assign(configuration, assignments), bench


async def test_the_whole_list_is_posted_under_the_kinds_own_name() -> None:
    answer, bench = await assigned(in_turn(said({"value": [element(GROUP)]})))
    (asked,) = bench.served.asked
    assert (asked.method, asked.path) == ("POST", "/beta/officeConfiguration/clientConfigurations/42/assign")
    assert asked.headers["content-type"] == "application/json"
    assert asked.body.startswith(b'{"officeConfigurationAssignments":[{')
    assert (answer.state, answer.status, answer.confirmed) == (AssignState.CONFIRMED, 200, ONE)
    assert bench.attempts[0].subject == OFFICE.key


@pytest.mark.parametrize("answer", [said(None, 204), said(None, 200), said({}, 200), said([], 201)])
async def test_success_without_a_list_confirms_none(answer: Callable[[], web.StreamResponse]) -> None:
    told, _ = await assigned(in_turn(answer))
    assert (told.state, told.confirmed) == (AssignState.CONFIRMED, None)


async def test_a_confirmed_list_that_goes_on_elsewhere_confirms_none() -> None:
    told, _ = await assigned(in_turn(said({"value": [element(GROUP)], "@odata.nextLink": "https://graph/x"})))
    assert (told.state, told.confirmed) == (AssignState.CONFIRMED, None)


@pytest.mark.parametrize(
    ("status", "code", "message", "part"),
    [
        (400, "BadRequest", "The group does not exist", "the service refused it: The group does not exist"),
        (403, "Forbidden", "Insufficient privileges", "DeviceManagementConfiguration.ReadWrite.All"),
        (404, "NotFound", "no such thing", "no longer exists"),
        (409, "Conflict", "the version is old", "the version is old"),
    ],
)
async def test_a_refusal_reads_well_and_is_not_tried_again(status: int, code: str, message: str, part: str) -> None:
    told, bench = await assigned(in_turn(error(status, code, message)))
    assert (told.state, told.status, told.code, told.tries) == (AssignState.REFUSED, status, code, 1)
    assert part in told.message
    assert message in told.message
    assert len(bench.served.asked) == 1


async def test_a_refusal_without_words_says_its_status() -> None:
    told, _ = await assigned(in_turn(said(None, 422)))
    assert (told.state, told.code) == (AssignState.REFUSED, "http422")
    assert "422" in told.message


async def test_throttling_and_passing_troubles_are_waited_out() -> None:
    told, bench = await assigned(
        in_turn(error(429, "TooManyRequests", Retry_After="7"), error(503, "ServiceUnavailable"), said(None, 204))
    )
    assert (told.state, told.tries) == (AssignState.CONFIRMED, 3)
    assert bench.clock.now >= 7


async def test_a_service_that_stays_down_leaves_it_open() -> None:
    told, _ = await assigned(in_turn(error(503, "ServiceUnavailable", "down")))
    assert told.state is AssignState.UNKNOWN
    assert told.tries > 1
    assert "no answer says whether it was applied" in told.message


@pytest.mark.parametrize(
    "answer",
    [error(504, "GatewayTimeout"), text("<html>sign in</html>"), text('{"value": [', kind="application/json")],
)
async def test_a_call_in_doubt_is_sent_once_and_left_open(answer: Callable[[], web.StreamResponse]) -> None:
    told, bench = await assigned(in_turn(answer))
    assert (told.state, told.tries, len(bench.served.asked)) == (AssignState.UNKNOWN, 1, 1)


async def test_a_connection_that_breaks_leaves_it_open() -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        await asyncio.sleep(0)
        return web.Response()

    told, bench = await assigned(breaks)
    assert (told.state, told.status, len(bench.served.asked)) == (AssignState.UNKNOWN, 0, 1)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(412, "PreconditionFailed", "needs approval", x_msft_approval_code="abc-1"), "abc-1"),
        (error(403, "Forbidden", "x", x_msft_approval_code="abc-2"), "abc-2"),
        (error(409, "Conflict", "An approval request exists already"), "Conflict"),
    ],
)
async def test_a_second_admins_approval_is_waited_for(answer: Callable[[], web.StreamResponse], code: str) -> None:
    told, _ = await assigned(in_turn(answer))
    assert (told.state, told.code) == (AssignState.WAITING, code)
    assert "Multi Admin Approval" in told.message


@pytest.mark.parametrize(
    "message", ["No method match route template for 'x'", "Resource not found for the segment 'x'."]
)
@pytest.mark.parametrize("version", ["", "beta", "v1.0"])
async def test_a_path_that_is_not_known_is_tried_under_its_other_name(version: str, message: str) -> None:
    configuration = Configuration("mobileAppConfigurations", "7", "App settings")
    unknown = error(400, "BadRequest", message)
    async with client_of(in_turn(unknown, said(None, 204))) as bench:
        bench.client.api_version = version
        told = await GraphTenant(bench.client).assign(configuration, ONE)
    item = f"/{version or 'beta'}/deviceAppManagement/mobileAppConfigurations/7"
    assert [asked.path for asked in bench.served.asked] == [
        f"{item}/microsoft.graph.managedDeviceMobileAppConfiguration/assign",
        f"{item}/assign",
    ]
    assert (told.state, told.tries) == (AssignState.CONFIRMED, 2)


async def test_any_other_refusal_is_final() -> None:
    configuration = Configuration("mobileAppConfigurations", "7", "App settings")
    told, bench = await assigned(in_turn(error(400, "BadRequest", "not like this")), configuration)
    assert (told.state, len(bench.served.asked)) == (AssignState.REFUSED, 1)


@pytest.mark.parametrize(
    ("configuration", "target"),
    [
        (OFFICE, Target(TargetType.ALL_USERS)),
        (Configuration("windowsAutopilotDeploymentProfiles", "1", "Autopilot"), Target(TargetType.GROUP, GROUP)),
    ],
)
async def test_what_cannot_be_spelled_is_refused_before_it_is_sent(
    configuration: Configuration, target: Target
) -> None:
    told, bench = await assigned(in_turn(said(None, 204)), configuration, (Assignment(target),))
    assert (told.state, told.tries, told.code) == (AssignState.REFUSED, 0, "notAssignable")
    assert not bench.served.asked


async def test_a_redirect_is_not_followed_and_told() -> None:
    async def redirect(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "https://login.proxy.example/x?secret=1"})

    told, _ = await assigned(redirect)
    assert told.state is AssignState.REFUSED
    assert "login.proxy.example" in told.message
    assert "secret" not in told.message


async def test_a_sign_in_that_is_refused_stops_everything() -> None:
    with pytest.raises(SignInError):
        await assigned(in_turn(error(401, "InvalidAuthenticationToken")))


async def test_an_app_keeps_what_was_read_with_it() -> None:
    sent: dict[str, Any] = {
        "intent": "required",
        "settings": {"@odata.type": "#microsoft.graph.win32LobAppAssignmentSettings", "restartSettings": None},
        "target": element(GROUP)["target"],
    }
    app = Configuration("mobileApps", "7", "App")
    _, bench = await assigned(in_turn(said(None, 204)), app, (parse(KINDS["mobileApps"], {"id": "x", **sent}),))
    assert b'"restartSettings":null' in bench.served.asked[0].body
