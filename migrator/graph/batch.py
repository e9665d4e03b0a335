"""Many reads in few requests: JSON batches of 20, every inner request with a fate of its own."""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from migrator.graph.answer import Answer
from migrator.graph.gate import Back
from migrator.graph.odata import chunks
from migrator.graph.protocol import Call, Fault, Meaning, Reply, classify, load_of, retry_after
from migrator.graph.retrying import Budget
from migrator.graph.tries import Tried, attempt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence

    from migrator.graph.gate import Gate
    from migrator.graph.gates import Gates
    from migrator.model.outcome import Attempt
    from migrator.model.ports import Clock

LARGEST = 20
"""So many requests Graph takes in one batch."""


_NESTED = b"nested too deeply"
_MISSING = Reply(0, error="the batch brought no answer, or several, to this request", fault=Fault.TRUNCATED)
_NOTHING_YET = Tried(_MISSING, Meaning.TRANSIENT)


class Sender(Protocol):
    """What a batch needs of the client."""

    clock: Clock
    observe: Callable[[Attempt], None]
    gates: Gates

    async def send(self, call: Call) -> Answer: ...

    async def once(self, call: Call, numbers: Iterator[int]) -> Tried: ...


@dataclass(eq=False)
class _Item:
    """One call on its way; `alone` when it is to be sent outside of any batch."""

    call: Call
    budget: Budget = field(default_factory=Budget)
    tried: Tried = _NOTHING_YET
    tries: int = 0
    alone: bool = False

    @property
    def answer(self) -> Answer:
        return Answer(self.call, self.tried.reply, self.tried.meaning, self.tries)


async def send_batch(client: Sender, calls: Sequence[Call], version: str) -> list[Answer]:
    """The answers to these reads, in their order, as `client.send` would give them.

    All paths must be of this version ("beta" or "v1.0"), and no call a write (ValueError). Batches go side by side,
    each with calls that are counted together; what is throttled or fails inside goes again with the next round, what
    is refused as a batch goes alone. Stopped where the gate was shut meanwhile.
    """
    for call in calls:
        if call.write or not call.path.startswith(f"/{version}/"):
            raise ValueError(f"{call.method} {call.path} cannot go into a batch of reads of {version}")
    items = [_Item(call) for call in calls]
    todo = items
    while todo:
        await _together(_send(client, gate, part, version) for gate, part in _parts(client, todo))
        now = client.clock.monotonic()
        pauses = [(item, item.budget.pause(item.tried, now)) for item in todo if not item.alone]
        again = [(item, pause) for item, pause in pauses if pause is not None]
        todo = [item for item, _ in again]
        if todo:
            await client.gates.of(todo[0].call).pause(max(pause for _, pause in again))
    await _together(_send_alone(client, item) for item in items if item.alone)
    return [item.answer for item in items]


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; when one fails the others are stopped, so that nothing goes on behind the caller's back."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send_alone(client: Sender, item: _Item) -> None:
    answer = await client.send(item.call)
    item.tried = Tried(answer.reply, answer.meaning)
    item.tries += answer.tries


def _parts(client: Sender, items: Sequence[_Item]) -> Iterator[tuple[Gate, Sequence[_Item]]]:
    """Up to 20 at a time that wait at the same gate, so that no part holds what it was given at one while it waits at
    another."""
    by_gate: defaultdict[Gate, list[_Item]] = defaultdict(list)
    for item in items:
        by_gate[client.gates.of(item.call)].append(item)
    return ((gate, part) for gate, together in by_gate.items() for part in chunks(together, LARGEST))


async def _send(client: Sender, gate: Gate, items: Sequence[_Item], version: str) -> None:
    """One round of up to 20: in one batch where the pacer lets all of them go, else in several."""
    while items:
        leave = await gate.enter(len(items))
        now, items = items[: leave.count], items[leave.count :]
        for item in now:
            item.tried = _NOTHING_YET
        try:
            await _post(client, now, version)
        finally:
            tries = [item.tried for item in now]
            gate.came_back_together(
                leave.sent, [Back(tried.meaning, tried.retry_after, load_of(tried.reply)) for tried in tries]
            )


async def _post(client: Sender, items: Sequence[_Item], version: str) -> None:
    """Sends one batch and gives every item what came back for it."""
    number = max(item.tries for item in items) + 1
    outer = Call("POST", f"/{version}/$batch", items[0].call.purpose, body=_pack(items, version))
    started = client.clock.time()
    tried = await client.once(outer, itertools.count(number))
    replies = _unpack(tried.reply) if tried.meaning is Meaning.OK else {}
    for name, item in enumerate(items, start=1):
        item.tries += 1
        if tried.meaning is not Meaning.OK:
            item.tried = tried
            item.alone = not tried.worth_another
            continue
        reply = replies.get(str(name), _MISSING)
        wait = retry_after(reply.headers, started + tried.seconds)
        item.tried = Tried(reply, classify(item.call, reply), tried.seconds, wait)
        item.alone = item.tried.meaning is Meaning.UNAUTHORIZED  # the client knows how to renew a token
        own_id = tried.reply.headers.get("client-request-id", "")
        client.observe(attempt_of(item.call, item.tried, item.tries, started, own_id, inner=True))


def _pack(items: Sequence[_Item], version: str) -> bytes:
    return json.dumps({"requests": [_request(str(n), i.call, version) for n, i in enumerate(items, 1)]}).encode()


def _request(name: str, call: Call, version: str) -> dict[str, Any]:
    request: dict[str, Any] = {"id": name, "method": call.method, "url": call.path.removeprefix(f"/{version}")}
    headers = dict(call.headers)
    if call.body is not None:
        request["body"] = json.loads(call.body)
        headers.setdefault("Content-Type", "application/json")
    return {**request, "headers": headers} if headers else request


def _unpack(outer: Reply) -> Mapping[str, Reply]:
    """Inner answers by their id in lower case. One that was given twice is as good as none."""
    try:
        responses = outer.json().get("responses")
    except ValueError:
        responses = None
    inherited = {name: outer.headers[name] for name in ("date", "request-id") if name in outer.headers}
    replies: dict[str, Reply] = {}
    for response in responses if isinstance(responses, list) else ():
        if isinstance(response, dict):
            name = str(response.get("id")).casefold()
            replies[name] = _MISSING if name in replies else _reply(response, inherited)
    return replies


def _reply(response: Mapping[str, Any], inherited: Mapping[str, str]) -> Reply:
    status = response.get("status")
    if isinstance(status, str) and re.fullmatch(r"[1-5][0-9][0-9]", status):
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool):
        return _MISSING
    headers = response.get("headers")
    own = {str(k).lower(): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {}
    return Reply(status, {**inherited, **own}, _body(response.get("body")))


def _body(body: object) -> bytes:
    """Inner bodies are JSON; or a string of JSON; or, where Graph takes them for something else, base64 of it."""
    if body is None:
        return b""
    if not isinstance(body, str):
        try:
            return json.dumps(body).encode()
        except RecursionError:  # what was nested as deeply as could just be read
            return _NESTED
    plain = body.encode()
    if _is_json(plain):
        return plain
    try:
        unpacked = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return plain
    return unpacked if _is_json(unpacked) else plain


def _is_json(body: bytes) -> bool:
    return Reply(200, body=body).is_json
