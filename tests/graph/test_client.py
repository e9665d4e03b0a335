"""Calls as the layers above send them: signed, paced, tried again, observed."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from aiohttp import web

from migrator.graph.protocol import Meaning
from migrator.model.configuration import Key
from migrator.model.errors import (
    GraphError,
    MigratorError,
    NotLicensed,
    NotServed,
    PermissionRefused,
    SignInError,
    Stopped,
)
from tests.graph.server import Tokens, assign, client_of, error, get, in_turn, paths, said, serving, text, until
from tests.virtual_clock import EPOCH

CHALLENGE = '{"access_token": {"nbf": {"essential": true, "value": "1"}}}'
UNAUTHORIZED = error(
    401,
    "InvalidAuthenticationToken",
    "Continuous access evaluation resulted in claims challenge.",
    WWW_Authenticate=f'Bearer error="insufficient_claims", claims="{base64.b64encode(CHALLENGE.encode()).decode()}"',
)
FINE = said({"value": []}, request_id="fine")


async def test_an_answer_at_once() -> None:
    async with client_of(in_turn(FINE)) as bench:
        answer = await bench.client.send(get())
    assert (answer.ok, answer.tries, answer.require().json()) == (True, 1, {"value": []})


async def test_every_try_is_told_with_all_that_support_asks_for() -> None:
    key = Key("things", "1")
    busy = error(503, "ServiceUnavailable", "Busy.", Retry_After="7", request_id="busy")
    async with client_of(in_turn(busy, FINE)) as bench:
        await bench.client.send(get("/beta/things/1", subject=key))
        sent = [asked.headers["client-request-id"] for asked in bench.served.asked]
    first, second = bench.attempts
    assert (first.number, first.status, first.request_id) == (1, 503, "busy")
    assert (first.error, first.retry_after) == ("503 ServiceUnavailable: Busy.", 7.0)
    assert (second.number, second.status, second.request_id, second.error) == (2, 200, "fine", "")
    assert [a.client_request_id for a in bench.attempts] == sent
    assert len(set(sent)) == 2
    assert all(
        (a.purpose, a.method, a.path, a.subject, a.inner) == ("read", "GET", "/beta/things/1", key, False)
        for a in bench.attempts
    )
    assert first.started == EPOCH
    assert second.started >= EPOCH + 7


async def test_an_assign_in_doubt_is_not_sent_again() -> None:
    for in_doubt in (error(504), text("<html>sign in</html>"), text('{"value": [', kind="application/json")):
        async with client_of(in_turn(in_doubt, FINE)) as bench:
            answer = await bench.client.send(assign())
            assert (answer.meaning, answer.tries) == (Meaning.UNKNOWN, 1)
            with pytest.raises(GraphError, match="unknown whether POST /beta/things/1/assign was carried out"):
                answer.require()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 408])
async def test_an_assign_that_was_surely_not_carried_out_is(status: int) -> None:
    async with client_of(in_turn(error(status), FINE)) as bench:
        answer = await bench.client.send(assign())
    assert (answer.meaning, answer.tries, bench.statuses) == (Meaning.OK, 2, [status, 200])


async def test_a_read_in_doubt_is_simply_read_again() -> None:
    async with client_of(in_turn(error(504), text("<html>"), FINE)) as bench:
        assert (await bench.client.send(get())).tries == 3


@pytest.mark.parametrize(
    ("reply", "kind", "sentence"),
    [
        (error(400, "BadRequest", "Wrong."), GraphError, "400 BadRequest: Wrong."),
        (error(403, "Forbidden", "No."), PermissionRefused, "GET /beta/things was refused: 403 Forbidden: No."),
        (error(404, "ResourceNotFound", "None."), NotServed, "404 ResourceNotFound"),
        (error(400, "BadRequest", "Request not applicable to target tenant."), NotLicensed, "not applicable"),
        (error(403, "Forbidden", "Your tenant is not licensed for this feature."), NotLicensed, "not licensed"),
        (error(403, "NoLicense", "Tenant does not meet license requirement!"), NotLicensed, "license requirement"),
        (error(400, "BadRequest", "Resource not found for the segment 'things'."), NotServed, "segment 'things'"),
        (error(405, "Request_BadRequest", "Not allowed here."), NotServed, "405 Request_BadRequest"),
        (error(410, "Gone", "Retired."), NotServed, "410 Gone"),
        (error(501, "NotImplemented", "Not supported."), NotServed, "501 NotImplemented"),
        (
            error(401, "UnknownError", '{"ErrorCode":"Forbidden","Message":"No."}'),
            PermissionRefused,
            "UnknownError: No",
        ),
        (said(None, 302, Location="https://proxy.example/login"), GraphError, "redirect to proxy.example"),
        (error(500, "x", "Boom.", request_id="r1"), GraphError, r"tried 4 times.*Boom\. \(request-id r1\)"),
    ],
)
async def test_require_says_what_went_wrong(reply: Any, kind: type[MigratorError], sentence: str) -> None:
    async with client_of(in_turn(reply)) as bench:
        answer = await bench.client.send(get("/beta/things?$filter=x"))
        with pytest.raises(kind, match=sentence) as caught:
            answer.require()
    assert type(caught.value) is kind


async def test_an_answer_that_is_no_object_is_an_error_of_graph() -> None:
    async with client_of(in_turn(said([1]))) as bench:
        answer = (await bench.client.send(get())).require()
        with pytest.raises(GraphError, match="not a JSON object"):
            answer.json()


async def test_a_429_holds_back_every_other_call_of_its_class() -> None:
    async with client_of(in_turn(error(429, Retry_After="30"), FINE), workers=1) as bench:
        await asyncio.gather(*(bench.client.send(get()) for _ in range(3)))
    assert [attempt.started >= EPOCH + 30 for attempt in bench.attempts] == [False, True, True, True]


async def test_but_not_those_of_the_other_class() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        throttled = request.method == "POST" and len(bench.served.asked) == 1
        return (error(429, Retry_After="30") if throttled else FINE)()

    async with client_of(respond) as bench:
        write = asyncio.ensure_future(bench.client.send(assign()))
        await until(lambda: bool(bench.attempts))
        assert bench.client.gates.of(assign()).status().waiting_until is not None or bench.clock.now >= 30
        assert bench.client.gates.of(get()).status().waiting_until is None
        await write


async def test_minutes_of_429_are_waited_out() -> None:
    async with client_of(in_turn(*[error(429, Retry_After="20")] * 30, FINE)) as bench:
        answer = await bench.client.send(assign())
    assert (answer.ok, answer.tries) == (True, 31)
    assert bench.clock.now >= 600


async def test_the_documented_limit_is_kept() -> None:
    async with client_of(in_turn(FINE), limit=10) as bench:
        await asyncio.gather(*(bench.client.send(assign()) for _ in range(25)))
    starts = sorted(attempt.started for attempt in bench.attempts)
    assert starts[10] - starts[0] >= 20
    assert starts[20] - starts[10] >= 20


async def test_a_401_is_answered_once_with_a_new_token_and_its_challenge() -> None:
    tokens = Tokens()
    async with client_of(in_turn(UNAUTHORIZED, FINE), tokens=tokens) as bench:
        answer = await bench.client.send(assign())
        assert [asked.token for asked in bench.served.asked] == ["first", "second"]
    assert (answer.ok, answer.tries, bench.statuses) == (True, 2, [401, 200])
    assert tokens.claims == [CHALLENGE]


async def test_many_calls_that_are_refused_at_once_make_one_sign_in() -> None:
    tokens, together = Tokens(), asyncio.Event()

    async def respond(request: web.Request) -> web.StreamResponse:
        if len(bench.served.asked) == 8:
            together.set()
        await together.wait()
        return (FINE if request.headers["Authorization"] == "Bearer second" else UNAUTHORIZED)()

    async with client_of(respond, tokens=tokens) as bench:
        answers = await asyncio.gather(*(bench.client.send(get()) for _ in range(8)))
    assert all(answer.ok for answer in answers)
    assert len(tokens.claims) == 1


async def test_a_challenge_that_was_answered_for_another_call_is_not_this_ones() -> None:
    """Two calls meet a challenge each, at the same moment, and the token for the one does not do for the other."""
    tokens, renewed = Tokens(), asyncio.Event()

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            await renewed.wait()
            return (FINE if request.headers["Authorization"] == "Bearer third" else UNAUTHORIZED)()
        if request.headers["Authorization"] == "Bearer first":
            return UNAUTHORIZED()
        renewed.set()
        return FINE()

    async with client_of(respond, tokens=tokens) as bench:
        answers = await asyncio.gather(bench.client.send(get()), bench.client.send(assign()))
    assert all(answer.ok for answer in answers)
    assert tokens.claims == [CHALLENGE, CHALLENGE]


async def test_a_token_that_is_refused_twice_ends_it() -> None:
    async with client_of(in_turn(error(401, "InvalidAuthenticationToken", "Expired."))) as bench:
        with pytest.raises(SignInError, match="Expired") as caught:
            await bench.client.send(get())
        assert len(bench.served.asked) == 2
    assert "first" not in str(caught.value)
    assert "second" not in str(caught.value)


async def test_a_sign_in_that_fails_is_raised_and_takes_no_place() -> None:
    class Broken:
        async def token(self, claims: str | None = None, *, force: bool = False) -> str:
            raise SignInError("no")

    async with client_of(in_turn(FINE), tokens=Broken(), workers=1) as bench:
        for _ in range(3):
            with pytest.raises(SignInError):
                await bench.client.send(get())


async def test_a_gate_that_is_shut_stops_those_who_wait_and_those_who_come_but_not_what_is_on_the_way() -> None:
    answer_now = asyncio.Event()

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            await answer_now.wait()
        return FINE()

    async with client_of(respond, workers=1) as bench:
        flies, waits = (asyncio.ensure_future(bench.client.send(assign())) for _ in range(2))
        await until(lambda: bool(bench.served.asked))
        bench.client.gates.shut()
        with pytest.raises(Stopped):
            await waits
        with pytest.raises(Stopped):
            await bench.client.send(assign())
        assert (await bench.client.send(get())).ok
        assert not flies.done()
        answer_now.set()
        assert (await flies).ok
        assert [asked.method for asked in bench.served.asked] == ["POST", "GET"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_call_that_would_have_to_go_again_is_stopped_at_the_shut_gate(status: int) -> None:
    async def respond(_request: web.Request) -> web.StreamResponse:
        bench.client.gates.shut()
        return error(status, Retry_After="9")()

    async with client_of(respond) as bench:
        with pytest.raises(Stopped, match="Stopped before this call was sent"):
            await bench.client.send(assign())
    assert bench.statuses == [status]
    assert bench.clock.now < 9


async def test_a_token_that_is_good_is_given_without_a_word_to_graph() -> None:
    async with client_of(in_turn(FINE)) as bench:
        assert await bench.client.token() == await bench.client.token() == "first"
        assert not bench.served.asked


async def test_a_call_that_is_given_up_leaves_its_place() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        if "slow" in request.path:
            await asyncio.sleep(3600)
        return FINE()

    async with client_of(respond, workers=1) as bench:
        slow = asyncio.ensure_future(bench.client.send(get("/beta/slow")))
        await until(lambda: bool(bench.served.asked))
        slow.cancel()
        assert (await bench.client.send(get())).ok


def pages_of(url: str, *names: str) -> Any:
    """Pages of a list, each linking to the next; the last links nowhere."""
    bodies: list[Any] = []
    for index, name in enumerate(names):
        body: dict[str, Any] = {"value": [name]}
        if index + 1 < len(names):
            body["@odata.nextLink"] = f"{url}/beta/things?$skiptoken={index + 1}"
        bodies.append(body)
    return bodies


async def values(bench: Any, path: str = "/beta/things") -> list[str]:
    return [value async for page in bench.client.pages(get(path)) for value in page["value"]]


async def test_pages_are_followed_to_the_end_each_tried_again_like_any_call() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        number = int(request.query.get("$skiptoken", 0))
        if number == 1 and len(bench.served.asked) == 2:
            return error(503)()
        return web.json_response(pages_of(bench.served.url, "a", "b", "c")[number])

    async with client_of(respond) as bench:
        assert await values(bench) == ["a", "b", "c"]
        assert paths(bench.served.asked)[-1] == "/beta/things?$skiptoken=2"


async def test_pages_do_not_lead_elsewhere() -> None:
    async with serving(in_turn(FINE)) as thief:
        link = {"value": ["a"], "@odata.nextLink": f"{thief.url}/beta/things?$skiptoken=1"}
        async with client_of(in_turn(said(link))) as bench:
            with pytest.raises(GraphError, match="not followed"):
                await values(bench)
        assert not thief.asked


async def test_pages_that_go_round_in_circles_end() -> None:
    async def respond(_request: web.Request) -> web.StreamResponse:
        return web.json_response(pages_of(bench.served.url, "a", "b")[0])

    async with client_of(respond) as bench:
        with pytest.raises(GraphError, match="leads back"):
            await values(bench)
        assert len(bench.served.asked) == 2


async def test_pages_that_never_end_are_not_read_for_ever() -> None:
    async def respond(_request: web.Request) -> web.StreamResponse:
        link = f"{bench.served.url}/beta/things?$skiptoken={len(bench.served.asked)}"
        return web.json_response({"value": [0] * 400_000, "@odata.nextLink": link})

    async with client_of(respond) as bench:
        with pytest.raises(GraphError, match="/beta/things does not end"):
            await values(bench)
        assert len(bench.served.asked) == 3


async def test_a_list_that_is_refused_is_raised() -> None:
    async with client_of(in_turn(error(403, "Forbidden", "No."))) as bench:
        with pytest.raises(PermissionRefused):
            await values(bench)
