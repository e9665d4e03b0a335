"""The table: what the server does, to which requests, how often, and what must come of the run."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.hostile import troubles as t
from tests.hostile.server import BATCHES, EVERYWHERE, READS, Place, Trouble, head

EVER = 10**9
LIST, LOOK_UP, READ, ASSIGN, VERIFY = Place.LIST, Place.LOOK_UP, Place.READ, Place.ASSIGN, Place.VERIFY
CLAIMS = base64.b64encode(b'{"access_token": {"nbf": {"essential": true, "value": "1"}}}').decode()
CHALLENGE = f'WWW-Authenticate: Bearer error="insufficient_claims", claims="{CLAIMS}"\r\n'
NESTED = json.dumps({"_version": 3, "Message": json.dumps({"Message": "the words within"})})


@dataclass(frozen=True)
class Case:
    """`exit` is the exit status of the run. `says` is in the one sentence that a person is shown: what was raised, or
    the reason of what failed. Where nothing was raised, `failed` and `unverified` count configurations, and all others
    are as intended."""

    name: str
    trouble: Trouble
    place: Place
    times: int = 1
    exit: int = 0
    says: str = ""
    failed: int = 0
    unverified: int = 0

    def __str__(self) -> str:
        return f"{self.name}: {self.place}{'' if self.times == 1 else ', always'}"


def everywhere(name: str, trouble: Trouble, *places: Place) -> Iterator[Case]:
    """It happens once, and the run does not suffer from it."""
    for place in places or EVERYWHERE:
        yield Case(name, trouble, place)


def for_ever(name: str, trouble: Trouble, *places: Place, says: str = "", code: int = 1) -> Iterator[Case]:
    """It happens every time: one clear error, and nothing that is half done."""
    for place in places or EVERYWHERE:
        match place:
            case Place.LIST | Place.LOOK_UP:
                yield Case(name, trouble, place, EVER, code, says)
            case Place.READ if "429" in name:  # it is waited out so long that the service is given up
                yield Case(name, trouble, place, EVER, 1, "nobody answered for ten minutes")
            case Place.READ:
                yield Case(name, trouble, place, EVER, 1, "could not be read beyond doubt", failed=3)
            case Place.VERIFY:
                yield Case(name, trouble, place, EVER, 1, unverified=3)
            case _:
                yield Case(name, trouble, place, EVER, code, says, failed=3)


def _statuses() -> Iterator[Case]:
    for status in (408, 429, 500, 502, 503, 504):
        yield from everywhere(str(status), t.error(status))
    for status in (429, 500, 503, 504):
        yield from for_ever(str(status), t.error(status, "Busy", "come back later"), says="come back later")
    for status in (400, 405, 409, 413, 415, 422):
        yield from for_ever(str(status), t.error(status, "No", "not like this"), LIST, ASSIGN, says="not like this")
    yield from for_ever("400, nested", t.error(400, "BadRequest", NESTED), ASSIGN, says="the words within")
    yield from for_ever("403", t.error(403, "Forbidden", "not you"), LIST, LOOK_UP, ASSIGN, code=3)
    yield from for_ever("404", t.error(404, "NotFound", "no such thing"), LIST, ASSIGN, says="does not serve")
    for name, headers in (("401", ""), ("401 with claims", CHALLENGE)):
        once = t.error(401, "InvalidAuthenticationToken", "no good", headers)
        yield from everywhere(name, once)
        for place in EVERYWHERE:
            says = "does not accept the token"
            yield Case(name, once, place, EVER, 3, says, failed=3 * (place is ASSIGN), unverified=3 * (place is VERIFY))
    yield from for_ever("302", t.error(302, headers="Location: https://sign-in.example/x\r\n"), says="redirect")
    yield from for_ever("500 without a word", t.says(500, b"", ""), LIST, ASSIGN, says="500")
    for text in ("", "-5", "soon", "Mon, 01 Jan 2001 00:00:00 GMT", "31536000", "1e400", "nan", "9" * 30):
        waits = f"Retry-After: {text}\r\n" if text else ""
        yield from everywhere(f"429, back in {text or 'no stated time'}", t.error(429, headers=waits), READ, ASSIGN)
    yield from everywhere("503, back in a year", t.error(503, headers="Retry-After: 31536000\r\n"), LIST, ASSIGN)
    late = "Date: Mon, 01 Jan 2001 00:00:00 GMT\r\nRetry-After: Mon, 01 Jan 2001 00:00:09 GMT\r\n"
    yield from everywhere("429, by a clock that is years off", t.error(429, headers=late), READ, ASSIGN)


def _connections() -> Iterator[Case]:
    slow: tuple[Trouble, ...] = (t.silent, t.drips, t.drips_its_head, t.never_gets_to_the_point)
    for trouble in (t.reset, t.closed, t.stops_halfway, *slow):
        yield from everywhere(trouble.__name__, trouble, LIST, READ, ASSIGN)
    yield from for_ever("reset", t.reset)
    for trouble in slow:
        yield from for_ever(trouble.__name__, trouble, LIST, says="in time")
    for name, trouble in (("reset", t.reset), ("504", t.error(504)), ("silent", t.silent), ("closed", t.closed)):
        yield Case(f"{name} after it was applied", t.applied(trouble), ASSIGN, EVER)
    yield from everywhere("half closed", t.half_closed)
    yield from everywhere("a continuation and a hint before it", t.honest(t.after_others))
    yield from everywhere("HTTP/1.0 without length", t.honest(t.without_length))
    yield from everywhere("in chunks", t.honest(t.in_chunks), READ, ASSIGN)
    yield from everywhere("in broken chunks", t.honest(t.in_broken_chunks), READ, ASSIGN)
    too_much: tuple[Trouble, ...] = (t.gigantic, t.gzip_bomb, t.header_bomb, t.one_long_header)
    for trouble in too_much[:2]:
        yield from for_ever(trouble.__name__, trouble, LIST, says="larger than")
        yield from everywhere(trouble.__name__, trouble, READ, ASSIGN)
    for trouble in too_much[2:]:
        yield from for_ever(trouble.__name__, trouble, LIST, says="without success")
        yield from everywhere(trouble.__name__, trouble, ASSIGN)
    for line in (b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\r\n"):
        yield from everywhere(f"{line!r} for HTTP", t.raw(line), LIST, ASSIGN)
    yield from for_ever("101", t.raw(head(101, None, kind="")), LIST, ASSIGN, says="101")


def _bodies() -> Iterator[Case]:
    page = t.raw(head(200, 29, kind="text/html") + b"<html>Please sign in</html>\r\n", close=False)
    yield from everywhere("a proxy's page", page)
    yield from for_ever("a proxy's page", page, LIST, ASSIGN, says="a proxy's page")
    nothing = t.raw(b"HTTP/1.1 204 No Content\r\n\r\n", close=False)
    yield from for_ever("204 for a list", nothing, LIST, LOOK_UP, says="not a JSON object")
    yield Case("204 for a batch", nothing, READ)
    yield Case("204 that was applied", t.applied(nothing), ASSIGN, EVER)
    yield Case("204 that was not applied", nothing, ASSIGN, EVER, 1, unverified=3)
    yield from everywhere("200 with nothing in it", t.raw(head(200, 0), close=False), *READS)
    for respell in (t.truncated, t.not_zipped, t.not_utf_8, t.deep, t.deep_beside):
        yield from everywhere(respell.__name__, t.honest(respell), LIST, READ, ASSIGN)
        yield from for_ever(respell.__name__, t.honest(respell), LIST, says="without success")
    for respell in (t.zipped, t.with_bom, t.in_utf_16, t.not_a_number):
        yield from ((Case(respell.__name__, t.honest(respell), place, EVER)) for place in (LIST, READ, ASSIGN))
    for kind in ("text/plain", "text/html; charset=latin-1", "application/json; charset=nonsense", ""):
        yield from everywhere(f"called {kind or 'nothing'}", t.honest(t.typed(kind)), READ, ASSIGN)
    yield from everywhere("no request-id, a cookie", t.honest(t.with_headers("Set-Cookie: who=me\r\n")))
    for name, document in (("an array", []), ("null", None), ("text", "text"), ("a number", 5)):
        instead = t.changed(t.always(document))
        yield from for_ever(f"{name} for an answer", instead, LIST, LOOK_UP, says="JSON object")
        yield from everywhere(f"{name} for an answer", instead, READ, ASSIGN)


def _lists() -> Iterator[Case]:
    yield from for_ever("no list", t.changed(t.without_a_list), LIST, LOOK_UP, READ, VERIFY, says="no list")
    value: Any
    for value in (None, 5, True, "text", {}, {"a": 1}):
        changed = t.changed(t.instead_of_the_list(value))
        yield from for_ever(f"{value!r} for a list", changed, LIST, LOOK_UP, READ, says="no list")
        yield from everywhere(f"{value!r} for a list", changed, ASSIGN)
    for value in (None, [], "x", 5):
        changed = t.changed(t.instead_of_the_list([value]))
        yield from for_ever(f"{value!r} in a list", changed, LIST, LOOK_UP, READ, says="something that is no")
        yield from everywhere(f"{value!r} in a list", changed, ASSIGN)
    for name, change in (
        ("without id", t.without("id")),
        ("nothing but nulls", t.throughout(None)),
        ("nothing but objects", t.throughout({"x": [1]})),
        ("nothing but numbers", t.throughout(5)),
    ):
        yield from for_ever(name, t.changed(change), LIST, LOOK_UP, says="something that is no")
        yield from everywhere(name, t.changed(change), ASSIGN)
        if name != "without id":
            yield from for_ever(name, t.changed(change), READ, VERIFY)
    yield from for_ever("without name", t.changed(t.without("displayName")), LIST, LOOK_UP, says="errors", code=2)
    yield from everywhere("everything twice", t.changed(t.twice))
    yield Case("everything twice", t.changed(t.twice), LIST, EVER)
    for name, link, says in (
        ("to another host", "https://graph.elsewhere.example/beta/officeConfiguration/x", "at another place"),
        ("to another scheme", "ftp://127.0.0.1/beta/x", "at another place"),
        ("to no place at all", "http://[", "at another place"),
    ):
        yield from for_ever(f"goes on {name}", t.changed(t.leading_to(link)), *READS, says=says)


def _batches() -> Iterator[Case]:
    for name, change in (
        ("none", t.responses(lambda answers: [])),
        ("null", t.responses(lambda answers: None)),
        ("an object", t.responses(lambda answers: {"a": 1})),
        ("nulls", t.responses(lambda answers: [None] * len(answers))),
        ("repeated", t.responses(lambda answers: answers * 2)),
        ("ids that nobody gave", t.responses(lambda answers: [{**one, "id": f"x{one['id']}"} for one in answers])),
        ("ids that are null", t.all_of_them(id=None)),
        ("a status that is no number", t.all_of_them(status="OK")),
        ("no status", t.all_of_them(status=None)),
        ("a status beyond all numbers", t.all_of_them(status=10**30)),
        ("inner 429", t.all_of_them(status=429, body=None, headers={"Retry-After": "0.249"})),
        ("inner 500", t.all_of_them(status=500, body={})),
        ("inner 504", t.all_of_them(status=504, body=None)),
        ("inner pages", t.all_of_them(body="<html>")),
    ):
        yield from for_ever(f"batch: {name}", t.changed(change), READ, VERIFY)
        yield from everywhere(f"batch: {name}", t.changed(change), *BATCHES)
    first_missing = t.changed(t.responses(lambda answers: answers[1:]))
    yield Case("batch: one missing", first_missing, READ)
    yield Case("batch: one missing", first_missing, VERIFY, EVER)
    for status in (400, 403, 404, 424):
        yield from for_ever(f"batch: inner {status}", t.changed(t.all_of_them(status=status, body={})), READ, VERIFY)
    yield Case("batch: inner 401", t.changed(t.all_of_them(status=401, body={})), READ)
    for name, change in (
        ("status as text", t.all_of_them(status="200")),
        ("ids as numbers", t.responses(lambda answers: [{**one, "id": int(one["id"])} for one in answers])),
        ("one nobody asked for", t.responses(lambda answers: [*answers, {**answers[0], "id": "99"}])),
        ("in reverse", t.responses(lambda answers: answers[::-1])),
        ("headers null", t.all_of_them(headers=None)),
        ("headers a list", t.all_of_them(headers=[1])),
        ("headers of any kind", t.all_of_them(headers={"Retry-After": None, "Date": {}})),
    ):
        yield Case(f"batch: {name}", t.changed(change), READ, EVER)


ALL = (*_statuses(), *_connections(), *_bodies(), *_lists(), *_batches())
CASES = ALL if os.environ.get("MIGRATOR_HOSTILE") == "all" else ALL[::4]
"""A fourth of them, spread over all; MIGRATOR_HOSTILE=all asks for the others as well."""
