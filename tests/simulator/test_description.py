"""A tenant is described by a JSON file, and described again it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.model.errors import UsageError
from migrator.model.kinds import KINDS
from migrator.simulator import read_tenant, tenant_from_json, tenant_of, write_tenant
from migrator.simulator.description import tenant_to_json
from tests.simulator.client import APPS, CATALOG, exclusion, group

GUID = "0F0F0F0F-0000-4000-8000-00000000ABCD"
DESCRIBED: dict[str, Any] = {
    "tenant": {"id": GUID.lower(), "name": "Contoso"},
    "groups": ["Finance", "Finance", {"displayName": "Mail", "mail": "m@contoso.com", "securityEnabled": False}],
    "deletedGroups": ["Gone", {"displayName": "Gone too", "id": GUID}],
    "assignmentFilters": ["Corporate", {"displayName": "Phones", "platform": "iOS"}],
    "configurations": [
        {"kind": CATALOG.name, "name": "One", "assignments": ["All users", "New one", group(GUID), exclusion(GUID)]},
        {"kind": CATALOG.name, "name": "One", "properties": {"description": "twin"}},
        {"kind": APPS.name, "name": "App", "id": GUID, "assignments": ["m@contoso.com"]},
        {"kind": "officeClientConfigurations", "assignments": []},
    ],
}


def test_a_description_becomes_a_tenant() -> None:
    state = tenant_from_json(DESCRIBED)
    assert (state.id, state.name) == (GUID.lower(), "Contoso")
    assert [g.name for g in state.groups.values()] == ["Finance", "Finance", "Mail", "New one"]
    assert len(state.named(CATALOG.name, "one")) == 2
    assert len(state.named(CATALOG.name, "One")[0].assignments) == 4
    app = state.configuration(GUID)
    assert (app.name, app.group_ids()) == ("App", {state.group("Mail").id})
    assert app.assignments[0]["intent"] == "required"
    assert state.filter("phones").platform == "iOS"
    with pytest.raises(LookupError, match="2 groups are called 'Finance'"):
        state.group("Finance")
    with pytest.raises(LookupError, match="no configuration is called 'Nobody'"):
        state.configuration("Nobody")


def test_ids_are_the_same_each_time_and_differ_by_seed() -> None:
    one, same, other = tenant_from_json(DESCRIBED), tenant_from_json(DESCRIBED), tenant_from_json(DESCRIBED, seed=9)
    assert tenant_to_json(one) == tenant_to_json(same)
    assert not set(one.groups) & set(other.groups)


def test_it_survives_being_written_and_read(tmp_path: Path) -> None:
    state = tenant_from_json(DESCRIBED)
    write_tenant(state, tmp_path / "tenant.json")
    assert tenant_to_json(read_tenant(tmp_path / "tenant.json")) == tenant_to_json(state)


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_tenant_is_one_line(kind: str) -> None:
    assigned = ["Finance"] if KINDS[kind].assignment else []
    state = tenant_of({"One": assigned}, kind=kind, groups=["New"])
    assert {g.name for g in state.groups.values()} == {"New", *assigned}
    assert len(state.configuration("One").assignments) == len(assigned)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"configurations": [{"name": "One"}]}, "'kind' is missing"),
        ({"configurations": [{"kind": "nothing", "name": "One"}]}, "no kind of configuration is called 'nothing'"),
        ({"groups": [{"id": GUID}]}, "'displayName' is missing"),
        ({"groups": [{"displayName": "a", "id": GUID}, {"displayName": "b", "id": GUID.lower()}]}, "have the id"),
        ({"deletedGroups": [{"displayName": "a", "id": GUID}, {"displayName": "b", "id": GUID}]}, "have the id"),
        ({"configurations": [{"kind": CATALOG.name, "name": n, "id": GUID} for n in "ab"]}, "have the id"),
        ({"configurations": [{"kind": CATALOG.name, "name": "a", "assignments": [{"target": {}}]}]}, "@odata.type"),
        ({"configurations": [{"kind": CATALOG.name, "name": "a", "assignments": ["x", "X"]}]}, "is twice"),
        ({"configurations": [{"kind": "officeClientConfigurations", "assignments": ["All users"]}]}, "All users"),
        ({"assignmentFilters": [{"displayName": "a", "colour": "red"}]}, "'colour'"),
        ({"groups": [None]}, "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_said(document: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        tenant_from_json(document)


@pytest.mark.parametrize("content", ["{", "[]", None])
def test_a_file_that_is_no_description_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "tenant.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        read_tenant(path)


def test_the_description_in_the_documentation_can_be_used() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    state = tenant_from_json(msgspec.json.decode(example))
    assert len(state.configuration("Encryption").assignments) == 2
    assert len(state.configuration("Baseline").assignments) == 2
