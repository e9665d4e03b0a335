"""The embedded tenant: a Microsoft 365 tenant on this machine, for the demo, for tests and for trying things out.

    async with Simulator(tenant_of({"Baseline": ["Finance"]}), SimulatorSettings(speed=10)) as tenant:
        ...  # tenant.graph_url, tenant.environment, tenant.state

The way of a request: server → service (token, throttle, faults) → routes → directory | configurations | assign → state.
What can be set is in `settings`, a tenant comes from `description` (a JSON file) or `sample` (a mapping).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrator.simulator.description import read_tenant, tenant_from_json, tenant_of, write_tenant
    from migrator.simulator.sample import tenant_from_mapping
    from migrator.simulator.server import Simulator
    from migrator.simulator.settings import Fault, Faults, IsAssigned, Lies, RetryAfter, SimulatorSettings, known_lies
    from migrator.simulator.state import TenantState

_HOMES = {
    "Fault": "settings",
    "Faults": "settings",
    "IsAssigned": "settings",
    "Lies": "settings",
    "RetryAfter": "settings",
    "Simulator": "server",
    "SimulatorSettings": "settings",
    "TenantState": "state",
    "known_lies": "settings",
    "read_tenant": "description",
    "tenant_from_json": "description",
    "tenant_from_mapping": "sample",
    "tenant_of": "description",
    "write_tenant": "description",
}

__all__ = [
    "Fault",
    "Faults",
    "IsAssigned",
    "Lies",
    "RetryAfter",
    "Simulator",
    "SimulatorSettings",
    "TenantState",
    "known_lies",
    "read_tenant",
    "tenant_from_json",
    "tenant_from_mapping",
    "tenant_of",
    "write_tenant",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
