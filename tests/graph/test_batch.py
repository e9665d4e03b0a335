"""JSON batches against a server that does to inner requests what Graph does, and worse."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.graph.answer import Answer
from migrator.graph.batch import send_batch
from migrator.graph.protocol import Call, Meaning
from migrator.graph.retrying import MOST_TRIES
from migrator.model.errors import SignInError, Stopped
from migrator.model.outcome import Attempt
from tests.graph.server import Bench, Respond, assign, client_of, error, get, in_turn, paths, said

Inner = dict[str, Any]


def calls(count: int) -> list[Call]:
    return [get(f"/beta/things/{number}") for number in range(count)]


def fine(request: Inner) -> Inner:
    return {"id": request["id"], "status": 200, "body": {"url": request["url"]}}


def refused(request: Inner, status: int, **headers: Any) -> Inner:
    body = {"error": {"code": "x", "message": "y"}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"id": request["id"], "status": status, "headers": named, "body": body}


def batches(*answer: Callable[[Inner], Inner], order: Callable[[list[Inner]], Sequence[Inner]] = list) -> Respond:
    """Answers the inner requests of the first batch by the first of these, and so on, the last again and again."""
    left = list(answer)

    async def respond(request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/$batch"):
            return web.json_response({"url": request.path.removeprefix("/beta")})
        one = left.pop(0) if len(left) > 1 else left[0]
        asked = (await request.json())["requests"]
        return web.json_response({"responses": order([one(inner) for inner in asked])})

    return respond


def urls(answers: Sequence[Answer]) -> list[str]:
    return [answer.require().json()["url"] for answer in answers]


def inner_sizes(bench: Bench) -> list[int]:
    return [len(json.loads(a.body)["requests"]) for a in bench.served.asked if a.path.endswith("$batch")]


async def test_answers_come_in_the_order_of_the_calls_twenty_to_a_batch() -> None:
    async with client_of(batches(fine, order=lambda answers: answers[::-1]), workers=640) as bench:
        answers = await send_batch(bench.client, calls(45), "beta")
        assert sorted(inner_sizes(bench)) == [5, 20, 20]
        assert set(paths(bench.served.asked)) == {"/beta/$batch"}
    assert urls(answers) == [f"/things/{number}" for number in range(45)]
    assert {answer.tries for answer in answers} == {1}


async def test_no_calls_no_requests() -> None:
    async with client_of(batches(fine)) as bench:
        assert await send_batch(bench.client, [], "beta") == []
        assert not bench.served.asked


async def test_inner_requests_are_observed_beside_the_batch_that_carries_them() -> None:
    async with client_of(batches(lambda r: refused(r, 503), fine)) as bench:
        await send_batch(bench.client, calls(3), "beta")
    assert [(a.method, a.path) for a in bench.attempts if not a.inner] == [("POST", "/beta/$batch")] * 2
    inner = [(a.path, a.number, a.status) for a in bench.attempts if a.inner]
    assert sorted(inner) == [(f"/beta/things/{n}", t, s) for n in range(3) for t, s in ((1, 503), (2, 200))]


async def test_bodies_and_headers_go_inside() -> None:
    call = Call("POST", "/v1.0/find", "look up", body=b'{"ids": ["a"]}', headers=(("ConsistencyLevel", "eventual"),))
    async with client_of(batches(fine)) as bench:
        await send_batch(bench.client, [call], "v1.0")
        (inner,) = json.loads(bench.served.asked[0].body)["requests"]
    assert inner == {
        "id": "1",
        "method": "POST",
        "url": "/find",
        "headers": {"ConsistencyLevel": "eventual", "Content-Type": "application/json"},
        "body": {"ids": ["a"]},
    }


async def test_only_what_was_throttled_goes_again_and_not_too_early() -> None:
    def first(request: Inner) -> Inner:
        return fine(request) if int(request["id"]) % 2 else refused(request, 429, Retry_After="0.249")

    async with client_of(batches(first, fine)) as bench:
        answers = await send_batch(bench.client, calls(20), "beta")
        again = [a for a in bench.attempts if a.inner and a.number == 2]
    assert urls(answers) == [f"/things/{number}" for number in range(20)]
    assert len(again) == 10
    assert sum(inner_sizes(bench)) == 30
    assert {a.retry_after for a in bench.attempts if a.status == 429} == {0.249}
    assert all(a.started >= bench.attempts[0].started + 0.249 for a in again)


async def test_retry_after_of_a_failure_inside_is_kept_too() -> None:
    async with client_of(batches(lambda r: refused(r, 503, retry_after=40), fine)) as bench:
        await send_batch(bench.client, calls(1), "beta")
    assert bench.clock.now >= 40


async def test_every_inner_request_counts_against_the_limit() -> None:
    async with client_of(batches(fine), limit=30, workers=640) as bench:
        await send_batch(bench.client, calls(70), "beta")
        outer = sorted((a.started, size) for a, size in zip(_outer(bench), inner_sizes(bench), strict=True))
    first, by_twenty = outer[0][0], 0
    for started, size in outer:
        by_twenty += size if started < first + 20 else 0
    assert by_twenty <= 30
    assert sum(size for _, size in outer) == 70


async def test_calls_that_are_counted_apart_go_apart_and_do_not_wait_for_each_other() -> None:
    def mixed(count: int) -> list[Call]:
        return [get(f"/beta/{place}/{n}") for n in range(count) for place in ("deviceManagement/things", "groups")]

    async with client_of(batches(fine), limit=5, workers=640) as bench:
        answers = await send_batch(bench.client, mixed(5), "beta")
        assert bench.clock.now == 0
        assert inner_sizes(bench) == [5, 5]
        asked = [{inner["url"].split("/")[1] for inner in json.loads(a.body)["requests"]} for a in bench.served.asked]
        await send_batch(bench.client, mixed(1), "beta")
        assert bench.clock.now == pytest.approx(20.0, abs=0.1)
    assert sorted(map(sorted, asked)) == [["deviceManagement"], ["groups"]]
    assert urls(answers) == [call.path.removeprefix("/beta") for call in mixed(5)]


def _outer(bench: Bench) -> list[Any]:
    return [attempt for attempt in bench.attempts if not attempt.inner]


async def test_an_answer_that_is_missing_or_given_twice_is_asked_for_again() -> None:
    def lossy(answers: list[Inner]) -> list[Inner]:
        return [*answers[1:], answers[-1]] if len(answers) == 5 else answers

    async with client_of(batches(fine, order=lossy)) as bench:
        answers = await send_batch(bench.client, calls(5), "beta")
    assert urls(answers) == [f"/things/{number}" for number in range(5)]
    assert [answer.tries for answer in answers] == [2, 1, 1, 1, 2]


async def test_ids_that_come_back_as_numbers_are_still_ids() -> None:
    async with client_of(batches(lambda r: {**fine(r), "id": int(r["id"])})) as bench:
        assert urls(await send_batch(bench.client, calls(2), "beta")) == ["/things/0", "/things/1"]


@pytest.mark.parametrize(
    "pack",
    [
        lambda body: body,
        lambda body: json.dumps(body),
        lambda body: base64.b64encode(json.dumps(body).encode()).decode(),
    ],
)
async def test_a_body_may_be_an_object_or_a_string_of_it_or_base64(pack: Callable[[Any], Any]) -> None:
    async with client_of(batches(lambda r: {**fine(r), "body": pack({"url": r["url"]})})) as bench:
        assert urls(await send_batch(bench.client, calls(1), "beta")) == ["/things/0"]


async def test_a_body_of_plain_text_stays_what_it_is() -> None:
    async with client_of(batches(lambda r: {"id": r["id"], "status": 400, "body": "Nothing of use"})) as bench:
        (answer,) = await send_batch(bench.client, calls(1), "beta")
    assert answer.reply.body == b"Nothing of use"
    assert answer.meaning is Meaning.REFUSED


@pytest.mark.parametrize("status", [400, 403, 404, 424])
async def test_a_refusal_inside_is_an_answer(status: int) -> None:
    def half(request: Inner) -> Inner:
        return refused(request, status) if request["id"] == "1" else fine(request)

    async with client_of(batches(half)) as bench:
        first, second = await send_batch(bench.client, calls(2), "beta")
    assert (first.meaning, first.reply.status, first.tries) == (Meaning.REFUSED, status, 1)
    assert second.ok


async def test_what_never_works_comes_back_as_it_is() -> None:
    async with client_of(batches(lambda r: refused(r, 503))) as bench:
        (answer,) = await send_batch(bench.client, calls(1), "beta")
    assert (answer.meaning, answer.reply.status, answer.tries) == (Meaning.TRANSIENT, 503, MOST_TRIES)


async def test_nothing_at_all_inside_is_no_list_of_nothing() -> None:
    async with client_of(batches(lambda r: {"id": r["id"], "status": 200}, fine)) as bench:
        assert urls(await send_batch(bench.client, calls(1), "beta")) == ["/things/0"]


@pytest.mark.parametrize(
    "outer", [error(503), error(429, Retry_After="5"), error(504), said({"odd": 1}), said({}), said([])]
)
async def test_a_batch_that_fails_as_a_whole_goes_again_as_a_whole(outer: Any) -> None:
    plain, left = batches(fine), [outer]

    async def respond(request: web.Request) -> web.StreamResponse:
        return left.pop()() if left else await plain(request)

    async with client_of(respond) as bench:
        answers = await send_batch(bench.client, calls(3), "beta")
    assert urls(answers) == ["/things/0", "/things/1", "/things/2"]
    assert {answer.tries for answer in answers} == {2}


@pytest.mark.parametrize("status", [400, 404, 405, 413, 501])
async def test_where_batches_are_refused_every_call_goes_alone(status: int) -> None:
    plain = batches(fine)

    async def respond(request: web.Request) -> web.StreamResponse:
        return error(status)() if request.path.endswith("$batch") else await plain(request)

    async with client_of(respond) as bench:
        assert urls(await send_batch(bench.client, calls(3), "beta")) == ["/things/0", "/things/1", "/things/2"]


async def test_a_401_inside_goes_alone_for_the_client_to_renew_the_token() -> None:
    async with client_of(batches(lambda r: refused(r, 401) if r["id"] == "2" else fine(r))) as bench:
        assert urls(await send_batch(bench.client, calls(3), "beta")) == ["/things/0", "/things/1", "/things/2"]
        assert paths(bench.served.asked) == ["/beta/$batch", "/beta/things/1"]


async def test_a_sign_in_that_is_refused_ends_all_and_leaves_nothing_running() -> None:
    async with client_of(in_turn(error(401, "Expired"))) as bench:
        with pytest.raises(SignInError):
            await send_batch(bench.client, calls(50), "beta")
        assert not [task for task in asyncio.all_tasks() if "_send" in repr(task.get_coro())]


@pytest.mark.parametrize("call", [assign(), get("/v1.0/things"), get("/betamax/things")])
async def test_what_does_not_belong_into_a_batch_is_not_put_there(call: Call) -> None:
    async with client_of(batches(fine)) as bench:
        with pytest.raises(ValueError, match="cannot go into a batch"):
            await send_batch(bench.client, [call], "beta")


STRANGE = st.one_of(
    st.sampled_from(["fine", "lost", "twice", "full", "busy", "nothing"]),
    st.integers(400, 404).filter(lambda status: status != 401),
)


@settings(max_examples=25)
@given(st.lists(STRANGE, min_size=1, max_size=45), st.randoms(use_true_random=False))
async def test_each_call_gets_its_own_answer(fates: list[Any], chance: Any) -> None:
    """Whatever befalls the first try of each, in whatever order answers come."""
    left = dict(enumerate(fates))

    def answers(request: Inner) -> list[Inner]:
        number = int(request["url"].rpartition("/")[2])
        match left.pop(number, "fine"):
            case "lost":
                return []
            case "twice":
                return [fine(request), fine(request)]
            case "full":
                return [refused(request, 429, Retry_After=1)]
            case "busy":
                return [refused(request, 503)]
            case "nothing":
                return [{"id": request["id"]}]
            case int(status):
                return [refused(request, status)]
            case _:
                return [fine(request)]

    async def respond(request: web.Request) -> web.StreamResponse:
        found = [answer for inner in (await request.json())["requests"] for answer in answers(inner)]
        chance.shuffle(found)
        return web.json_response({"responses": found})

    async with client_of(respond) as bench:
        got = await send_batch(bench.client, calls(len(fates)), "beta")
    for number, (fate, answer) in enumerate(zip(fates, got, strict=True)):
        if isinstance(fate, int):
            assert answer.reply.status == fate
        else:
            assert answer.json()["url"] == f"/things/{number}"


async def test_a_batch_that_waits_to_go_again_hears_that_its_gate_is_shut() -> None:
    """However long it was told to wait."""
    async with client_of(batches(lambda r: refused(r, 503, Retry_After="300"))) as bench:
        gates, seen = bench.client.gates, bench.client.observe

        def observe(attempt: Attempt) -> None:
            seen(attempt)
            gates.shut(reads=True)

        bench.client.observe = observe
        with pytest.raises(Stopped):
            await send_batch(bench.client, calls(3), "beta")
        assert len(bench.served.asked) == 1
        assert bench.clock.now < 300
