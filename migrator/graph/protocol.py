"""What is asked of Graph, what came back, and what that means. Nothing here has a clock or a socket."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from migrator.graph import documents
from migrator.model.limits import ABSURD_RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.model.configuration import Key


@dataclass(frozen=True)
class Call:
    """One request as it is meant, before any try.

    `path` is relative to Graph's root, begins with "/beta/" or "/v1.0/" and is percent-encoded already. `purpose` is
    one of the words of `Attempt.purpose`. `write` says which pacer it counts under. With `repeatable` False it is not
    sent again once it is in doubt whether the service carried it out (a reset, a time-out, a 504, a truncated or
    foreign answer); it is still sent again where the service surely did not (429, 500, 502, 503, 408, one 401).
    """

    method: str
    path: str
    purpose: str
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    subject: Key | None = None
    write: bool = False
    repeatable: bool = True


class Meaning(StrEnum):
    """What a reply says about its call."""

    OK = "ok"
    REFUSED = "refused"  # a definite no: the same call again would meet the same answer
    THROTTLED = "throttled"
    TRANSIENT = "transient"  # not carried out, or harmless to repeat: worth another try
    UNKNOWN = "unknown"  # carried out or not: only reading tells
    UNAUTHORIZED = "unauthorized"


class Fault(StrEnum):
    """Why there is no whole answer."""

    NONE = ""
    UNREACHABLE = "unreachable"  # no connection: the request surely never left
    BLOCKED = "blocked"  # it never left and will not: an untrusted certificate, a proxy that says no
    RESET = "reset"
    TIMED_OUT = "time-out"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    FOREIGN = "foreign"  # what answered does not speak HTTP


class _Unreadable(Enum):
    UNREADABLE = "no JSON"


_UNREADABLE: Final = _Unreadable.UNREADABLE


@dataclass(frozen=True)
class Reply:
    """One answer, or what came instead of it. `status` is 0 where none came; header names are in lower case.

    `fault` is the kind of trouble and `error` tells it to people; both are empty for a whole answer.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    error: str = ""
    fault: Fault = Fault.NONE

    @property
    def request_id(self) -> str:
        """The service's name for this request, "" where it gave none."""
        return self.headers.get("request-id") or self.headers.get("x-ms-request-id") or ""

    @property
    def is_json(self) -> bool:
        return self._document is not _UNREADABLE

    def json(self) -> dict[str, Any]:
        """The body as an object; ValueError where it is none."""
        if not isinstance(self._document, dict):
            raise ValueError("the answer is not a JSON object")
        return self._document

    @property
    def graph_error(self) -> tuple[str, str]:
        """Graph's (code, message), out of the JSON that Intune hides in `message` as well; ("", "") where none."""
        return _error_in(self._document)

    @cached_property
    def _document(self) -> Any:  # whatever JSON there is
        try:
            return documents.read(self.body)
        except ValueError:
            return _UNREADABLE


_BY_STATUS: Final[Mapping[int, Meaning]] = {
    401: Meaning.UNAUTHORIZED,
    408: Meaning.TRANSIENT,
    429: Meaning.THROTTLED,
    500: Meaning.TRANSIENT,
    501: Meaning.REFUSED,
    502: Meaning.TRANSIENT,
    503: Meaning.TRANSIENT,
    505: Meaning.REFUSED,
}


def classify(call: Call, reply: Reply) -> Meaning:
    """What the reply means for this call. A redirect is a refusal: it is never followed."""
    in_doubt = Meaning.TRANSIENT if call.repeatable else Meaning.UNKNOWN
    if reply.fault is Fault.UNREACHABLE:
        return Meaning.TRANSIENT
    if reply.fault is Fault.BLOCKED:
        return Meaning.REFUSED
    if reply.fault is Fault.OVERSIZED:  # asking again would bring as much again
        return Meaning.REFUSED if call.repeatable else Meaning.UNKNOWN
    if 200 <= reply.status < 300:
        return Meaning.OK if _whole(call, reply) else in_doubt
    if reply.status == 401 and not call.write and _is_forbidden(reply):
        return Meaning.REFUSED
    if reply.status in _BY_STATUS:
        return _BY_STATUS[reply.status]
    if reply.status == 0 or reply.status >= 500:
        return in_doubt
    return Meaning.REFUSED


def _is_forbidden(reply: Reply) -> bool:
    """Whether a 401 is Intune's word for what a 403 says elsewhere: the token is accepted, and may not do this.

    Such an answer packs `"ErrorCode": "Forbidden"` into the message of an `UnknownError`, and challenges nobody.
    """
    if "www-authenticate" in reply.headers:
        return False
    document = reply._document
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict) or error.get("code") != "UnknownError":
        return False
    try:
        inner = json.loads(_text(error.get("message")))
    except (ValueError, RecursionError):
        return False
    return isinstance(inner, dict) and inner.get("ErrorCode") == "Forbidden"


def _whole(call: Call, reply: Reply) -> bool:
    """Whether a success says what it has to say: nothing at all, or JSON; a GET must not say nothing with a 200."""
    if reply.fault:
        return False
    if reply.body.strip():
        return reply.is_json
    return reply.status != 200 or call.method != "GET"


def in_words(reply: Reply) -> str:
    """What came back, for people: `403 Forbidden: Insufficient privileges`, `reset`, a redirect with its goal."""
    if reply.fault:
        return reply.error or str(reply.fault)
    if 300 <= reply.status < 400:
        goal = urlsplit(reply.headers.get("location", "")).netloc.rpartition("@")[2] or "an unnamed place"
        return (
            f"{reply.status}, a redirect to {goal}, which was not followed: something between here and Graph answered "
            f"in its place (a proxy's sign-in page?)"
        )
    if reply.status < 400:
        if reply.body.strip() and not reply.is_json:
            kind = reply.headers.get("content-type", "").partition(";")[0] or "of no stated type"
            return f"{reply.status} with a body that is not JSON ({kind}); a proxy's page, or a truncated answer"
        return str(reply.status)
    code, message = reply.graph_error
    return f"{reply.status}{' ' if code else ''}{code}{': ' if message else ''}{message}"


def retry_after(headers: Mapping[str, str], now_epoch: float) -> float | None:
    """How many seconds to wait, by a `Retry-After` in seconds (decimals too) or as an HTTP date.

    None where there is none, where it cannot be read, or where it is absurd (over an hour). A date is measured from
    the answer's own `Date`, so that a clock that goes wrong here does no harm, else from `now_epoch`.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        moment = _epoch(text)
        if moment is None:
            return None
        start = _epoch(headers.get("date", ""))
        seconds = moment - (now_epoch if start is None else start)
    if math.isnan(seconds) or seconds > ABSURD_RETRY_AFTER:
        return None
    return max(0.0, seconds)


def _epoch(http_date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (
        ValueError,
        TypeError,
        IndexError,
        OverflowError,
    ):  # what parsedate raises on one kind of nonsense or another
        return None


def load_of(reply: Reply) -> float | None:
    """The share of its limit that the service says is used (the directory tells it from 0.8 on)."""
    try:
        return float(reply.headers["x-ms-throttle-limit-percentage"])
    except (KeyError, ValueError):
        return None


_CLAIMS = re.compile(r'\bclaims="([A-Za-z0-9+/_=-]+)"', re.IGNORECASE)


def claims_of(www_authenticate: str) -> str | None:
    """The claims challenge of a 401, as the JSON text that MSAL wants; None where there is none to be read."""
    found = _CLAIMS.search(www_authenticate)
    if not found:
        return None
    packed = found[1].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("utf-8")
        return text if isinstance(json.loads(text), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def _error_in(document: object) -> tuple[str, str]:
    if not isinstance(document, dict):
        return "", ""
    error = document.get("error", document)
    if isinstance(error, str):  # OAuth's way
        return error, str(document.get("error_description") or "")
    if not isinstance(error, dict):
        return "", ""
    return _text(error.get("code")), _unfolded(_text(error.get("message") or error.get("Message")))


def _unfolded(message: str, depth: int = 3) -> str:
    """Intune packs `{"_version": 3, "Message": "…"}` into the message, at times twice over."""
    if depth == 0 or not message.lstrip().startswith("{"):
        return message
    try:
        inner = json.loads(message)
    except (ValueError, RecursionError):
        return message
    if not isinstance(inner, dict):
        return message
    nested = inner.get("Message") or inner.get("message") or _error_in(inner)[1]
    return _unfolded(nested, depth - 1) if isinstance(nested, str) and nested else message


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
