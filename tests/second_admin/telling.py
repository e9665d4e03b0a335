"""What the stories of a second admin share."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from migrator.simulator.description import tenant_from_json
from migrator.simulator.second_admin import Request
from migrator.simulator.state import TenantState
from tests.whole import World

KIND = "configurationPolicies"
PROTECTED = frozenset({KIND})


def mixed() -> TenantState:
    """One configuration of each of two kinds, assigned to Old."""
    kinds = {"Catalog": KIND, "Office": "officeClientConfigurations"}
    configurations = [{"kind": kind, "name": name, "assignments": ["Old"]} for name, kind in kinds.items()]
    return tenant_from_json({"groups": ["Old", "New"], "configurations": configurations})


def asked_of(there: World, configuration: str) -> Request:
    """The newest request of a configuration."""
    return [one for one in there.simulator.state.requests.values() if one.configuration.name == configuration][-1]


async def lapse(there: World) -> None:
    """Lets more than three of the tenant's days pass."""
    settings = there.simulator.service.settings
    there.simulator.use(replace(settings, speed=1e9))
    await asyncio.sleep(0.002)
    there.simulator.use(settings)
