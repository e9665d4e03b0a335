"""A token is kept while it is good, and renewed once however many want it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from migrator.graph.auth.remembered import Remembered
from migrator.model.errors import SignInError
from tests.graph.auth.circumstances import circumstances


class Service:
    """Signs in; the time and what it answers are a test's."""

    def __init__(self, life: float = 3600) -> None:
        self.now, self.life, self.asked = 1000.0, life, list[tuple[str | None, bool]]()
        self.broken: Exception | Mapping[str, Any] | None = None

    async def __call__(self, claims: str | None, force: bool) -> Mapping[str, Any]:
        self.asked.append((claims, force))
        await asyncio.sleep(0)
        if isinstance(self.broken, Exception):
            raise self.broken
        return self.broken or {"access_token": f"token {len(self.asked)}", "expires_in": self.life}

    def source(self) -> Remembered:
        return Remembered(self, circumstances(secret="hush-hush"), lambda: self.now)


async def test_one_sign_in_serves_all_who_want_a_token() -> None:
    service = Service()
    source = service.source()
    assert set(await asyncio.gather(*(source.token() for _ in range(50)))) == {"token 1"}
    assert service.asked == [(None, False)]


@pytest.mark.parametrize(("life", "renewed_after"), [(3600, 3300), (100, 80)])
async def test_a_token_is_renewed_before_it_ends(life: float, renewed_after: float) -> None:
    service = Service(life)
    source = service.source()
    await source.token()
    service.now += renewed_after - 1
    assert await source.token() == "token 1"
    service.now += 2
    assert await source.token() == "token 2"


async def test_force_brings_a_new_one_with_the_claims() -> None:
    service = Service()
    source = service.source()
    await source.token()
    assert await source.token("{}", force=True) == "token 2"
    assert await source.token() == "token 2"
    assert service.asked[-1] == ("{}", True)


async def test_a_renewal_that_fails_does_not_take_the_token_that_is_still_good() -> None:
    service = Service()
    source = service.source()
    await source.token()
    service.now += 3400
    service.broken = OSError("no network")
    assert [await source.token() for _ in range(3)] == ["token 1"] * 3
    assert len(service.asked) == 2  # and is not tried again at once
    service.now += 31
    assert await source.token() == "token 1"
    assert len(service.asked) == 3
    service.now += 200
    with pytest.raises(SignInError, match="no network"):
        await source.token()


@pytest.mark.parametrize("force", [False, True])
async def test_without_a_good_token_a_failure_is_told(force: bool) -> None:
    service = Service()
    service.broken = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    with pytest.raises(SignInError, match=r"give its value, not its id \(AADSTS7000215"):
        await service.source().token(force=force)


async def test_after_a_failure_it_is_tried_anew() -> None:
    service = Service()
    source = service.source()
    service.broken = ValueError("odd")
    with pytest.raises(SignInError):
        await source.token()
    service.broken = None
    assert await source.token() == "token 2"


async def test_no_secret_gets_into_what_is_told() -> None:
    service = Service()
    source = service.source()
    for broken in (ValueError("it was hush-hush"), {"error": "x", "error_description": "sent hush-hush"}):
        service.broken = broken
        with pytest.raises(SignInError) as caught:
            await source.token()
        assert "hush-hush" not in str(caught.value)
        assert caught.value.__cause__ is None
    service.broken = None
    token = await source.token()
    assert token not in repr(vars(source))
