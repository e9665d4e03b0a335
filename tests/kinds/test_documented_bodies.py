"""What is sent has the shape of the example in the documentation of each `assign` action: names, types and nesting; and
whatever a service says with a 2xx status is success.

The examples are those of Microsoft's API reference, reduced to their structure. Where an example shows the abstract
type of a target, the types that derive from it count, each with the properties that its own page has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.graph.tenant.codec import body, parse
from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.assignment import Assignment, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.model.outcome import AssignState
from tests.foreign_kinds import FACTS
from tests.graph.server import client_of, in_turn, said
from tests.graph_tenant.elements import FILTER, FILTER_ID, FILTER_TYPE, GROUP, element

Shape = dict[str, Any]
ASSIGNABLE = [pytest.param(kind, id=name) for name, kind in KINDS.items() if not kind.excluded]

SOURCE: Shape = {"source": str, "sourceId": str}
HEALTH: Shape = {
    "runRemediationScript": bool,
    "runSchedule": {"@odata.type": str, "interval": int, "useUtc": bool, "time": str},
}
SETTINGS: Shape = {
    "settings": {
        "@odata.type": str,
        "notifications": str,
        "restartSettings": {
            "@odata.type": str,
            "gracePeriodInMinutes": int,
            "countdownDisplayBeforeRestartInMinutes": int,
            "restartNotificationSnoozeDurationInMinutes": int,
        },
        "installTimeSettings": {"@odata.type": str, "useLocalTime": bool, "deadlineDateTime": str},
    }
}
INTUNE_TARGET: Shape = {"@odata.type": str, FILTER_ID: str, FILTER_TYPE: str}
TARGETS: dict[str, Shape] = {
    "allLicensedUsersAssignmentTarget": INTUNE_TARGET,
    "allDevicesAssignmentTarget": INTUNE_TARGET,
    "groupAssignmentTarget": {**INTUNE_TARGET, "groupId": str},
    "exclusionGroupAssignmentTarget": {**INTUNE_TARGET, "groupId": str},
    "officeConfigurationGroupAssignmentTarget": {"@odata.type": str, "groupId": str},
    "cloudPcManagementGroupAssignmentTarget": {
        "@odata.type": str,
        "groupId": str,
        "servicePlanId": str,
        "allotmentDisplayName": str,
        "allotmentLicensesCount": int,
    },
}


def _example(name: str, type_: str, **more: Any) -> Shape:
    """The example's body: the name of its list, and its one element; the target is looked up by its type."""
    return {name: {"@odata.type": type_, "id": str, "target": dict, **more}}


EXAMPLES: dict[str, Shape] = {
    "clientConfigurations": _example("officeConfigurationAssignments", "officeClientConfigurationAssignment"),
    "iosLobAppProvisioningConfigurations": _example(
        "iOSLobAppProvisioningConfigAssignments", "iosLobAppProvisioningConfigurationAssignment"
    ),
    "managedEBooks": _example("managedEBookAssignments", "managedEBookAssignment", installIntent=str),
    "mobileAppConfigurations": _example("assignments", "managedDeviceMobileAppConfigurationAssignment"),
    "mobileApps": _example("mobileAppAssignments", "mobileAppAssignment", intent=str, **SETTINGS, **SOURCE),
    "targetedManagedAppConfigurations": _example("assignments", "targetedManagedAppPolicyAssignment", **SOURCE),
    "wdacSupplementalPolicies": _example(
        "wdacPolicyAssignments", "windowsDefenderApplicationControlSupplementalPolicyAssignment"
    ),
    "windowsManagedAppProtections": _example("assignments", "targetedManagedAppPolicyAssignment", **SOURCE),
    "compliancePolicies": _example("assignments", "deviceManagementConfigurationPolicyAssignment", **SOURCE),
    "configurationPolicies": _example("assignments", "deviceManagementConfigurationPolicyAssignment", **SOURCE),
    "deviceCompliancePolicies": _example("assignments", "deviceCompliancePolicyAssignment", **SOURCE),
    "deviceComplianceScripts": _example("deviceHealthScriptAssignments", "deviceHealthScriptAssignment", **HEALTH),
    "deviceConfigurations": _example("assignments", "deviceConfigurationAssignment", intent=str, **SOURCE),
    "deviceCustomAttributeShellScripts": _example(
        "deviceManagementScriptAssignments", "deviceManagementScriptAssignment"
    ),
    "deviceEnrollmentConfigurations": _example(
        "enrollmentConfigurationAssignments", "enrollmentConfigurationAssignment", **SOURCE
    ),
    "deviceHealthScripts": _example("deviceHealthScriptAssignments", "deviceHealthScriptAssignment", **HEALTH),
    "deviceManagementScripts": _example("deviceManagementScriptAssignments", "deviceManagementScriptAssignment"),
    "deviceShellScripts": _example("deviceManagementScriptAssignments", "deviceManagementScriptAssignment"),
    "embeddedSIMActivationCodePools": _example("assignments", "embeddedSIMActivationCodePoolAssignment"),
    "groupPolicyConfigurations": _example(
        "assignments", "groupPolicyConfigurationAssignment", lastModifiedDateTime=str
    ),
    "hardwareConfigurations": _example("hardwareConfigurationAssignments", "hardwareConfigurationAssignment"),
    "intents": _example("assignments", "deviceManagementIntentAssignment"),
    "intuneBrandingProfiles": _example("assignments", "intuneBrandingProfileAssignment"),
    "resourceAccessProfiles": _example(
        "assignments", "deviceManagementResourceAccessProfileAssignment", intent=str, sourceId=str
    ),
    "roleScopeTags": _example("assignments", "roleScopeTagAutoAssignment"),
    "provisioningPolicies": _example("assignments", "cloudPcProvisioningPolicyAssignment"),
    "userSettings": _example("assignments", "cloudPcUserSettingAssignment"),
    "windowsDriverUpdateProfiles": _example("assignments", "windowsDriverUpdateProfileAssignment"),
    "windowsFeatureUpdateProfiles": _example("assignments", "windowsFeatureUpdateProfileAssignment"),
    "windowsQualityUpdatePolicies": _example("assignments", "windowsQualityUpdatePolicyAssignment"),
    "windowsQualityUpdateProfiles": _example("assignments", "windowsQualityUpdateProfileAssignment"),
    **{
        word: _example("assignments", "targetedManagedAppPolicyAssignment", **SOURCE)
        for word in (
            "iosManagedAppProtections",
            "androidManagedAppProtections",
            "windowsInformationProtectionPolicies",
            "mdmWindowsInformationProtectionPolicies",
        )
    },
}


def new_ones(kind: Kind) -> Iterator[Assignment]:
    """A new assignment to every target that the kind takes, with a filter as well where it takes one."""
    for type_ in kind.targets:
        target = Target(type_, GROUP if type_ in (TargetType.GROUP, TargetType.EXCLUSION) else "")
        intent = "required" if kind.intent_property else ""
        yield Assignment(target, intent)
        if kind.takes_filters and type_ is not TargetType.EXCLUSION:
            yield Assignment(target, intent, Filter(FILTER, FilterMode.INCLUDE))


def misfits(sent: Any, shape: Any, at: str = "") -> Iterator[str]:
    """Where something that is sent has no place in the example, or is of another type there."""
    if not isinstance(shape, dict):
        if not isinstance(sent, shape if isinstance(shape, type) else str):
            yield f"{at} is a {type(sent).__name__}"
        return
    if not isinstance(sent, dict):
        yield f"{at} is no object"
        return
    for name, value in sent.items():
        if name not in shape:
            yield f"{at}.{name} is not there"
        else:
            yield from misfits(value, shape[name], f"{at}.{name}")


@pytest.mark.parametrize("kind", ASSIGNABLE)
def test_what_is_sent_has_the_shape_of_the_documented_example(kind: Kind) -> None:
    (name, shape), *_ = EXAMPLES[kind.path.rsplit("/", 1)[-1]].items()
    for assignment in new_ones(kind):
        sent = json.loads(body(kind, [assignment]))
        assert list(sent) == [name]
        (one,) = sent[name]
        type_ = one["target"]["@odata.type"].removeprefix("#microsoft.graph.")
        assert list(misfits(one, {**shape, "target": TARGETS[type_]})) == []
        assert one["@odata.type"] == f"#microsoft.graph.{shape['@odata.type']}"
        assert ("groupId" in one["target"]) == ("roup" in type_)
        assert ("intent" in one) == bool(kind.intent_property)


def test_there_is_an_example_for_every_kind_and_the_other_server_agrees() -> None:
    assert set(EXAMPLES) == {kind.path.rsplit("/", 1)[-1] for kind in KINDS.values() if not kind.excluded}
    for fact in FACTS:
        (name, shape), *_ = EXAMPLES[fact.word].items()
        assert (name, shape["@odata.type"]) == (fact.body, fact.element)
        assert set(fact.keep) | {"target"} <= {*shape, "userSettingsPersistenceDetail"}


@pytest.mark.parametrize("kind", ASSIGNABLE)
async def test_any_2xx_is_success_with_a_body_or_without(kind: Kind) -> None:
    configuration = Configuration(kind.name, "42", "Any")
    whole = {"value": [element(GROUP) | {"target": {"@odata.type": kind.targets[TargetType.GROUP], "groupId": GROUP}}]}
    odd: list[Any] = [{}, [], "done", 7, {"value": None}, {"value": ["odd"]}, {"status": "accepted"}]
    answers = [said(content, status) for status in (200, 201, 202) for content in (whole, None, *odd)] + [
        said(None, 204)
    ]
    wanted = (Assignment(Target(TargetType.GROUP, GROUP), "required" if kind.intent_property else ""),)
    async with client_of(in_turn(*answers)) as bench:
        tenant = GraphTenant(bench.client)
        for _ in answers:
            told = await tenant.assign(configuration, wanted)
            assert (told.state, told.tries) == (AssignState.CONFIRMED, 1)
        assert len(bench.served.asked) == len(answers)


@pytest.mark.parametrize("kind", ASSIGNABLE)
def test_a_type_without_its_mark_as_the_examples_have_it_is_understood_and_sent_as_it_is(kind: Kind) -> None:
    for assignment in new_ones(kind):
        (sent,) = json.loads(body(kind, [assignment]))[kind.body]
        unmarked = sent["target"]["@odata.type"].removeprefix("#")
        told = sent | {"target": sent["target"] | {"@odata.type": unmarked}}
        assert parse(kind, told) == assignment
        assert json.loads(body(kind, [parse(kind, told)]))[kind.body] == [told]
