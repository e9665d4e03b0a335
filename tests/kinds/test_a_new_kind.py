"""A kind that appears tomorrow is one entry in the table: every story of it is carried out, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.mapping.load import load
from migrator.model.kind import INTUNE, Kind, Trust
from migrator.model.kinds import KINDS
from migrator.operations.carry_out import Stop
from migrator.operations.finish import Result
from migrator.operations.rollback import rollback
from migrator.operations.verify import verify_run
from migrator.simulator.sample import tenant_from_mapping
from tests.foreign_kinds import Fact
from tests.kinds.stories import GONE, HEADINGS, Story, stories_of, telling
from tests.kinds.test_on_the_embedded_tenant import tenant
from tests.whole import World, approved, world

PRINTERS = Kind(
    name="printerPolicies",
    title="Printer policy",
    path="/deviceManagement/universalPrint/printerPolicies",
    body="printerPolicyAssignments",
    assignment="#microsoft.graph.printerPolicyAssignment",
    name_property="label",
    targets=INTUNE,
    keep=("tray",),
    drop=("printedDateTime",),
    success=204,
    list_expand=Trust.LIES,
    item_expand=Trust.ABSENT,
    permission="Printers.ReadWrite.All",
)
AS_DOCUMENTED = Fact(
    PRINTERS.path,
    "printerPolicyAssignment",
    "printerPolicyAssignments",
    keep={"tray": {"@odata.type": "#microsoft.graph.printerTray", "number": 2, "paper": {"size": "A4"}}},
    read_only=("printedDateTime",),
)


@pytest.fixture(autouse=True)
def _printers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line that a new kind takes."""
    monkeypatch.setitem(KINDS, PRINTERS.name, PRINTERS)


def as_told(there: World, story: Story) -> list[str]:
    return telling(story.fact, there.assignments(story.name))


@pytest.mark.parametrize("settings", [{}, {"vary": True, "lies": None, "seed": 5}], ids=["plainly", "with lies"])
async def test_it_is_planned_carried_out_verified_and_put_back(tmp_path: Path, settings: dict[str, Any]) -> None:
    told = list(stories_of(AS_DOCUMENTED))
    lines = [line for story in told for line in story.lines]
    async with world(tenant(told), tmp_path, **settings) as there:
        drawn = await there.plan(lines, HEADINGS)
        assert len(drawn.plan.configurations) == len(told)
        result = await there.apply(drawn.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, len(told))
        for story in told:
            assert as_told(there, story) == telling(story.fact, story.after), story.name
        async with there.connection() as connection:
            checked = await verify_run(result.folder, there.settings, connection)
            assert checked.exit_code == 0
            back = await rollback(result.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(back, Result)
        lost = {story.name for story in told if GONE not in str(story.after)}  # no deleted group can be assigned anew
        assert (back.facts.failed, back.facts.succeeded) == (len(lost), len(told) - len(lost))
        for story in told:
            stood = story.after if story.name in lost else story.before
            assert as_told(there, story) == telling(story.fact, stood), story.name


def test_a_tenant_made_from_a_mapping_has_it(tmp_path: Path) -> None:
    path = tmp_path / "mapping.csv"
    path.write_text("Kind,Configuration,Legacy group,New group\nPrinter policy,Third floor,Old,New\n", encoding="utf-8")
    made = tenant_from_mapping(load(path))
    assert "tray" in next(a for a in made.configuration("Third floor").assignments if "groupId" in a["target"])
