"""The story that many tests tell: so many configurations, in each of which a new group takes an old one's place."""

from __future__ import annotations

from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.whole import World


def before(number: int, kind: str) -> TenantState:
    """`Policy 00` and so on, each assigned to Old and Kept."""
    configurations = [{"kind": kind, "name": f"Policy {n:02d}", "assignments": ["Old", "Kept"]} for n in range(number)]
    return tenant_from_json({"groups": ["Old", "New", "Kept"], "configurations": configurations})


def swaps(number: int) -> list[tuple[str, ...]]:
    return [(f"Policy {n:02d}", "Old", "New", "") for n in range(number)]


def moved(there: World, number: int) -> bool:
    """Whether New stands in each where Old stood."""
    return all(there.names(f"Policy {n:02d}") == {"New", "Kept"} for n in range(number))
