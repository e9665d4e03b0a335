"""A token kept until it nears its end, renewed by one sign-in however many calls want it."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.graph.auth.failures import failing, refused
from migrator.model.errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.graph.auth.interface import Acquire, Circumstances

_EARLY = 300.0  # seconds before its end at which a token is renewed
_EARLY_SHARE = 0.2  # of its life, for one that lives shorter
_AGAIN = 30.0  # seconds until a renewal that failed is tried again while the old token lasts


@dataclass(frozen=True)
class _Kept:
    token: str = field(repr=False)
    renew_at: float
    ends_at: float


class Remembered:
    """A TokenSource over an MSAL flow. A token that is good costs neither a thread nor a lock."""

    def __init__(self, acquire: Acquire, circumstances: Circumstances, now: Callable[[], float] = time.time) -> None:
        self._acquire = acquire
        self._circumstances = circumstances
        self._now = now
        self._kept: _Kept | None = None
        self._renewing = asyncio.Lock()

    async def token(self, claims: str | None = None, *, force: bool = False) -> str:
        if not force and (kept := self._fresh()):
            return kept.token
        async with self._renewing:
            if not force and (kept := self._fresh()):  # somebody else signed in while this call waited
                return kept.token
            self._kept = await self._renewed(claims, force)
            return self._kept.token

    def _fresh(self) -> _Kept | None:
        return self._kept if self._kept and self._now() < self._kept.renew_at else None

    async def _renewed(self, claims: str | None, force: bool) -> _Kept:
        old, asked = self._kept, self._now()
        try:
            return await self._signed_in(claims, force, asked)
        except SignInError:
            if force or old is None or asked >= old.ends_at:
                raise
            return _Kept(old.token, min(asked + _AGAIN, old.ends_at), old.ends_at)

    async def _signed_in(self, claims: str | None, force: bool, asked: float) -> _Kept:
        with failing(self._circumstances):
            result = await self._acquire(claims, force)
        token = result.get("access_token")
        if not isinstance(token, str) or not token:
            raise refused(result, self._circumstances)
        if not (token.isascii() and token.isprintable()):  # it would not go into one line of a request
            raise SignInError(f"Sign-in at {self._circumstances.sign_in.authority} gave a token that is damaged")
        life = _seconds(result.get("expires_in"))
        return _Kept(token, asked + life - min(_EARLY, _EARLY_SHARE * life), asked + life)


def _seconds(stated: object) -> float:
    """How long a token is said to be good; 0.0 where that is no number, so that it is not relied on for longer."""
    try:
        life = float(stated) if isinstance(stated, (int, float, str)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return life if math.isfinite(life) and life > 0 else 0.0
