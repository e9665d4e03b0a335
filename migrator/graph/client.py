"""Calls to Graph: signed, paced, tried again where that helps, every try observed."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from migrator.graph.answer import Answer
from migrator.graph.odata import Trail
from migrator.graph.protocol import Call, Meaning, Reply, claims_of, classify, in_words, load_of, retry_after
from migrator.graph.retrying import persist
from migrator.graph.tries import Tried, attempt_of, client_request_ids
from migrator.model.errors import SignInError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import TracebackType

    from migrator.graph.auth.interface import TokenSource
    from migrator.graph.gate import Gate
    from migrator.graph.gates import Gates
    from migrator.graph.held import Held
    from migrator.graph.transport import Transport
    from migrator.model.outcome import Attempt
    from migrator.model.ports import Clock, Leaving

__all__ = ["Answer", "Client"]

_MEANWHILE = 3  # renewals for other calls, after which the next refusal is this call's own


class Client:
    """Graph, as the layers above see it; an async context manager that closes what waits, not the transport.

    `observe` is told every try as it comes back. Calls wait at the `gates`. `api_version` is the version that a
    person asked for, "" for none.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: TokenSource,
        gates: Gates,
        clock: Clock,
        observe: Callable[[Attempt], None],
        *,
        api_version: str = "",
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._renewing = asyncio.Lock()
        self._own_ids = client_request_ids()
        self.clock = clock
        self.observe = observe
        self.gates = gates
        self.api_version = api_version

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gates.close()

    @property
    def graph_url(self) -> str:
        """Graph's root, without version and without a trailing slash."""
        return self._transport.graph_url

    @property
    def held(self) -> Held:
        """For how long calls were kept back, at all gates together."""
        return self.gates.held

    async def token(self) -> str:
        """The token that calls are signed with now; SignInError where none can be had."""
        return await self._tokens.token()

    async def send(self, call: Call, leaving: Leaving | None = None) -> Answer:
        """The end of this call after all its tries. It does not raise for a call that was refused, that is in doubt,
        or that had no success: that is in the answer. SignInError where no token can be had, or none is accepted;
        Stopped where its gate was shut before it could go, or go again.

        `leaving` is awaited each time before it goes, once it may: what must be known before it is under way.
        """
        numbers = itertools.count(1)
        gate = self.gates.of(call)
        tried = await persist(lambda: self._paced(call, gate, numbers, leaving), self.clock, sleep=gate.pause)
        return Answer(call, tried.reply, tried.meaning, tries=next(numbers) - 1)

    async def pages(self, call: Call) -> AsyncIterator[dict[str, Any]]:
        """Every page of a list, as JSON objects with a list as `value`, in their order; each is tried again like any
        call.

        Follows `@odata.nextLink` on the configured host only. Raises what `Answer.page` raises, and GraphError where
        the list leads elsewhere, back to a page that was read already, or on without end.
        """
        trail = Trail(call.path, self.graph_url)
        while True:
            page, elements = (await self.send(call)).page()
            yield page
            link = page.get("@odata.nextLink")
            if not link:
                return
            call = replace(call, path=trail.follow(str(link), len(elements)))

    async def once(self, call: Call, numbers: Iterator[int]) -> Tried:
        """One signed try, without pacer and without retry; `numbers` counts the requests made for this call.

        A 401 is answered by one new token and one more request; SignInError when that is refused too. A token that was
        renewed meanwhile for another call, and another challenge, is not yet the answer to this one.
        """
        token, own, meanwhile = await self._tokens.token(), False, 0
        tried = await self._exchange(call, token, next(numbers))
        while tried.meaning is Meaning.UNAUTHORIZED:
            if own or meanwhile > _MEANWHILE:
                raise SignInError(f"Graph does not accept the token: {in_words(tried.reply)}{_trace(tried.reply)}")
            token, own = await self._renewed(token, claims_of(tried.reply.headers.get("www-authenticate", "")))
            meanwhile += not own
            tried = await self._exchange(call, token, next(numbers))
        return tried

    async def _paced(self, call: Call, gate: Gate, numbers: Iterator[int], leaving: Leaving | None) -> Tried:
        leave = await gate.enter()
        meaning, wait, load, left = Meaning.UNKNOWN, None, None, None  # what holds if this is interrupted
        try:
            if leaving is not None:
                await leaving()
                left = self.clock.monotonic()
            tried = await self.once(call, numbers)
            meaning, wait, load = tried.meaning, tried.retry_after, load_of(tried.reply)
            return tried
        finally:
            gate.came_back(leave.sent, meaning, wait, load, left)

    async def _exchange(self, call: Call, token: str, number: int) -> Tried:
        started, own_id = self.clock.time(), next(self._own_ids)
        reply, seconds = await self._transport.exchange(call, token, own_id)
        tried = Tried(reply, classify(call, reply), seconds, retry_after(reply.headers, started + seconds))
        self.observe(attempt_of(call, tried, number, started, own_id))
        return tried

    async def _renewed(self, used: str, claims: str | None) -> tuple[str, bool]:
        """A token other than the one that was refused, and whether it was made for this; many calls that are refused at
        once make one sign-in."""
        async with self._renewing:
            current = await self._tokens.token()
            if current != used:
                return current, False
            return await self._tokens.token(claims, force=True), True


def _trace(reply: Reply) -> str:
    return f" (request-id {reply.request_id})" if reply.request_id else ""
