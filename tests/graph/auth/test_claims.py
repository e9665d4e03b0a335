"""What a token says of itself."""

from __future__ import annotations

import base64
import json

import pytest

from migrator.graph.auth.claims import claims_in


def token(payload: bytes) -> str:
    return f"head.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.signature"


@pytest.mark.parametrize("tenant", ["t", "te", "ten", "tenä"])
def test_claims_are_read_without_asking_whether_they_are_true(tenant: str) -> None:
    assert claims_in(token(json.dumps({"tid": tenant}).encode())) == {"tid": tenant}


@pytest.mark.parametrize("text", ["", "opaque", "a.b", "a.b.c", "a.é.c", token(b"[1]"), token(b"{"), token(b"\xff")])
def test_a_token_that_says_nothing_is_still_a_token(text: str) -> None:
    assert claims_in(text) == {}
