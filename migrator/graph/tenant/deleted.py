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
    from collections.abc import Iterable

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIRECTORY = "/v1.0/groups"
_RECYCLE_BIN = "/v1.0/directory/deletedItems/microsoft.graph.group"
_SELECT = ("id", "displayName")
_ABSENT = "request_resourcenotfound"
"""The directory's own word for an object that it does not have. Any other 404 may come from something in between."""


async def deleted_groups(client: Client, ids: Iterable[str]) -> Whereabouts:
    """What became of each: the directory is asked for it directly, and the recycle bin for its name, 20 to a call.

    What is no GUID is no group's id, and is left out. Raises only what stops everything (SignInError, Stopped).
    """
    wanted = sorted({i for i in (identity.strip().lower() for identity in ids) if _GUID.fullmatch(i)})
    if not wanted:
        return Whereabouts()
    paths = [f"{root}/{identity}" for root in (_DIRECTORY, _RECYCLE_BIN) for identity in wanted]
    calls = [Call("GET", query(path, select=_SELECT), "look up") for path in paths]
    answers = await send_batch(client, calls, "v1.0")
    groups, doubts, unnamed = [], [], []
    for identity, here, kept in zip(wanted, answers, answers[len(wanted) :], strict=False):
        name = _name(here, identity)
        if name is not None:
            groups.append(Group(identity, name))
        elif _is_absent(here):
            groups.append(Group(identity, _name(kept, identity) or "", deleted=True))
            unnamed += [_why_unnamed(kept)] if not kept.ok and kept.reply.status != 404 else []
        else:
            doubts.append(in_words(here.reply))
    return Whereabouts(tuple(groups), next(iter(doubts), ""), next(iter(unnamed), ""))


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
