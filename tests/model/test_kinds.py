"""The table of kinds: what is in it, and that whatever reads it reads it as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.graph.areas import area_of
from migrator.model import limits
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS, find_kinds
from migrator.simulator.builder import Builder
from migrator.simulator.tokens import roles
from tests.whole import world

FRIDGES = Kind(
    name="smartFridgePolicies",
    title="Fridge policy",
    path="/deviceManagement/kitchen/appliances/smartFridgePolicies",
    assignment="#microsoft.graph.smartFridgePolicyAssignment",
    permission="Kitchen.ReadWrite.All",
    area=limits.SCRIPTS,
)


@pytest.fixture
def fridges(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """A kind that appeared after everything was imported."""
    assert not find_kinds("Fridge policy")
    assert area_of(f"/beta{FRIDGES.path}/x/assign") is limits.INTUNE
    monkeypatch.setitem(KINDS, FRIDGES.name, FRIDGES)
    return FRIDGES


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_found_by_its_name_and_by_its_title(kind: Kind) -> None:
    assert find_kinds(kind.name.upper()) == find_kinds(kind.title) == (kind,)


def test_a_kind_that_appears_later_is_found_and_counted_by_its_service(fridges: Kind) -> None:
    assert find_kinds("fridge POLICY") == (fridges,)
    assert area_of(f"/beta{fridges.path}/x/assign") is limits.SCRIPTS
    assert fridges.permission in roles()


def test_it_is_forgotten_when_it_goes(monkeypatch: pytest.MonkeyPatch, fridges: Kind) -> None:
    assert find_kinds(fridges.title)
    monkeypatch.delitem(KINDS, fridges.name)
    assert not find_kinds(fridges.title)
    assert area_of(f"/beta{fridges.path}/x/assign") is limits.INTUNE


async def test_a_run_carries_out_what_is_asked_of_it(fridges: Kind, tmp_path: Path) -> None:
    there = Builder(3)
    there.group("Kiosks")
    there.assign(there.configuration_called(fridges, "Door alarm"), "Staff")
    rows = [("Door alarm", "Staff", "Kiosks", "Fridge policy")]
    async with world(there.build(), tmp_path) as tenant:
        result = await tenant.run(rows, ("Configuration", "Legacy group", "New group", "Kind"))
        assert result.exit_code == 0
        assert tenant.names("Door alarm") == {"Kiosks"}
