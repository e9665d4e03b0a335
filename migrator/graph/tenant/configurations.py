"""The tenant's configurations, found by listing; with their assignments where the listing carries them whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migrator.graph.odata import next_link, query
from migrator.graph.protocol import Call
from migrator.graph.tenant.codec import parse_list
from migrator.graph.tenant.pages import NEXT_LINK
from migrator.graph.tenant.together import together
from migrator.model.configuration import Configuration, Coverage, Listed, Listing, Served
from migrator.model.errors import GraphError, NotServed, PermissionRefused
from migrator.model.kind import Trust

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from migrator.graph.client import Client
    from migrator.model.kind import Kind

_EXPAND = "assignments"
_EXPAND_REFUSED = (400, 500, 501)


async def list_configurations(
    client: Client, kinds: Sequence[Kind], progress: Callable[[int], None] | None = None
) -> Listing:
    """All configurations of these kinds, all pages, the kinds side by side; `progress` hears of every page's count.

    A kind that cannot be read is told in the coverage; only SignInError is raised.
    """
    results = await together(list_kind(client, kind, progress) for kind in kinds)
    return Listing(
        listed=tuple(listed for found, _ in results for listed in found),
        coverage=tuple(coverage for _, coverage in results),
    )


async def list_kind(
    client: Client, kind: Kind, progress: Callable[[int], None] | None = None, *, purpose: str = "list"
) -> tuple[Sequence[Listed], Coverage]:
    """One kind's configurations, and how far it could be read: not served, forbidden and failed give none at all."""
    found: list[Listed] = []
    try:
        async for page in _pages(client, kind, purpose):
            listed = [_listed(kind, element) for element in page["value"]]
            found += listed
            if progress is not None:
                progress(len(listed))
    except PermissionRefused as error:
        return (), Coverage(kind.name, Served.FORBIDDEN, reason=f"{error} (needed: {_permission_to_read(kind)})")
    except NotServed as error:
        return (), Coverage(kind.name, Served.NOT_SERVED, reason=f"this tenant does not serve {kind.title}: {error}")
    except GraphError as error:
        return (), Coverage(kind.name, Served.FAILED, reason=str(error))
    return found, Coverage(kind.name, Served.READ, count=len(found))


async def _pages(client: Client, kind: Kind, purpose: str) -> AsyncIterator[dict[str, Any]]:
    """Every page of a kind's list, expanded where that is of use and not refused."""
    plain = Call("GET", f"/{kind.version}{kind.path}", purpose)
    expands = kind.list_expand not in (Trust.ABSENT, Trust.LIES)
    call = replace(plain, path=query(plain.path, expand=_EXPAND)) if expands else plain
    answer = await client.send(call)
    if expands and answer.reply.status in _EXPAND_REFUSED:
        call, answer = plain, await client.send(plain)
    page, _ = answer.page()
    yield page
    if page.get(NEXT_LINK):
        path = next_link(str(page[NEXT_LINK]), client.graph_url)
        async for page in client.pages(replace(call, path=path)):
            yield page


def _listed(kind: Kind, element: object) -> Listed:
    if not isinstance(element, dict) or not isinstance(element.get("id"), str) or not element["id"]:
        raise GraphError(f"the list of {kind.title} holds something that is no configuration")
    whole = f"{_EXPAND}{NEXT_LINK}" not in element
    return Listed(_configuration(kind, element), parse_list(kind, element.get(_EXPAND)) if whole else None)


def _configuration(kind: Kind, element: dict[str, Any]) -> Configuration:
    priority, is_assigned = element.get("priority"), element.get("isAssigned")
    return Configuration(
        kind=kind.name,
        id=element["id"],
        name=str(element.get(kind.name_property) or ""),
        description=str(element.get("description") or ""),
        type=str(element.get("@odata.type") or "").rpartition(".")[2],
        priority=priority if isinstance(priority, int) and not isinstance(priority, bool) else None,
        modified=str(element.get("lastModifiedDateTime") or ""),
        is_assigned=is_assigned if isinstance(is_assigned, bool) else None,
    )


def _permission_to_read(kind: Kind) -> str:
    return kind.permission.replace(".ReadWrite.", ".Read.")
