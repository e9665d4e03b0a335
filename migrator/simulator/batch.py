"""JSON batching: up to twenty requests in one, each served by itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

import msgspec

from migrator.simulator.habits import Habits
from migrator.simulator.messages import Answer, Call, Json, Refused, bad_request, failure, parse

MOST_REQUESTS = 20

_FAILED_DEPENDENCY = failure(424, "FailedDependency", "A request that this one depends on has failed.")

Serve = Callable[[Call, Answer | None], Answer]
"""Serves an inner request; with an answer given, that is the one it gets."""

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def answer_batch(call: Call, serve: Serve, habits: Habits) -> Answer:
    """What a batch answers: each request's own status, headers and body, in any order. Raises Refused."""
    if call.method != "POST":
        raise Refused(failure(405, "MethodNotAllowed", "A batch is posted.", (("Allow", "POST"),)))
    requests = _requests(call.json())
    calls = {key: _inner(call.version, request) for key, request in requests.items()}
    answers = _in_turn(requests, calls, serve)
    responses = [
        _response(habits.batch_id(requests[key]["id"], position), answer, habits)
        for position, (key, answer) in enumerate(answers.items())
    ]
    return Answer(200, {"responses": habits.order(responses, "batch", *answers)})


def _requests(body: object) -> dict[str, Json]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise bad_request("A batch needs a list of 'requests'.")
    if len(requests) > MOST_REQUESTS:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {MOST_REQUESTS}.")
    by_id: dict[str, Json] = {}
    for request in requests:
        if not isinstance(request, dict) or not all(isinstance(request.get(n), str) for n in ("id", "method", "url")):
            raise bad_request("Each request of a batch needs an 'id', a 'method' and a 'url'.")
        if not request["id"] or by_id.setdefault(request["id"].lower(), request) is not request:
            raise bad_request(f"The id '{request['id']}' is not unique in the batch.")
    for request in requests:
        if not isinstance(request.get("dependsOn") or [], list):
            raise bad_request(f"What request id '{request['id']}' depends on must be a list.")
        for other in _depends_on(request):
            if other not in by_id:
                raise bad_request(f"Request id '{request['id']}' depends on '{other}', which is not in the batch.")
    return by_id


def _inner(version: str, request: Json) -> Call:
    method, url = request["method"].upper(), request["url"]
    if method not in _METHODS or "://" in url.partition("?")[0] or url.lstrip("/").lower().startswith("$batch"):
        raise bad_request(f"Request id '{request['id']}' does not have a supported method and a relative url.")
    headers = request.get("headers") or {}
    if not isinstance(headers, dict):
        raise bad_request(f"The headers of request id '{request['id']}' must be an object.")
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    body = request.get("body")
    if method in ("POST", "PUT", "PATCH") and (body is None or "content-type" not in lowered):
        raise bad_request(f"Write request id : {request['id']} does not contain Content-Type header or body.")
    return parse(method, f"/{version}/{url.lstrip('/')}", lowered, _content(request["id"], body))


def _content(id_: str, body: object) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        return msgspec.json.encode(body)
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise bad_request(f"The body of request id '{id_}' is neither an object nor base64.") from None


def _in_turn(requests: Mapping[str, Json], calls: Mapping[str, Call], serve: Serve) -> dict[str, Answer]:
    """The answers, each request after those it depends on; 424 after one that failed."""
    answers: dict[str, Answer] = {}
    while len(answers) < len(requests):
        ready = [k for k in requests if k not in answers and all(d in answers for d in _depends_on(requests[k]))]
        if not ready:
            raise bad_request("The requests of the batch depend on each other in a circle.")
        for key in ready:
            failed = any(answers[d].status >= 400 for d in _depends_on(requests[key]))
            answers[key] = serve(calls[key], _FAILED_DEPENDENCY if failed else None)
    return answers


def _depends_on(request: Json) -> list[str]:
    return [str(other).lower() for other in request.get("dependsOn") or ()]


def _response(id_: str, answer: Answer, habits: Habits) -> Json:
    response: Json = {"id": id_, "status": answer.status, "headers": dict(answer.headers)}
    if answer.text is not None:
        response["headers"]["Content-Type"] = "text/plain"
        response["body"] = habits.text_in_batches(answer.text)
    if answer.body is not None:
        response["headers"]["Content-Type"] = "application/json"
        response["body"] = answer.body
    return response
