"""A tenant made from a mapping holds everything that the mapping names, among much that it does not name."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.assignment import VIRTUAL_ALL_USERS, TargetType
from migrator.model.kinds import KINDS
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.simulator import tenant_from_mapping
from migrator.simulator.checks import check_assignments
from migrator.simulator.description import tenant_to_json
from migrator.simulator.messages import Json
from migrator.simulator.state import StoredConfiguration, TenantState
from tests.simulator.client import APPS, CATALOG, OFFICE

GUID = "0f0f0f0f-0000-4000-8000-00000000abcd"


def row(
    action: Action,
    configuration: str,
    legacy: str = "",
    new: str = "",
    *,
    kind: str = "",
    intent: str = "",
    new_id: str = "",
    exclude: bool | None = None,
) -> Row:
    def ref(text: str) -> Ref | None:
        return Ref(text) if text else None

    return Row(
        sheet="Sheet1",
        number=2,
        action=action,
        configuration=ref(configuration),
        kind=ref(kind),
        legacy=ref(legacy),
        new=ref(new),
        new_id=ref(new_id),
        intent=ref(intent),
        exclude=exclude,
    )


def tenant(*rows: Row, seed: int = 1) -> TenantState:
    return tenant_from_mapping(Mapping("mapping.xlsx", rows), seed)


def test_configurations_are_of_the_kind_that_any_row_says() -> None:
    state = tenant(
        row(Action.ADD, "Plain", new="A"),
        row(Action.ADD, "baseline", new="A"),
        row(Action.ADD, "Baseline", new="B", kind="Settings catalog policy"),
    )
    assert state.configuration("Plain").kind is OFFICE
    assert state.configuration("baseline").kind is CATALOG


def test_legacy_groups_and_those_to_remove_are_assigned_and_new_ones_are_only_there() -> None:
    state = tenant(
        row(Action.SWAP, "One", "Old", "New", kind=CATALOG.name),
        row(Action.SWAP, "One", "Out", "In", kind=CATALOG.name, exclude=True),
        row(Action.REMOVE, "One", new="Leaving", kind=CATALOG.name),
        row(Action.ADD, "One", new="Coming", kind=CATALOG.name),
    )
    one, ids = state.configuration("One"), {g.name: g.id for g in state.groups.values()}
    assert {ids["Old"], ids["Leaving"]} <= one.group_ids()
    assert ids["Out"] in one.group_ids(excluded=True)
    assert not {ids["New"], ids["In"], ids["Coming"]} & (one.group_ids() | one.group_ids(excluded=True))


def test_groups_are_named_in_every_way() -> None:
    state = tenant(
        row(Action.SWAP, "One", "S-1-5-21-1-2-3-4", "team@contoso.com"),
        row(Action.SWAP, "One", GUID, "group:All users"),
        row(Action.SWAP, "One", "O'Brien's team", "By id", new_id=GUID.replace("0f", "1f")),
    )
    assert state.groups_where("onPremisesSecurityIdentifier", "s-1-5-21-1-2-3-4")
    assert state.groups_where("mail", "team@contoso.com")
    assert GUID in state.configuration("One").group_ids()
    assert state.group("All users").id
    assert state.group("By id").id == GUID.replace("0f", "1f")


def test_all_users_is_a_target_where_the_kind_has_it() -> None:
    state = tenant(
        row(Action.SWAP, "Catalog", "All users", "New", kind=CATALOG.name),
        row(Action.REMOVE, "Office", "All devices"),
    )
    spelled = {a["target"]["@odata.type"] for a in state.configuration("Catalog").assignments}
    assert CATALOG.targets[TargetType.ALL_USERS] in spelled
    assert "All users" not in {g.name for g in state.groups.values()}


def test_an_apps_legacy_group_has_the_intent_of_its_row() -> None:
    state = tenant(row(Action.SWAP, "App", "Old", "New", kind="App", intent="Uninstall"))
    old = state.group("Old").id
    assert [a["intent"] for a in state.configuration("App").assignments if a["target"].get("groupId") == old][:1] == [
        "uninstall"
    ]
    assert state.configuration("App").kind is APPS


def test_rows_that_say_nothing_useful_do_no_harm() -> None:
    state = tenant(row(Action.ADD, "", new="A"), row(Action.ADD, "One"), row(Action.SWAP, "One", "", "New"))
    assert state.configuration("One")
    assert state.group("New")


def many_rows() -> list[Row]:
    kinds = [k for k in KINDS.values() if k.assignment]
    return [
        row(Action.SWAP, f"Policy {n}", f"Legacy {n % 40}", f"New {n % 40}", kind=kinds[n % len(kinds)].name)
        for n in range(400)
    ]


def test_there_is_much_that_the_mapping_does_not_name() -> None:
    state = tenant(*many_rows())
    everything = [(c, a) for c in state.every_configuration() for a in c.assignments]
    targets = Counter(a["target"]["@odata.type"].rpartition(".")[2] for _, a in everything)
    assert {"groupAssignmentTarget", "exclusionGroupAssignmentTarget", "allDevicesAssignmentTarget"} <= set(targets)
    assert any(a.get("source") == "policySets" for _, a in everything)
    assert any(a["target"].get("deviceAndAppManagementAssignmentFilterId") for _, a in everything)
    assert any("deploymentNote" in a for _, a in everything)
    assert any(a["target"].get("groupId") in state.deleted_groups for _, a in everything)
    named = {f"Policy {n}" for n in range(400)}
    assert any(c.name not in named for c in state.every_configuration())
    names = Counter(g.name for g in state.groups.values())
    assert max(names.values()) == 2
    assert any(name != name.strip() for name in names)


def sendable(configuration: StoredConfiguration) -> list[Json]:
    return [
        {n: v for n, v in a.items() if n not in configuration.kind.drop}
        for a in configuration.assignments
        if a.get("source") != "policySets"
    ]


def test_everything_that_is_assigned_could_have_been_assigned() -> None:
    state = tenant(*many_rows())
    for configuration in state.every_configuration():
        given_ = sendable(configuration)
        assert len(check_assignments(state, configuration, given_)) == len(given_)


def test_groups_that_the_mapping_names_are_unique() -> None:
    state = tenant(row(Action.SWAP, "One", "test group", "Reception"))
    assert state.group("Test group").name == "test group"
    assert state.group("Reception")
    assert not state.groups_where("displayName", "Reception ")


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_tenant(seed: int) -> None:
    rows = many_rows()[:30]
    assert tenant_to_json(tenant(*rows, seed=seed)) == tenant_to_json(tenant(*rows, seed=seed))


@pytest.mark.parametrize("seed", [2, 3])
def test_another_seed_gives_another_tenant(seed: int) -> None:
    assert not set(tenant(*many_rows()).groups) & set(tenant(*many_rows(), seed=seed).groups)


@pytest.mark.parametrize(("kind", "spelled"), [("iosManagedAppProtections", "groupId"), (CATALOG.name, "@odata.type")])
def test_a_virtual_group_is_everybody_and_no_group_of_the_directory(kind: str, spelled: str) -> None:
    state = tenant(row(Action.REMOVE, "Protect", new=VIRTUAL_ALL_USERS, kind=kind))
    said = {"groupId": VIRTUAL_ALL_USERS, "@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}
    assert VIRTUAL_ALL_USERS not in state.groups
    assert said[spelled] in {a["target"].get(spelled) for a in state.configuration("Protect").assignments}


def test_a_row_for_many_is_no_configuration_and_its_legacy_group_stands_somewhere() -> None:
    state = tenant(
        row(Action.ADD, "Win - Power", new="A"),
        row(Action.ADD, "Win - Time", new="A"),
        row(Action.SWAP, "Win - *", legacy="Old", new="New"),
        row(Action.SWAP, "", legacy="Gone", new="Come"),
        row(Action.ADD, "iOS - ?", new="B", kind="Compliance policy"),
    )
    names = {c.name for c in state.every_configuration()}
    assert {"Win - Power", "Win - Time"} <= names
    assert not any("*" in (name or "") or "?" in (name or "") for name in names)
    assert any((name or "").startswith("iOS - ") for name in names)
    old, gone = state.group("Old").id, state.group("Gone").id
    holding = {c.name for c in state.every_configuration() if old in c.group_ids() | c.group_ids(excluded=True)}
    assert holding == {"Win - Power", "Win - Time"}
    assert any(gone in c.group_ids() | c.group_ids(excluded=True) for c in state.every_configuration())
