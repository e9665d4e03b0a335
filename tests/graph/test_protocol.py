"""What an answer means, whatever it is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.protocol import Call, Fault, Meaning, Reply, claims_of, classify, in_words, load_of, retry_after

READ = Call("GET", "/beta/things", "read")
ASSIGN = Call("POST", "/beta/things/1/assign", "assign", body=b"{}", write=True, repeatable=False)
NOW = 1_700_000_000.0

OK, REFUSED, THROTTLED = Meaning.OK, Meaning.REFUSED, Meaning.THROTTLED
TRANSIENT, UNKNOWN, UNAUTHORIZED = Meaning.TRANSIENT, Meaning.UNKNOWN, Meaning.UNAUTHORIZED


@pytest.mark.parametrize(
    ("status", "body", "read", "assign"),
    [
        (200, b'{"value": []}', OK, OK),
        (200, b"\xef\xbb\xbf42", OK, OK),  # $count comes with a byte order mark
        (201, b'{"value": []}', OK, OK),
        (204, b"", OK, OK),
        (202, b"", OK, OK),
        (200, b"", TRANSIENT, OK),  # an assign may say nothing, a read may not
        (200, b"<html>sign in</html>", TRANSIENT, UNKNOWN),
        (200, b'{"value": [{"id"', TRANSIENT, UNKNOWN),
        (200, b'{"a": "\xff"}', TRANSIENT, UNKNOWN),
        (302, b"", REFUSED, REFUSED),
        (400, b"", REFUSED, REFUSED),
        (401, b"", UNAUTHORIZED, UNAUTHORIZED),
        (403, b"", REFUSED, REFUSED),
        (404, b"", REFUSED, REFUSED),
        (408, b"", TRANSIENT, TRANSIENT),
        (409, b"", REFUSED, REFUSED),
        (412, b"", REFUSED, REFUSED),
        (413, b"", REFUSED, REFUSED),
        (422, b"", REFUSED, REFUSED),
        (424, b"", REFUSED, REFUSED),
        (429, b"", THROTTLED, THROTTLED),
        (500, b"", TRANSIENT, TRANSIENT),
        (501, b"", REFUSED, REFUSED),
        (502, b"<html>", TRANSIENT, TRANSIENT),
        (503, b"", TRANSIENT, TRANSIENT),
        (504, b"", TRANSIENT, UNKNOWN),
        (520, b"", TRANSIENT, UNKNOWN),
    ],
)
def test_a_status_and_a_body_mean(status: int, body: bytes, read: Meaning, assign: Meaning) -> None:
    reply = Reply(status, body=body)
    assert classify(READ, reply) is read
    assert classify(ASSIGN, reply) is assign


@pytest.mark.parametrize(
    ("fault", "read", "assign"),
    [
        (Fault.UNREACHABLE, TRANSIENT, TRANSIENT),  # it never left
        (Fault.BLOCKED, REFUSED, REFUSED),
        (Fault.RESET, TRANSIENT, UNKNOWN),
        (Fault.TIMED_OUT, TRANSIENT, UNKNOWN),
        (Fault.FOREIGN, TRANSIENT, UNKNOWN),
        (Fault.OVERSIZED, REFUSED, UNKNOWN),
    ],
)
def test_no_answer_means(fault: Fault, read: Meaning, assign: Meaning) -> None:
    assert classify(READ, Reply(0, fault=fault)) is read
    assert classify(ASSIGN, Reply(0, fault=fault)) is assign


def test_a_success_that_breaks_off_is_no_success() -> None:
    assert classify(ASSIGN, Reply(200, fault=Fault.TRUNCATED)) is UNKNOWN
    assert classify(ASSIGN, Reply(403, fault=Fault.TRUNCATED)) is REFUSED


@given(st.integers(0, 599), st.binary(max_size=40), st.sampled_from(list(Fault)), st.booleans())
def test_nothing_in_doubt_is_ever_sent_again(status: int, body: bytes, fault: Fault, repeatable: bool) -> None:
    call = ASSIGN if not repeatable else READ
    meaning = classify(call, Reply(status, body=body, fault=fault))
    if repeatable:
        assert meaning is not UNKNOWN
    elif meaning is TRANSIENT:
        assert fault is Fault.UNREACHABLE or status in (408, 500, 502, 503)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17.0),
        ("0.249", 0.249),
        ("0", 0.0),
        ("-5", 0.0),
        ("300", 300.0),
        ("86400", None),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        ("Tue, 14 Nov 2033 22:13:00 GMT", None),
        ("Tue, 14 Nov 2023 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, NOW) == seconds


def test_no_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None


def test_a_date_is_measured_by_the_clock_of_whoever_wrote_it() -> None:
    headers = {"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT", "date": "Tue, 14 Nov 2023 22:13:40 GMT"}
    assert retry_after(headers, NOW + 5000) == 10.0


@given(st.text(max_size=40))
def test_retry_after_is_bounded_whatever_is_written(header: str) -> None:
    seconds = retry_after({"retry-after": header}, NOW)
    assert seconds is None or 0 <= seconds <= 3600


@given(st.integers(0, 3600))
def test_an_http_date_is_that_many_seconds_away(seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)
    assert retry_after({"retry-after": date}, NOW) == seconds


CHALLENGE = '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}'


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padding", ["", "="])
def test_a_claims_challenge_is_unpacked(encode: object, padding: str) -> None:
    assert callable(encode)
    packed = encode(CHALLENGE.encode()).decode().rstrip("=")
    header = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        f'error="insufficient_claims", claims="{packed}{padding}"'
    )
    assert claims_of(header) == CHALLENGE


@pytest.mark.parametrize("header", ["", "Bearer", 'Bearer claims="!!"', 'Bearer claims="AAAA"', 'Bearer claims="W10="'])
def test_what_is_no_challenge_gives_none(header: str) -> None:
    assert claims_of(header) is None


def body_of(error: object) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (body_of({"code": "Forbidden", "message": "No."}), "Forbidden", "No."),
        (body_of({"code": "BadRequest", "message": '{"_version": 3, "Message": "Inner"}'}), "BadRequest", "Inner"),
        (
            body_of({"code": "B", "message": json.dumps({"Message": json.dumps({"Message": "Deep"})})}),
            "B",
            "Deep",
        ),
        (body_of({"code": "B", "message": json.dumps({"error": {"message": "In"}})}), "B", "In"),
        (body_of({"code": "B", "message": "{not json"}), "B", "{not json"),
        (body_of({"code": "B", "message": "{}"}), "B", "{}"),
        (body_of({"code": None, "message": 7}), "", ""),
        (b'{"error": "invalid_grant", "error_description": "Expired."}', "invalid_grant", "Expired."),
        (b'{"Message": "The service is unavailable."}', "", "The service is unavailable."),
        (b"[]", "", ""),
        (b'{"error": []}', "", ""),
        (b"<html>", "", ""),
        (b"", "", ""),
    ],
)
def test_graphs_error_is_found(body: bytes, code: str, message: str) -> None:
    assert Reply(400, body=body).graph_error == (code, message)


def test_a_reply_in_words() -> None:
    assert in_words(Reply(403, body=body_of({"code": "Forbidden", "message": "No."}))) == "403 Forbidden: No."
    assert in_words(Reply(503)) == "503"
    assert in_words(Reply(0, error="reset: Connection lost", fault=Fault.RESET)) == "reset: Connection lost"
    assert in_words(Reply(0, fault=Fault.RESET)) == "reset"
    assert "not JSON (text/html)" in in_words(Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<html>"))


def test_a_redirect_names_its_goal_without_whatever_else_stands_there() -> None:
    reply = Reply(302, {"location": "https://user:word@login.proxy.example/signin?token=abc"})
    assert "login.proxy.example" in in_words(reply)
    assert "abc" not in in_words(reply)
    assert "word" not in in_words(reply)


def test_json_is_an_object_or_an_error() -> None:
    assert Reply(200, body=b'{"a": 1}').json() == {"a": 1}
    for body in (b"[1]", b"", b"<html>", b"[" * 100_000):
        with pytest.raises(ValueError, match="JSON object"):
            Reply(200, body=body).json()


def test_the_services_names_for_a_request_are_found() -> None:
    assert Reply(200, {"request-id": "a"}).request_id == "a"
    assert Reply(200, {"x-ms-request-id": "b"}).request_id == "b"
    assert Reply(200).request_id == ""


def test_the_load_is_read_where_it_is_told() -> None:
    assert load_of(Reply(200, {"x-ms-throttle-limit-percentage": "0.85"})) == 0.85
    assert load_of(Reply(200, {"x-ms-throttle-limit-percentage": "much"})) is None
    assert load_of(Reply(200)) is None
