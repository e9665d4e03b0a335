"""The directory's groups, looked up many at a time: some 300 names a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migrator.graph.odata import IN_LIMIT, any_of, chunks, in_filter, literal, query
from migrator.graph.protocol import Call
from migrator.graph.tenant.pages import whole_lists
from migrator.graph.tenant.together import together
from migrator.model.configuration import Group
from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from migrator.graph.client import Client

    Spelling = Callable[[Sequence[str]], str]
    """The path that asks for several values at once."""

IDS_A_CALL = 1000
_SELECT = ("id", "displayName", "mail", "mailNickname", "onPremisesSecurityIdentifier", "securityEnabled")
_JSON = (("Content-Type", "application/json"),)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SID = re.compile(r"S-1-[0-9]+(-[0-9]+)+", re.IGNORECASE)
_TOO_MUCH = (400, 414)
"""What a service answers that takes fewer values, or a shorter address, than it says."""


async def groups_by_id(client: Client, ids: Iterable[str]) -> Sequence[Group]:
    """Those that exist. What is no GUID is no group's id, and would spoil the call for all others."""
    wanted = sorted({i for i in (identity.strip().lower() for identity in ids) if _GUID.fullmatch(i)})
    lists = await together(_by_ids(client, chunk) for chunk in chunks(wanted, IDS_A_CALL))
    return [group for groups in lists for group in groups]


async def groups_by_name(client: Client, names: Iterable[str]) -> Sequence[Group]:
    """Every group whose display name is one of these; Graph compares without case."""
    return await _found(client, _distinct(names), _named)


async def groups_by_other_names(client: Client, names: Iterable[str]) -> Sequence[Group]:
    """Every group whose mail, mail nickname or on-premises SID is one of these, or whose name starts with one."""
    return await _found(client, [clause for name in _distinct(names) for clause in _clauses(name)], _any)


def _distinct(names: Iterable[str]) -> list[str]:
    """Each name once, whatever its case."""
    return list({name.casefold(): name for name in names if name.strip()}.values())


def _clauses(name: str) -> tuple[str, ...]:
    """What may be meant by a name that is no display name."""
    if _SID.fullmatch(name):
        return (f"onPremisesSecurityIdentifier eq {literal(name)}",)
    other = "mail" if "@" in name else "mailNickname"
    return (f"{other} eq {literal(name)}", f"startswith(displayName,{literal(name)})")


def _named(names: Sequence[str]) -> str:
    return query("/v1.0/groups", filter=in_filter("displayName", names), select=_SELECT)


def _any(clauses: Sequence[str]) -> str:
    return query("/v1.0/groups", filter=any_of(clauses), select=_SELECT, top=999)


async def _found(client: Client, values: Sequence[str], spelling: Spelling) -> Sequence[Group]:
    """Every group that one of the values brings, once; a chunk that is refused as too much is asked by halves."""
    found: dict[str, Group] = {}
    waiting = list(chunks(values, IN_LIMIT))
    while waiting:
        lots = await whole_lists(client, [Call("GET", spelling(chunk), "look up") for chunk in waiting])
        halves: list[Sequence[str]] = []
        for chunk, lot in zip(waiting, lots, strict=True):
            if lot.elements is not None:
                found |= {group.id: group for group in _groups(lot.elements)}
            elif lot.last.reply.status not in _TOO_MUCH:
                lot.last.require()
                raise GraphError(f"Groups could not be looked up: {lot.reason}")
            elif len(chunk) > 1:  # a single value that is refused is one that no group can bear
                halves += chunks(chunk, (len(chunk) + 1) // 2)
        waiting = halves
    return list(found.values())


async def _by_ids(client: Client, ids: Sequence[str]) -> list[Group]:
    # GUIDs need no escaping, so this is JSON.
    quoted = ",".join(f'"{identity}"' for identity in ids)
    asked = f'{{"ids":[{quoted}],"types":["group"]}}'.encode()
    call = Call("POST", "/v1.0/directoryObjects/getByIds", "look up", asked, _JSON)
    return [group async for page in client.pages(call) for group in _groups(page.get("value") or ())]


def _groups(elements: Iterable[Any]) -> list[Group]:
    return [
        Group(
            id=str(element["id"]).lower(),
            name=str(element.get("displayName") or ""),
            mail=str(element.get("mail") or ""),
            nickname=str(element.get("mailNickname") or ""),
            sid=str(element.get("onPremisesSecurityIdentifier") or ""),
            security_enabled=element.get("securityEnabled"),
        )
        for element in elements
        if isinstance(element, dict) and element.get("id")
    ]
