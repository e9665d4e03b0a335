"""An assignment that is read and sent again is the same to the property; a swap changes its group and nothing else."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph.tenant.codec import body, parse, parse_list, render
from migrator.model.assignment import Assignment, Filter, FilterMode, Target, TargetType
from migrator.model.kinds import KINDS
from tests.graph_tenant.elements import FILTER, FILTER_ID, FILTER_TYPE, GROUP, OTHER_GROUP, ZERO, group_target

APPS = KINDS["mobileApps"]
CATALOG = KINDS["configurationPolicies"]
CLOUD_PC = KINDS["provisioningPolicies"]
OFFICE = KINDS["officeClientConfigurations"]


# --- any assignment a service might send -----------------------------------------------------------------------------

names = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
unknown = st.dictionaries(names.map(lambda n: f"x{n}"), values, max_size=4)
groups = st.uuids().map(str).flatmap(lambda g: st.sampled_from([g, g.upper()]))
filters: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {FILTER_ID: None, FILTER_TYPE: "none"},
        {FILTER_ID: ZERO, FILTER_TYPE: "none"},
        {FILTER_ID: FILTER.upper(), FILTER_TYPE: "include"},
        {FILTER_ID: FILTER, FILTER_TYPE: "exclude"},
        {FILTER_ID: FILTER, FILTER_TYPE: "unknownFutureValue"},
    ]
)
typed = st.sampled_from(
    [
        "#microsoft.graph.groupAssignmentTarget",
        "#microsoft.graph.exclusionGroupAssignmentTarget",
        "#microsoft.graph.allLicensedUsersAssignmentTarget",
        "#microsoft.graph.allDevicesAssignmentTarget",
        "#microsoft.graph.officeConfigurationGroupAssignmentTarget",
        "#microsoft.graph.cloudPcManagementGroupAssignmentTarget",
        "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
        "#microsoft.graph.somethingOfTomorrowTarget",
    ]
)


@st.composite
def targets(draw: st.DrawFn, types: st.SearchStrategy[str] = typed) -> dict[str, Any]:
    spelled = draw(types)
    target = {"@odata.type": spelled, **draw(filters), **draw(unknown)}
    if "roup" in spelled:
        target["groupId"] = draw(groups)
    if "ollection" in spelled:
        target["collectionId"] = draw(names)
    return target


@st.composite
def elements(draw: st.DrawFn, types: st.SearchStrategy[str] = typed) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.mobileAppAssignment",
        "id": draw(names),
        "source": "direct",
        "sourceId": draw(names),
        "intent": draw(st.sampled_from(["required", "available", "uninstall", "availableWithoutEnrollment"])),
        "settings": draw(st.none() | unknown.map(lambda u: {"@odata.type": "#microsoft.graph.someSettings", **u})),
        "settings@odata.context": "https://graph.microsoft.com/beta/$metadata#x",
        "target": draw(targets(types)),
        **draw(unknown),
    }


kinds = st.sampled_from(list(KINDS.values()))


@given(kinds, elements())
def test_what_is_read_sent_and_read_again_is_the_same(kind: Any, element: dict[str, Any]) -> None:
    once = parse(kind, element)
    again = parse(kind, render(kind, once))
    assert again == once
    assert render(kind, again) == render(kind, once)


@given(kinds, elements())
def test_what_is_sent_again_is_what_was_read_less_what_the_server_made(kind: Any, element: dict[str, Any]) -> None:
    dropped = {"source", "sourceId", "settings@odata.context", *kind.drop} | (set() if kind.sends_ids else {"id"})
    assert render(kind, parse(kind, element)) == {k: v for k, v in element.items() if k not in dropped}


with_a_group = st.sampled_from(
    ["#microsoft.graph.groupAssignmentTarget", "#microsoft.graph.exclusionGroupAssignmentTarget"]
)


@given(elements(with_a_group), st.uuids().map(str))
def test_a_swap_changes_the_group_and_nothing_else(element: dict[str, Any], new: str) -> None:
    before = parse(APPS, element)
    after = replace(before, target=replace(before.target, id=new))
    expected = copy.deepcopy(element)
    for name in ("id", "source", "sourceId", "settings@odata.context"):
        del expected[name]
    if new != before.target.id:
        expected["target"]["groupId"] = new
    assert render(APPS, after) == expected
    assert parse(APPS, render(APPS, after)) == after


@given(elements())
def test_reading_does_not_touch_what_was_read(element: dict[str, Any]) -> None:
    kept = copy.deepcopy(element)
    assignment = parse(APPS, element)
    render(APPS, assignment)
    assert element == kept
    assert json.loads(assignment.raw) == kept


# --- reading ---------------------------------------------------------------------------------------------------------


def test_ids_are_lower_case_whatever_the_service_writes() -> None:
    element = {"target": group_target(GROUP.upper(), **{FILTER_ID: FILTER.upper(), FILTER_TYPE: "Include"})}
    assignment = parse(CATALOG, element)
    assert assignment.target == Target(TargetType.GROUP, GROUP)
    assert assignment.filter == Filter(FILTER, FilterMode.INCLUDE)


@pytest.mark.parametrize(
    "filter_properties",
    [
        {},
        {FILTER_ID: None, FILTER_TYPE: None},
        {FILTER_ID: None, FILTER_TYPE: "none"},
        {FILTER_ID: ZERO, FILTER_TYPE: "include"},
        {FILTER_ID: FILTER, FILTER_TYPE: "none"},
        {FILTER_ID: "", FILTER_TYPE: ""},
    ],
)
def test_a_filter_that_is_none_null_absent_or_zero_is_no_filter(filter_properties: dict[str, Any]) -> None:
    assert parse(CATALOG, {"target": group_target(**filter_properties)}) == Assignment(Target(TargetType.GROUP, GROUP))


def test_a_filter_mode_of_tomorrow_is_compared_and_sent_as_it_is() -> None:
    element = {"target": group_target(**{FILTER_ID: FILTER, FILTER_TYPE: "preview"})}
    assignment = parse(CATALOG, element)
    assert assignment.filter is None
    assert json.loads(assignment.rest) == {"target": {FILTER_ID: FILTER, FILTER_TYPE: "preview"}}
    assert render(CATALOG, assignment)["target"] == element["target"]


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("allLicensedUsersAssignmentTarget", Target(TargetType.ALL_USERS)),
        ("allDevicesAssignmentTarget", Target(TargetType.ALL_DEVICES)),
        ("exclusionGroupAssignmentTarget", Target(TargetType.EXCLUSION, GROUP)),
        ("groupAssignmentTarget", Target(TargetType.GROUP, GROUP)),
        ("configurationManagerCollectionAssignmentTarget", Target(TargetType.COLLECTION, "smsdm003")),
    ],
)
def test_targets_are_known_by_their_type(spelled: str, expected: Target) -> None:
    target = {"@odata.type": f"#microsoft.graph.{spelled}", "groupId": GROUP, "collectionId": "SMSDM003"}
    assert parse(CATALOG, {"target": target}).target == expected


def test_a_cloud_pc_is_known_however_the_service_spells_it() -> None:
    element = {"target": {"@odata.type": "microsoft.graph.cloudPCManagementGroupAssignmentTarget", "groupId": GROUP}}
    assert parse(CLOUD_PC, element).target == Target(TargetType.GROUP, GROUP)


def test_what_stays_of_cloud_pcs_is_told_from_what_is_new_by_its_id() -> None:
    element = {"id": "1", "target": {**group_target(GROUP), "allotmentLicensesCount": 3}}
    stays = parse(CLOUD_PC, element)
    moved = replace(stays, target=replace(stays.target, id=OTHER_GROUP))
    assert render(CLOUD_PC, stays)["id"] == "1"
    assert "id" not in render(CLOUD_PC, moved)
    assert "id" not in render(CLOUD_PC, stays.anew)
    assert stays.anew == stays
    assert parse(CLOUD_PC, json.loads(stays.anew.raw)) == stays


def test_a_target_without_a_type_is_a_group_where_it_names_one_and_is_sent_with_its_type() -> None:
    assignment = parse(CLOUD_PC, {"target": {"groupId": GROUP, "servicePlanId": "plan"}})
    assert assignment.target == Target(TargetType.GROUP, GROUP)
    assert render(CLOUD_PC, assignment)["target"] == {
        "@odata.type": "#microsoft.graph.cloudPcManagementGroupAssignmentTarget",
        "groupId": GROUP,
        "servicePlanId": "plan",
    }


@pytest.mark.parametrize(
    "element",
    [
        {"target": {"@odata.type": "#microsoft.graph.somethingOfTomorrowTarget", "ring": {"name": "first"}}},
        {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": None}},
        {"target": None, "note": "x"},
        {"note": "x"},
    ],
)
def test_what_is_not_understood_is_kept_compared_and_sent_untouched(element: dict[str, Any]) -> None:
    assignment = parse(CATALOG, element)
    assert assignment.target.type is TargetType.OTHER
    assert render(CATALOG, assignment) == element | {"@odata.type": CATALOG.assignment}


def test_unknown_targets_that_say_different_things_are_different() -> None:
    first, second = (
        parse(CATALOG, {"target": {"@odata.type": "#microsoft.graph.tomorrowTarget", "ring": ring}}) for ring in "ab"
    )
    assert first.identity != second.identity
    assert first.target.id == 'tomorrowTarget {"ring":"a"}'


def test_what_a_policy_set_made_is_told_apart_and_never_sent() -> None:
    element = {"id": "x", "source": "policySets", "sourceId": "s", "target": group_target()}
    assignment = parse(CATALOG, element)
    assert assignment.from_policy_set
    assert json.loads(body(CATALOG, [assignment])) == {"assignments": []}


def test_an_apps_intent_is_part_of_its_identity_and_a_profiles_is_not() -> None:
    element = {"intent": "apply", "target": group_target()}
    assert parse(APPS, element).intent == "apply"
    profile = parse(KINDS["deviceConfigurations"], element)
    assert (profile.intent, profile.rest) == ("", '{"intent":"apply"}')


def test_nulls_annotations_and_what_the_service_adds_are_not_compared() -> None:
    kind = KINDS["groupPolicyConfigurations"]
    plain = parse(kind, {"target": group_target(), "settings": {"a": 1}})
    adorned = parse(
        kind,
        {
            "@odata.etag": "W/1",
            "id": "p_g",
            "source": "direct",
            "lastModifiedDateTime": "2026-01-01T00:00:00Z",
            "settings": {"a": 1, "b": None, "a@odata.type": "#Int32"},
            "target": group_target(other=None),
        },
    )
    assert plain == adorned


@pytest.mark.parametrize("elements", [None, {}, "x", [1], [{"target": {}}, None]])
def test_what_is_no_list_of_objects_is_no_list_of_assignments(elements: object) -> None:
    assert parse_list(CATALOG, elements) is None


def test_an_empty_list_is_a_list() -> None:
    assert parse_list(CATALOG, []) == ()


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_new_assignment_is_spelled_as_the_kind_wants_it() -> None:
    new = Assignment(Target(TargetType.GROUP, GROUP))
    assert json.loads(body(OFFICE, [new])) == {
        "officeConfigurationAssignments": [
            {
                "@odata.type": "#microsoft.graph.officeClientConfigurationAssignment",
                "target": {
                    "@odata.type": "#microsoft.graph.officeConfigurationGroupAssignmentTarget",
                    "groupId": GROUP,
                },
            }
        ]
    }


def test_a_new_assignment_carries_its_intent_filter_and_settings() -> None:
    new = Assignment(
        Target(TargetType.ALL_DEVICES),
        "required",
        Filter(FILTER, FilterMode.EXCLUDE),
        '{"settings":{"a":1},"target":{"ring":"b"}}',
    )
    assert render(APPS, new) == {
        "@odata.type": "#microsoft.graph.mobileAppAssignment",
        "intent": "required",
        "settings": {"a": 1},
        "target": {
            "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
            FILTER_ID: FILTER,
            FILTER_TYPE: "exclude",
            "ring": "b",
        },
    }
    assert parse(APPS, render(APPS, new)) == new


def test_taking_the_filter_away_says_so_to_the_service() -> None:
    before = parse(CATALOG, {"target": group_target(**{FILTER_ID: FILTER, FILTER_TYPE: "include"})})
    target = render(CATALOG, replace(before, filter=None))["target"]
    assert (target[FILTER_ID], target[FILTER_TYPE]) == (None, "none")


def test_a_group_that_becomes_excluded_keeps_the_rest_of_its_target() -> None:
    before = parse(CATALOG, {"target": group_target(ring="a")})
    after = replace(before, target=Target(TargetType.EXCLUSION, GROUP))
    assert render(CATALOG, after)["target"] == {
        "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget",
        "groupId": GROUP,
        "ring": "a",
    }


def test_a_group_that_becomes_all_users_leaves_no_group_behind() -> None:
    before = parse(CATALOG, {"target": group_target()})
    after = replace(before, target=Target(TargetType.ALL_USERS))
    assert render(CATALOG, after)["target"] == {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}


def test_a_changed_intent_is_sent() -> None:
    before = parse(APPS, {"intent": "required", "target": group_target()})
    assert render(APPS, replace(before, intent="uninstall"))["intent"] == "uninstall"


def test_the_type_of_settings_goes_back_with_them() -> None:
    settings = {"@odata.type": "#microsoft.graph.win32LobAppAssignmentSettings", "restart": None}
    element = {"intent": "required", "settings": settings, "target": group_target()}
    assert render(APPS, parse(APPS, element))["settings"] == settings


@pytest.mark.parametrize(
    "assignment",
    [
        Assignment(Target(TargetType.ALL_USERS)),
        Assignment(Target(TargetType.EXCLUSION, GROUP)),
        Assignment(Target(TargetType.OTHER, "tomorrowTarget")),
        Assignment(Target(TargetType.GROUP, GROUP), intent="required"),
    ],
)
def test_what_a_kind_cannot_spell_is_not_sent(assignment: Assignment) -> None:
    with pytest.raises(ValueError, match="Office client configuration"):
        body(OFFICE, [assignment])


def test_text_of_any_kind_comes_back_as_it_was() -> None:
    element = {"target": group_target(OTHER_GROUP, note="営業部 \ud800")}
    sent = json.loads(body(CATALOG, [parse(CATALOG, element)]))
    assert sent["assignments"][0]["target"]["note"] == "営業部 \ud800"
