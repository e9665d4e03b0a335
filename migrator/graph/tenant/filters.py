"""The tenant's assignment filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.protocol import Call
from migrator.model.configuration import FilterDefinition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.graph.client import Client


async def filters(client: Client) -> Sequence[FilterDefinition]:
    """All of them, all pages; PermissionRefused, NotServed or GraphError where they cannot be read."""
    call = Call("GET", "/beta/deviceManagement/assignmentFilters", "look up")
    return [
        FilterDefinition(
            id=str(item["id"]).lower(),
            name=str(item.get("displayName") or ""),
            platform=str(item.get("platform") or ""),
            rule=str(item.get("rule") or ""),
        )
        async for page in client.pages(call)
        for item in page["value"]
        if isinstance(item, dict) and item.get("id")
    ]
