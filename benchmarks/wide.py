"""A wide tenant: 3,000 configurations over 20 kinds with 12,000 assignments, described as `migrator simulate` reads it.

    python -m benchmarks.wide [--page N] [--seed N]

serves it until it is stopped, and prints the environment that leads to it; what is known of Graph's lies, it plays.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from migrator.model.assignment import TargetType
from migrator.model.kind import INTUNE, Kind
from migrator.model.kinds import KINDS
from migrator.model.settings import Limit
from migrator.simulator import Simulator, SimulatorSettings, TenantState
from migrator.simulator.description import tenant_from_json

CONFIGURATIONS, ASSIGNMENTS, SPREAD, TOUCHED = 3_000, 12_000, 20, 500
GROUPS, FILTERS = 400, 10
LEGACY, NEW = "GPO-EMEA", "SG-EMEA"
"""The group that many configurations are assigned to, and the one that shall take its place."""
_UNASSIGNED = 10  # of each kind every so many is assigned to nobody


def kinds(spread: int = SPREAD) -> list[Kind]:
    """So many kinds that can be assigned, spread over the table: those that answer truly, and those that do not."""
    every = [kind for kind in KINDS.values() if not kind.excluded]
    return [every[at * len(every) // spread] for at in range(spread)]


def described() -> dict[str, Any]:
    """The tenant as JSON. The legacy group stands in the first `TOUCHED` of those configurations that are assigned."""
    chance = random.Random(12)
    chosen = kinds()
    numbers = range(CONFIGURATIONS)
    assigned = [n for n in numbers if n // len(chosen) % _UNASSIGNED]
    each, more = divmod(ASSIGNMENTS, len(assigned))
    counts = {n: each + (place < more) for place, n in enumerate(assigned)}
    touching = set(assigned[:TOUCHED])
    return {
        "tenant": {"name": "Wide"},
        "groups": [LEGACY, NEW, *(_group(n) for n in range(GROUPS))],
        "assignmentFilters": [f"Filter {n}" for n in range(FILTERS)],
        "configurations": [
            {
                "kind": chosen[n % len(chosen)].name,
                "name": f"Policy {n:04}",
                "assignments": list(_assigned(chosen[n % len(chosen)], counts.get(n, 0), n in touching, chance)),
            }
            for n in numbers
        ],
    }


def _group(number: int) -> str:
    return f"Group {number:03}"


def _assigned(kind: Kind, count: int, touched: bool, chance: random.Random) -> Iterator[str | Mapping[str, Any]]:
    """So many different groups, some of them excluded where the kind knows that."""
    names = [*([LEGACY] if touched else []), *map(_group, chance.sample(range(GROUPS), count))][:count]
    yield from names[:-1]
    if names and TargetType.EXCLUSION in kind.targets and kind.targets is INTUNE and not kind.intent_property:
        yield {"target": {"@odata.type": INTUNE[TargetType.EXCLUSION], "groupId": ""}, "named": names[-1]}
    else:
        yield from names[-1:]


def tenant() -> TenantState:
    """The same, ready to be served."""
    return tenant_from_json(_with_ids(described()))


def mapping_rows(served: TenantState) -> Iterator[tuple[str, str, str, str]]:
    """(kind, configuration, legacy group, new group) for each configuration that the legacy group is assigned to."""
    legacy = served.group(LEGACY).id
    for one in served.every_configuration():
        if legacy in one.group_ids() | one.group_ids(excluded=True):
            yield one.kind.name, one.name or "", LEGACY, NEW


def _with_ids(document: dict[str, Any]) -> dict[str, Any]:
    """Groups that are excluded are named by id in Graph's JSON, so all groups get one."""
    ids = {name: f"{number:08x}-0000-4000-8000-00000000beef" for number, name in enumerate(document["groups"], start=1)}
    for configuration in document["configurations"]:
        for given in configuration["assignments"]:
            if not isinstance(given, str):
                given["target"]["groupId"] = ids[given.pop("named")]
    return {**document, "groups": [{"displayName": name, "id": group_id} for name, group_id in ids.items()]}


def settings(page: int = 100, seed: int = 1) -> SimulatorSettings:
    """Pages of this size, no limits, the lies that are known."""
    free = Limit(None)
    return SimulatorSettings(seed=seed, writes=free, requests=free, directory=free, page_size=page, vary=False)


async def _serve(page: int, seed: int) -> None:
    async with Simulator(tenant(), settings(page, seed)) as served:
        print(json.dumps({"environment": dict(served.environment)}), flush=True)
        await asyncio.Event().wait()


def main(argv: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--page", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args(argv)
    asyncio.run(_serve(chosen.page, chosen.seed))


if __name__ == "__main__":
    main()
