"""A tenant of 3,000 configurations over 20 kinds is looked over in some dozens of calls."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import wide
from migrator.operations.draw_up import draw_up
from migrator.operations.run import read_mapping
from migrator.operations.where import where
from tests.virtual_clock import VirtualClock
from tests.whole import world


async def test_where_and_a_plan_take_few_calls(tmp_path: Path) -> None:
    tenant = wide.tenant()
    every = list(tenant.every_configuration())
    assert (len(every), sum(len(c.assignments) for c in every), len({c.kind.name for c in every})) == (
        3_000,
        12_000,
        20,
    )
    rows = list(wide.mapping_rows(tenant))
    settings = wide.settings(seed=9)  # of the first ten the one that tells the most lies
    async with world(
        tenant, tmp_path, clock=VirtualClock(), lies=settings.lies, page_size=settings.page_size, seed=settings.seed
    ) as there:
        async with there.connection() as connection:
            found = await where([wide.LEGACY], connection)
        assert len(found.found) == len(rows) == wide.TOUCHED
        assert found.requests == there.simulator.record.requests <= 120
        sheet = there.mapping(rows, ("Kind", "Configuration", "Legacy group", "New group"))
        async with there.connection() as connection:  # as `plan` does, but for its workbook
            mapping = read_mapping(sheet, there.settings, connection.watch)
            drawn = await draw_up(mapping, there.settings, connection)
        assert there.simulator.record.requests - found.requests <= 180
    assert Counter(c.changes_anything for c in drawn.plan.configurations) == {True: wide.TOUCHED}
