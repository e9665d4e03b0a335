"""Against a Graph that is not ours: exactly what the rows mean, in few calls, and a second run sends nothing."""

from __future__ import annotations

import random
from pathlib import Path

from migrator.operations.carry_out import Stop
from migrator.operations.configure import configure
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.operations.run import run
from tests.foreign_graph import TOKEN, ForeignGraph, serving
from tests.whole import approved

CONFIGURATIONS, ROWS_EACH = 60, 5


def identity(number: int, what: str) -> str:
    return f"{number:08d}-0000-4000-8000-{ord(what[0]):012d}"


def tenant_and_rows() -> tuple[ForeignGraph, list[str], dict[str, set[str]]]:
    """A tenant, a mapping's lines, and what shall be assigned afterwards, worked out by hand."""
    chance = random.Random(5)
    legacy = {f"Legacy {n}": identity(n, "legacy") for n in range(50)}
    new = {f"New {n}": identity(n, "new") for n in range(50)}
    other = {f"Other {n}": identity(n, "other") for n in range(30)}
    by_name = {**legacy, **new, **other}
    assigned: dict[str, list[str]] = {}
    wanted: dict[str, set[str]] = {}
    lines = ["Policy;Legacy group;New group;Action"]
    for number in range(CONFIGURATIONS):
        configuration = identity(number, "configuration")
        numbers = chance.sample(range(50), ROWS_EACH)
        bystanders = set(chance.sample(sorted(other), 12))
        before, after = set(bystanders), set(bystanders)
        for action, n in zip(("swap", "swap", "absent", "add", "remove"), numbers, strict=True):
            if action == "swap":
                before.add(f"Legacy {n}")
                after.add(f"New {n}")
                lines.append(f"Policy {number};Legacy {n};New {n};")
            elif action == "absent":
                after.add(f"New {n}")
                lines.append(f"Policy {number};Legacy {n};new {n};swap")
            elif action == "add":
                after.add(f"New {n}")
                lines.append(f"Policy {number};;New {n};")
            else:
                before.add(f"Legacy {n}")
                lines.append(f"Policy {number};Legacy {n};;remove")
        assigned[configuration] = [by_name[name] for name in sorted(before)]
        wanted[configuration] = {by_name[name] for name in after}
    names = {identity(n, "configuration"): f"Policy {n}" for n in range(CONFIGURATIONS)}
    return ForeignGraph({i: name for name, i in by_name.items()}, names, assigned), lines, wanted


async def test_sixty_configurations_and_three_hundred_rows(tmp_path: Path) -> None:
    graph, lines, wanted = tenant_and_rows()
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("\n".join(lines), encoding="utf-8")

    async def whole() -> Result:
        environ = {"MIGRATOR_GRAPH_URL": graph.url, "MIGRATOR_ACCESS_TOKEN": TOKEN}
        settings = configure({"reports": tmp_path / "reports"}, environ=environ, folder=tmp_path)
        async with connect(settings) as connection:
            result = await run(mapping, settings, connection, approve=approved, stop=Stop())
        assert isinstance(result, Result)
        return result

    async with serving(graph):
        result = await whole()
        assert result.exit_code == 0
        assert result.facts.rows == CONFIGURATIONS * ROWS_EACH
        assert {c: set(groups) for c, groups in graph.assigned.items()} == wanted
        assert sorted(graph.assigns) == sorted(wanted)
        assert len(graph.calls) == result.facts.requests <= 82
        graph.calls.clear()
        graph.assigns.clear()
        again = await whole()
    assert again.exit_code == 0
    assert again.facts.unchanged == CONFIGURATIONS
    assert graph.assigns == []
