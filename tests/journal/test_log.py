from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from migrator.journal.folder import RunFolder, make_folder
from migrator.journal.log import Redactor, open_log
from migrator.model.errors import UsageError
from migrator.model.settings import Auth, Secret, SignIn

TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2dyYXBoIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
LOGGER = logging.getLogger("migrator.sending.pool")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make_folder(tmp_path, "20261123-204512-contoso")


def lines(folder: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.log.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_object_with_its_time_in_utc_and_its_fields(folder: RunFolder) -> None:
    with open_log(folder):
        LOGGER.info("assigned %s", "営業部\nand \ud83d", extra={"kind": "apps", "tries": 2, "waited": float("inf")})
    (line,) = lines(folder)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "migrator.sending.pool",
        "message": "assigned 営業部\nand \ud83d",
        "kind": "apps",
        "tries": 2,
        "waited": "inf",
    }


def test_a_log_is_legible_as_it_stands(folder: RunFolder) -> None:
    with open_log(folder):
        LOGGER.info("営業部")
    assert "営業部" in folder.log.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"), open_log(RunFolder(tmp_path / "nowhere")):
        pass


def test_an_exception_is_a_field_of_its_own(folder: RunFolder) -> None:
    with open_log(folder):
        try:
            raise ZeroDivisionError(f"Authorization: Bearer {TOKEN}")
        except ZeroDivisionError:
            LOGGER.exception("it broke")
    (line,) = lines(folder)
    assert line["message"] == "it broke"
    assert "ZeroDivisionError" in line["exception"]
    assert "eyJ" not in line["exception"]


def test_everything_logged_is_there_when_the_block_ends_and_nothing_afterwards(folder: RunFolder) -> None:
    before = logging.getLogger("migrator").level
    with open_log(folder):
        for number in range(5000):
            LOGGER.info("call", extra={"number": number})
        LOGGER.debug("not asked for")
    LOGGER.warning("too late")
    assert [line["number"] for line in lines(folder)] == list(range(5000))
    assert logging.getLogger("migrator").level == before


def test_a_resumed_run_goes_on_in_the_same_log_on_a_line_of_its_own(folder: RunFolder) -> None:
    folder.log.write_text('{"message": "whole"}\n{"mess', encoding="utf-8")
    with open_log(folder, level=logging.DEBUG):
        LOGGER.debug("resumed")
    first, broken, last = folder.log.read_text(encoding="utf-8").splitlines()
    assert (json.loads(first)["message"], broken, json.loads(last)["message"]) == ("whole", '{"mess', "resumed")


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's files by its own means")
def test_a_log_is_readable_by_its_owner_only(folder: RunFolder) -> None:
    with open_log(folder):
        assert folder.log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer ***"),
        ("authorization: bearer opaque-token/with+signs==", "authorization: bearer ***"),
        (f"a token {TOKEN}, bare", "a token ***, bare"),
        ("POST client_id=app&client_secret=s3cr%7Et&scope=x", "POST client_id=app&client_secret=***&scope=x"),
        ('{"access_token": "opaque", "expires_in": 3599}', '{"access_token": "***", "expires_in": 3599}'),
        ('"{\\"refresh_token\\":\\"0.AXoA\\"}"', '"{\\"refresh_token\\":\\"***\\"}"'),
        ("{'client_assertion': 'abc'}", "{'client_assertion': '***'}"),
        ("The bearer of this is eyJoking. Passwords expire.", "The bearer of this is eyJoking. Passwords expire."),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_the_rest_stays(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("plain", "a plain word"),
        ('quo"ted\\', 'it is quo"ted\\ here'),
        ("wörd", "a wörd"),
        ("", f"BEARER {TOKEN}"),
        ("", "Client_Secret=abc"),
        ("", "paſſword: abc"),
        ("", "access_toKen=abc"),  # the K is the sign for kelvin
    ],
)
def test_a_plain_line_with_something_to_hide_is_seen_to_be_one(folder: RunFolder, secret: str, text: str) -> None:
    with open_log(folder, [Secret(secret)]):
        LOGGER.info("request", extra={"path": text, "status": 200})
        LOGGER.info("request", extra={"path": "/beta/x", "status": 200})
    hidden, open_ = (line["path"] for line in lines(folder))
    assert "***" in hidden
    assert open_ == "/beta/x"


def test_secrets_it_was_told_of_are_hidden_wherever_they_stand(folder: RunFolder) -> None:
    first, second = Secret('pa"ss wörd'), Secret('pa"ss wörd and more')
    with open_log(folder, [first, Secret("")]) as redactor:
        redactor.add(second)
        LOGGER.info(
            "%s and %s",
            first.reveal(),
            second.reveal(),
            extra={
                "nested": [{"deep": f"x{second.reveal()}x"}, (first,)],
                "sent": {"client_secret": "never told", "scope": "all"},
                "sign_in": SignIn(Auth.SECRET, "https://login", secret=first),
                "path": Path("a"),
            },
        )
    (line,) = lines(folder)
    assert line["message"] == "*** and ***"
    assert line["nested"] == [{"deep": "x***x"}, ["Secret('***')"]]
    assert line["sent"] == {"client_secret": "***", "scope": "all"}
    assert line["path"] == "a"
    assert "ss w" not in folder.log.read_text(encoding="utf-8")
