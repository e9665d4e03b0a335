"""Who is in groups: one page of each, which is all of most; of larger ones the number, and of pairs everyone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from migrator.graph.batch import send_batch
from migrator.graph.odata import Trail, chunks, query
from migrator.graph.protocol import Call, in_words
from migrator.model.assignment import VIRTUAL_TYPES
from migrator.model.errors import GraphError
from migrator.model.impact import UNKNOWN, Membership, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client

MOST_COMPARED = 50_000
"""Members of one group; of a larger one only the number is of use."""
MOST_TOGETHER = 400_000
"""Members whose ids are held at once, over all groups: some 50 MB."""

_PAGE = 999
_FIRST, _AT_ONCE = 20, 100
"""Pages that are asked for side by side, at first and then: what is held of their answers stays small."""
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_USER, _DEVICE = "user", "device"
_TYPE = "#microsoft.graph."


async def members(
    client: Client,
    groups: Iterable[str],
    compared: Iterable[tuple[str, str]] = (),
    progress: Callable[[int], None] | None = None,
) -> Mapping[str, Membership]:
    """The port's `members`; SignInError where none can be asked for at all."""
    pairs = list(compared)
    paired = {group for pair in pairs for group in pair}
    small = [_Small(group) for group in sorted({*groups, *paired}) if _is_group(group)]
    known = _Known()
    await _read(client, small, known, progress)
    large = {
        (one.group, type_): _Large(one.group, type_, client.graph_url, keeps=one.group in paired)
        for one in small
        if one.goes_on
        for type_ in (_USER, _DEVICE)
    }
    await _read(client, list(large.values()), known)
    sides = {(one.group, type_): one.side(type_) for one in small for type_ in (_USER, _DEVICE)}
    while rest := [one for one in _worth_reading(large, sides, pairs) if known.has_room]:
        await _read(client, rest, known)
    sides |= {of: one.side for of, one in large.items()}
    reasons = {one.group: one.reason for one in small} | {one.group: one.reason for one in large.values() if one.reason}
    return {
        one.group: Membership(sides[one.group, _USER], sides[one.group, _DEVICE], reasons[one.group]) for one in small
    }


def _is_group(identity: str) -> bool:
    return bool(_GUID.fullmatch(identity)) and identity not in VIRTUAL_TYPES


@dataclass(slots=True)
class _Known:
    """Every member that was met, once: an id that is in many groups takes the room of one."""

    ids: dict[bytes, bytes] = field(default_factory=dict)
    held: int = 0

    @property
    def has_room(self) -> bool:
        return self.held < MOST_TOGETHER

    def taken(self, element: Any) -> bytes:
        """The id of an object; GraphError where it has none."""
        identity = str(element.get("id") if isinstance(element, dict) else None).lower()
        if not _GUID.fullmatch(identity):
            raise GraphError("the answer holds something that is no member")
        self.held += 1
        packed = bytes.fromhex(identity.replace("-", ""))
        return self.ids.setdefault(packed, packed)


class _List(Protocol):
    """Members that are read page by page. `reason` says why they cannot be."""

    reason: str

    @property
    def call(self) -> Call: ...

    def take(self, page: dict[str, Any], known: _Known) -> None: ...

    def refused(self, answer: Answer) -> None: ...


class _Small:
    """The members of a group, of all types, where one page holds them; else it `goes_on`."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.reason = ""
        self.goes_on = False
        self._gone = False
        self._ids: dict[str, set[bytes]] = {_USER: set(), _DEVICE: set()}

    @property
    def call(self) -> Call:
        path = query(f"/v1.0/groups/{self.group}/transitiveMembers", select="id", top=_PAGE)
        return Call("GET", path, "count")

    def side(self, type_: str) -> Side:
        if self.goes_on or (self.reason and not self._gone):
            return UNKNOWN
        return Side(len(self._ids[type_]), frozenset(self._ids[type_]))

    def take(self, page: dict[str, Any], known: _Known) -> None:
        elements = page["value"]
        typed = all(isinstance(e, dict) and str(e.get("@odata.type", "")).startswith(_TYPE) for e in elements)
        if page.get("@odata.nextLink") or not typed:
            self.goes_on = True
            return
        for element in elements:
            ids = self._ids.get(element["@odata.type"].removeprefix(_TYPE))
            if ids is not None:
                ids.add(known.taken(element))

    def refused(self, answer: Answer) -> None:
        status, code = answer.reply.status, answer.reply.graph_error[0]
        self._gone = status == 404 and code == "Request_ResourceNotFound"  # and so brings nothing to anybody
        self.reason = "there is no such group any more" if self._gone else in_words(answer.reply)


class _Large:
    """The members of one group that are of one type, as far as they were read. `path` is the next page's, "" after
    the last; `keeps` is whether who is on a page counts before the last one is read."""

    def __init__(self, group: str, type_: str, graph_url: str, *, keeps: bool) -> None:
        route = f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.{type_}"
        # A type is listed for those only who ask for the number as well, and take what may be a little old.
        self.path = query(route, count=True, select="id", top=_PAGE)
        self.group = group
        self.count: int | None = None
        self.reason = ""
        self._ids: set[bytes] = set()
        self._trail = Trail(self.path, graph_url)
        self._type, self._keeps = type_, keeps

    @property
    def call(self) -> Call:
        return Call("GET", self.path, "count", headers=(("ConsistencyLevel", "eventual"),))

    @property
    def side(self) -> Side:
        return UNKNOWN if self.reason else Side(self.count, None if self.path else frozenset(self._ids))

    def take(self, page: dict[str, Any], known: _Known) -> None:
        elements, link, told = page["value"], page.get("@odata.nextLink"), page.get("@odata.count")
        if self._keeps or not link:
            self._ids.update(map(known.taken, elements))
        self.path = self._trail.follow(str(link), len(elements)) if link else ""
        if not self.path:
            self.count = len(self._ids)
        elif self.count is None and isinstance(told, int):
            self.count = told

    def refused(self, answer: Answer) -> None:
        self.path, self._ids = "", set()
        if self._type == _DEVICE and answer.reply.graph_error[0] == "Request_UnsupportedQuery":
            self.count = 0  # a group that cannot have devices
        else:
            self.reason, self.count = in_words(answer.reply), None


async def _read(
    client: Client, lists: Sequence[_List], known: _Known, progress: Callable[[int], None] | None = None
) -> None:
    """One more page of each. What is refused to a whole lot of them is not asked for the others."""
    for some in (lists[:_FIRST], *chunks(lists[_FIRST:], _AT_ONCE)):
        if not some:
            return
        answers = await _answers(client, [one.call for one in some])
        for one, answer in zip(some, answers, strict=True):
            _take(one, answer, known)
        if progress is not None:
            progress(len(some))
        if len(some) >= _FIRST and all(map(_hopeless, answers)):
            for one in lists:
                one.reason = one.reason or in_words(answers[0].reply)
            return


async def _answers(client: Client, calls: Sequence[Call]) -> Sequence[Answer]:
    return await send_batch(client, calls, "v1.0") if len(calls) > 1 else [await client.send(calls[0])]


def _take(one: _List, answer: Answer, known: _Known) -> None:
    if not answer.ok:
        one.refused(answer)
        return
    try:
        one.take(answer.page()[0], known)
    except GraphError as error:
        one.reason = str(error)


def _hopeless(answer: Answer) -> bool:
    """Whether it is the question that is refused, not this one group."""
    status, code = answer.reply.status, answer.reply.graph_error[0]
    return status == 403 or (status in (400, 404, 501) and not code.startswith("Request_"))


def _worth_reading(
    large: Mapping[tuple[str, str], _Large],
    sides: Mapping[tuple[str, str], Side],
    pairs: Iterable[tuple[str, str]],
) -> list[_Large]:
    """The lists that go on, where both of a pair have members of that type, and neither has too many."""
    found: dict[tuple[str, str], _Large] = {}
    for pair in pairs:
        for type_ in (_USER, _DEVICE):
            both = [(group, type_) for group in pair]
            counts = [large[of].side.count if of in large else sides.get(of, UNKNOWN).count for of in both]
            if all(0 < (number or 0) <= MOST_COMPARED for number in counts):
                found |= {of: large[of] for of in both if of in large and large[of].path}
    return list(found.values())
