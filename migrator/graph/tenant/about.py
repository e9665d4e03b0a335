"""Which tenant answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.graph.odata import query
from migrator.graph.protocol import Call
from migrator.model.configuration import TenantInfo
from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from migrator.graph.client import Client


async def about(client: Client) -> TenantInfo:
    """The tenant's id and name; both empty where it does not say, for a run needs neither. Raises only SignInError."""
    answer = await client.send(Call("GET", query("/v1.0/organization", select=("id", "displayName")), "about"))
    if not answer.ok:
        return TenantInfo()
    try:
        organizations = answer.json().get("value")
    except GraphError:
        return TenantInfo()
    if not isinstance(organizations, list) or not organizations or not isinstance(organizations[0], dict):
        return TenantInfo()
    return TenantInfo(str(organizations[0].get("id") or ""), str(organizations[0].get("displayName") or ""))
