"""The directory's groups, looked up many at a time: some 300 names a call."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from migrator.graph.odata import IN_LIMIT, any_of, chunks, in_filter, literal, query
from migrator.graph.protocol import Call
from migrator.graph.tenant.pages import whole_lists
from migrator.graph.tenant.together import together
from migrator.model.assignment import VIRTUAL_GROUPS
from migrator.model.configuration import Group
from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from migrator.graph.client import Client
    from migrator.graph.tenant.pages import Lot

    Spelling = Callable[[Sequence[str]], str]
    """The path that asks for several values at once."""

IDS_A_CALL = 1000
_SELECT = ("id", "displayName", "mail", "mailNickname", "onPremisesSecurityIdentifier", "securityEnabled")
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SID = re.compile(r"S-1-[0-9]+(-[0-9]+)+", re.IGNORECASE)
_LONGEST_NAME = 256
"""Characters in a group's display name; what is longer is no group's name."""
_NOT_SO, _TOO_LONG = 400, 414
"""What a service answers to a spelling that it does not know or too many values, and to an address that is too long."""
_DISPENSABLE = ("mail ", "mailNickname ", "startswith(")
"""Clauses that only help to find what may have been meant."""


async def groups_by_id(client: Client, ids: Iterable[str]) -> Sequence[Group]:
    """Those that exist. What is no GUID is no group's id, and would spoil the call for all others; virtual groups
    are in no directory."""
    known = {identity.strip().lower() for identity in ids} - VIRTUAL_GROUPS.keys()
    wanted = sorted(i for i in known if _GUID.fullmatch(i))
    lists = await together(_by_ids(client, chunk) for chunk in chunks(wanted, IDS_A_CALL))
    return [group for groups in lists for group in groups]


async def groups_by_name(client: Client, names: Iterable[str]) -> Sequence[Group]:
    """Every group whose display name is one of these; Graph compares without case."""
    wanted = [name for name in _distinct(names) if len(name) <= _LONGEST_NAME]
    return await _found(client, wanted, (_named_in, _named_or))


async def groups_by_other_names(client: Client, names: Iterable[str]) -> Sequence[Group]:
    """Every group whose mail, mail nickname or on-premises SID is one of these, or whose name starts with one."""
    return await _found(
        client, [clause for name in _distinct(names) for clause in _clauses(name)], (_any,), _DISPENSABLE
    )


def _distinct(names: Iterable[str]) -> list[str]:
    """Each name once, whatever its case."""
    return list({name.casefold(): name for name in names if name.strip()}.values())


def _clauses(name: str) -> tuple[str, ...]:
    """What may be meant by a name that is no display name."""
    if _SID.fullmatch(name):
        return (f"onPremisesSecurityIdentifier eq {literal(name)}",)
    other = "mail" if "@" in name else "mailNickname"
    return (f"{other} eq {literal(name)}", f"startswith(displayName,{literal(name)})")


def _named_in(names: Sequence[str]) -> str:
    return query("/v1.0/groups", filter=in_filter("displayName", names), select=_SELECT)


def _named_or(names: Sequence[str]) -> str:
    """For a service that does not know `in`."""
    return _any([f"displayName eq {literal(name)}" for name in names])


def _any(clauses: Sequence[str]) -> str:
    return query("/v1.0/groups", filter=any_of(clauses), select=_SELECT, top=999)


@dataclass(frozen=True, slots=True)
class _Question:
    """Values that are asked for by one call, in the first of the spellings that are left."""

    values: Sequence[str]
    spellings: Sequence[Spelling]

    @property
    def call(self) -> Call:
        return Call("GET", self.spellings[0](self.values), "look up")

    def others(self, lot: Lot) -> Sequence[_Question]:
        """What to ask instead after it was refused: all in the next spelling, then in halves; none when nothing is
        left. Raises what stands in the way where it is not the question."""
        status = lot.last.reply.status
        if status not in (_NOT_SO, _TOO_LONG):
            lot.last.require()
            raise GraphError(f"Groups could not be looked up: {lot.reason}")
        if status == _NOT_SO and len(self.spellings) > 1:
            return [replace(self, spellings=self.spellings[1:])]
        if len(self.values) > 1:
            return [replace(self, values=half) for half in chunks(self.values, (len(self.values) + 1) // 2)]
        return []


async def _found(
    client: Client, values: Sequence[str], spellings: Sequence[Spelling], dispensable: tuple[str, ...] = ()
) -> Sequence[Group]:
    """Every group that one of the values brings, once. A chunk that is refused is asked in other ways.

    A single value that is refused in all ways is left out where it begins with what is `dispensable`; else GraphError,
    for what could not be asked is no proof that there is no such group.
    """
    found: dict[str, Group] = {}
    waiting = [_Question(chunk, spellings) for chunk in chunks(values, IN_LIMIT)]
    while waiting:
        lots = await whole_lists(client, [question.call for question in waiting])
        again: list[_Question] = []
        for question, lot in zip(waiting, lots, strict=True):
            if lot.elements is not None:
                found |= {group.id: group for group in _groups(lot.elements)}
            elif others := question.others(lot):
                again += others
            elif not question.values[0].startswith(dispensable):
                raise GraphError(
                    f"Graph refuses to look up {question.values[0]!r} among the groups: {lot.reason}. Whether there is "
                    "such a group is unknown"
                )
        waiting = again
    return list(found.values())


async def _by_ids(client: Client, ids: Sequence[str]) -> list[Group]:
    # GUIDs need no escaping, so this is JSON.
    quoted = ",".join(f'"{identity}"' for identity in ids)
    asked = f'{{"ids":[{quoted}],"types":["group"]}}'.encode()
    call = Call("POST", "/v1.0/directoryObjects/getByIds", "look up", asked)
    return [group async for page in client.pages(call) for group in _groups(page["value"])]


def _groups(elements: Iterable[Any]) -> list[Group]:
    """GraphError where one of them is no group: without it, a name may seem to be nobody's, or one group's alone."""
    return [_group(element) for element in elements]


def _group(element: Any) -> Group:
    if not isinstance(element, dict) or not isinstance(element.get("id"), str) or not element["id"]:
        raise GraphError("Groups could not be looked up: the answer holds something that is no group")
    return Group(
        id=element["id"].lower(),
        name=str(element.get("displayName") or ""),
        mail=str(element.get("mail") or ""),
        nickname=str(element.get("mailNickname") or ""),
        sid=str(element.get("onPremisesSecurityIdentifier") or ""),
        security_enabled=element.get("securityEnabled"),
        description=str(element.get("description") or ""),
        rule=str(element.get("membershipRule") or ""),
    )
