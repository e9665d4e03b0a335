"""Groups that are assigned and not in the directory: whether they were deleted, and what they were called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.graph.batch import send_batch
from migrator.graph.odata import query
from migrator.graph.protocol import Call, Meaning, in_words
from migrator.model.configuration import Group, Whereabouts
from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIRECTORY = "/v1.0/groups"
_RECYCLE_BIN = "/v1.0/directory/deletedItems/microsoft.graph.group"
_SELECT = ("id", "displayName")
_ABSENT = "request_resourcenotfound"
"""The directory's own word for an object that it does not have. Any other 404 may come from something in between."""
SECOND_LOOK = 2.0
"""Seconds until the directory is asked once more for what it does not have and the recycle bin does not know: one
of its many copies may not have heard yet of a group that was just made."""


async def deleted_groups(client: Client, ids: Iterable[str]) -> Whereabouts:
    """What became of each: the directory is asked for it directly, and the recycle bin for its name, 20 to a call; the
    directory once more for what neither knows.

    What is no GUID is no group's id, and is left out. Raises only what stops everything (SignInError, Stopped).
    """
    wanted = sorted({i for i in (identity.strip().lower() for identity in ids) if _GUID.fullmatch(i)})
    if not wanted:
        return Whereabouts()
    answers = await _asked(client, [(root, identity) for root in (_DIRECTORY, _RECYCLE_BIN) for identity in wanted])
    bin_ = dict(zip(wanted, answers[len(wanted) :], strict=True))
    directory = dict(zip(wanted, answers, strict=False))
    unheard_of = [i for i in wanted if _is_absent(directory[i]) and not bin_[i].ok]
    if unheard_of:
        await client.clock.sleep(SECOND_LOOK)
        again = await _asked(client, [(_DIRECTORY, identity) for identity in unheard_of])
        directory |= zip(unheard_of, again, strict=True)
    groups, doubts, unnamed = [], [], []
    for identity, here in directory.items():
        kept = bin_[identity]
        name = _name(here, identity)
        if name is not None:
            groups.append(Group(identity, name))
        elif _is_absent(here):
            groups.append(Group(identity, _name(kept, identity) or "", deleted=True))
            unnamed += [_why_unnamed(kept)] if not kept.ok and kept.reply.status != 404 else []
        else:
            doubts.append(in_words(here.reply))
    return Whereabouts(tuple(groups), next(iter(doubts), ""), next(iter(unnamed), ""))


async def _asked(client: Client, places: Iterable[tuple[str, str]]) -> Sequence[Answer]:
    """An answer for each root of a path and id."""
    calls = [Call("GET", query(f"{root}/{identity}", select=_SELECT), "look up") for root, identity in places]
    return await send_batch(client, calls, "v1.0")


def _name(answer: Answer, identity: str) -> str | None:
    """The name of the group that was asked for; None where the answer does not bring it."""
    if not answer.ok:
        return None
    try:
        group = answer.json()
    except GraphError:
        return None
    return str(group.get("displayName") or "") if str(group.get("id")).lower() == identity else None


def _is_absent(answer: Answer) -> bool:
    reply = answer.reply
    refused = answer.meaning is Meaning.REFUSED and reply.status == 404 and not reply.fault
    return refused and reply.graph_error[0].casefold() == _ABSENT


def _why_unnamed(answer: Answer) -> str:
    if answer.reply.status == 403:
        return "the recycle bin may not be read: grant the application Group.Read.All"
    return f"the recycle bin could not be read: {in_words(answer.reply)}"
