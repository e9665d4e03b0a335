"""Lists that come in pages, many side by side: 20 to a call, every page of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from migrator.graph.batch import send_batch
from migrator.graph.odata import Trail
from migrator.graph.protocol import in_words
from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client
    from migrator.graph.protocol import Call

NEXT_LINK = "@odata.nextLink"


@dataclass(slots=True)
class Lot:
    """One list: its elements, or None with the reason where it could not be read whole. `first` answers the call."""

    first: Answer
    last: Answer
    elements: list[Any] | None = field(default_factory=list)
    reason: str = ""

    def fail(self, reason: str) -> None:
        self.elements, self.reason = None, reason


async def whole_lists(client: Client, calls: Sequence[Call], name: str = "value") -> list[Lot]:
    """The whole list behind each call, in their order. `name` is the property of the first page that holds it.

    A list that cannot be read is told in its lot; only what stops everything (SignInError) is raised.
    """
    lots: list[Lot | None] = [None] * len(calls)
    trails = [Trail(call.path, client.graph_url) for call in calls]
    waiting = dict(enumerate(calls))
    while waiting:
        answers = await _ask(client, waiting)
        waiting = {}
        for index, answer in answers.items():
            known = lots[index]
            lot = lots[index] = known or Lot(answer, answer)
            lot.last = answer
            if path := _turn(lot, "value" if known else name, trails[index]):
                waiting[index] = replace(calls[index], path=path)
    return [lot for lot in lots if lot is not None]


async def _ask(client: Client, calls: dict[int, Call]) -> dict[int, Answer]:
    """Answers by the same index; what stands alone goes without an envelope."""
    if len(calls) == 1:
        return {index: await client.send(call) for index, call in calls.items()}
    by_version: defaultdict[str, list[int]] = defaultdict(list)
    for index, call in calls.items():
        by_version[call.path.split("/", 2)[1]].append(index)
    answers: dict[int, Answer] = {}
    for version, indexes in by_version.items():
        batch = await send_batch(client, [calls[i] for i in indexes], version)
        answers |= dict(zip(indexes, batch, strict=True))
    return answers


def _turn(lot: Lot, name: str, trail: Trail) -> str:
    """Takes one page into the lot; gives the path of the next, "" where there is none or where it failed."""
    if not lot.last.ok:
        lot.fail(in_words(lot.last.reply))
        return ""
    try:
        page = lot.last.json()
    except GraphError as error:
        lot.fail(str(error))
        return ""
    elements = page.get(name)
    if not isinstance(elements, list) or lot.elements is None:
        lot.fail(f"the answer carries no list {name!r}")
        return ""
    lot.elements += elements
    link = page.get(NEXT_LINK if name == "value" else name + NEXT_LINK)
    return _followable(lot, str(link), len(elements), trail) if link else ""


def _followable(lot: Lot, link: str, elements: int, trail: Trail) -> str:
    """The path of the next page; "" where it must not be followed, for then the list is not whole."""
    try:
        return trail.follow(link, elements)
    except GraphError as error:
        lot.fail(str(error))
        return ""
