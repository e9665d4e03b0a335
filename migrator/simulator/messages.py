"""What is asked and what is answered, whether alone or inside a batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

Json = dict[str, Any]
Headers = tuple[tuple[str, str], ...]

_KEY = re.compile(r"\('([^'/]*)'\)")  # things('id') is things/id


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a JSON object and headers of its own (None: no body), or with a body that is only text."""

    status: int
    body: Json | None = None
    headers: Headers = ()
    text: str | None = None


class Refused(Exception):
    """The request cannot be served; the answer says why, in Graph's shape."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def failure(status: int, code: str, message: str, headers: Headers = ()) -> Answer:
    """An error as Graph words it; date and ids are filled in when it leaves."""
    return Answer(status, {"error": {"code": code, "message": message}}, headers)


def bad_request(message: str, code: str = "BadRequest") -> Refused:
    return Refused(failure(400, code, message))


def not_found(message: str, code: str = "ResourceNotFound") -> Refused:
    return Refused(failure(404, code, message))


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `segments` are the decoded parts of the path below the version, `path` and `query` as they were
    sent; `options` are the query's, their names in lower case; header names are in lower case."""

    method: str
    version: str
    path: str
    query: str
    segments: tuple[str, ...]
    options: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def json(self) -> Any:
        """The body, which must be said to be JSON and be it. Raises Refused."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(failure(415, "UnsupportedMediaType", "The Content-Type header must be application/json."))
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and "
                "payload is of valid JSON format."
            ) from None


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Call:
    """A request from its method and its target, `/beta/path?query`."""
    path, _, query = target.partition("#")[0].partition("?")
    version, *segments = [unquote(s) for s in _KEY.sub(r"/\1", path).split("/") if s] or [""]
    options = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)} if query else {}
    below = path.lstrip("/")[len(version) :].rstrip("/")
    return Call(method, version, below, query, tuple(segments), options, headers, body)
